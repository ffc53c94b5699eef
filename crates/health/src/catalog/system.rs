//! Entries about the machine.

use std::time::Duration;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "memory",
        type_name: "checks::Memory",
        node: "system",
        title: "There is memory left",
        component: "system",
        means: "At the limit the kernel kills a process of the container, usually the server; the supervisor starts it again, and requests that were \
            under way are lost.",
        look_at: "Who uses it, and whether it happened already (kills).\n\n    docker stats --no-stream\n    ps -eo rss,comm --sort=-rss | head\n    \
            dmesg | grep -i 'killed process'",
        fix: "Raise the limit of the container, or lower what uses it: the caches and readers of the database, the largest image that may be \
            uploaded. Memory that only ever grows is a defect: restart, and report it with the metric's curve.",
        limits: &[DefaultLimit::above(
            "used",
            "the cache of files is not counted, so what is counted is needed; a minute, for an upload may take it \
            for seconds",
        )
        .warn(85.0, 80.0)
        .fail(95.0, 92.0)
        .lasting(Duration::from_secs(60))],
        measurements: &[
            Measurement::new("used", Unit::Percent, "share of the limit that is in use, without the cache of files"),
            Measurement::new("free", Unit::Bytes, "what is left of the limit"),
            Measurement::new(
                "limit",
                Unit::Bytes,
                "the limit of the control group, or the memory of the machine where that leaves less room",
            ),
            Measurement::new("resident", Unit::Bytes, "memory of this process"),
            Measurement::new("kills", Unit::Count, "processes of the control group that the kernel has killed"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "file-descriptors",
        type_name: "checks::FileDescriptors",
        node: "system",
        title: "Files and connections can be opened",
        component: "system",
        means: "At the limit no connection is accepted and no file opened: \"too many open files\".",
        look_at: "What is open.\n\n    ls -l /proc/PID/fd | awk '{print $NF}' | sort | uniq -c | sort -n | tail\n    ss -s",
        fix: "Many connections: the proxy in front keeps too many open, or somebody floods the site. Raise the limit (LimitNOFILE= of systemd, ulimits: \
            of Compose). A number that only ever grows is a leak: restart, and report it.",
        limits: &[DefaultLimit::above(
            "used",
            "a hundred visitors take some hundreds of a limit of 1024 or more; it climbs fast from 90 %",
        )
        .warn(70.0, 65.0)
        .fail(90.0, 85.0)
        .fall(2)
        .optional()],
        measurements: &[
            Measurement::new("open", Unit::Count, "files and connections that are open"),
            Measurement::new("used", Unit::Percent, "share of the limit"),
            Measurement::new("limit", Unit::Count, "how many may be open; absent where there is no limit"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "clock",
        type_name: "checks::WallClock",
        node: "system",
        title: "The clock does not run backwards",
        component: "system",
        means: "With a clock that was set back, new things sort before old ones, sessions and backups live too long, and certificates seem not valid yet.",
        look_at: "Whether the clock is kept in step.\n\n    timedatectl\n    chronyc tracking",
        fix: "Switch time synchronisation on; on a virtual machine that of its host. Then restart the program.\n\n    timedatectl set-ntp true",
        limits: &[DefaultLimit::above(
            "behind",
            "machines in step differ by less than a second; from an hour on, sign-in and renewal go wrong",
        )
        .warn(5.0, 1.0)
        .fail(3600.0, 5.0)],
        measurements: &[
            Measurement::new("behind", Unit::Seconds, "by how much the newest stored time is ahead of the clock, 0 where it is not"),
            Measurement::new("jumped", Unit::Seconds, "by how much the clock moved against the time that went by, since the run before"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "clock-skew",
        type_name: "checks::ClockSkew",
        node: "system",
        title: "The clock agrees with others",
        component: "system",
        every: Duration::from_secs(600),
        fall: 2,
        means: "A clock that is off makes certificates seem expired, signed requests to object stores fail, and times on pages wrong.",
        look_at: "Which of the two clocks is wrong.\n\n    date -u; curl -sI https://example.org | grep -i ^date\n    timedatectl",
        fix: "Switch time synchronisation on.\n\n    timedatectl set-ntp true",
        limits: &[DefaultLimit::above(
            "off",
            "what is asked tells whole seconds; object stores refuse requests that are off by 15 minutes, so 5 are \
            reason enough",
        )
        .warn(5.0, 2.0)
        .fail(300.0, 60.0)
        .fall(2)],
        measurements: &[Measurement::new("off", Unit::Seconds, "by how much the clock is off at least")],
        ..PLAIN
    },
];
