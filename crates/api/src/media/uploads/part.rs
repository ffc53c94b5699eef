//! A part of a file on its way to the disk.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    time::Duration,
};

use actix_web::web::{Bytes, Data, Payload};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::{
    Claim, Upload,
    protocol::{Checksum, Hasher},
    rows,
};
use crate::{error::Error, media::kind, state::AppState};

/// Pieces of a part that may wait for the disk; the client waits beyond that.
const PIECES_WAITING: usize = 8;
/// A client that sends nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// So much may have to be sent again after a kill.
const CHECKPOINT_BYTES: u64 = 8 * 1024 * 1024;

/// Appends what comes to an upload: as much as is synced counts, whatever ends it. Tells how far it is. The claim goes with the writing,
/// which goes on for a moment when the client is gone.
pub(crate) async fn append(
    state: &Data<AppState>,
    upload: &Upload,
    claim: Claim,
    mut body: Payload,
    checksum: Option<Checksum>,
) -> Result<(u64, Claim), Error> {
    // Before the part is read: what waits here has its bytes wait with the client.
    let turn = state.uploads.turn().await?;
    let (sender, mut pieces) = mpsc::channel::<Result<Bytes, Error>>(PIECES_WAITING);
    let mut writer = Writer::new(state.clone(), upload.clone(), checksum)?;
    let writing = turn.run(move || {
        while let Some(piece) = pieces.blocking_recv() {
            match piece {
                Ok(piece) => writer.write(&piece)?,
                // What came before it is kept.
                Err(error) => return writer.cut_off().and(Err(error)),
            }
        }
        writer.finish().map(|at| (at, claim))
    });
    let reading = async move {
        loop {
            let piece = match tokio::time::timeout(SILENCE_MAX, body.next()).await {
                Ok(None) => return,
                Ok(Some(piece)) => piece.map_err(|error| Error::BadRequest { detail: format!("The part was cut off: {error}.") }),
                Err(_elapsed) => Err(Error::BadRequest { detail: "The part stopped coming.".into() }),
            };
            let last = piece.is_err();
            // A writer that is gone has said why; the rest of the part need not be read.
            if sender.send(piece).await.is_err() || last {
                return;
            }
        }
    };
    let (written, ()) = futures_util::future::join(writing, reading).await;
    written?
}

struct Writer {
    state: Data<AppState>,
    upload: Upload,
    file: File,
    /// What was written, synced or not.
    at: u64,
    /// The first bytes of the file, as far as they are in this part.
    head: Vec<u8>,
    check: Option<(Checksum, Hasher)>,
}

impl Writer {
    fn new(state: Data<AppState>, upload: Upload, checksum: Option<Checksum>) -> Result<Self, Error> {
        let path = state.media.uploads.path(upload.id);
        let failed = |source| Error::File { action: "write", path: path.clone(), source };
        let mut file = OpenOptions::new().write(true).open(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { what: "upload" },
            _ => failed(source),
        })?;
        // What a kill left behind the last checkpoint may be anything.
        file.set_len(upload.offset_bytes).map_err(failed)?;
        file.seek(SeekFrom::Start(upload.offset_bytes)).map_err(failed)?;
        let check = checksum.map(|checksum| (checksum.clone(), checksum.hasher()));
        Ok(Self { at: upload.offset_bytes, head: Vec::new(), state, upload, file, check })
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        if self.at + piece.len() as u64 > self.upload.size_bytes {
            self.cut_off()?;
            return Err(Error::UploadTooLong { size_bytes: self.upload.size_bytes });
        }
        if self.state.health.space.refuses_uploads() {
            self.cut_off()?;
            return Err(Error::UploadsRefused);
        }
        self.look_at(piece)?;
        self.file.write_all(piece).map_err(|source| self.failed("write", source))?;
        if let Some((_, hasher)) = &mut self.check {
            hasher.update(piece);
        }
        self.at += piece.len() as u64;
        if self.check.is_none() && self.at - self.upload.offset_bytes >= CHECKPOINT_BYTES {
            self.sync()?;
        }
        Ok(())
    }

    /// A file of a kind that is not taken is not taken to the end, where its beginning comes in one part.
    fn look_at(&mut self, piece: &[u8]) -> Result<(), Error> {
        let begun_here = self.at == self.head.len() as u64;
        if !begun_here || self.head.len() >= kind::HEAD {
            return Ok(());
        }
        let wanted = (kind::HEAD - self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        if self.head.len() >= kind::HEAD {
            kind::sniff(&self.head).map_err(|detail| Error::UnsupportedMedia { detail })?;
        }
        Ok(())
    }

    fn failed(&self, action: &'static str, source: std::io::Error) -> Error {
        Error::File { action, path: self.state.media.uploads.path(self.upload.id), source }
    }

    /// What is written counts from here on, come what may.
    fn sync(&mut self) -> Result<(), Error> {
        if self.at == self.upload.offset_bytes {
            return Ok(());
        }
        self.file.sync_data().map_err(|source| self.failed("sync", source))?;
        let (id, at) = (self.upload.id, self.at);
        let expires_at = self.state.clock.now().plus(self.state.settings.media.resumable_kept);
        self.state.refuse_if_read_only()?;
        self.state.store.write(move |tx| Ok(rows::advance(tx, id, at, expires_at)?)).wait()?;
        self.upload.offset_bytes = self.at;
        Ok(())
    }

    /// The part ended early: what came of it is kept, unless nobody knows whether it is right.
    fn cut_off(&mut self) -> Result<(), Error> {
        if self.check.is_some() { Ok(()) } else { self.sync() }
    }

    fn finish(mut self) -> Result<u64, Error> {
        if let Some((checksum, hasher)) = self.check.take()
            && !checksum.fits(hasher)
        {
            return Err(Error::ChecksumMismatch);
        }
        self.sync()?;
        Ok(self.upload.offset_bytes)
    }
}
