//! Files on this machine: each is written whole or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub(crate) fn put(path: &Path, text: &str) -> Result<()> {
    write(path, text.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let temporary = path.with_added_extension("new");
    fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path)).with_context(|| format!("write {}", path.display()))
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
