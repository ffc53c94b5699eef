//! Entries about letters that wait in a database until they are sent. Whoever keeps such an outbox looks at it; this crate has no check for it.

use std::time::Duration;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

const HOUR_S: f64 = 3600.0;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "mail",
        type_name: "Check",
        node: "mail",
        title: "Letters go out",
        every: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        means: "Letters wait in the database: the mail server does not answer, does not know us, or none is set. Nothing is lost; it is tried again by \
            itself.",
        look_at: "The reason of the last attempt in the list of the outbox, and whether the mail server talks.\n\n    openssl s_client -starttls smtp \
            -connect HOST:587 -crlf",
        fix: "Set [mail] right (smtp_host, smtp_tls, smtp_user, smtp_password) and start the server again, or bring the mail server back: what waits \
            goes out within five minutes.",
        limits: &[
            DefaultLimit::above("oldest_age", "servers that know nobody let a first letter wait for minutes on purpose, none for an hour")
                .warn(HOUR_S, HOUR_S)
                .optional(),
            DefaultLimit::above(
                "stalled",
                "when nothing at all goes out for an hour it is not that one letter; after a day people miss them",
            )
            .warn(HOUR_S, HOUR_S)
            .fail(24.0 * HOUR_S, 24.0 * HOUR_S)
            .optional(),
        ],
        measurements: &[
            Measurement::new("open", Unit::Bool, "whether the mail server is left alone for a while, because it failed too often"),
            Measurement::new("queued", Unit::Count, "letters that wait"),
            Measurement::new("oldest_age", Unit::Seconds, "how long the oldest of them has waited"),
            Measurement::new("stalled", Unit::Seconds, "how long nothing went out, while something waits"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "mail-dead",
        type_name: "Check",
        node: "mail",
        title: "No letter was given up",
        every: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        means: "In the last week, letters were given up: an address that does not exist, or a server that did not want them for days.",
        look_at: "Their reasons, in the list of the outbox with the state dead.",
        fix: "Mend the address or the cause, then have them sent again there; take back what nobody waits for any more. After a week they are no news.",
        limits: &[DefaultLimit::above("dead", "each is a letter that somebody waits for").warn(1.0, 1.0)],
        measurements: &[
            Measurement::new("dead", Unit::Count, "letters that were given up within a week"),
            Measurement::new("kept", Unit::Count, "all that were given up and are kept"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "social",
        type_name: "Check",
        node: "social",
        title: "Posts go out",
        every: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        means: "A social network does not answer, or does not take the token. Posts wait in the database; it is tried again by itself.",
        look_at: "The reason of the last attempt in the list of the outbox, and the page on which the network says how it is.",
        fix: "Where the token is not taken, get a new one and set it in the settings: what waits is tried at once. Otherwise wait for the network.",
        measurements: &[
            Measurement::new("open", Unit::Bool, "whether a network is left alone for a while, because it failed too often"),
            Measurement::new("queued", Unit::Count, "posts that wait, for a later time too"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "social-dead",
        type_name: "Check",
        node: "social",
        title: "No post was given up",
        every: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        means: "In the last week, posts were given up: a network did not want them.",
        look_at: "Their reasons, in the list of the outbox with the state dead.",
        fix: "Mend the cause, then have them sent again there; take back what nobody is to read any more. After a week they are no news.",
        limits: &[DefaultLimit::above("dead", "each is a post that somebody wanted to be read").warn(1.0, 1.0)],
        measurements: &[
            Measurement::new("dead", Unit::Count, "posts that were given up within a week"),
            Measurement::new("kept", Unit::Count, "all that were given up and are kept"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "social-token",
        type_name: "Check",
        node: "social",
        title: "The tokens of social networks hold",
        every: Duration::from_secs(60),
        timeout: Duration::from_secs(4),
        means: "A token ends soon or has ended, by the day that was set with it. Networks end them without a word, and posts wait from then on.",
        look_at: "The days in the settings, under social.",
        fix: "Get a new token from the network, and set it with the day on which it ends.",
        limits: &[DefaultLimit::below("left", "a week is time to get another one; LinkedIn's hold for 60 days")
            .warn(7.0 * 24.0 * HOUR_S, 7.0 * 24.0 * HOUR_S)
            .fail(0.0, 0.0)
            .optional()],
        measurements: &[Measurement::new("left", Unit::Seconds, "until the first of the tokens ends")],
        ..PLAIN
    },
];
