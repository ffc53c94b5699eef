//! Where a site lies, and where that lies which changes places with it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use crate::{Error, Options, durable};

/// The site that restores replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// The database file, with symbolic links resolved: what is renamed is the file, not a link to it.
    pub(super) database: PathBuf,
    pub(super) media: Option<PathBuf>,
}

impl Site {
    pub(super) fn of(options: &Options) -> Result<Self, Error> {
        let Some(database) = options.database_path() else {
            return Err(Error::Options {
                problem: "there is no database to restore over: name one, or a folder to restore into".to_owned(),
            });
        };
        Self::at(database, options.media.as_deref())
    }

    pub(super) fn at(database: &Path, media: Option<&Path>) -> Result<Self, Error> {
        Ok(Self { database: resolved(database)?, media: media.map(resolved).transpose()? })
    }

    /// The folder of the database file.
    pub(super) fn folder(&self) -> &Path {
        self.database.parent().unwrap_or(Path::new("/"))
    }

    /// Where a restore works; what it replaces lies here when it is through.
    pub(super) fn work(&self) -> PathBuf {
        let name = self.database.file_name().unwrap_or_default().to_string_lossy();
        self.folder().join(format!(".{name}.restoring"))
    }

    /// A name that is free for what is kept at `at`.
    pub(super) fn kept(&self, at: Timestamp) -> PathBuf {
        free(self.folder(), &format!("replaced-{}", stamp(at)))
    }

    /// What earlier restores replaced, the newest last.
    pub(super) fn kept_before(&self) -> Result<Vec<PathBuf>, Error> {
        let folder = self.folder();
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(Error::File { action: "read the folder", path: folder.to_owned(), source }),
        };
        let is_kept = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("replaced-"));
        let mut kept: Vec<_> = entries.into_iter().map(|entry| entry.path()).filter(is_kept).collect();
        kept.sort();
        Ok(kept)
    }
}

/// Where the other content of `live` is held: in the folder `work` under `name` where one rename can reach it, else beside it.
pub(super) fn held(work: &Path, live: &Path, name: &str, at: Timestamp) -> Result<PathBuf, Error> {
    let parent = live.parent().unwrap_or(Path::new("/"));
    durable::create_folder(parent).map_err(Error::file("create the folder", parent))?;
    if live.exists() && mount(live)? != mount(parent)? {
        let problem = format!("{} is a mount point, which cannot be replaced by rename: mount the folder above it", live.display());
        return Err(Error::Options { problem });
    }
    if mount(parent)? == mount(work.parent().unwrap_or(Path::new("/")))? {
        return Ok(PathBuf::from(name));
    }
    let own = live.file_name().unwrap_or_default().to_string_lossy();
    Ok(free(parent, &format!(".{own}.replaced-{}", stamp(at))))
}

/// `name` in `folder`, or with a number where that is taken: two restores may be of one second.
fn free(folder: &Path, name: &str) -> PathBuf {
    let names = std::iter::once(name.to_owned()).chain((2_u32..).map(|number| format!("{name}-{number}")));
    let mut free = names.map(|name| folder.join(name)).filter(|path| fs::symlink_metadata(path).is_err());
    free.next().expect("there are more names than files")
}

/// What one rename does not leave: device and mount. Two volumes of one disk have the same device, and are two mounts all the same.
fn mount(path: &Path) -> Result<(u64, u64), Error> {
    let device = fs::metadata(path).map_err(Error::file("look at", path))?.dev();
    // Kernels before 5.8 do not tell the mount.
    let told = statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok();
    Ok((device, told.map_or(0, |about| about.stx_mnt_id)))
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// What of `path` is there.
pub(super) fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"))
}

/// An absolute path without symbolic links, also of what is not there yet.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf, Error> {
    match fs::canonicalize(path) {
        Ok(path) => Ok(path),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let path = std::path::absolute(path).map_err(Error::file("find", path))?;
            match (path.parent(), path.file_name()) {
                (Some(parent), Some(name)) => Ok(resolved(parent)?.join(name)),
                _ => Ok(path),
            }
        }
        Err(source) => Err(Error::File { action: "find", path: path.to_owned(), source }),
    }
}
