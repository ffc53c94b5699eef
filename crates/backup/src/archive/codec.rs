//! Blocks: pieces of the tar stream, each compressed by itself, so that several are compressed and decompressed at the same time.
//!
//! In gzip a block is a member with an extra field `MQ` that has the length of the whole member. In zstd it is a frame behind a
//! skippable frame that has its length. Both are plain gzip and zstd to everybody else.

use std::io::{self, ErrorKind, Read};

use flate2::{Compress, Crc, Decompress, FlushCompress, FlushDecompress, Status};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::Compression;

/// Bytes of the tar stream in a block, at most.
pub(super) const BLOCK: usize = 2 << 20;
/// A block that is longer than this did not come from here.
const ENCODED_MAX: usize = BLOCK + (64 << 10);

const GZIP_HEAD: [u8; 16] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, b'M', b'Q', 4, 0];
const ZSTD_HEAD: [u8; 12] = [0x50, 0x2a, 0x4d, 0x18, 8, 0, 0, 0, b'M', b'Q', 0, 0];
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What is done with the bytes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Compressed.
    Compress,
    /// Kept as they are, because they are compressed already.
    Store,
}

/// How a stream is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Blocks of ours.
    Blocks(Compression),
    /// Compressed by something else.
    Foreign(Compression),
}

impl Layout {
    /// From the first bytes of a stream; `None` where it is neither.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&GZIP_HEAD) {
            Some(Layout::Blocks(Compression::Gzip))
        } else if head.starts_with(&ZSTD_HEAD) {
            Some(Layout::Blocks(Compression::Zstd))
        } else if head.starts_with(&GZIP_MAGIC) {
            Some(Layout::Foreign(Compression::Gzip))
        } else if head.starts_with(&ZSTD_MAGIC) {
            Some(Layout::Foreign(Compression::Zstd))
        } else {
            None
        }
    }
}

/// Makes blocks. One for each thread.
pub(super) enum Encoder {
    Gzip(Box<Compress>),
    Zstd { compress: Box<Compressor<'static>>, store: Box<Compressor<'static>> },
}

impl Encoder {
    pub(super) fn new(compression: Compression, level: Option<i32>) -> io::Result<Self> {
        let zstd = |level| {
            let mut compressor = Compressor::new(level)?;
            compressor.set_parameter(CParameter::ChecksumFlag(true))?;
            Ok::<_, io::Error>(Box::new(compressor))
        };
        Ok(match compression {
            Compression::Gzip => {
                let level = level.map_or(6, |level| u32::try_from(level).unwrap_or(6));
                Encoder::Gzip(Box::new(Compress::new(flate2::Compression::new(level), false)))
            }
            // What is compressed already passes quickly at the lowest level.
            Compression::Zstd => Encoder::Zstd { compress: zstd(level.unwrap_or(3))?, store: zstd(1)? },
        })
    }

    /// The block that has `data`.
    pub(super) fn encode(&mut self, data: &[u8], packing: Packing) -> io::Result<Vec<u8>> {
        match self {
            Encoder::Gzip(compress) => {
                let mut block = Vec::with_capacity(ENCODED_MAX);
                if packing == Packing::Compress {
                    gzip(compress, data, &mut block)?;
                }
                if packing == Packing::Store || block.len() > data.len() + GZIP_HEAD.len() {
                    block.clear();
                    gzip_stored(data, &mut block);
                }
                Ok(block)
            }
            Encoder::Zstd { compress, store } => {
                let frame = if packing == Packing::Compress { compress } else { store }.compress(data)?;
                let mut block = Vec::with_capacity(ZSTD_HEAD.len() + 4 + frame.len());
                block.extend_from_slice(&ZSTD_HEAD);
                block.extend_from_slice(&length(frame.len())?.to_le_bytes());
                block.extend_from_slice(&frame);
                Ok(block)
            }
        }
    }
}

fn length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(io::Error::other)
}

fn gzip(compress: &mut Compress, data: &[u8], block: &mut Vec<u8>) -> io::Result<()> {
    block.extend_from_slice(&GZIP_HEAD);
    block.extend_from_slice(&[0; 4]);
    compress.reset();
    loop {
        let done = usize::try_from(compress.total_in()).map_err(io::Error::other)?;
        if compress.compress_vec(&data[done..], block, FlushCompress::Finish)? == Status::StreamEnd {
            break;
        }
        block.reserve(64 << 10);
    }
    gzip_end(data, block)
}

