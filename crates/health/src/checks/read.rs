//! Small files, read with a bound.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Files of the kernel and records are far below it.
const SIZE_MAX_BYTES: u64 = 4 << 20;

/// The content of a file of text.
///
/// # Errors
///
/// What reading met; a file over 4 MiB, or with bytes that are no text, is `InvalidData`.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    bytes(path, SIZE_MAX_BYTES)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// The content of a file of at most `max` bytes.
///
/// # Errors
///
/// What reading met; a longer file is `InvalidData`.
pub(crate) fn bytes(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("larger than {max} bytes")));
    }
    Ok(bytes)
}

/// The one number in a file.
///
/// # Errors
///
/// What reading met; anything but a number is `InvalidData`.
pub(crate) fn number(path: &Path) -> io::Result<u64> {
    text(path)?.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
