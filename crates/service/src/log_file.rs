//! A log file that is rotated by size and by day; the older ones are compressed, and only so many are kept.
//!
//! Our own, because a log must outlive its troubles: of the crates for it one panics when the folder is gone, and the others know the
//! size or the day, but not both.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

/// Where to log to, and how much to keep.
#[derive(Debug, Clone)]
pub struct LogFile {
    /// The file that is written. Those before it lie beside it: `server.log.20261123T020000Z.gz`.
    pub path: PathBuf,
    /// It is rotated before it grows past this size, and at the first line of each day (UTC).
    pub limit_bytes: u64,
    /// How many are kept besides the one that is written; older ones are removed.
    pub keep: usize,
}

/// The writer of a [`LogFile`].
pub(crate) struct RotatingFile {
    options: LogFile,
    now: fn() -> Timestamp,
    file: File,
    size_bytes: u64,
    day: i64,
    /// Lines that go to the file together.
    waiting: Vec<u8>,
}

/// More than this does not wait for the next line.
const WAITING_BYTES: usize = 64 << 10;

impl RotatingFile {
    pub(crate) fn open(options: LogFile, now: fn() -> Timestamp) -> io::Result<Self> {
        let file = append(&options.path)?;
        let metadata = file.metadata()?;
        let written = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).filter(|_| metadata.len() > 0);
        let mut opened =
            Self { options, now, file, size_bytes: metadata.len(), day: day(written.unwrap_or_else(now)), waiting: Vec::new() };
        // A program that was killed while it compressed leaves the plain file.
        if let Err(e) = opened.tidy() {
            // A full disk keeps nobody from starting; it is tried again when the next file is due.
            writeln!(io::stderr(), "cannot tidy the log files beside {}: {e}", opened.options.path.display())?;
        }
        Ok(opened)
    }

    fn is_due(&self, more: usize) -> bool {
        self.size_bytes > 0 && (self.size_bytes + more as u64 > self.options.limit_bytes || day((self.now)()) != self.day)
    }

    fn rotate(&mut self) -> io::Result<()> {
        let now = (self.now)();
        // Also when the rest fails: it is tried again after the next limit, and not with each line.
        self.day = day(now);
        self.size_bytes = 0;
        match fs::rename(&self.options.path, self.unused_name(now)) {
            // Somebody moved it away: it is theirs.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        self.file = append(&self.options.path)?;
        self.tidy()
    }

    /// Names sort by time, the second of two in one second behind the first.
    fn unused_name(&self, now: Timestamp) -> PathBuf {
        let stem = format!("{}.{}", self.options.path.display(), now.strftime("%Y%m%dT%H%M%SZ"));
        let taken = |name: &str| Path::new(name).exists() || Path::new(&format!("{name}.gz")).exists();
        (0..).map(|n| if n == 0 { stem.clone() } else { format!("{stem}_{n:03}") }).find(|name| !taken(name)).unwrap_or(stem).into()
    }

    /// Removes the oldest of what was rotated, which makes room, and compresses the rest.
    fn tidy(&mut self) -> io::Result<()> {
        let rotated = rotated(&self.options.path)?;
        let (old, kept) = rotated.split_at(rotated.len().saturating_sub(self.options.keep));
        old.iter().try_for_each(fs::remove_file)?;
        kept.iter().filter(|path| path.extension().is_none_or(|extension| extension != "gz")).try_for_each(|path| compress(path))
    }
}

impl Write for RotatingFile {
    /// One line at a time, as the log writes them.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.is_due(line.len()) {
            self.flush()?;
            if let Err(e) = self.rotate() {
                writeln!(io::stderr(), "cannot rotate {}: {e}", self.options.path.display())?;
            }
        }
        self.waiting.extend_from_slice(line);
        self.size_bytes += line.len() as u64;
        if self.waiting.len() >= WAITING_BYTES { self.flush().map(|()| line.len()) } else { Ok(line.len()) }
    }

    /// Called when no line comes at once after the last one. Trouble with the file never loses a line: it goes to standard error then.
    fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.waiting);
        if let Err(e) = written {
            writeln!(io::stderr(), "cannot write to {}: {e}", self.options.path.display())?;
            io::stderr().write_all(&self.waiting)?;
        }
        self.waiting.clear();
        Ok(())
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

