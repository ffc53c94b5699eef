//! Whether a file is compressed already.

use std::io;

use flate2::{Compress, Compression, FlushCompress};

use super::codec::Packing;

const COMPRESSED: [&str; 36] = [
    "7z", "aac", "apk", "avif", "br", "bz2", "docx", "epub", "flac", "gif", "gz", "heic", "jar", "jpeg", "jpg", "jxl", "m4a", "m4v", "mkv",
    "mov", "mp3", "mp4", "odt", "ogg", "opus", "pdf", "png", "pptx", "webm", "webp", "woff", "woff2", "xlsx", "xz", "zip", "zst",
];

/// First bytes of formats that are compressed in themselves.
const MAGIC: [&[u8]; 12] = [
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"wOFF",
    b"wOF2",
    b"%PDF",
    b"\x1a\x45\xdf\xa3",
    b"OggS",
    b"\x28\xb5\x2f\xfd",
    b"ID3",
];

/// How a file with this name that begins with `head` (64 KiB are enough) is packed.
pub(crate) fn packing_of(path: &str, head: &[u8]) -> Packing {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let known = extension.is_some_and(|extension| COMPRESSED.binary_search(&extension.as_str()).is_ok())
        || MAGIC.iter().any(|magic| head.starts_with(magic))
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
        || head.get(4..8) == Some(b"ftyp");
    // Smaller than this a try costs more than it tells.
    if known || (head.len() >= 4096 && !shrinks(head).unwrap_or(true)) { Packing::Store } else { Packing::Compress }
}

/// Whether the quickest compression saves at least a twentieth.
fn shrinks(head: &[u8]) -> io::Result<bool> {
    let mut out = Vec::with_capacity(head.len());
    let mut compress = Compress::new(Compression::fast(), false);
    // The room is that of the input: where it does not suffice, nothing is saved.
    compress.compress_vec(head, &mut out, FlushCompress::Finish)?;
    Ok(compress.total_in() == head.len() as u64 && out.len() < head.len() - head.len() / 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_known_by_name_by_content_or_by_trying() {
        assert!(COMPRESSED.is_sorted());
        let noise: Vec<u8> = (0..60_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).rotate_left(i % 32).to_le_bytes()).collect();
        let check = |path: &str, head: &[u8], packing: Packing| assert_eq!(packing_of(path, head), packing, "{path}");
        check("a.JPG", b"", Packing::Store);
        check("ab/cdef", b"\x89PNG\r\n", Packing::Store);
        check("ab/cdef", b"RIFF\x00\x00\x00\x00WEBPVP8", Packing::Store);
        check("ab/cdef", &[b'x'; 60_000], Packing::Compress);
        check("ab/svg", b"<svg>", Packing::Compress);
        check("noise.dat", &noise, Packing::Store);
    }
}
