use std::path::PathBuf;
use std::time::Duration;

use magnetiq_storage::{Durability, Options};

use crate::names::APPLICATION_ID;
use crate::reader::Reader;

/// `[database]`: the one SQLite file.
#[derive(Debug, Clone)]
pub struct Database {
    /// The file; made at the start when it is missing.
    pub path: PathBuf,
    options: Options,
}

const GIB: u64 = 1 << 30;

impl Database {
    /// How to open the file.
    pub fn options(&self) -> Options {
        self.options.clone()
    }

    /// The defaults are those of the storage crate, so they cannot disagree with it.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let defaults = Options::default();
        let path = reader.parsed(
            "database.path",
            "data/magnetiq.sqlite3",
            "the path of a file, or a URL: sqlite:///var/lib/magnetiq/magnetiq.sqlite3, or sqlite://data/magnetiq.sqlite3 from here",
            path,
        );
        let mut options = Options::default().application_id(APPLICATION_ID);
        match reader.number("database.readers", 0, 0..=256) {
            0 => {}
            readers => options = options.readers(readers),
        }
        let options = options
            .queue_limit(reader.number("database.queue_limit", defaults.queue_limit, 1..=1_000_000))
            .write_deadline(milliseconds(reader, "database.write_deadline_ms", defaults.write_deadline))
            .read_deadline(milliseconds(reader, "database.read_deadline_ms", defaults.read_deadline))
            .write_time_limit(milliseconds(reader, "database.write_time_limit_ms", defaults.write_time_limit))
            .read_time_limit(milliseconds(reader, "database.read_time_limit_ms", defaults.read_time_limit))
            .busy_timeout(milliseconds(reader, "database.busy_timeout_ms", defaults.busy_timeout))
            .lock_wait(milliseconds(reader, "database.lock_wait_ms", defaults.lock_wait))
            .durability(reader.choice(
                "database.durability",
                defaults.durability,
                &[("full", Durability::Full), ("normal", Durability::Normal)],
            ))
            .writer_cache_bytes(reader.number("database.writer_cache_bytes", defaults.writer_cache_bytes, 64 * 1024..=16 * GIB))
            .reader_cache_bytes(reader.number("database.reader_cache_bytes", defaults.reader_cache_bytes, 64 * 1024..=16 * GIB))
            .wal_limit_bytes(reader.number("database.wal_limit_bytes", defaults.wal_limit_bytes, 1024 * 1024..=100 * GIB))
            .allow_network_filesystem(reader.flag("database.allow_network_filesystem", defaults.allow_network_filesystem));
        Self { path, options }
    }
}

fn milliseconds(reader: &mut Reader, key: &str, default: Duration) -> Duration {
    let default = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(reader.number(key, default, 0..=600_000))
}

/// A path, or the URL of one as `DATABASE_URL` has it. A database in memory is none that lasts.
fn path(text: &str) -> Option<PathBuf> {
    let path = match text.split_once(':') {
        Some(("sqlite", rest)) => url_path(rest)?,
        Some((scheme, rest)) if rest.starts_with("//") && !scheme.contains('/') => return None,
        _ => text,
    };
    (!path.is_empty() && path != ":memory:" && !path.contains('\0')).then(|| PathBuf::from(path))
}

/// `///abs`, `//rel` and `rel`; besides `////abs` and `///./rel`, as SQLAlchemy writes them. Parameters are none of ours.
fn url_path(rest: &str) -> Option<&str> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.strip_prefix('/').filter(|inner| inner.starts_with('/') || inner.starts_with("./")).unwrap_or(path);
    (!path.contains('?')).then_some(path)
}
