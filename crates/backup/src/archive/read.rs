//! Reads an archive and believes nothing of it: each entry has to be one that the manifest announces, in its order, size and hash.

use std::collections::HashSet;
use std::io::{self, Cursor, ErrorKind, Read};

use age::Identity;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tar::{Entry, EntryType, PaxExtensions};

use super::blocks::BlockReader;
use super::codec::{Layout, read_up_to};
use super::crypt::{MAGIC, decrypt};
use super::output::Hashed;
use super::{CONFIG, DATABASE, MANIFEST, MEDIA, SEAL, is_safe, leads_out};
use crate::manifest::{ConfigFile, Database, FORMAT_VERSION, MediaFile, MediaMode, Seal};
use crate::{Error, Manifest};

/// A manifest, or a seal, with more than this is a trap: a million files need less.
const TEXT_MAX: u64 = 256 << 20;
/// An extended header of one file with more than this is a trap, too.
const PAX_MAX: u64 = 16 << 10;

/// An entry between manifest and seal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item<'m> {
    Database(&'m Database),
    Media(&'m MediaFile),
    Config(&'m ConfigFile),
}

impl Item<'_> {
    fn name(&self) -> String {
        match self {
            Item::Database(_) => DATABASE.to_owned(),
            Item::Media(file) => format!("{MEDIA}{}", file.path),
            Item::Config(file) => format!("{CONFIG}{}", file.path),
        }
    }

    fn content(&self) -> (u64, &str) {
        match self {
            Item::Database(database) => (database.size_bytes, &database.sha256),
            Item::Media(file) => (file.size_bytes, &file.sha256),
            Item::Config(file) => (file.size_bytes, &file.sha256),
        }
    }
}

/// What becomes of the contents.
pub(crate) trait Sink {
    /// The manifest was read and is in order; its contents follow.
    fn begin(&mut self, manifest: &Manifest) -> Result<(), Error>;

    /// Takes an entry. It need not be read to its end. Whether it was what it should be is known when `unpack` returns.
    fn item(&mut self, manifest: &Manifest, item: Item<'_>, input: &mut dyn Read) -> Result<(), Error>;
}

/// What an archive was, after its last byte.
pub(crate) struct Unpacked {
    pub(crate) manifest: Manifest,
    /// Names, in its lists, the entries whose content is not what it should be, because it could not be read in the first place.
    pub(crate) seal: Seal,
}

/// Reads a whole archive. Fails where it is not whole and right to its last byte, whatever the sink has been given until then.
pub(crate) fn unpack(
    archive: &str,
    input: &mut dyn Read,
    keys: &[Box<dyn Identity + Send + Sync>],
    threads: usize,
    sink: &mut dyn Sink,
) -> Result<Unpacked, Error> {
    let place = Place(archive);
    let mut tar = tar::Archive::new(open(archive, input, keys, threads)?);
    let mut entries = tar.entries().map_err(|e| place.trouble(e))?.raw(true);
    let (manifest, manifest_sha256) = match entries.next() {
        Some(first) => read_manifest(&place, &mut first.map_err(|e| place.trouble(e))?)?,
        None => return Err(place.none("it is empty")),
    };
    let expected = expected(&manifest);
    sink.begin(&manifest)?;
    let (mut at, mut count, mut bytes) = (0, 0, 0);
    let (mut missing, mut wrong) = (Vec::new(), Vec::new());
    let mut long_name = None;
    let mut seal: Option<Seal> = None;
    for entry in entries {
        let mut entry = entry.map_err(|e| place.trouble(e))?;
        if seal.is_some() {
            return Err(place.damaged("something follows the seal"));
        }
        if entry.header().entry_type() == EntryType::XHeader {
            if long_name.replace(extended_path(&place, &mut entry)?).is_some() {
                return Err(place.damaged("an entry has two extended headers"));
            }
            continue;
        }
        let name = match long_name.take() {
            Some(name) => name,
            None => plain_path(&place, &entry)?,
        };
        if name == SEAL {
            seal =
                Some(serde_json::from_slice(&text(&place, &mut entry)?).map_err(|e| place.none(&format!("its seal cannot be read: {e}")))?);
            continue;
        }
        let Some(skipped) = expected[at..].iter().position(|item| item.name() == name) else {
            return Err(place.damaged(&format!("the entry {name:?} is not announced, or announced elsewhere")));
        };
        missing.extend(expected[at..at + skipped].iter().map(Item::name));
        let item = expected[at + skipped];
        at += skipped + 1;
        let (size, sha256) = item.content();
        if entry.size() != size {
            return Err(place.damaged(&format!("{name} has {} bytes, {size} were announced", entry.size())));
        }
        let mut input = Hashed::new(Checked { input: &mut entry, trouble: None });
        let taken = sink.item(&manifest, item, &mut input);
        let drained = taken.and_then(|()| io::copy(&mut input, &mut io::sink()).map_err(|e| place.trouble(e)));
        if let Some(trouble) = input.get_mut().trouble.take() {
            return Err(place.trouble(trouble));
        }
        drained?;
        let (found, read) = input.finish();
        if read != size {
            return Err(place.none("it ends too early"));
        }
        if found != sha256 {
            if matches!(item, Item::Database(_)) {
                return Err(place.damaged("the hash of the database is wrong"));
            }
            wrong.push(name);
        }
        count += 1;
        bytes += size;
    }
    missing.extend(expected[at..].iter().map(Item::name));
    let seal = seal.ok_or_else(|| place.none("it ends without its seal"))?;
    ends(&place, tar.into_inner())?;
    if seal.manifest_sha256 != manifest_sha256 || seal.entries != count || seal.content_bytes != bytes {
        return Err(place.damaged("the seal does not fit the contents"));
    }
    // Names of media and settings are made into paths. The rest tells where a file was that is not in the archive.
    let names = seal.unreadable.iter().filter_map(|problem| problem.path.strip_prefix(MEDIA).or(problem.path.strip_prefix(CONFIG)));
    if let Some(path) = names.chain(seal.vanished.iter().map(String::as_str)).find(|path| leads_out(path)) {
        return Err(place.damaged(&format!("the seal names {path:?}, which is no name for a file")));
    }
    let unreadable: HashSet<&str> = seal.unreadable.iter().map(|problem| problem.path.as_str()).collect();
    let vanished: HashSet<&str> = seal.vanished.iter().map(String::as_str).collect();
    let noted = |name: &String| unreadable.contains(name.as_str());
    let gone = |name: &String| name.strip_prefix(MEDIA).is_some_and(|path| vanished.contains(path));
    if let Some(name) = wrong.iter().find(|name| !noted(name)) {
        return Err(place.damaged(&format!("the hash of {name} is wrong")));
    }
    if let Some(name) = missing.iter().find(|name| !noted(name) && !gone(name)) {
        return Err(place.damaged(&format!("{name} is announced and missing")));
    }
    drop((expected, unreadable, vanished));
    Ok(Unpacked { manifest, seal })
}

/// Reads no more than the manifest.
pub(super) fn manifest(archive: &str, input: &mut dyn Read, keys: &[Box<dyn Identity + Send + Sync>]) -> Result<Manifest, Error> {
    let place = Place(archive);
    let mut tar = tar::Archive::new(open(archive, input, keys, 1)?);
    let mut entries = tar.entries().map_err(|e| place.trouble(e))?.raw(true);
    match entries.next() {
        Some(first) => Ok(read_manifest(&place, &mut first.map_err(|e| place.trouble(e))?)?.0),
        None => Err(place.none("it is empty")),
    }
}

fn open<'i>(
    archive: &str,
    input: &'i mut dyn Read,
    keys: &[Box<dyn Identity + Send + Sync>],
    threads: usize,
) -> Result<BlockReader<'i>, Error> {
    let place = Place(archive);
    let (head, input) = peek(input).map_err(|e| place.trouble(e))?;
    let (head, input): (Vec<u8>, Box<dyn Read + 'i>) = if head.starts_with(MAGIC) {
        let (head, input) = peek(decrypt(archive, input, keys)?).map_err(|e| place.trouble(e))?;
        (head, Box::new(input))
    } else {
        (head, Box::new(input))
    };
    let layout = Layout::of(&head).ok_or_else(|| place.none("it is neither gzip nor zstd"))?;
    BlockReader::new(input, layout, threads).map_err(|e| place.trouble(e))
}

