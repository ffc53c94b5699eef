//! The file that an archive is written to, and hashes on the way.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Syncing so often, nobody's sync waits behind gigabytes.
const SYNC_EACH_BYTES: u64 = 16 << 20;

/// Writes, hashes and syncs as it goes.
pub(crate) struct Output {
    file: File,
    hash: Sha256,
    bytes: u64,
    synced: u64,
}

impl Output {
    pub(crate) fn new(file: File) -> Self {
        Self { file, hash: Sha256::new(), bytes: 0, synced: 0 }
    }

    /// Syncs the rest; the hash and the size of all.
    pub(crate) fn finish(self) -> io::Result<(String, u64)> {
        self.file.sync_all()?;
        Ok((hex::encode(self.hash.finalize()), self.bytes))
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let bytes = self.file.write(data)?;
        self.hash.update(&data[..bytes]);
        self.bytes += bytes as u64;
        if self.bytes - self.synced >= SYNC_EACH_BYTES {
            self.file.sync_data()?;
            self.synced = self.bytes;
        }
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Hashes what is read through it.
pub(crate) struct Hashed<R> {
    input: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashed<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, hash: Sha256::new(), bytes: 0 }
    }

    /// What is read.
    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.input
    }

    /// The hash and the number of bytes so far.
    pub(crate) fn finish(self) -> (String, u64) {
        (hex::encode(self.hash.finalize()), self.bytes)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.hash.update(&buffer[..bytes]);
        self.bytes += bytes as u64;
        Ok(bytes)
    }
}

/// SHA-256 and size of a file; `each` learns of the bytes.
pub(crate) fn hash_file(path: &Path, each: &mut dyn FnMut(u64)) -> io::Result<(String, u64)> {
    let mut input = Hashed::new(File::open(path)?);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(input.finish()),
            Ok(bytes) => each(bytes as u64),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
