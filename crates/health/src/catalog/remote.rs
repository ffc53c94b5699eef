//! Entries about what is reached over the network.

use std::time::Duration;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "http",
        type_name: "checks::Http",
        node: "web",
        title: "The page answers",
        timeout: Duration::from_secs(10),
        fall: 2,
        means: "Visitors do not get this page, or not in time, or another one.",
        look_at: "The same request by hand, then from the machine itself, past the proxy.\n\n    curl -sv -o /dev/null -w '%{http_code} \
            %{time_total}\\n' URL\n    curl -s localhost:3036/health\n    docker compose logs --tail=50",
        fix: "Refused: start what should listen. 502 or 504: the proxy runs and the server behind it does not. 500: the server's log names the cause \
            under the request id. Slow: see database-read and memory.",
        limits: &[DefaultLimit::above("latency", "people leave from three seconds on; one slow answer in three is chance")
            .warn(2.0, 1.5)
            .fall(3)],
        measurements: &[
            Measurement::new("status", Unit::Count, "status code of the answer"),
            Measurement::new("latency", Unit::Seconds, "time to connect, ask, and read the answer"),
            Measurement::new("body", Unit::Bytes, "what was read of the body, at most 1 MiB"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "port",
        type_name: "checks::Port",
        node: "web",
        title: "Something listens on the port",
        fall: 2,
        means: "No connection can be made: the program is down, or a firewall is in the way.",
        look_at: "Whether it listens, and where.\n\n    ss -ltnp | grep PORT\n    nc -vz HOST PORT",
        fix: "Refused: start the program. No answer at all: the firewall, or the machine.",
        limits: &[DefaultLimit::above("latency", "a packet goes around the earth in 0.3 s; a second is one that was lost and sent again")
            .warn(1.0, 0.7)
            .fall(3)],
        measurements: &[Measurement::new("latency", Unit::Seconds, "time to connect")],
        ..PLAIN
    },
    Entry {
        kind: "dns",
        type_name: "checks::Dns",
        node: "web",
        title: "The name is resolved",
        every: Duration::from_secs(60),
        timeout: Duration::from_secs(10),
        fall: 2,
        means: "Whoever looks the name up gets no address, or another one: visitors do not find the site, or mail does not find its server.",
        look_at: "What this machine's name servers say, and what others do.\n\n    getent ahosts NAME\n    dig +short NAME @9.9.9.9\n    cat \
            /etc/resolv.conf",
        fix: "Only here: fix the name servers in /etc/resolv.conf (in a container: those of Docker). Everywhere: the zone, or the domain has expired.",
        limits: &[DefaultLimit::above("latency", "an answer from elsewhere takes 0.1 s; a resolver that waits for a dead server takes 5")
            .warn(2.0, 1.0)
            .fall(3)],
        measurements: &[
            Measurement::new("latency", Unit::Seconds, "time to the answer"),
            Measurement::new("addresses", Unit::Count, "addresses of the name"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "smtp",
        type_name: "checks::Smtp",
        node: "mail",
        title: "The mail server talks",
        every: Duration::from_secs(300),
        timeout: Duration::from_secs(20),
        fall: 2,
        means: "Mail is not delivered. It waits in the outbox and goes out later; leads are kept, only their notice is late.",
        look_at: "The same conversation by hand, and how many mails wait.\n\n    openssl s_client -starttls smtp -connect HOST:587 -crlf",
        fix: "Refused or silent: the provider is down, or closes port 25 (use 587). A certificate that is not to be trusted: the name of the server in \
            the settings is not the one in it. When it works again, the outbox empties by itself.",
        limits: &[DefaultLimit::above("latency", "servers delay their greeting on purpose, against spam, by a few seconds")
            .warn(10.0, 8.0)
            .fall(3)],
        measurements: &[Measurement::new("latency", Unit::Seconds, "time for the whole conversation")],
        ..PLAIN
    },
    Entry {
        kind: "breaker",
        type_name: "Breaker",
        node: "calls",
        title: "Calls to another service go through",
        every: Duration::from_secs(5),
        means: "Calls to this service failed or were slow too often, so it is left alone for a while and the fallback is used. The breaker tries again by \
            itself.",
        look_at: "How many calls failed, how many were slow; the service's own status page; the check of the service, if there is one.",
        fix: "Nothing here: the breaker closes by itself when the service answers again. If the service is well, look at the way to it: name, \
            firewall, password.",
        measurements: &[
            Measurement::new("open", Unit::Bool, "whether it is open, or trying"),
            Measurement::new("calls", Unit::Count, "calls within the window"),
            Measurement::new("failed", Unit::Count, "those of them that failed"),
            Measurement::new("slow", Unit::Count, "those of them that were slow"),
            Measurement::new("refused", Unit::Count, "calls that were refused since the program started"),
        ],
        ..PLAIN
    },
];
