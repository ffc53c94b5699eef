//! The folder of a database: its path with links resolved, private files in it and whom they belong to, durable writes, free space. Nothing
//! here opens a database that exists: closing such a handle would drop the locks that SQLite holds on the file, which POSIX gives to the process.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::Error;

/// The absolute path of the database with every symbolic link resolved, so that two names of one file meet in one lock file.
/// Creates the folder (0700) if it is missing. An absolute path also keeps SQLite from reading a name like `file:x?mode=ro` as a URI.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let invalid = |source| Error::Path { path: path.to_owned(), source };
    let name = path.file_name().ok_or_else(|| invalid(io::ErrorKind::InvalidFilename.into()))?;
    let folder = parent(path);
    let trouble = |source| Error::Folder { path: folder.to_owned(), source };
    if !folder.is_dir() {
        create_private_folder(folder).map_err(trouble)?;
    }
    match fs::canonicalize(path) {
        Ok(existing) if existing.is_dir() => Err(invalid(io::ErrorKind::IsADirectory.into())),
        Ok(existing) => Ok(existing),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(fs::canonicalize(folder).map_err(trouble)?.join(name)),
        Err(e) => Err(invalid(e)),
    }
}

/// The absolute path of a database that has to be there, with every symbolic link resolved. Creates nothing.
pub(crate) fn resolve_existing(path: &Path) -> Result<PathBuf, Error> {
    match fs::canonicalize(path) {
        Ok(existing) if existing.is_dir() => Err(Error::Path { path: path.to_owned(), source: io::ErrorKind::IsADirectory.into() }),
        Ok(existing) => Ok(existing),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Error::Missing { path: path.to_owned() }),
        Err(source) => Err(Error::Path { path: path.to_owned(), source }),
    }
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let missing: Vec<_> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
    builder.create(folder)?;
    missing.into_iter().try_for_each(sync_parent)
}

/// Creates the file, empty and for its owner only, and makes its name durable; root gives it to the owner of the folder. Leaves an existing
/// file alone. SQLite would create it with the mode that the umask gives; the log and its index take theirs from this file.
pub(crate) fn create_private_file(path: &Path) -> Result<(), Error> {
    match private_options().open(path) {
        Ok(file) => {
            give_to_owner(&file, parent(path));
            sync_parent(path).map_err(|source| Error::Folder { path: parent(path).to_owned(), source })
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(Error::Path { path: path.to_owned(), source }),
    }
}

/// Gives a file that root just made to the user to whom `model` belongs, the database or its folder: a service that runs as that user could not
/// open it otherwise, after a single command of root.
pub(crate) fn give_to_owner(file: &File, model: &Path) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let given = model.metadata().and_then(|about| std::os::unix::fs::fchown(file, Some(about.uid()), Some(about.gid())));
    if let Err(e) = given {
        tracing::warn!(error = &e as &dyn std::error::Error, like = %model.display(), "a new file of the database belongs to root");
    }
}

/// Options for a file that must not exist yet and that only its owner may read.
pub(crate) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a small file so that it is complete under its name or not there: beside, synced, renamed, the folder synced. It belongs to whom
/// `model` does.
pub(crate) fn write_durably(path: &Path, content: &[u8], model: &Path) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(parent(path))?;
    give_to_owner(file.as_file(), model);
    file.write_all(content)?;
    file.as_file().sync_all()?;
    let unfinished = file.into_temp_path();
    fs::rename(&unfinished, path)?;
    // The temporary name is gone, so there is nothing to remove.
    let _ = unfinished.keep();
    sync_parent(path)
}

pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    }
}

/// Makes a creation or a rename in the folder of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

/// Makes all that was written to the file system of `path` survive a power cut, with the times of files, which SQLite's own syncs leave out. The
/// file itself is not opened: closing it would drop the locks of those who read it in this process.
#[cfg(target_os = "linux")]
pub(crate) fn sync_times(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(parent(path))?)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_times(_: &Path) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// `path` with `suffix` behind its file name, as SQLite names its own companions (`-wal`).
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Fails where the volume of `path` has less than that free. Where the volume does not tell, as some in user space do not, nothing is
/// refused.
pub(crate) fn refuse_without_space(path: &Path, needed_bytes: u64) -> Result<(), Error> {
    let folder = parent(path);
    let found = rustix::fs::statvfs(folder).map_err(|e| Error::Folder { path: folder.to_owned(), source: e.into() })?;
    let free_bytes = found.f_bavail.saturating_mul(found.f_frsize);
    if found.f_blocks > 0 && free_bytes < needed_bytes {
        return Err(Error::DiskSpace { path: folder.to_owned(), needed_bytes, free_bytes });
    }
    Ok(())
}

/// Refuses the file systems on which SQLite's locks or its shared memory do not hold.
pub(crate) fn refuse_network(path: &Path) -> Result<(), Error> {
    let folder = parent(path);
    match network_filesystem(folder).map_err(|source| Error::Folder { path: folder.to_owned(), source })? {
        Some(filesystem) => Err(Error::NetworkFilesystem { path: folder.to_owned(), filesystem }),
        None => Ok(()),
    }
}

/// The name of the network file system that `folder` lies on, on which SQLite's locks or its shared memory do not hold; `None` where it is
/// none that is known. Such a folder is refused, see [`Options::allow_network_filesystem`](field@crate::Options::allow_network_filesystem).
///
/// # Errors
///
/// What the system says, such as that there is no such folder.
#[cfg(target_os = "linux")]
pub fn network_filesystem(folder: &Path) -> io::Result<Option<&'static str>> {
    // Magic numbers have 32 bits; some systems hand them over sign-extended.
    Ok(network_name(i128::from(rustix::fs::statfs(folder)?.f_type) & 0xffff_ffff))
}

/// Other systems have no such number: the caller has to know.
///
/// # Errors
///
/// None.
#[cfg(not(target_os = "linux"))]
pub fn network_filesystem(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

/// From `statfs(2)` and the kernel's `magic.h`. virtiofs reports itself as FUSE.
#[cfg(target_os = "linux")]
fn network_name(magic: i128) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x0102_1997 => "9P",
        0x6573_5546 => "FUSE",
        0x00c3_6400 => "Ceph",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x0bd0_0bd0 => "Lustre",
        0x0116_1970 => "GFS2",
        0x7461_636f => "OCFS2",
        0x4750_4653 => "GPFS",
        0x7375_7245 => "Coda",
        0x786f_4256 => "VirtualBox shared folder",
        0xbacb_acbc => "VMware shared folder",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_needs_more_space_than_there_is_does_not_begin() {
        let path = std::env::temp_dir().join("site.sqlite3");
        refuse_without_space(&path, 1).unwrap();
        let refused = refuse_without_space(&path, u64::MAX).unwrap_err();
        assert!(matches!(refused, Error::DiskSpace { needed_bytes: u64::MAX, .. }) && refused.is_disk_full());
    }

    #[test]
    fn network_file_systems_are_known_by_their_magic_number() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(i128::from(0xff53_4d42_u32.cast_signed()) & 0xffff_ffff), Some("SMB"));
        assert_eq!(network_name(0xef53), None, "ext4");
        assert_eq!(network_name(0x0102_1994), None, "tmpfs");
    }
}
