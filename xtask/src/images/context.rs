//! The folder that a build sees: the sources as Git has them, and the rendered files. Nothing else of the machine can get into an image.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use magnetiq_manifests::{Deployment, Files, Target, render};
use tempfile::TempDir;

use super::output;
use crate::workspace;

/// All programs as one.
const PROGRAM: &str = "magnetiq";

/// The commit that is built.
pub(super) struct Revision {
    /// Its hash, and whether more than it is built.
    pub(super) name: String,
    /// When it was made, in seconds since 1970: what is built has this time.
    pub(super) time_s: u64,
}

/// Looks at the checkout.
///
/// # Errors
///
/// When this is no checkout, and when something is not committed, unless `allow_dirty`; the revision says so then.
pub(super) fn revision(allow_dirty: bool) -> Result<Revision> {
    let shown = output(git().args(["show", "--no-patch", "--format=%H %ct", "HEAD"]))
        .context("what is built must be a checkout, so that an image can name its commit")?;
    let (commit, time_s) = shown.trim().split_once(' ').context("git tells a commit and its time")?;
    let time_s = time_s.parse().context("read the time of the commit")?;
    let changed = output(git().args(workspace::UNCOMMITTED))?;
    if changed.is_empty() {
        return Ok(Revision { name: commit.to_owned(), time_s });
    }
    if !allow_dirty {
        let shown: Vec<&str> = changed.lines().take(5).collect();
        let more = changed.lines().count() - shown.len();
        let more = if more > 0 { format!("\n    and {more} more") } else { String::new() };
        bail!("not committed, so nobody could build it again:\n    {}{more}\ncommit it, or say --allow-dirty", shown.join("\n    "));
    }
    Ok(Revision { name: format!("{commit}-dirty"), time_s })
}

/// Makes the folder, as if all of it had been written at the time of the commit: an image has the times of what is copied into it. It is one
/// of its own, since two may build at once, and goes with what is given back.
///
/// # Errors
///
/// When the disk says no, or programs or page are not where they were said to be.
pub(super) fn make(deployment: &Deployment, revision: &Revision, programs: Option<&Path>, page: Option<&Path>) -> Result<TempDir> {
    let images = workspace::root().join("target/images");
    fs::create_dir_all(&images).with_context(|| format!("make {}", images.display()))?;
    let made = tempfile::Builder::new().prefix("context-").tempdir_in(&images);
    let made = made.with_context(|| format!("make a folder in {}", images.display()))?;
    let folder = made.path();
    let listed = output(git().args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let from = workspace::root().join(path);
        // Deleted, and not yet committed.
        if from.is_file() {
            copy(&from, &folder.join(path))?;
        }
    }
    let files = render(deployment, &[Target::Docker], &Files::default())?;
    for (path, text) in files.iter() {
        let to = folder.join(path);
        parent(&to)?;
        fs::write(&to, text).with_context(|| format!("write {}", to.display()))?;
    }
    if let Some(programs) = programs {
        copy(&programs.join(PROGRAM), &folder.join("docker/programs").join(PROGRAM))
            .context("--programs: the folder with magnetiq, which cargo build --release --package magnetiq makes")?;
    }
    if let Some(page) = page {
        if !page.join("index.html").is_file() {
            bail!("--page: there is no {}; `npm run build` in crates/web/ui makes it", page.join("index.html").display());
        }
        copy_folder(page, &folder.join("docker/page"))?;
    }
    set_times(folder, UNIX_EPOCH + Duration::from_secs(revision.time_s))?;
    Ok(made)
}

fn set_times(path: &Path, time: SystemTime) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("look into {}", path.display()))? {
            set_times(&entry.with_context(|| format!("look into {}", path.display()))?.path(), time)?;
        }
    }
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    file.set_modified(time).with_context(|| format!("set the time of {}", path.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("look into {}", from.display()))? {
        let entry = entry.with_context(|| format!("look into {}", from.display()))?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy_folder(&entry.path(), &to)? } else { copy(&entry.path(), &to)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    parent(to)?;
    fs::copy(from, to).map(|_| ()).with_context(|| format!("copy {} to {}", from.display(), to.display()))
}

fn parent(path: &Path) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))
}

fn git() -> Command {
    let mut command = Command::new("git");
    command.current_dir(workspace::root());
    command
}
