//! What people did, beside the database: one line for each thing, its name and when.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;

/// Behind the name of the database.
pub(super) const SUFFIX: &str = ".done";

/// What is written down; a line that can not be understood is passed over.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<String, Timestamp>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let entry = |line: &str| {
        let (name, at) = line.split_once(' ')?;
        Some((name.to_owned(), at.trim().parse().ok()?))
    };
    Ok(text.lines().filter_map(entry).collect())
}

/// Writes down that `name` was done `at` this time.
pub(super) fn note(path: &Path, name: &str, at: Timestamp) -> anyhow::Result<()> {
    let mut done = read(path).with_context(|| format!("read {}", path.display()))?;
    done.insert(name.to_owned(), at);
    let text: String = done.iter().map(|(name, at)| format!("{name} {at}\n")).collect();
    magnetiq_backup::write_durably(path, text.as_bytes(), 0o600).with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_kept_beside_what_was() {
        let folder = std::env::temp_dir().join(format!("magnetiq-done-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("site.sqlite3.done");
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(read(&path).unwrap().is_empty());
        note(&path, "secrets", at("2026-11-01T00:00:00Z")).unwrap();
        note(&path, "updates", at("2026-11-02T00:00:00Z")).unwrap();
        note(&path, "secrets", at("2026-11-03T00:00:00Z")).unwrap();
        fs::write(&path, fs::read_to_string(&path).unwrap() + "nonsense\nupdates yesterday\n").unwrap();
        let known: Vec<_> = read(&path).unwrap().into_iter().collect();
        assert_eq!(known, [("secrets".to_owned(), at("2026-11-03T00:00:00Z")), ("updates".to_owned(), at("2026-11-02T00:00:00Z"))]);
        // What can not be read is not replaced.
        fs::write(&path, b"secrets \xff").unwrap();
        assert!(read(&path).is_err() && note(&path, "updates", at("2026-11-04T00:00:00Z")).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"secrets \xff");
        fs::remove_dir_all(folder).unwrap();
    }
}
