//! Entries about what must not be lost: disk, backups, certificates.

use std::time::Duration;

use crate::check::Hang;

use super::entry::{DefaultLimit, Entry, Measurement, PLAIN, Unit};

const HOUR: f64 = 3600.0;

/// Of 90 days, or of the whole lifetime where it is shorter.
const CERTIFICATE_LIMITS: &[DefaultLimit] = &[DefaultLimit::below(
    "left",
    "of 90 days: warn at three weeks, fail at one, as monitors agree; renewal at a third of the lifetime has failed twice by then. Certificates that \
     live shorter count by their own lifetime: of six days, 33 and 11 hours",
)
.warn(23.3, 25.0)
.fail(7.8, 10.0)];

const CERTIFICATE: &[Measurement] = &[
    Measurement::new("left", Unit::Percent, "what is left of its lifetime, or of 90 days where it lives longer"),
    Measurement::new("expires_in", Unit::Seconds, "time until it expires, below zero afterwards"),
    Measurement::new("serial", Unit::Text, "its serial number"),
];

const CERTIFICATE_SERVED: &[Measurement] = &[
    CERTIFICATE[0],
    CERTIFICATE[1],
    CERTIFICATE[2],
    Measurement::new("chain", Unit::Count, "certificates that were sent"),
    Measurement::new("trusted", Unit::Bool, "whether a browser would trust the chain"),
    Measurement::new("is_file", Unit::Bool, "whether it is the one in the file"),
];

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        kind: "disk",
        type_name: "checks::Disk",
        node: "disk",
        title: "There is room on the disk",
        component: "system",
        critical: true,
        means: "On a full disk no write succeeds: the database refuses them, uploads fail, backups stop, logs end. Reads go on. The server refuses \
            uploads first, and then all writes, before it comes to that.",
        look_at: "What takes the room, and whether inodes or bytes are short.\n\n    df -h FOLDER; df -i FOLDER\n    du -xh --max-depth=2 FOLDER | \
            sort -h | tail -20\n    mount | grep FOLDER",
        fix: "Delete old logs and exports, prune backups, enlarge the volume. \"Mounted read-only\": the kernel does that after disk errors; look at \
            dmesg, check the file system, replace the disk.\n\n    backupd prune\n    journalctl --vacuum-size=200M\n    docker image prune",
        limits: &[
            DefaultLimit::above("used", "on a disk of 20 GB the two shares are 2 GB and 600 MB, below which a backup no longer fits")
                .warn(90.0, 88.0)
                .fail(97.0, 95.0),
            DefaultLimit::below(
                "free",
                "a backup in the making, a copy before a migration and the log need about 2 GB; at 500 MB the next one fails",
            )
            .warn(2e9, 2.5e9)
            .fail(5e8, 7.5e8),
            DefaultLimit::above("inodes_used", "as the bytes; small files run out of inodes first")
                .warn(90.0, 88.0)
                .fail(97.0, 95.0)
                .optional(),
            DefaultLimit::below("full_in", "a day is what a person needs; a forecast alone is no failure")
                .warn(24.0 * HOUR, 30.0 * HOUR)
                .optional(),
        ],
        measurements: &[
            Measurement::new("used", Unit::Percent, "share of the space that is used, as df counts it"),
            Measurement::new("free", Unit::Bytes, "space that is left to a service"),
            Measurement::new("size", Unit::Bytes, "size of the file system"),
            Measurement::new("inodes_used", Unit::Percent, "share of the inodes that is used; absent where they are made as needed"),
            Measurement::new(
                "full_in",
                Unit::Seconds,
                "when it will be full at the growth of the last six hours; absent where it does not grow",
            ),
            Measurement::new("writable", Unit::Bool, "whether the folder can be written"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "disk-sync",
        type_name: "checks::DiskSync",
        node: "disk",
        title: "What is written arrives on the disk",
        component: "system",
        critical: true,
        every: Duration::from_secs(15),
        timeout: Duration::from_secs(10),
        hang: Hang::Fails,
        means: "The volume takes no writes, or takes its time: commits wait for it, so nothing is saved. What is in memory can still be read, so a \
            site may look well for a while.",
        look_at: "What the kernel says of the device, and how long requests to it take. A network volume: whether its server is reachable.\n\n    \
            dmesg | tail -50\n    iostat -x 1 5\n    mount | grep FOLDER",
        fix: "Bring the volume back; what waits goes on by itself. Where it does not come back, stop the server (a process that hangs in the kernel \
            ends only with its volume), attach the volume elsewhere, or restore the newest backup onto a new one.\n\n    backupd restore latest \
            --plan",
        limits: &[DefaultLimit::above("latency", "a commit takes as long; a healthy disk needs 1 to 20 ms, a network volume up to 100")
            .warn(1.0, 0.5)
            .fail(5.0, 2.0)],
        measurements: &[Measurement::new("latency", Unit::Seconds, "how long writing and syncing a few bytes took")],
        ..PLAIN
    },
    Entry {
        kind: "backup",
        type_name: "checks::Backup",
        node: "backup",
        title: "There is a young backup that restores",
        component: "datastore",
        every: Duration::from_secs(300),
        timeout: Duration::from_secs(20),
        means: "If the disk died now, everything since the newest backup that was restored to prove it would be lost.",
        look_at: "Whether backupd runs, what its last run said, and whether there is room.\n\n    backupd list\n    backupd show latest\n    docker \
            compose logs --tail=50 backupd",
        fix: "Make one now, and verify it. One that does not restore: make a new one at once, keep the old ones, and look at what verify says; a \
            damaged database shows here first. Shrunk: find out what was deleted before the older backups are pruned, and pin one.\n\n    backupd \
            once\n    backupd verify latest",
        limits: &[
            DefaultLimit::above("age", "of one backup a day: a day and a half means that one was missed, 50 hours that two were")
                .warn(36.0 * HOUR, 26.0 * HOUR)
                .fail(50.0 * HOUR, 26.0 * HOUR)
                .optional(),
            DefaultLimit::above("shrunk", "half of the data does not go away by itself").warn(50.0, 49.0).optional(),
            DefaultLimit::above(
                "unproven",
                "each backup is verified after it is made; three that were not mean that verifying does not work",
            )
            .warn(3.0, 1.0)
            .optional(),
        ],
        measurements: &[
            Measurement::new("backups", Unit::Count, "backups in the folder"),
            Measurement::new("age", Unit::Seconds, "age of the newest backup that was restored to prove it"),
            Measurement::new("size", Unit::Bytes, "size of that one"),
            Measurement::new("copies", Unit::Count, "targets elsewhere that have a copy of it"),
            Measurement::new("unproven", Unit::Count, "newer backups that were not proven"),
            Measurement::new("shrunk", Unit::Percent, "by how much the newest is smaller than the one before, 0 where it is not"),
        ],
        ..PLAIN
    },
    Entry {
        kind: "certificate-file",
        type_name: "checks::CertificateFile",
        node: "certificate",
        title: "The certificate in the file is valid",
        every: Duration::from_secs(3600),
        means: "Once the certificate has expired, browsers show a warning instead of the site, and other programs refuse to connect.",
        look_at: "Until when it is valid, for which names, and what the renewal said.\n\n    openssl x509 -in FILE -noout -dates -subject -ext \
            subjectAltName\n    certbot certificates\n    journalctl -u certbot -n 50",
        fix: "Renew it, then reload the web server. The usual reasons: port 80 is closed to the authority, the name points elsewhere, a limit of the \
            authority was reached.\n\n    certbot renew\n    nginx -s reload",
        limits: CERTIFICATE_LIMITS,
        measurements: CERTIFICATE,
        ..PLAIN
    },
    Entry {
        kind: "certificate-served",
        type_name: "checks::CertificateServed",
        node: "certificate",
        title: "The certificate that visitors get is valid",
        every: Duration::from_secs(300),
        timeout: Duration::from_secs(10),
        fall: 2,
        means: "What visitors get: an expired or foreign certificate, or a chain with a gap, is a warning of the browser instead of the site.",
        look_at: "What is really sent, beside what the file has.\n\n    openssl s_client -connect HOST:443 -servername NAME </dev/null | openssl x509 \
            -noout -dates -subject",
        fix: "\"Sends another certificate than the file has\": it was renewed, and the web server not reloaded. \"UnknownIssuer\": serve the full chain \
            (fullchain.pem, not cert.pem).\n\n    nginx -t && nginx -s reload",
        limits: CERTIFICATE_LIMITS,
        measurements: CERTIFICATE_SERVED,
        ..PLAIN
    },
];
