//! The stream of blocks, with several threads at work and the order kept.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::codec::{BLOCK, Decoder, Encoder, Layout, Packing, invalid, next_block};
use crate::Compression;

/// Threads that each do the same to one piece after another.
struct Crew<I, O> {
    jobs: Sender<(I, Sender<io::Result<O>>)>,
    waiting: VecDeque<Receiver<io::Result<O>>>,
    /// Pieces in memory, at most.
    limit: usize,
}

impl<I: Send + 'static, O: Send + 'static> Crew<I, O> {
    /// The threads end when this is dropped.
    fn start<W>(threads: usize, worker: impl Fn() -> io::Result<W>) -> io::Result<Self>
    where
        W: FnMut(I) -> io::Result<O> + Send + 'static,
    {
        let (jobs, todo) = bounded::<(I, Sender<io::Result<O>>)>(threads);
        for _ in 0..threads {
            let (mut work, todo) = (worker()?, todo.clone());
            std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
                for (piece, answer) in todo {
                    // Not waited for any more where the other side has failed.
                    drop(answer.send(work(piece)));
                }
            })?;
        }
        Ok(Self { jobs, waiting: VecDeque::new(), limit: threads + 2 })
    }

    fn give(&mut self, piece: I) -> io::Result<()> {
        let (answer, result) = bounded(1);
        // Without the piece, which the error of a channel has in it.
        self.jobs.send((piece, answer)).map_err(|e| io::Error::other(e.to_string()))?;
        self.waiting.push_back(result);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= self.limit
    }

    /// What became of the oldest piece.
    fn take(&mut self) -> Option<io::Result<O>> {
        let result = self.waiting.pop_front()?;
        Some(result.recv().unwrap_or_else(|error| Err(io::Error::other(error))))
    }
}

/// The content of a block and how it is packed; the block, and the content's buffer to be used again.
type Encoding = Crew<(Vec<u8>, Packing), (Vec<u8>, Vec<u8>)>;

/// Cuts what is written into blocks and passes them on, encoded.
pub(super) struct BlockWriter<W> {
    out: W,
    block: Vec<u8>,
    packing: Packing,
    crew: Encoding,
    spare: Vec<Vec<u8>>,
}

impl<W: Write> BlockWriter<W> {
    pub(super) fn new(out: W, compression: Compression, level: Option<i32>, threads: usize) -> io::Result<Self> {
        let crew = Crew::start(threads, || {
            let mut encoder = Encoder::new(compression, level)?;
            Ok(move |(data, packing): (Vec<u8>, Packing)| Ok((encoder.encode(&data, packing)?, data)))
        })?;
        Ok(Self { out, block: Vec::with_capacity(BLOCK), packing: Packing::Compress, crew, spare: Vec::new() })
    }

    /// How the bytes from here on are packed.
    pub(super) fn set_packing(&mut self, packing: Packing) -> io::Result<()> {
        if packing != self.packing {
            self.end_block()?;
            self.packing = packing;
        }
        Ok(())
    }

    /// What comes next is in another block.
    pub(super) fn end_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        while self.crew.is_full() {
            self.pass_on()?;
        }
        let next = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK));
        self.crew.give((std::mem::replace(&mut self.block, next), self.packing))
    }

    fn pass_on(&mut self) -> io::Result<bool> {
        let Some(result) = self.crew.take() else { return Ok(false) };
        let (block, mut data) = result?;
        self.out.write_all(&block)?;
        data.clear();
        self.spare.push(data);
        Ok(true)
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.end_block()?;
        while self.pass_on()? {}
        Ok(self.out)
    }
}

impl<W: Write> Write for BlockWriter<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let bytes = data.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&data[..bytes]);
        if self.block.len() == BLOCK {
            self.end_block()?;
        }
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a stream of blocks, or one that something else has compressed.
pub(super) enum BlockReader<'i> {
    Blocks(Box<Blocks<'i>>),
    Serial(Box<dyn Read + 'i>),
}

/// A stream of blocks of ours.
pub(super) struct Blocks<'i> {
    input: Box<dyn Read + 'i>,
    compression: Compression,
    crew: Crew<(Vec<u8>, Vec<u8>), Vec<u8>>,
    block: Vec<u8>,
    at: usize,
    spare: Vec<Vec<u8>>,
    ended: bool,
}

impl<'i> BlockReader<'i> {
    pub(super) fn new(input: impl Read + 'i, layout: Layout, threads: usize) -> io::Result<Self> {
        Ok(match layout {
            Layout::Blocks(compression) => {
                let crew = Crew::start(threads, || {
                    let mut decoder = Decoder::new(compression)?;
                    Ok(move |(block, mut data): (Vec<u8>, Vec<u8>)| decoder.decode(&block, &mut data).map(|()| data))
                })?;
                let input: Box<dyn Read + 'i> = Box::new(input);
                Self::Blocks(Box::new(Blocks { input, compression, crew, block: Vec::new(), at: 0, spare: Vec::new(), ended: false }))
            }
            Layout::Foreign(Compression::Gzip) => Self::Serial(Box::new(flate2::read::MultiGzDecoder::new(input))),
            Layout::Foreign(Compression::Zstd) => Self::Serial(Box::new(zstd::Decoder::new(input)?)),
        })
    }
}

impl Blocks<'_> {
    fn next(&mut self) -> io::Result<bool> {
        while !self.ended && !self.crew.is_full() {
            match next_block(&mut self.input, self.compression)? {
                Some(block) => {
                    let data = self.spare.pop().unwrap_or_default();
                    self.crew.give((block, data))?;
                }
                None => self.ended = true,
            }
        }
        let Some(block) = self.crew.take().transpose()? else { return Ok(false) };
        if block.is_empty() {
            return Err(invalid("a block is empty"));
        }
        let old = std::mem::replace(&mut self.block, block);
        if old.capacity() > 0 {
            self.spare.push(old);
        }
        self.at = 0;
        Ok(true)
    }
}

impl Read for BlockReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let blocks = match self {
            BlockReader::Serial(input) => return input.read(buffer),
            BlockReader::Blocks(blocks) => blocks,
        };
        if blocks.at == blocks.block.len() && !blocks.next()? {
            return Ok(0);
        }
        let bytes = buffer.len().min(blocks.block.len() - blocks.at);
        buffer[..bytes].copy_from_slice(&blocks.block[blocks.at..blocks.at + bytes]);
        blocks.at += bytes;
        Ok(bytes)
    }
}
