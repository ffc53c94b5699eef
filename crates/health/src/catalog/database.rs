//! Entries about the database.

use std::time::Duration;

use crate::check::Hang;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

const DAY: f64 = 86_400.0;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "database-read",
        type_name: "checks::DatabaseRead",
        node: "database",
        title: "The database answers reads",
        component: "datastore",
        critical: true,
        every: Duration::from_secs(10),
        hang: Hang::Fails,
        fall: 2,
        means: "Pages, sign-in and the admin area read the database for each request. Without an answer nothing of the site works.",
        look_at: "Whether the file is there and whole, whether the disk answers, and whether slow reads hold all connections (age of the oldest \
            reader in database-wal).\n\n    ls -l DATA_FOLDER\n    dmesg | tail",
        fix: "\"busy\": requests hold all connections; find the slow one in the log, or raise the number of readers. \"disk I/O error\" or \
            \"malformed\": stop the program, and restore the newest proven backup.\n\n    backupd restore proven",
        limits: &[DefaultLimit::above(
            "latency",
            "the read is of one page that is in memory; a second means that it waited for a connection or \
            the disk. Below that, slow machines would flap",
        )
        .warn(1.0, 0.5)
        .fall(3)],
        measurements: &[
            Measurement::new("latency", Unit::Seconds, "how long a read took, with waiting for a connection"),
            Measurement::new("tables", Unit::Count, "tables of the database"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "database-write",
        type_name: "checks::DatabaseWrite",
        node: "database",
        title: "The database takes writes",
        component: "datastore",
        critical: true,
        every: Duration::from_secs(10),
        hang: Hang::Fails,
        fall: 2,
        means: "Everything that changes something waits: saving a page, signing in, leads, uploads. Visitors go on reading.",
        look_at: "How long the oldest write waits (queue age) and how many (queue). One long write: an import, VACUUM, a migration. All slow: the \
            disk's sync (commit).\n\n    iostat -x 1 5\n    grep -i 'time limit' LOG",
        fix: "A long write ends by itself, after 30 s at most (an exclusive one after an hour): announce maintenance for it. Slow syncs: move the \
            data folder off network storage. A full disk: see disk. \"was replaced or removed\": somebody put another file in its place; restart \
            the program. If the writer stays stuck, restart the program; what was acknowledged is kept.",
        limits: &[
            DefaultLimit::above("latency", "100 writers at once see 24 ms; a second means that something holds the writer")
                .warn(1.0, 0.5)
                .fall(3),
            DefaultLimit::above(
                "queue_age",
                "a write whose turn comes after more than 5 s (write_deadline) is refused then: half of that is late, and all of \
                it is an outage",
            )
            .warn(2.5, 1.0)
            .fail(5.0, 2.5),
            DefaultLimit::above(
                "commit",
                "a sync takes 0.1 to 5 ms on disks, up to 20 on network volumes; at half a second 50 writes a second no \
                longer fit",
            )
            .warn(0.5, 0.2)
            .optional(),
        ],
        measurements: &[
            Measurement::new("latency", Unit::Seconds, "how long an empty write took, with its time in the queue"),
            Measurement::new("queue", Unit::Count, "writes that wait"),
            Measurement::new("queue_age", Unit::Seconds, "how long the oldest write has waited"),
            Measurement::new("commit", Unit::Seconds, "how long a commit takes on average, with its sync"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "database-wal",
        type_name: "checks::DatabaseWal",
        node: "database",
        title: "The write-ahead log is used again",
        component: "datastore",
        means: "A reader that stays open keeps the log from being used again, so it grows with each write until the disk is full, and reads get \
            slower.",
        look_at: "The age of the oldest reader: a request that never ends, a backup that hangs, a sqlite3 shell that somebody left open.\n\n    \
            fuser -v DATA_FOLDER/*.sqlite3-wal",
        fix: "End the reader (close the shell, stop the process). The log is cut back by itself at the next write.",
        limits: &[
            DefaultLimit::above(
                "size",
                "the writer empties the log at 64 MiB; four times that means that it could not for a while, and 2 GB is a \
                tenth of a small disk",
            )
            .warn(268_435_456.0, 134_217_728.0)
            .fail(2e9, 1e9),
            DefaultLimit::above("oldest_reader", "readers give way after 30 s (read_time_limit)").warn(45.0, 30.0),
        ],
        measurements: &[
            Measurement::new("size", Unit::Bytes, "size of the log"),
            Measurement::new("oldest_reader", Unit::Seconds, "age of the oldest open read, 0 where there is none"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "database-size",
        type_name: "checks::DatabaseSize",
        node: "database",
        title: "The database stays below its limit",
        component: "datastore",
        every: Duration::from_secs(300),
        means: "The database nears the size up to which this installation is promised to work. Backups take longer and need more room.",
        look_at: "Which tables grow, and since when.\n\n    sqlite3 -readonly COPY \"SELECT name, sum(pgsize) FROM dbstat GROUP BY 1 ORDER BY 2 \
            DESC LIMIT 10\"\n\nAsk a copy (backupd export), not the live file.",
        fix: "Delete what is not needed (old revisions, sent mail, logs kept in tables), then give the space back in a quiet hour with VACUUM. If the \
            growth is wanted, raise the limit, or plan the move to PostgreSQL.",
        limits: &[
            DefaultLimit::above("used", "at 80 % there is time to plan, at 95 % there is not").warn(80.0, 78.0).fail(95.0, 93.0),
            DefaultLimit::below("full_in", "a month is what a clean-up or a move takes").warn(30.0 * DAY, 35.0 * DAY).optional(),
        ],
        measurements: &[
            Measurement::new("size", Unit::Bytes, "size of the database, without its log"),
            Measurement::new("free", Unit::Bytes, "part of it that is free inside and will be used again"),
            Measurement::new("limit", Unit::Bytes, "how large it may get"),
            Measurement::new("used", Unit::Percent, "share of the limit that is used"),
            Measurement::new(
                "full_in",
                Unit::Seconds,
                "when the limit is reached at the growth of the last seven days; absent where it does not grow",
            ),
        ],
        ..PLAIN
    },
    Entry {
        kind: "migrations",
        type_name: "checks::Migrations",
        node: "database",
        title: "The schema is the one that the program wants",
        component: "datastore",
        critical: true,
        every: Duration::from_secs(300),
        means: "Program and database are of different versions: a deployment stopped half-way, an older program was started, or a backup was \
            restored that is older than the program.",
        look_at: "Which migrations are pending: the check names them. Which version the program has, and which one ran before.\n\n    \
            api-server --version\n    backupd list",
        fix: "Pending: run them, after a backup. A database that is newer than the program: start the newer program, or roll the migration back.\n\n    \
            backupd once\n    api-server migrate",
        measurements: &[
            Measurement::new("pending", Unit::Count, "migrations that did not run yet"),
            Measurement::new("version", Unit::Text, "version of the schema"),
        ],
        ..PLAIN
    },
];
