//! One local file on its way to a target.

use std::fs::File;
use std::path::Path as FilePath;

use futures_util::{StreamExt, TryStreamExt};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{ObjectStoreExt, PutPayload};

use super::journal::Journal;
use super::objects::{Objects, read_piece};
use crate::Error;

/// S3 takes no more parts than this.
const PARTS_MAX: u64 = 10_000;

/// What is sent.
pub(super) struct Upload<'a> {
    /// Name at the target.
    pub(super) object: &'a str,
    pub(super) path: &'a FilePath,
    pub(super) sha256: &'a str,
    pub(super) size_bytes: u64,
    /// Where the journal of this upload is kept.
    pub(super) journal: &'a FilePath,
}

impl Objects {
    /// Sends a file. What it is there afterwards is for [`check`](Self::check) to tell.
    pub(super) async fn upload(&self, upload: &Upload<'_>, mut sent: impl FnMut(u64)) -> Result<(), Error> {
        let file = File::open(upload.path).map_err(Error::file("open", upload.path))?;
        let Some(multipart) = &self.multipart else { return self.copy(upload, &file, sent).await };
        if upload.size_bytes <= self.part_bytes {
            return self.put_whole(upload, &file, sent).await;
        }
        match self.parts(multipart.as_ref(), upload, &file, &mut sent).await {
            // The server has forgotten the upload that we wanted to go on with.
            Err(Error::Target { source, .. }) if upload.journal.exists() && is_gone(source.as_ref()) => {
                remove_journal(upload.journal);
                self.parts(multipart.as_ref(), upload, &file, &mut sent).await
            }
            other => other,
        }
    }

    async fn put_whole(&self, upload: &Upload<'_>, file: &File, mut sent: impl FnMut(u64)) -> Result<(), Error> {
        let _room = self.room.acquire().await.expect("the semaphore is never closed");
        let size = usize::try_from(upload.size_bytes).expect("a part fits into memory");
        let payload = PutPayload::from(read_piece(file, upload.path, 0, size)?);
        let path = self.path(upload.object);
        let put = self.patience.attempt(|| self.store.put(&path, payload.clone())).await;
        put.map_err(|source| self.failed("write", upload.object, source))?;
        sent(upload.size_bytes);
        Ok(())
    }

    /// To a folder: piece after piece, to a temporary name until it is whole and on disk.
    async fn copy(&self, upload: &Upload<'_>, file: &File, mut sent: impl FnMut(u64)) -> Result<(), Error> {
        let failed = |source| self.failed("write", upload.object, source);
        self.make_folder(upload.object)?;
        let mut writer = self.store.put_multipart(&self.path(upload.object)).await.map_err(failed)?;
        self.keep_private(upload.object)?;
        for (_, offset, bytes) in pieces(upload.size_bytes, self.part_bytes) {
            let _room = self.room.acquire().await.expect("the semaphore is never closed");
            let written = match read_piece(file, upload.path, offset, bytes) {
                Ok(piece) => writer.put_part(piece.into()).await.map_err(failed),
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                // What it leaves is a file of a temporary name; the first failure is the one to tell.
                let _ = writer.abort().await;
                return Err(error);
            }
            sent(bytes as u64);
        }
        writer.complete().await.map_err(failed)?;
        Ok(())
    }

