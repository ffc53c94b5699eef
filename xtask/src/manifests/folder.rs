//! The folder that is written to, in which others may have files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use magnetiq_manifests::{Change, Files, Target, is_ours};

use crate::deploy::folder::put;

/// A file that is made here is a few KiB; what is larger is not, and is not read.
const SIZE_LIMIT_BYTES: u64 = 1 << 20;

/// What lies in the folders of the targets. What is no text or too large to be ours is left out.
///
/// # Errors
///
/// When a folder or a file cannot be read.
pub(crate) fn read(out: &Path, targets: &[Target]) -> Result<Files> {
    let mut files = Vec::new();
    for target in targets {
        collect(out, target.name(), &mut files)?;
    }
    Ok(files.into_iter().collect())
}

fn collect(out: &Path, below: &str, files: &mut Vec<(String, String)>) -> Result<()> {
    let folder = out.join(below);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("look into {}", folder.display()))?,
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("look into {}", folder.display()))?;
        let (kind, path) = (entry.file_type()?, format!("{below}/{}", entry.file_name().to_string_lossy()));
        if kind.is_dir() {
            collect(out, &path, files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= SIZE_LIMIT_BYTES {
            let bytes = fs::read(entry.path()).with_context(|| format!("read {}", entry.path().display()))?;
            files.extend(String::from_utf8(bytes).ok().map(|text| (path, text)));
        }
    }
    Ok(())
}

/// Writes what changed, each file whole or not at all, and removes files of ours that are made no more.
///
/// # Errors
///
/// Before anything is written: when a file of somebody else is in the way. Else when the disk says no.
pub(crate) fn write(out: &Path, files: &Files, there: &Files, changes: &[(&str, Change)]) -> Result<()> {
    let foreign: Vec<String> = changes
        .iter()
        .filter(|(path, _)| out.join(path).symlink_metadata().is_ok() && !there.get(path).is_some_and(is_ours))
        .map(|(path, _)| format!("\n    {}", out.join(path).display()))
        .collect();
    if !foreign.is_empty() {
        bail!("not made here, and not overwritten:{}\nmove them away, or write to another folder with --out", foreign.concat());
    }
    for (path, change) in changes {
        let path_out = out.join(path);
        match (change, files.get(path)) {
            (Change::Stale, _) => fs::remove_file(&path_out).with_context(|| format!("remove {}", path_out.display()))?,
            (_, Some(text)) => put(&path_out, text)?,
            (_, None) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{read, write};
    use magnetiq_manifests::{Change, Files, MARK, Target};

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_others_put_there_stays() {
        let out = tempfile::tempdir().expect("a temporary folder");
        let ours = format!("# {MARK}\n");
        let first = files(&[("docker/a", &ours), ("docker/b", &ours)]);
        let none = Files::default();
        write(out.path(), &first, &none, &first.changes(&none).collect::<Vec<_>>()).expect("an empty folder");
        fs::write(out.path().join("docker/mine"), "mine\n").expect("a file of somebody else");

        let there = read(out.path(), &[Target::Docker]).expect("it can be read");
        let second = files(&[("docker/a", &ours), ("docker/c", &ours)]);
        let changes: Vec<_> = second.changes(&there).collect();
        assert_eq!(changes, [("docker/c", Change::New), ("docker/b", Change::Stale)]);
        write(out.path(), &second, &there, &changes).expect("nothing is in the way");
        let left = read(out.path(), &[Target::Docker]).expect("it can be read");
        assert_eq!(left.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["docker/a", "docker/c", "docker/mine"]);

        let third = files(&[("docker/mine", &ours), ("docker/new", &ours)]);
        let refused = write(out.path(), &third, &left, &third.changes(&left).collect::<Vec<_>>()).expect_err("a file is in the way");
        assert!(refused.to_string().contains("docker/mine"), "{refused}");
        assert!(!out.path().join("docker/new").exists(), "nothing is written before");
    }
}
