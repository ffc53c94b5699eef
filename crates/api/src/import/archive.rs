//! A folder in one file, as the download of an export is.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use flate2::read::GzDecoder;
use tar::EntryType;
use tempfile::TempDir;

use crate::error::Error;

/// What an archive had; it goes when this does.
pub(super) struct Unpacked {
    /// The folder that all of it is in, without symbolic links in its path.
    pub(super) folder: PathBuf,
    _temporary: TempDir,
}

/// Unpacks all of an archive, or nothing: one that ends early is not what its site was.
///
/// # Errors
///
/// [`Error::File`] where it can't be read, or has what a folder of texts and pictures has no use for: links, or names that lead out of it.
pub(super) fn unpack(archive: &Path) -> Result<Unpacked, Error> {
    let failed = |source| Error::File { action: "unpack", path: archive.to_owned(), source };
    let refused = |why: String| failed(io::Error::new(io::ErrorKind::InvalidData, why));
    let temporary = tempfile::tempdir().map_err(failed)?;
    // Where the system has a link in the path of its temporary folder.
    let root = temporary.path().canonicalize().map_err(failed)?;
    let file = fs::File::open(archive).map_err(failed)?;
    let mut tar = tar::Archive::new(GzDecoder::new(io::BufReader::new(file)));
    let mut top: Option<PathBuf> = None;
    for entry in tar.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let path = entry.path().map_err(failed)?.into_owned();
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let mut parts = path.components().filter(|part| *part != Component::CurDir).peekable();
        let is_inside = parts.clone().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside || !matches!(kind, EntryType::Regular | EntryType::Directory) {
            return Err(refused(format!("{} is not a file or folder below that of the archive", path.display())));
        }
        let Some(first) = parts.next().map(|first| PathBuf::from(first.as_os_str())) else { continue };
        // What a Mac puts beside a folder. An import passes over such names.
        if first.to_string_lossy().starts_with('.') {
            continue;
        }
        let is_folder = kind == EntryType::Directory || parts.peek().is_some();
        if !is_folder || top.as_ref().is_some_and(|top| *top != first) {
            return Err(refused(format!("{} is not in the one folder that an archive of a site has", path.display())));
        }
        top = Some(first);
        entry.unpack_in(&root).map_err(failed)?;
    }
    // To its very end: the sum of it stands there.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(failed)?;
    let top = top.ok_or_else(|| refused("it has no folder".into()))?;
    Ok(Unpacked { folder: root.join(top), _temporary: temporary })
}
