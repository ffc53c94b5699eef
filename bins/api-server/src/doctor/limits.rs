//! What the machine and its supervisor allow the server: open files, memory; and the time that they tell.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use magnetiq_config::{Profile, Settings};
use magnetiq_doctor::{Finding, Outcome, as_root, said};
use magnetiq_health::checks::{FileDescriptors, Memory, WallClock};
use magnetiq_health::{Check, Deadline, Value};
use magnetiq_storage::Error;

use super::look::{known, look};
use super::settings::set;
use super::site::Site;

/// What the manifests give every program; half a thousand visitors need a tenth of it.
const DESCRIPTORS: u64 = 16_384;
/// Below this a server that many people look at runs out of them.
const DESCRIPTORS_MIN: u64 = 4_096;

/// Of the server where it runs, else, in development, of what is started from here.
pub(super) fn file_descriptors(site: &Site) -> Outcome {
    let server = site.server();
    if server.is_none() && site.settings.profile == Profile::Production {
        return Outcome::skipped("no server is seen from here, and who starts it sets its limit: its unit, or its container");
    }
    let process = server.map_or_else(|| PathBuf::from("/proc/self"), |pid| PathBuf::from(format!("/proc/{pid}")));
    let advice = "For good: LimitNOFILE= of the unit, limits.descriptors of deploy.toml, or limits.d of a login.";
    let mut seen = look("file-descriptors", FileDescriptors::at(&process));
    let Ok(facts) = FileDescriptors::at(&process).run(Deadline::after(known("file-descriptors").timeout)) else {
        // Its user may look, and root.
        return Outcome::skipped(format!("{}; the server watches it itself, and is asked about it by the check server", seen.says));
    };
    let limit = facts.reading("limit").and_then(|reading| reading.value().cloned());
    let limit = limit.and_then(|limit| if let Value::Count(limit) = limit { Some(limit) } else { None });
    if let Some(limit) = limit.filter(|limit| *limit < DESCRIPTORS_MIN) {
        let what = format!("at most {limit} files and connections can be open, and {DESCRIPTORS_MIN} are few already");
        seen = seen.with(Finding::warning(what, known("file-descriptors").means));
    }
    let Some(limit) = limit else { return seen.into() };
    let raised = raised(limit);
    let fits = hard_limit(&process).is_none_or(|hard| raised <= hard);
    let raise = match server {
        // The hard limit stays where it is high enough: only root gets it up again.
        Some(pid) => as_root(format!("prlimit --pid {pid} --nofile={raised}:{}", if fits { String::new() } else { raised.to_string() })),
        None => format!("ulimit {}-n {raised}", if fits { "-S " } else { "" }),
    };
    seen.findings = seen.findings.into_iter().map(|finding| finding.advice(advice).command(raise.clone())).collect();
    seen.into()
}

/// More than there is, whatever that is.
fn raised(limit: u64) -> u64 {
    limit.saturating_mul(2).max(DESCRIPTORS)
}

