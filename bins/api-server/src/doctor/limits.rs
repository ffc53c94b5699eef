//! What the machine and its supervisor allow the server: open files, memory; and the time that they tell.

use std::path::PathBuf;

use jiff::Timestamp;
use magnetiq_config::Settings;
use magnetiq_doctor::{Finding, Outcome, said};
use magnetiq_health::checks::{FileDescriptors, Memory, WallClock};
use magnetiq_health::{Check, Deadline, Value};

use super::look::{known, look};
use super::settings::set;
use super::site::{Site, chain};

/// What the manifests give every program; half a thousand visitors need a tenth of it.
const DESCRIPTORS: u64 = 16_384;
/// Below this a server that many people look at runs out of them.
const DESCRIPTORS_MIN: u64 = 4_096;

/// Of the server where it runs, else of what is started from here.
pub(super) fn file_descriptors(site: &Site) -> Outcome {
    let server = site.server();
    let process = server.map_or_else(|| PathBuf::from("/proc/self"), |pid| PathBuf::from(format!("/proc/{pid}")));
    let raise = match server {
        Some(pid) => format!("prlimit --pid {pid} --nofile={DESCRIPTORS}:{DESCRIPTORS}"),
        None => format!("ulimit -n {DESCRIPTORS}"),
    };
    let advice = "For good: LimitNOFILE= of the unit, limits.descriptors of deploy.toml, or limits.d of a login.";
    let mut seen = look("file-descriptors", FileDescriptors::at(&process));
    let limit = FileDescriptors::at(&process).run(Deadline::after(known("file-descriptors").timeout)).ok();
    let limit = limit.and_then(|facts| facts.reading("limit").and_then(|reading| reading.value().cloned()));
    if let Some(Value::Count(limit)) = limit.filter(|limit| matches!(limit, Value::Count(limit) if *limit < DESCRIPTORS_MIN)) {
        let what = format!("at most {limit} files and connections can be open, and {DESCRIPTORS_MIN} are few already");
        seen = seen.with(Finding::warning(what, known("file-descriptors").means));
    }
    seen.findings = seen.findings.into_iter().map(|finding| finding.advice(advice).command(raise.clone())).collect();
    seen.into()
}

/// Whether memory is short, and whether the settings allow more than there is: caches, password hashes, pictures.
pub(super) fn memory(site: &Site) -> Outcome {
    let check = || site.server().map_or_else(Memory::new, Memory::of_process);
    let mut seen = look("memory", check());
    seen.findings = seen.findings.into_iter().map(|finding| finding.command("ps -eo pid,rss,comm --sort=-rss | head")).collect();
    let limit = check().run(Deadline::after(known("memory").timeout)).ok();
    if let Some(Value::Bytes(limit)) = limit.and_then(|facts| facts.reading("limit").and_then(|reading| reading.value().cloned())) {
        let allowed = Allowed::by(&site.settings);
        seen.says = format!("{}; the settings allow {}", seen.says, Value::Bytes(allowed.all()));
        seen = seen.with_all(allowed.judge(limit));
    }
    seen.into()
}

/// What the program, its threads and what they work on take besides.
const BASE_BYTES: u64 = 96 << 20;
/// argon2 with the parameters of the API.
const HASH_BYTES: u64 = 19 << 20;
/// No reader gains by less.
const READER_CACHE_MIN_BYTES: u64 = 1 << 20;

/// What the settings let the server take at most.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    readers: u64,
    reader_cache: u64,
    /// All that is no cache of a reader.
    rest: u64,
}

impl Allowed {
    fn by(settings: &Settings) -> Self {
        let database = settings.database.options();
        let hashes = HASH_BYTES.saturating_mul(settings.auth.hashes_at_once as u64);
        let rest = BASE_BYTES.saturating_add(database.writer_cache_bytes).saturating_add(hashes);
        let rest = rest.saturating_add(settings.media.picture_memory_bytes);
        Self { readers: u64::from(database.readers), reader_cache: database.reader_cache_bytes, rest }
    }

    fn all(self) -> u64 {
        self.rest.saturating_add(self.readers.saturating_mul(self.reader_cache))
    }

    /// Against the memory that there is.
    fn judge(self, limit: u64) -> Option<Finding> {
        let all = self.all();
        if all <= limit / 10 * 9 {
            return None;
        }
        let seen = format!("the settings allow {} of memory, and there are {}", Value::Bytes(all), Value::Bytes(limit));
        let why = "Once the caches are full the kernel kills the server for want of memory; its supervisor starts it again, and so on.";
        let finding = if all > limit { Finding::error(seen, why) } else { Finding::warning(seen, why) };
        let fits = (limit / 10 * 8).saturating_sub(self.rest) / self.readers.max(1);
        Some(if fits >= READER_CACHE_MIN_BYTES && fits < self.reader_cache {
            let advice = format!("Each of {} readers keeps so much of the database in memory; the system keeps it, too.", self.readers);
            finding.advice(advice).command(set("database.reader_cache_bytes", &fits.to_string()))
        } else {
            let advice = "Raise the limit of the container (limits.backend.memory_mib of deploy.toml), or hash fewer passwords at once.";
            finding.advice(advice).command(set("auth.hashes_at_once", "1"))
        })
    }
}

/// Whether the clock can be right: nothing that is stored is newer than now, and somebody keeps it in step.
pub(super) fn clock(site: &Site) -> Outcome {
    let store = site.database().is_file().then(|| site.read_only()).and_then(Result::ok);
    let newest = move || {
        let Some(store) = &store else { return Ok(None) };
        let newest = store.read(|conn| Ok(conn.query_row("SELECT max(updated_at) FROM page", [], |row| row.get::<_, Option<i64>>(0))?));
        let newest = newest.wait().map_err(|error| chain(&error))?;
        Ok(newest.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()))
    };
    let mut seen = look("clock", WallClock::new(site.clock.clone()).newest(newest));
    if said("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).is_some_and(|said| said.trim() == "no") {
        let entry = known("clock");
        seen = seen.with(Finding::warning("nobody keeps the clock of this machine in step", entry.means));
    }
    seen.findings = seen.findings.into_iter().map(|finding| finding.command("timedatectl set-ntp true")).collect();
    seen.into()
}

#[cfg(test)]
mod tests {
    use magnetiq_doctor::Severity;

    use super::*;

    #[test]
    fn caches_that_do_not_fit_are_made_to_fit() {
        let allowed = |reader_cache: u64| Allowed { readers: 4, reader_cache, rest: 200 << 20 };
        assert!(allowed(4 << 20).judge(640 << 20).is_none());
        assert_eq!(allowed(100 << 20).judge(640 << 20).map(|finding| finding.severity), Some(Severity::Warning));
        let finding = allowed(4 << 30).judge(640 << 20).unwrap();
        assert_eq!(finding.severity, Severity::Error);
        let fits: u64 = finding.command.rsplit_once('=').unwrap().1.parse().unwrap();
        assert!(allowed(fits).judge(640 << 20).is_none(), "{fits}");
        let none = Allowed { readers: 4, reader_cache: 4 << 20, rest: 700 << 20 }.judge(640 << 20).unwrap();
        assert!(none.command.contains("HASHES_AT_ONCE"), "no cache is to blame: {none:?}");
    }
}
