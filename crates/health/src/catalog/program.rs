//! Entries about the program itself.

use std::time::Duration;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "log",
        type_name: "checks::Log",
        node: "program",
        title: "The log is written and rotated",
        every: Duration::from_secs(60),
        means: "A log that does not move hides what happens; one that is not rotated fills the disk.",
        look_at: "When it was written, and the older files beside it.\n\n    ls -lt LOG*\n    lsof LOG",
        fix: "Not written: the disk is full, the file was moved away under the program, or the program hangs; restart it. Not rotated: look at the \
            settings of the log, and that no second program rotates the same file.",
        limits: &[
            DefaultLimit::above("size", "rotation comes at tens of megabytes").warn(5e8, 4e8).fail(5e9, 4e9),
            DefaultLimit::above("older_size", "a tenth of a small disk").warn(2e9, 1.5e9).optional(),
        ],
        measurements: &[
            Measurement::new("silent", Unit::Seconds, "time since the last line; a limit for it depends on the program, so there is none"),
            Measurement::new("size", Unit::Bytes, "size of the file"),
            Measurement::new("older_files", Unit::Count, "older files beside it"),
            Measurement::new("older_size", Unit::Bytes, "size of all of these"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "restarts",
        type_name: "checks::Restarts",
        node: "program",
        title: "The program stays up",
        every: Duration::from_secs(60),
        means: "The program ends again and again, and its supervisor brings it back: visitors see errors now and then, and nobody knows why.",
        look_at: "Why it ended: its last lines, the exit code, the kernel's killings.\n\n    docker inspect -f '{{.State.ExitCode}} \
            {{.State.OOMKilled}}' CONTAINER\n    journalctl -u magnetiq -n 200\n    dmesg | grep -i 'killed process'",
        fix: "137 and OOMKilled: see memory. A line with a cause: the setting or file that it names. After a deployment: roll back.",
        limits: &[DefaultLimit::above(
            "last_hour",
            "one is an accident, three are a habit; a start after a stop that was asked for, as in a deployment, is none",
        )
        .warn(3.0, 2.0)
        .fail(6.0, 3.0)],
        measurements: &[
            Measurement::new(
                "last_hour",
                Unit::Count,
                "starts within the last hour that nobody asked for: the program before had not been told to stop",
            ),
            Measurement::new("last_day", Unit::Count, "the same within the last day, as far as they are remembered"),
            Measurement::new("up", Unit::Seconds, "time since the last start"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "version",
        type_name: "checks::Version",
        node: "program",
        title: "The version that runs is the one that should",
        every: Duration::from_secs(300),
        means: "A deployment stopped half-way: the file was replaced and the program not restarted, or another version runs than was asked for.",
        look_at: "The version that runs, and the file that it was started from.\n\n    ls -l /proc/PID/exe\n    docker compose images",
        fix: "Restart the program, or deploy again.",
        measurements: &[
            Measurement::new("version", Unit::Text, "the version that runs"),
            Measurement::new("replaced", Unit::Bool, "whether the program's file was replaced since it started"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "process",
        type_name: "checks::Process",
        node: "program",
        title: "The process runs",
        fall: 2,
        means: "The program is not there, or its number now belongs to another one.",
        look_at: "What became of it.\n\n    systemctl status NAME\n    docker compose ps -a",
        fix: "Start it, and read its last lines for why it ended.",
        measurements: &[Measurement::new("running", Unit::Bool, "whether it runs; absent where it does not")],
        ..PLAIN
    },
];
