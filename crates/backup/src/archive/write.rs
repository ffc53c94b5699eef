//! Writes an archive: manifest, contents, seal.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use super::blocks::BlockWriter;
use super::codec::{Packing, read_up_to};
use super::crypt::{Outer, recipients};
use super::{CONFIG, DATABASE, MANIFEST, MEDIA, SEAL};
use crate::manifest::Seal;
use crate::{Error, Manifest, Options, Problem};

/// An archive in the making. Only [`seal`](Self::seal) makes it one.
pub(crate) struct Writer<W: Write> {
    blocks: BlockWriter<Outer<W>>,
    /// Of all entries: unix seconds, so that the same content gives the same bytes.
    mtime: u64,
    seal: Seal,
}

impl<W: Write> Writer<W> {
    /// Begins with the manifest, in blocks of its own.
    pub(crate) fn begin(out: W, options: &Options, manifest: &Manifest) -> Result<Self, Error> {
        let failed = |source| Error::Write { source };
        let outer = Outer::new(out, &recipients(&options.recipients)?).map_err(failed)?;
        let blocks = BlockWriter::new(outer, options.compression, options.level, options.threads).map_err(failed)?;
        let mut text = serde_json::to_vec_pretty(manifest).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        let seal = Seal {
            manifest_sha256: hex::encode(Sha256::digest(&text)),
            entries: 0,
            content_bytes: 0,
            unreadable: Vec::new(),
            vanished: Vec::new(),
        };
        let mtime = u64::try_from(manifest.created_at.as_second()).unwrap_or(0);
        let mut writer = Self { blocks, mtime, seal };
        writer.whole(MANIFEST, &text).and_then(|()| writer.blocks.end_block()).map_err(failed)?;
        Ok(writer)
    }

    /// The database. What comes from `input` has to be what the manifest says.
    pub(crate) fn database(&mut self, manifest: &Manifest, input: &mut dyn Read) -> Result<(), Error> {
        let database = &manifest.database;
        match self.entry(DATABASE, Packing::Compress, database.size_bytes, &database.sha256, input)? {
            None => Ok(()),
            Some(problem) => Err(Error::Damaged { archive: "the copy of the database".to_owned(), problem: problem.to_owned() }),
        }
    }

    /// A media file, packed as the name and the first bytes suggest. One that changed since it was listed is noted.
    pub(crate) fn media(&mut self, path: &str, packing: Packing, bytes: u64, sha256: &str, input: &mut dyn Read) -> Result<(), Error> {
        self.checked(format!("{MEDIA}{path}"), packing, bytes, sha256, input)
    }

    /// A settings file.
    pub(crate) fn config(&mut self, path: &str, bytes: u64, sha256: &str, input: &mut dyn Read) -> Result<(), Error> {
        self.checked(format!("{CONFIG}{path}"), Packing::Compress, bytes, sha256, input)
    }

    fn checked(&mut self, path: String, packing: Packing, bytes: u64, sha256: &str, input: &mut dyn Read) -> Result<(), Error> {
        if let Some(problem) = self.entry(&path, packing, bytes, sha256, input)? {
            self.unreadable(Problem { path, problem: problem.to_owned() });
        }
        Ok(())
    }

    /// Notes what could not be read.
    pub(crate) fn unreadable(&mut self, problem: Problem) {
        self.seal.unreadable.push(problem);
    }

    /// Notes a media file that is not there any more.
    pub(crate) fn vanished(&mut self, path: String) {
        self.seal.vanished.push(path);
    }

    /// Ends the archive.
    pub(crate) fn seal(mut self) -> Result<(Seal, W), Error> {
        let failed = |source| Error::Write { source };
        let mut text = serde_json::to_vec_pretty(&self.seal).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        self.blocks.end_block().and_then(|()| self.whole(SEAL, &text)).map_err(failed)?;
        // What ends every tar file.
        self.blocks.write_all(&[0; 1024]).map_err(failed)?;
        let out = self.blocks.finish().and_then(Outer::finish).map_err(failed)?;
        Ok((self.seal, out))
    }

    fn whole(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.blocks.set_packing(Packing::Compress)?;
        self.head(path, content.len() as u64)?;
        self.blocks.write_all(content)?;
        self.pad(content.len() as u64)
    }

    /// Writes exactly as many bytes as were announced, and says what is wrong with them.
    fn entry(
        &mut self,
        path: &str,
        packing: Packing,
        bytes: u64,
        sha256: &str,
        input: &mut dyn Read,
    ) -> Result<Option<&'static str>, Error> {
        let failed = |source| Error::Write { source };
        self.blocks.set_packing(packing).and_then(|()| self.head(path, bytes)).map_err(failed)?;
        let mut hash = Sha256::new();
        let (mut left, mut problem) = (bytes, None);
        let mut buffer = vec![0; 128 << 10];
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let found = if problem.is_some() { 0 } else { read_up_to(input, &mut buffer[..want]).unwrap_or(0) };
            if found < want {
                problem = Some("could not be read to its end");
                buffer[found..].fill(0);
            }
            hash.update(&buffer[..want]);
            self.blocks.write_all(&buffer[..want]).map_err(failed)?;
            left -= want as u64;
        }
        self.pad(bytes).map_err(failed)?;
        self.seal.entries += 1;
        self.seal.content_bytes += bytes;
        if problem.is_none() && hex::encode(hash.finalize()) != sha256 {
            problem = Some("changed while it was read");
        }
        Ok(problem)
    }

    fn head(&mut self, path: &str, bytes: u64) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_mode(if path.starts_with(MEDIA) { 0o644 } else { 0o600 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.mtime);
        let fits = path.is_ascii() && bytes < 8 << 30 && header.set_path(path).is_ok();
        if !fits {
            let records = record("path", path) + &record("size", &bytes.to_string());
            let mut extended = header.clone();
            extended.set_path("PaxHeader")?;
            extended.set_entry_type(EntryType::XHeader);
            extended.set_size(records.len() as u64);
            extended.set_cksum();
            self.blocks.write_all(extended.as_bytes())?;
            self.blocks.write_all(records.as_bytes())?;
            self.pad(records.len() as u64)?;
            // For programs that do not know the record above.
            header.set_path(path.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '/').take(90).collect::<String>())?;
        }
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes);
        header.set_cksum();
        self.blocks.write_all(header.as_bytes())
    }

    fn pad(&mut self, bytes: u64) -> io::Result<()> {
        let over = usize::try_from(bytes % 512).unwrap_or(0);
        if over == 0 { Ok(()) } else { self.blocks.write_all(&[0; 512][over..]) }
    }
}

/// A record of a pax header: its length counts itself.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}
