use std::net::IpAddr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::reader::Reader;

/// `[health]`: who may see how the site is, and when it gives way.
#[derive(Debug, Clone)]
pub struct Health {
    /// Who has it may see the tree of checks and the metrics. Without one nobody may, except in development, where everybody may.
    pub token: Option<SecretString>,
    /// The address of the port for the metrics. Nobody needs a token there where it is this machine's own.
    pub metrics_host: IpAddr,
    /// A port of their own for the metrics; `None`: there is none.
    pub metrics_port: Option<u16>,
    /// How often the disks are looked at.
    pub disk_interval: Duration,
    /// Share of a disk in use, in percent, from which it warns.
    pub disk_warn_percent: u8,
    /// Share of a disk in use, in percent, from which it fails.
    pub disk_fail_percent: u8,
    /// Below this much free space, in bytes, no file is taken any more.
    pub uploads_min_free_bytes: u64,
    /// Below this much free space, in bytes, nothing is written any more but what frees some; more than [`RESERVE_BYTES`].
    pub writes_min_free_bytes: u64,
    /// The size, in bytes, that the database must not reach.
    pub database_limit_bytes: u64,
    /// The age of the newest proven backup from which it warns.
    pub backup_warn: Duration,
    /// The age of the newest proven backup from which it fails.
    pub backup_fail: Duration,
    /// How long a writer may keep a write waiting before it is told as stalled.
    pub writer_stalled: Duration,
}

/// Kept free by a file beside the database, which a server gives up that is started on a full disk.
pub const RESERVE_BYTES: u64 = 4 << 20;

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;
const HOUR: Duration = Duration::from_secs(3600);
const TOKEN_MIN_BYTES: usize = 16;

impl Health {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let health = Self {
            token: reader.secret_if_any("health.token"),
            metrics_host: reader.parsed(
                "health.metrics_host",
                "127.0.0.1",
                "an IP address: 127.0.0.1 for this machine only, 0.0.0.0 for all",
                |text| text.parse().ok(),
            ),
            metrics_port: Some(reader.number("health.metrics_port", 0, 0..=u16::MAX)).filter(|port| *port > 0),
            disk_interval: Duration::from_millis(reader.number("health.disk_interval_ms", 10_000, 100..=600_000)),
            disk_warn_percent: reader.number("health.disk_warn_percent", 85, 1..=100),
            disk_fail_percent: reader.number("health.disk_fail_percent", 97, 1..=100),
            uploads_min_free_bytes: reader.number("health.uploads_min_free_bytes", 512 * MIB, 2 * RESERVE_BYTES..=TIB),
            writes_min_free_bytes: reader.number("health.writes_min_free_bytes", 64 * MIB, 2 * RESERVE_BYTES..=TIB),
            database_limit_bytes: reader.number("health.database_limit_bytes", 100_000_000_000, MIB..=256 * TIB),
            backup_warn: reader.time("health.backup_warn_hours", HOUR, 26, 1..=10_000),
            backup_fail: reader.time("health.backup_fail_hours", HOUR, 50, 1..=10_000),
            writer_stalled: Duration::from_millis(reader.number("health.writer_stalled_ms", 2_000, 100..=600_000)),
        };
        health.check(reader);
        health
    }

    /// What no single setting can see.
    fn check(&self, reader: &mut Reader) {
        if self.token.as_ref().is_some_and(|token| token.expose_secret().len() < TOKEN_MIN_BYTES) {
            reader.refuse("health.token", "should be at least 16 bytes that nobody can guess; make one with: openssl rand -hex 32");
        }
        if self.disk_warn_percent > self.disk_fail_percent {
            let expected = "health.disk_warn_percent should be at most health.disk_fail_percent: a disk fills upwards";
            refuse_one(reader, ["health.disk_warn_percent", "health.disk_fail_percent"], expected);
        }
        if self.uploads_min_free_bytes < self.writes_min_free_bytes {
            let expected = "health.uploads_min_free_bytes should be at least health.writes_min_free_bytes: uploads are refused first";
            refuse_one(reader, ["health.uploads_min_free_bytes", "health.writes_min_free_bytes"], expected);
        }
        if self.backup_warn > self.backup_fail {
            let expected = "health.backup_warn_hours should be at most health.backup_fail_hours: a backup gets older";
            refuse_one(reader, ["health.backup_warn_hours", "health.backup_fail_hours"], expected);
        }
    }
}

/// Blames a value that somebody gave, not a default that it does not fit to.
fn refuse_one(reader: &mut Reader, keys: [&str; 2], expected: &str) {
    let key = keys.into_iter().find(|key| reader.is_given(key)).unwrap_or(keys[0]);
    reader.refuse(key, expected);
}
