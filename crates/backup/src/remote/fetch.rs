//! A backup on its way back.

use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use super::target::{Linked, Target};
use crate::progress::{Meter, Report, Step};
use crate::{Entry, Error, catalogue, durable, media, space};

impl Target {
    pub(super) async fn fetch_async(&self, entry: &Entry, folder: &Path, report: Report<'_>) -> Result<PathBuf, Error> {
        durable::create_folder(folder).map_err(Error::file("create the folder", folder))?;
        let archive = &entry.record.archive;
        let path = folder.join(&archive.file);
        let has = |path: &Path, size: u64| path.metadata().is_ok_and(|about| about.len() == size);
        let media = self.media(&entry.record).await;
        let mut media = self.unless_lost(media)?.unwrap_or_default();
        if !media.is_empty() {
            let list = media::list_place(&path);
            durable::write(&list, &Linked::list(&media)).map_err(Error::file("write", &list))?;
        }
        // Their names are their content, and the restore checks each of them.
        media.retain(|file| !has(&folder.join(file.object()), file.size_bytes));
        let total = archive.size_bytes + media.iter().map(|file| file.size_bytes).sum::<u64>();
        space::require(folder, "fetching the backup", total)?;
        let meter = RefCell::new(Meter::start(report, Step::Download, total));
        let fetch = |file: &Linked| {
            let (object, file, meter) = (file.object(), file.clone(), &meter);
            async move {
                let fetched = self.fetch_one(&object, &file.sha256, file.size_bytes, &folder.join(&object), meter).await;
                self.unless_lost(fetched).map(drop)
            }
        };
        futures_util::stream::iter(&media).map(fetch).buffer_unordered(4).try_collect::<()>().await?;
        self.fetch_one(&archive.file, &archive.sha256, archive.size_bytes, &path, &meter).await?;
        catalogue::save(&path, &entry.record)?;
        Ok(path)
    }

    /// One picture that is lost there must not cost the database: the restore says what is missing, and who restores decides.
    fn unless_lost<T>(&self, fetched: Result<T, Error>) -> Result<Option<T>, Error> {
        match fetched {
            Err(error @ Error::TargetDiffers { .. }) => {
                tracing::warn!(error = &error as &dyn std::error::Error, target_name = self.name(), "media are fetched without it");
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// Whole and durable under its name, or not there.
    async fn fetch_one(&self, object: &str, sha256: &str, size: u64, to: &Path, meter: &RefCell<Meter<'_>>) -> Result<(), Error> {
        let parent = to.parent().unwrap_or(Path::new("."));
        durable::create_folder(parent).map_err(Error::file("create the folder", parent))?;
        let write = || Error::file("write", to);
        let mut file = tempfile::Builder::new().prefix(".fetched-").tempfile_in(parent).map_err(write())?;
        self.objects.check_size(object, size).await?;
        let mut hash = Sha256::new();
        let mut unsynced = 0;
        self.objects
            .read(object, size, |bytes| {
                hash.update(bytes);
                unsynced += bytes.len();
                meter.borrow_mut().add(bytes.len() as u64);
                file.write_all(bytes).map_err(write())?;
                if unsynced >= 16 << 20 {
                    unsynced = 0;
                    file.as_file().sync_data().map_err(write())?;
                }
                Ok(())
            })
            .await?;
        let found = hex::encode(hash.finalize());
        if found != sha256 {
            return Err(self.objects.differs(object, format!("its SHA-256 is {found}, not {sha256}")));
        }
        file.as_file().sync_all().map_err(write())?;
        file.persist(to).map_err(|error| write()(error.error))?;
        durable::sync_parent(to).map_err(Error::file("sync the folder", parent))?;
        Ok(())
    }
}
