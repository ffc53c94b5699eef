//! Files that are complete under their name or not there, also after a power cut.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of files begin that are about to get another one. Each is locked by the process that writes it.
const UNFINISHED: &str = ".unfinished-";

/// Makes `folder` (0700) and those above it; root gives them to the owner of the folder that they are made in.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<_> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Outermost first, so that the owner is inherited downwards.
    missing.iter().rev().try_for_each(|made| give_to_owner(&File::open(made)?, parent(made)))?;
    missing.into_iter().try_for_each(sync_parent)
}

/// A new file that only its owner reads.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Puts `content` under `path`, over what is there, for its owner alone.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    write_durably(path, content, 0o600)
}

/// Puts `content` under `path`, over what is there: whole and on the disk when this returns, or not at all. `mode` is who may read it, as in
/// `chmod`; root gives it to the owner of the folder.
///
/// # Errors
///
/// What the system says.
pub fn write_durably(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = unfinished(parent(path))?;
    file.write_all(content)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    give_to_owner(file.as_file(), parent(path))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    sync_parent(path)
}

/// Puts `content` under `path`, for its owner alone, unless something is there already: of many who do so at once one is first, and the others
/// leave its file alone.
#[cfg(feature = "remote")]
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = unfinished(parent(path))?;
    file.write_all(content)?;
    give_to_owner(file.as_file(), parent(path))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        persisted => persisted.map_err(|error| error.error).and_then(|_| sync_parent(path)),
    }
}

/// What root writes in somebody's folder belongs to them: they have to read it, and to change it.
pub(crate) fn give_to_owner(file: &File, folder: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let owner = fs::metadata(folder)?;
    std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
}

fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        // Somebody who clears up may have been quicker; then it has no name any more.
        let is_lost = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock)) || file.as_file().metadata()?.nlink() == 0;
        if !is_lost {
            return Ok(file);
        }
    }
}

/// Removes what killed processes left of [`write`] in `folder`.
pub(crate) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED)) {
        let Ok(file) = OpenOptions::new().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok()
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %entry.path().display(), "cannot remove an unfinished file");
        }
    }
}

/// Makes a name in the folder of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    }
}