/// The first bytes, and all of it again.
fn peek<'i>(mut input: impl Read + 'i) -> io::Result<(Vec<u8>, impl Read + 'i)> {
    let mut head = vec![0; 32];
    let found = read_up_to(&mut input, &mut head)?;
    head.truncate(found);
    Ok((head.clone(), Cursor::new(head).chain(input)))
}

fn read_manifest(place: &Place<'_>, entry: &mut Entry<'_, BlockReader<'_>>) -> Result<(Manifest, String), Error> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    if plain_path(place, entry)? != MANIFEST {
        return Err(place.none("it does not begin with a manifest"));
    }
    let text = text(place, entry)?;
    let unreadable = |e| place.none(&format!("its manifest cannot be read: {e}"));
    let version: Version = serde_json::from_slice(&text).map_err(unreadable)?;
    if version.format_version > FORMAT_VERSION {
        return Err(Error::Newer { archive: place.0.to_owned(), found: version.format_version, newest: FORMAT_VERSION });
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(unreadable)?;
    let mut names = HashSet::new();
    let files = manifest.media.files.iter().map(|file| (MEDIA, &file.path, &file.sha256));
    for (kind, path, sha256) in files.chain(manifest.config.iter().map(|file| (CONFIG, &file.path, &file.sha256))) {
        if !is_safe(path) || (kind == CONFIG && path.contains('/')) || !is_sha256(sha256) {
            return Err(place.damaged(&format!("the manifest names {path:?}, which is no name for a file")));
        }
        if !names.insert((kind, path)) {
            return Err(place.damaged(&format!("the manifest names {path:?} twice")));
        }
    }
    let sha256 = hex::encode(Sha256::digest(&text));
    Ok((manifest, sha256))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn expected(manifest: &Manifest) -> Vec<Item<'_>> {
    let media = manifest.media.files.iter().filter(|_| manifest.media.mode == MediaMode::Full);
    let rest = media.map(Item::Media).chain(manifest.config.iter().map(Item::Config));
    std::iter::once(Item::Database(&manifest.database)).chain(rest).collect()
}

