//! Encryption to age recipients, around the compressed stream.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;

use age::stream::StreamWriter;
use age::x25519;
use age::{Decryptor, Encryptor, Identity, IdentityFile, Recipient};

use crate::Error;

/// Begins every encrypted file.
pub(super) const MAGIC: &[u8] = b"age-encryption.org/";

/// Reads recipients as `age-keygen` prints them.
pub(crate) fn recipients(texts: &[String]) -> Result<Vec<x25519::Recipient>, Error> {
    let read = |text: &String| {
        let wrong = |problem: &str| Error::AgeKey { kind: "recipient", subject: text.clone(), problem: problem.to_owned() };
        text.trim().parse::<x25519::Recipient>().map_err(wrong)
    };
    texts.iter().map(read).collect()
}

/// Reads identity files as `age-keygen` writes them.
pub(crate) fn identities(paths: &[PathBuf]) -> Result<Vec<Box<dyn Identity + Send + Sync>>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let wrong = |problem: String| Error::AgeKey { kind: "identity", subject: path.display().to_string(), problem };
        let file = std::fs::File::open(path).map_err(Error::file("open", path))?;
        let keys = IdentityFile::from_buffer(BufReader::new(file)).map_err(|e| wrong(e.to_string()))?;
        all.extend(keys.into_identities().map_err(|e| wrong(e.to_string()))?);
    }
    Ok(all)
}

/// Encrypts where there are recipients.
pub(super) enum Outer<W: Write> {
    Plain(W),
    Encrypted(StreamWriter<W>),
}

impl<W: Write> Outer<W> {
    pub(super) fn new(out: W, to: &[x25519::Recipient]) -> io::Result<Self> {
        if to.is_empty() {
            return Ok(Outer::Plain(out));
        }
        let encryptor = Encryptor::with_recipients(to.iter().map(|recipient| recipient as &dyn Recipient)).map_err(io::Error::other)?;
        Ok(Outer::Encrypted(encryptor.wrap_output(out)?))
    }

    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Outer::Plain(out) => Ok(out),
            Outer::Encrypted(out) => out.finish(),
        }
    }
}

impl<W: Write> Write for Outer<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Outer::Plain(out) => out.write(data),
            Outer::Encrypted(out) => out.write(data),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Outer::Plain(out) => out.flush(),
            Outer::Encrypted(out) => out.flush(),
        }
    }
}

/// The content of an encrypted stream.
pub(super) fn decrypt<'i>(
    archive: &str,
    input: impl Read + 'i,
    keys: &[Box<dyn Identity + Send + Sync>],
) -> Result<Box<dyn Read + 'i>, Error> {
    let refused = |source| match source {
        age::DecryptError::Io(source) => Error::Read { archive: archive.to_owned(), source },
        age::DecryptError::NoMatchingKeys => Error::Key { archive: archive.to_owned(), source: None },
        age::DecryptError::InvalidHeader | age::DecryptError::InvalidMac => {
            Error::Damaged { archive: archive.to_owned(), problem: source.to_string() }
        }
        source => Error::Key { archive: archive.to_owned(), source: Some(source) },
    };
    let decryptor = Decryptor::new_buffered(BufReader::with_capacity(256 << 10, input)).map_err(refused)?;
    let keys = keys.iter().map(|key| &**key as &dyn Identity);
    Ok(Box::new(decryptor.decrypt(keys).map_err(refused)?))
}