fn gzip_stored(data: &[u8], block: &mut Vec<u8>) {
    block.extend_from_slice(&GZIP_HEAD);
    block.extend_from_slice(&[0; 4]);
    let mut pieces = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(piece) = pieces.next() {
        let bytes = u16::try_from(piece.len()).expect("a piece has at most that many bytes");
        block.push(u8::from(pieces.peek().is_none()));
        block.extend_from_slice(&bytes.to_le_bytes());
        block.extend_from_slice(&(!bytes).to_le_bytes());
        block.extend_from_slice(piece);
    }
    gzip_end(data, block).expect("a block is far below 4 GB");
}

fn gzip_end(data: &[u8], block: &mut Vec<u8>) -> io::Result<()> {
    let mut crc = Crc::new();
    crc.update(data);
    block.extend_from_slice(&crc.sum().to_le_bytes());
    block.extend_from_slice(&length(data.len())?.to_le_bytes());
    let whole = length(block.len())?.to_le_bytes();
    block[16..20].copy_from_slice(&whole);
    Ok(())
}

/// Takes the next block from a stream, without the length before it. `None` at the end of the stream.
pub(super) fn next_block(input: &mut dyn Read, compression: Compression) -> io::Result<Option<Vec<u8>>> {
    let (head, counted): (&[u8], usize) = match compression {
        Compression::Gzip => (&GZIP_HEAD, GZIP_HEAD.len() + 4),
        Compression::Zstd => (&ZSTD_HEAD, 0),
    };
    let mut found = [0; 20];
    let found = &mut found[..head.len() + 4];
    match read_up_to(input, found)? {
        0 => return Ok(None),
        bytes if bytes < found.len() => return Err(ErrorKind::UnexpectedEof.into()),
        _ => {}
    }
    let (start, length) = found.split_at(head.len());
    let length = length.try_into().map_or(0, u32::from_le_bytes) as usize;
    if start != head || length < counted + 8 || length > ENCODED_MAX {
        return Err(invalid("a block does not begin as it should"));
    }
    let mut block = vec![0; length - counted];
    input.read_exact(&mut block)?;
    Ok(Some(block))
}

/// Undoes blocks. One for each thread.
pub(super) enum Decoder {
    Gzip(Box<Decompress>),
    Zstd(Box<Decompressor<'static>>),
}

impl Decoder {
    pub(super) fn new(compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::Gzip => Decoder::Gzip(Box::new(Decompress::new(false))),
            Compression::Zstd => Decoder::Zstd(Box::new(Decompressor::new()?)),
        })
    }

    /// Fills `data` with what the block has, never more than a block may have.
    pub(super) fn decode(&mut self, block: &[u8], data: &mut Vec<u8>) -> io::Result<()> {
        data.clear();
        data.reserve_exact(BLOCK);
        match self {
            Decoder::Gzip(decompress) => {
                let (body, end) = block.split_at_checked(block.len().wrapping_sub(8)).ok_or_else(|| invalid("a block is too short"))?;
                decompress.reset(false);
                let status = decompress.decompress_vec(body, data, FlushDecompress::Finish);
                if !matches!(status, Ok(Status::StreamEnd)) || decompress.total_in() != body.len() as u64 {
                    return Err(invalid("a block cannot be decompressed"));
                }
                let mut crc = Crc::new();
                crc.update(data);
                let mut expected = crc.sum().to_le_bytes().to_vec();
                expected.extend_from_slice(&length(data.len())?.to_le_bytes());
                if end != expected { Err(invalid("the checksum of a block is wrong")) } else { Ok(()) }
            }
            Decoder::Zstd(decompressor) => match decompressor.decompress_to_buffer(block, data) {
                Ok(_) => Ok(()),
                Err(_) => Err(invalid("a block cannot be decompressed")),
            },
        }
    }
}

pub(super) fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, problem)
}

/// Fills `buffer` as far as the input goes.
pub(super) fn read_up_to(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}