fn plain_path(place: &Place<'_>, entry: &Entry<'_, BlockReader<'_>>) -> Result<String, Error> {
    if entry.header().entry_type() != EntryType::Regular {
        return Err(place.damaged("it has an entry that is no regular file"));
    }
    String::from_utf8(entry.path_bytes().into_owned()).map_err(|e| place.damaged(&format!("the name of an entry is not UTF-8: {e}")))
}

/// The path in an extended header, which has to have one.
fn extended_path(place: &Place<'_>, entry: &mut Entry<'_, BlockReader<'_>>) -> Result<String, Error> {
    if entry.size() > PAX_MAX {
        return Err(place.damaged("an extended header is too large"));
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(|e| place.trouble(e))?;
    for extension in PaxExtensions::new(&text) {
        let extension = extension.map_err(|e| place.trouble(e))?;
        if let (Ok("path"), Ok(path)) = (extension.key(), extension.value()) {
            return Ok(path.to_owned());
        }
    }
    Err(place.damaged("an extended header has no path"))
}

fn text(place: &Place<'_>, entry: &mut Entry<'_, BlockReader<'_>>) -> Result<Vec<u8>, Error> {
    let size = entry.size();
    if size > TEXT_MAX {
        return Err(place.damaged("its manifest or seal is too large"));
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(|e| place.trouble(e))?;
    if text.len() as u64 == size { Ok(text) } else { Err(place.none("it ends too early")) }
}

/// Reads to the last byte, so that every checksum is compared: nothing but zeros may follow.
fn ends(place: &Place<'_>, mut rest: BlockReader<'_>) -> Result<(), Error> {
    let (mut buffer, mut total) = (vec![0; 64 << 10], 0);
    loop {
        let bytes = read_up_to(&mut rest, &mut buffer).map_err(|e| place.trouble(e))?;
        total += bytes;
        if buffer[..bytes].iter().any(|byte| *byte != 0) || total > 1 << 20 {
            return Err(place.damaged("something follows its end"));
        }
        if bytes < buffer.len() {
            return Ok(());
        }
    }
}

/// Keeps the error of reading, so that the sink need not tell it from one of writing.
struct Checked<R> {
    input: R,
    trouble: Option<io::Error>,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.trouble = Some(error);
            kind.into()
        })
    }
}

/// The archive, for errors.
struct Place<'a>(&'a str);

impl Place<'_> {
    fn none(&self, problem: &str) -> Error {
        Error::NoArchive { archive: self.0.to_owned(), problem: problem.to_owned() }
    }

    fn damaged(&self, problem: &str) -> Error {
        Error::Damaged { archive: self.0.to_owned(), problem: problem.to_owned() }
    }

    /// What the content is to blame for is damage, the rest is trouble with the file.
    fn trouble(&self, error: io::Error) -> Error {
        match error.kind() {
            ErrorKind::UnexpectedEof => self.none("it ends too early"),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => self.damaged(&error.to_string()),
            _ => Error::Read { archive: self.0.to_owned(), source: error },
        }
    }
}