/// How far the limit can be raised by whoever it binds; none where there is no end.
fn hard_limit(process: &Path) -> Option<u64> {
    let limits = std::fs::read_to_string(process.join("limits")).ok()?;
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().nth(1)?.parse().ok()
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
/// A smaller cache is of no use.
const CACHE_MIN_BYTES: u64 = 1 << 20;
/// A picture of a usual camera fits.
const PICTURE_MIN_BYTES: u64 = 32 << 20;

/// What the settings let the server take at most.
#[derive(Debug)]
struct Allowed([Part; 4]);

/// What one setting lets it take.
#[derive(Debug, Clone, Copy)]
struct Part {
    key: &'static str,
    value: u64,
    /// Below this it is of no use.
    least: u64,
    /// What each one of the value takes.
    unit_bytes: u64,
}

impl Part {
    fn bytes(self) -> u64 {
        self.value.saturating_mul(self.unit_bytes)
    }
}

impl Allowed {
    fn by(settings: &Settings) -> Self {
        let database = settings.database.options();
        let part = |key, value, least, unit_bytes| Part { key, value, least, unit_bytes };
        Self([
            part("database.reader_cache_bytes", database.reader_cache_bytes, CACHE_MIN_BYTES, u64::from(database.readers)),
            part("database.writer_cache_bytes", database.writer_cache_bytes, CACHE_MIN_BYTES, 1),
            part("media.picture_memory_bytes", settings.media.picture_memory_bytes, PICTURE_MIN_BYTES, 1),
            part("auth.hashes_at_once", settings.auth.hashes_at_once as u64, 1, HASH_BYTES),
        ])
    }

    fn all(&self) -> u64 {
        self.0.iter().fold(BASE_BYTES, |all, part| all.saturating_add(part.bytes()))
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
        let advice = "Or raise the limit of the container (limits.backend.memory_mib of deploy.toml). A cache that is smaller costs little: the \
            system keeps the files of the database in memory, too.";
        Some(finding.advice(advice).command(self.fitted(limit / 10 * 8)))
    }

    /// The settings that make it fit, from the largest part on: what is small changes nothing that matters.
    fn fitted(mut self, limit: u64) -> String {
        self.0.sort_by_key(|part| std::cmp::Reverse(part.bytes()));
        let mut lines = Vec::new();
        for index in 0..self.0.len() {
            let (all, part) = (self.all(), self.0[index]);
            if all <= limit {
                break;
            }
            let fits = limit.saturating_sub(all - part.bytes()) / part.unit_bytes.max(1);
            let value = fits.max(part.least).min(part.value);
            if value < part.value {
                self.0[index].value = value;
                lines.push(set(part.key, &value.to_string()));
            }
        }
        lines.join("\n")
    }
}

/// Whether the clock can be right: nothing that is stored is newer than now, and somebody keeps it in step.
pub(super) fn clock(site: &Site) -> Outcome {
    // What can not be read is told where the database is looked at.
    let newest = newest(site).unwrap_or(None);
    let mut seen = look("clock", WallClock::new(site.clock.clone()).newest(move || Ok(newest)));
    let advice = "Where it is right by now, it was ahead when that was stored: nothing mends this but time. Until then, new things sort before those.";
    seen.findings = seen.findings.into_iter().map(|finding| finding.advice(advice)).collect();
    if said("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).is_some_and(|said| said.trim() == "no") {
        let entry = known("clock");
        seen = seen.with(Finding::warning("nobody keeps the clock of this machine in step", entry.means));
    }
    seen.findings = seen.findings.into_iter().map(|finding| finding.command(as_root("timedatectl set-ntp true"))).collect();
    seen.into()
}

/// When what is newest was stored.
fn newest(site: &Site) -> Result<Option<Timestamp>, Error> {
    let store = site.read_only()?;
    let newest = store.read(|conn| Ok(conn.query_row("SELECT max(updated_at) FROM page", [], |row| row.get::<_, Option<i64>>(0))?));
    Ok(newest.wait()?.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()))
}

#[cfg(test)]
mod tests {
    use magnetiq_doctor::Severity;

    use super::*;

    #[test]
    fn what_takes_most_is_made_to_fit() {
        let allowed = |cache: u64, pictures: u64, hashes: u64| {
            let part = |key, value, least, unit_bytes| Part { key, value, least, unit_bytes };
            let caches = [("database.reader_cache_bytes", cache, 4), ("database.writer_cache_bytes", 8 << 20, 1)];
            let [readers, writer] = caches.map(|(key, value, readers)| part(key, value, CACHE_MIN_BYTES, readers));
            let pictures = part("media.picture_memory_bytes", pictures, PICTURE_MIN_BYTES, 1);
            Allowed([readers, writer, pictures, part("auth.hashes_at_once", hashes, 1, HASH_BYTES)])
        };
        let limit = 640 << 20;
        assert!(allowed(4 << 20, 48 << 20, 2).judge(limit).is_none());
        assert_eq!(allowed(100 << 20, 48 << 20, 2).judge(limit).map(|finding| finding.severity), Some(Severity::Warning));
        let command = |allowed: Allowed| {
            let finding = allowed.judge(limit).unwrap();
            assert_eq!(finding.severity, Severity::Error);
            finding.command
        };
        let cache = command(allowed(4 << 30, 48 << 20, 2));
        let fits: u64 = cache.strip_prefix("export MAGNETIQ__DATABASE__READER_CACHE_BYTES=").unwrap().parse().unwrap();
        assert!(allowed(fits, 48 << 20, 2).judge(limit).is_none(), "{fits}");
        let pictures = command(allowed(4 << 20, 4 << 30, 2));
        assert!(pictures.starts_with("export MAGNETIQ__MEDIA__PICTURE_MEMORY_BYTES=") && pictures.lines().count() == 1, "{pictures}");
        let both = command(allowed(1 << 30, 48 << 20, 64));
        assert!(both.contains("READER_CACHE_BYTES=1048576\nexport MAGNETIQ__AUTH__HASHES_AT_ONCE="), "{both}");
    }

    #[test]
    fn a_limit_is_only_ever_raised() {
        assert_eq!([256, 10_000, 60_000].map(raised), [16_384, 20_000, 120_000]);
    }
}
