//! Room on the disk, told before anything is begun.

use std::path::Path;

use crate::Error;

/// Fails where the file system of `folder` has less than `needed_bytes` free.
pub(crate) fn require(folder: &Path, operation: &'static str, needed_bytes: u64) -> Result<(), Error> {
    let available_bytes = available(folder)?;
    if available_bytes < needed_bytes {
        return Err(Error::Space { path: folder.to_owned(), operation, available_bytes, needed_bytes });
    }
    Ok(())
}

/// Bytes that are free for us in the file system of `folder`.
pub(crate) fn available(folder: &Path) -> Result<u64, Error> {
    let found = rustix::fs::statvfs(folder).map_err(|e| Error::file("ask for the free space of", folder)(e.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
