//! Metrics for node_exporter's textfile collector: what runs from cron does not live to be scraped.

use std::io;
use std::path::Path;

use magnetiq_backup::write_durably;

/// Whole or not at all: the collector may read at any moment, and does so as another user.
pub(crate) fn write(path: &Path, metrics: &str) -> io::Result<()> {
    // The collector passes over what does not end with .prom, as the name of an unfinished one.
    write_durably(path, metrics.as_bytes(), 0o644)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_replaces_what_was_there_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("magnetiq.prom");
        write(&path, "a 1\n").unwrap();
        write(&path, "a 2\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a 2\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("gone/x.prom"), "").is_err());
    }
}