    async fn parts(&self, store: &dyn MultipartStore, upload: &Upload<'_>, file: &File, sent: &mut impl FnMut(u64)) -> Result<(), Error> {
        let path = self.path(upload.object);
        let failed = |source| self.failed("write", upload.object, source);
        let noted = || Error::file("write", upload.journal);
        let mut journal = match Journal::read(upload.journal).filter(|journal| journal.goes_on_with(upload)) {
            Some(journal) => journal,
            None => {
                let upload_id = self.patience.attempt(|| store.create_multipart(&path)).await.map_err(failed)?;
                let journal = Journal::begin(upload, self.part_bytes.max(upload.size_bytes.div_ceil(PARTS_MAX)), upload_id);
                journal.write(upload.journal).map_err(noted())?;
                journal
            }
        };
        let upload_id = journal.upload_id.clone();
        let all = || pieces(upload.size_bytes, journal.part_bytes);
        sent(all().filter(|(index, ..)| journal.parts.contains_key(index)).map(|(.., bytes)| bytes as u64).sum());
        let missing: Vec<_> = all().filter(|(index, ..)| !journal.parts.contains_key(index)).collect();
        let mut arriving = futures_util::stream::iter(missing)
            .map(|(index, offset, bytes)| {
                let (path, upload_id) = (&path, &upload_id);
                async move {
                    let _room = self.room.acquire().await.expect("the semaphore is never closed");
                    let payload = PutPayload::from(read_piece(file, upload.path, offset, bytes)?);
                    let put = self.patience.attempt(|| store.put_part(path, upload_id, index, payload.clone())).await;
                    put.map(|part| (index, bytes, part.content_id)).map_err(failed)
                }
            })
            .buffer_unordered(self.in_flight);
        while let Some((index, bytes, part)) = arriving.try_next().await? {
            journal.parts.insert(index, part);
            journal.write(upload.journal).map_err(noted())?;
            sent(bytes as u64);
        }
        drop(arriving);
        let parts: Vec<_> = journal.parts.values().map(|part| PartId { content_id: part.clone() }).collect();
        let completed = self.patience.attempt(|| store.complete_multipart(&path, &upload_id, parts.clone())).await;
        match completed {
            Ok(_) => {}
            // It may have been done, and only the answer was lost.
            Err(source) if self.size(upload.object).await? != Some(upload.size_bytes) => {
                if !super::retry::is_network(&source) {
                    // The server has something else than the journal says: the next attempt begins anew.
                    let _ = store.abort_multipart(&path, &upload_id).await;
                    remove_journal(upload.journal);
                }
                return Err(failed(source));
            }
            Err(_) => {}
        }
        remove_journal(upload.journal);
        Ok(())
    }

    /// Gives up an upload whose file is no longer there, so that nobody pays for its parts.
    pub(super) async fn give_up(&self, path: &FilePath) {
        if let (Some(journal), Some(store)) = (Journal::read(path), &self.multipart) {
            if journal.source.exists() {
                return;
            }
            match store.abort_multipart(&self.path(&journal.object), &journal.upload_id).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        object = journal.object,
                        "an upload is given up the next time"
                    );
                    return;
                }
            }
        }
        remove_journal(path);
    }
}

impl Journal {
    fn begin(upload: &Upload<'_>, part_bytes: u64, upload_id: String) -> Self {
        Self {
            object: upload.object.to_owned(),
            source: upload.path.to_owned(),
            sha256: upload.sha256.to_owned(),
            size_bytes: upload.size_bytes,
            part_bytes,
            upload_id,
            parts: std::collections::BTreeMap::new(),
        }
    }

    fn goes_on_with(&self, upload: &Upload<'_>) -> bool {
        self.object == upload.object && self.sha256 == upload.sha256 && self.size_bytes == upload.size_bytes && self.part_bytes > 0
    }
}

/// Index, offset and length of each piece.
fn pieces(size: u64, piece: u64) -> impl Iterator<Item = (usize, u64, usize)> {
    (0..size.div_ceil(piece)).map(move |index| {
        let offset = index * piece;
        let bytes = usize::try_from(piece.min(size - offset)).expect("a part fits into memory");
        (usize::try_from(index).expect("a number of parts"), offset, bytes)
    })
}

fn is_gone(source: &(dyn std::error::Error + 'static)) -> bool {
    matches!(source.downcast_ref::<object_store::Error>(), Some(object_store::Error::NotFound { .. }))
}

fn remove_journal(path: &FilePath) {
    // A journal that stays is found to be stale by whoever reads it.
    let _ = std::fs::remove_file(path);
}
