//! A backup on its way to a target.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use futures_util::{StreamExt, TryStreamExt};

use super::Verify;
use super::target::{Linked, Target, media_list_name, record_name};
use super::upload::Upload;
use crate::lock::Lock;
use crate::progress::{Meter, Report, Step};
use crate::{Backups, CopyAt, Entry, Error, MediaMode, Record, Which, archive, catalogue, media};

/// A file that has to be there.
struct Wanted {
    object: String,
    path: PathBuf,
    sha256: String,
    size_bytes: u64,
    journal: PathBuf,
}

impl Target {
    pub(super) async fn push_async(&self, backups: &Backups, entry: &Entry, report: Report<'_>) -> Result<CopyAt, Error> {
        let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
        // As it is now, not as it was when somebody looked.
        let mut entry = catalogue::find(backups, &Which::File(entry.path.clone()))?;
        let archive = entry.record.archive.clone();
        let journals = backups.options.folder.join(".uploads").join(self.name());
        let media = linked(backups, &entry)?;
        let wanted = |object: String, sha256: &str, size_bytes: u64| Wanted {
            path: if object == archive.file { entry.path.clone() } else { backups.options.folder.join(&object) },
            journal: journals.join(format!("{}.json", object.replace('/', "-"))),
            sha256: sha256.to_owned(),
            object,
            size_bytes,
        };
        self.give_up_stale(&journals).await;
        let archive_there = self.objects.size(&archive.file).await? == Some(archive.size_bytes);
        let (unproven, missing) = self.untrusted(&media).await?;
        let file = |file: &Linked| wanted(file.object(), &file.sha256, file.size_bytes);
        let archive_wanted = wanted(archive.file.clone(), &archive.sha256, archive.size_bytes);
        let to_send = missing.iter().map(|file| file.size_bytes).sum::<u64>() + if archive_there { 0 } else { archive.size_bytes };
        let missing: Vec<_> = missing.iter().map(file).collect();
        {
            let meter = RefCell::new(Meter::start(&mut *report, Step::Upload, to_send));
            futures_util::stream::iter(&missing).map(|file| self.send(file, &meter)).buffer_unordered(4).try_collect::<()>().await?;
            if !archive_there {
                self.send(&archive_wanted, &meter).await?;
            }
        }
        let to_check: Vec<_> = missing.into_iter().chain(unproven.iter().map(file)).chain([archive_wanted]).collect();
        self.check_all(&to_check, &mut *report).await?;
        self.note(&mut entry, &media).await?;
        let copy = CopyAt::new(self.name(), backups.options.clock.now(), archive.size_bytes, self.options.verify == Verify::Read);
        entry.record.copies.retain(|known| known.target != copy.target);
        entry.record.copies.push(copy.clone());
        catalogue::save(&entry.path, &entry.record)?;
        Ok(copy)
    }

    /// Of these media, those that are there and that no backup there names, and those that are not there, or with another size. Those that
    /// a backup names were checked before it was listed; the others may be what a push left that failed.
    async fn untrusted(&self, media: &[Linked]) -> Result<(Vec<Linked>, Vec<Linked>), Error> {
        if media.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let there: HashMap<_, _> = self.objects.list("media").await?.into_iter().map(|object| (object.name, object.size_bytes)).collect();
        let (mut unproven, missing): (Vec<_>, Vec<_>) =
            media.iter().cloned().partition(|file| there.get(&file.object()) == Some(&file.size_bytes));
        // The newest backup names most of them.
        for entry in self.entries().await? {
            if unproven.is_empty() {
                break;
            }
            let named: HashSet<_> = self.media(&entry.record).await?.into_iter().collect();
            unproven.retain(|file| !named.contains(file));
        }
        Ok((unproven, missing))
    }

    async fn send(&self, file: &Wanted, meter: &RefCell<Meter<'_>>) -> Result<(), Error> {
        let Wanted { object, path, sha256, size_bytes, journal } = file;
        let upload = Upload { object, path, sha256, size_bytes: *size_bytes, journal };
        self.objects.upload(&upload, |bytes| meter.borrow_mut().add(bytes)).await
    }

    /// Checks what was sent. A copy that is wrong is removed, so that the next push sends it anew.
    async fn check_all(&self, files: &[Wanted], report: Report<'_>) -> Result<(), Error> {
        let total = if self.options.verify == Verify::Read { files.iter().map(|file| file.size_bytes).sum() } else { 0 };
        let meter = RefCell::new(Meter::start(report, Step::Download, total));
        let check = |file: &Wanted| {
            let (object, sha256, size) = (file.object.clone(), file.sha256.clone(), file.size_bytes);
            let meter = &meter;
            async move {
                let checked = match self.options.verify {
                    Verify::Read => self.objects.check(&object, &sha256, size, |bytes| meter.borrow_mut().add(bytes)).await,
                    Verify::Size => self.objects.check_size(&object, size).await,
                };
                if matches!(checked, Err(Error::TargetDiffers { .. })) {
                    self.objects.delete(&object).await?;
                }
                checked
            }
        };
        // All of them, also after one that is wrong: what is wrong must not stay.
        let checked: Vec<_> = futures_util::stream::iter(files).map(check).buffer_unordered(4).collect().await;
        checked.into_iter().collect()
    }

    /// Lists the backup there: its media first, so that no prune takes them, its record last.
    async fn note(&self, entry: &mut Entry, media: &[Linked]) -> Result<(), Error> {
        if !media.is_empty() {
            self.objects.put(&media_list_name(&entry.record.archive.file), &Linked::list(media)).await?;
        }
        // Where else it is says nothing there, and names other targets to whoever can read this one.
        let record = Record { copies: Vec::new(), ..entry.record.clone() };
        let name = record_name(&record.archive.file);
        let text = serde_json::to_vec_pretty(&record).map_err(|source| Error::Record { path: PathBuf::from(&name), source })?;
        self.objects.put(&name, &text).await
    }

    async fn give_up_stale(&self, journals: &std::path::Path) {
        let Ok(found) = std::fs::read_dir(journals) else { return };
        for journal in found.flatten() {
            self.objects.give_up(&journal.path()).await;
        }
    }
}

/// The linked media of a local backup, each once: from the list beside it, since the archive may be encrypted.
fn linked(backups: &Backups, entry: &Entry) -> Result<Vec<Linked>, Error> {
    if entry.record.summary.media_mode != MediaMode::Linked || entry.record.summary.media_files == 0 {
        return Ok(Vec::new());
    }
    let listed = std::fs::read(media::list_place(&entry.path)).ok().and_then(|list| Linked::parse(&list));
    let files: BTreeSet<_> = match listed {
        Some(files) => files.into_iter().collect(),
        None => {
            let files = archive::manifest_of(&entry.path, &backups.options)?.media.files.into_iter();
            files.map(|file| Linked { sha256: file.sha256, size_bytes: file.size_bytes }).collect()
        }
    };
    Ok(files.into_iter().collect())
}
