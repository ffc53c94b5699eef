//! The entry about pictures that are made in the background. Whoever makes them looks at it; this crate has no check for it.

use std::time::Duration;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

pub(super) const ENTRIES: &[Entry] = &[Entry {
    kind: "pictures",
    type_name: "Check",
    node: "pictures",
    title: "Smaller pictures are made",
    every: Duration::from_secs(5),
    timeout: Duration::from_secs(4),
    means: "Pictures wait, and nothing became of any for a while. Visitors get them in their full size; nothing is lost.",
    look_at: "The log of the server: it says once why smaller pictures can't be made. While the disk is nearly full none are.\n\n    df -h",
    fix: "Give the server a folder of media that it can write to, with room in it: it goes on by itself.",
    limits: &[DefaultLimit::above("stalled", "one picture takes some seconds, and the largest that is taken less than a minute")
        .warn(600.0, 600.0)
        .optional()],
    measurements: &[
        Measurement::new("queued", Unit::Count, "files of which smaller pictures are still to be made"),
        Measurement::new("failed", Unit::Count, "files of which none can be made: they are damaged, or too large"),
        Measurement::new("stalled", Unit::Seconds, "how long nothing was made, while something waits"),
    ],
    ..PLAIN
}];
