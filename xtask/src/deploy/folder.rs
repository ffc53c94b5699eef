//! Files on this machine: each is written whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// How the name of a file ends that is not whole yet.
pub(crate) const UNFINISHED: &str = "unfinished";

pub(crate) fn put(path: &Path, text: &str) -> Result<()> {
    write(path, text.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let temporary = path.with_added_extension("new");
    let written = File::create(&temporary).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&temporary, path)).and_then(|()| synced(folder)).with_context(|| format!("write {}", path.display()))
}

/// Returns when the names in it are on the disk: the journal says that a step has ended, and a computer that goes off is to leave what it made.
pub(crate) fn synced(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Every file below `from` to the same place below `to`. Containers that run keep the files that they were started with: a rename leaves
/// these alone.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("look into {}", from.display()))? {
        let entry = entry.with_context(|| format!("look into {}", from.display()))?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            write(&to, &fs::read(entry.path()).with_context(|| format!("read {}", entry.path().display()))?)?;
        }
    }
    Ok(())
}

/// Deletes a file, and what a command that was killed had written of it.
pub(crate) fn forget(path: &Path) -> Result<()> {
    for path in [path, &path.with_added_extension(UNFINISHED)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(|| format!("delete {}", path.display())),
            _ => {}
        }
    }
    Ok(())
}

/// Some files and folders of `from`, where they are there.
pub(crate) fn copy_some(from: &Path, to: &Path, names: &[&str]) -> Result<()> {
    for name in names {
        let (from, to) = (from.join(name), to.join(name));
        if from.is_dir() {
            copy(&from, &to)?;
        } else if from.is_file() {
            write(&to, &fs::read(&from).with_context(|| format!("read {}", from.display()))?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{forget, put};

    #[test]
    fn what_is_forgotten_leaves_nothing_half_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = folder.path().join("site.tar.gz");
        for names in [["site.tar.gz"].as_slice(), &["site.tar.gz.unfinished"], &["site.tar.gz", "site.tar.gz.unfinished"], &[]] {
            for name in names {
                put(&folder.path().join(name), "people").expect("a file");
            }
            forget(&archive).expect("they go");
            assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "{names:?}");
        }
    }
}
