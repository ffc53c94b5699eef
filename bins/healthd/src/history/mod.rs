//! What was, in a file of its own: answers, hours, incidents, windows of maintenance. The daemon alone writes it.

mod incidents;
mod latency;
mod prune;
mod record;
mod uptime;
mod windows;

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use magnetiq_service::ResultExt;
use magnetiq_storage::{Error, Options, Store};

pub(crate) use incidents::{known, save};
pub(crate) use latency::{Latency, latencies};
pub(crate) use prune::{is_sure, prune};
pub(crate) use record::{Answer, HOUR_MS, Lasted, Subject, record};
pub(crate) use uptime::{Day, Past, past};
pub(crate) use windows::{keep_window, remove_window, windows};

/// `MAGH`: marks the file as a history, so that it is not taken for the database of a site, nor that for it.
const APPLICATION_ID: i32 = 0x4D41_4748;

/// A cache in which the hours of some sites find room.
const CACHE_BYTES: u64 = 512 * 1024;
const WAL_LIMIT_BYTES: u64 = 4 << 20;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Opens the history `path`, or makes it.
pub(crate) fn open(path: &Path) -> anyhow::Result<Store> {
    let options = Options::default()
        .application_id(APPLICATION_ID)
        .readers(2)
        .queue_limit(256)
        .writer_cache_bytes(CACHE_BYTES)
        .reader_cache_bytes(CACHE_BYTES)
        .statement_cache_capacity(16)
        .wal_limit_bytes(WAL_LIMIT_BYTES);
    let opened = Store::open(path, options).and_then(|store| store.migrate(embedded::migrations::runner()).map(|_| store));
    match opened {
        Ok(store) => Ok(store),
        Err(error @ Error::Locked { .. }) => Err(error)
            .context("another healthd runs")
            .hint("one is enough; another one needs a healthd.database and a healthd.port of its own"),
        Err(error) => {
            let hint = error.hint();
            let failed = Err(error).with_context(|| format!("open the history {} (healthd.database)", path.display()));
            match hint {
                Some(hint) => failed.hint(hint),
                None => failed,
            }
        }
    }
}

/// A moment as the file has it.
fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