/// For its owner only: lines may name addresses of people.
fn append(path: &Path) -> io::Result<File> {
    fs::create_dir_all(folder(path))?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Oldest first.
fn rotated(path: &Path) -> io::Result<Vec<PathBuf>> {
    let prefix = format!("{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let is_ours = |name: &str| {
        let rest = name.strip_prefix(&prefix).map(|rest| rest.strip_suffix(".gz").unwrap_or(rest));
        rest.is_some_and(|rest| rest.len() >= 16 && rest.starts_with(|c: char| c.is_ascii_digit()) && rest.as_bytes()[15] == b'Z')
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_ours) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn compress(path: &Path) -> io::Result<()> {
    let target = PathBuf::from(format!("{}.gz", path.display()));
    let mut temporary = tempfile::NamedTempFile::new_in(folder(path))?;
    // Lines are much alike, so that the fast level makes them small enough; the next ones wait meanwhile.
    let mut encoder = GzEncoder::new(temporary.as_file_mut(), Compression::fast());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    temporary.persist(&target).map_err(|e| e.error)?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    use flate2::read::GzDecoder;
    use tempfile::TempDir;

    use super::*;

    fn options(folder: &TempDir, limit_bytes: u64, keep: usize) -> LogFile {
        LogFile { path: folder.path().join("logs/server.log"), limit_bytes, keep }
    }

    fn noon() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// What each file holds, oldest first, the one that is written last.
    fn contents(options: &LogFile) -> Vec<String> {
        let read = |path: &PathBuf| {
            let mut text = String::new();
            GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
            text
        };
        let mut all: Vec<_> = rotated(&options.path).unwrap().iter().map(read).collect();
        all.push(fs::read_to_string(&options.path).unwrap());
        all
    }

    #[test]
    fn a_full_file_is_compressed_and_only_so_many_are_kept() {
        let folder = TempDir::new().unwrap();
        let options = options(&folder, 10, 2);
        let mut log = RotatingFile::open(options.clone(), noon).unwrap();
        for line in ["one\n", "two\n", "three\n", "four, longer than a file\n", "five\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        log.flush().unwrap();
        assert_eq!(contents(&options), ["three\n", "four, longer than a file\n", "five\n"]);
    }

    #[test]
    fn a_day_has_its_own_file_also_after_a_restart() {
        static NOW: AtomicI64 = AtomicI64::new(0);
        let now: fn() -> Timestamp = || Timestamp::from_second(NOW.load(Relaxed)).unwrap();
        let folder = TempDir::new().unwrap();
        let options = options(&folder, 1000, 9);
        let write = |at: &str, line: &str| {
            NOW.store(at.parse::<Timestamp>().unwrap().as_second(), Relaxed);
            let mut log = RotatingFile::open(options.clone(), now).unwrap();
            log.write_all(line.as_bytes()).unwrap();
            log.flush().unwrap();
            let seconds = u64::try_from(NOW.load(Relaxed)).unwrap();
            log.file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
        };
        write("2026-11-23T23:59:59Z", "late\n");
        write("2026-11-23T23:59:59Z", "later\n");
        write("2026-11-24T00:00:00Z", "early\n");
        assert_eq!(contents(&options), ["late\nlater\n", "early\n"]);
    }

    #[test]
    fn what_cannot_be_compressed_keeps_nobody_from_logging() {
        let folder = TempDir::new().unwrap();
        let options = options(&folder, 10, 2);
        // Reading it fails, as writing beside it does on a full disk.
        fs::create_dir_all(folder.path().join("logs/server.log.20261122T000000Z")).unwrap();
        let mut log = RotatingFile::open(options.clone(), noon).unwrap();
        log.write_all(b"line\n").unwrap();
        log.flush().unwrap();
        assert_eq!(fs::read_to_string(&options.path).unwrap(), "line\n");
    }

    #[test]
    fn a_vanished_folder_stops_nobody_and_strangers_are_left_alone() {
        let folder = TempDir::new().unwrap();
        let options = options(&folder, 4, 1);
        let mut log = RotatingFile::open(options.clone(), noon).unwrap();
        let stranger = folder.path().join("logs/server.log.backup");
        fs::write(&stranger, "mine").unwrap();
        for _ in 0..3 {
            log.write_all(b"line\n").unwrap();
            log.flush().unwrap();
        }
        assert!(stranger.exists());
        fs::remove_dir_all(folder.path().join("logs")).unwrap();
        log.write_all(b"last\n").unwrap();
        log.flush().unwrap();
        assert_eq!(contents(&options), ["last\n"]);
    }
}
