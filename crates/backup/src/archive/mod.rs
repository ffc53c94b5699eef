//! The archive: a tar stream in compressed blocks, perhaps encrypted. `docs/adr/0009` has the format and its reasons.

mod blocks;
mod codec;
mod crypt;
mod kind;
mod output;
mod path;
mod read;
mod write;

use std::fs::File;
use std::path::Path;

use crate::{Error, Manifest, Options};

pub(crate) use crypt::{identities, recipients};
pub(crate) use kind::packing_of;
pub(crate) use output::{Hashed, Output, hash_file};
pub(crate) use path::{is_safe, leads_out};
pub(crate) use read::{Item, Sink, Unpacked, unpack};
pub(crate) use write::Writer;

const MANIFEST: &str = "MANIFEST.json";
const DATABASE: &str = "database.sqlite3";
const MEDIA: &str = "media/";
const CONFIG: &str = "config/";
const SEAL: &str = "SEAL.json";

/// Reads the manifest of an archive, and of the archive no more than its head.
pub(crate) fn manifest_of(path: &Path, options: &Options) -> Result<Manifest, Error> {
    let name = name_of(path);
    let mut file = File::open(path).map_err(Error::file("open", path))?;
    read::manifest(&name, &mut file, &identities(&options.identities)?)
}

/// How an archive is called in errors.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
