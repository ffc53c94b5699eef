//! A backup on its way to a target.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, TryStreamExt};

use super::Verify;
use super::target::{Linked, Target, is_media, media_list_name, record_name};
use super::upload::Upload;
use crate::lock::{Lock, Turn};
use crate::progress::{Meter, Report, Step};
use crate::{Backups, CopyAt, Entry, Error, MediaMode, Record, Which, archive, catalogue, media};

/// How often a push looks whether somebody waits for it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

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
        self.require_name(backups)?;
        self.claim(backups)?;
        let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
        self.require_owned(backups).await?;
        // As it is now, not as it was when somebody looked.
        let entry = catalogue::find(backups, &Which::Id(entry.id.clone()))?;
        let archive = entry.record.archive.clone();
        let journals = journals(backups, self.name());
        let media = linked(backups, &entry)?;
        let wanted = |object: String, sha256: &str, size_bytes: u64| Wanted {
            path: if object == archive.file { entry.path.clone() } else { backups.options.folder.join(&object) },
            journal: journals.join(journal_name(&object)),
            sha256: sha256.to_owned(),
            object,
            size_bytes,
        };
        self.require_same(&entry.record).await?;
        self.give_up_stale(&journals).await;
        // Before anybody looks what is there: a prune of another site that shares the media spares what a list names.
        if !media.is_empty() {
            self.objects.put(&media_list_name(&archive.file), &Linked::list(&media)).await?;
        }
        let archive_there = self.objects.size(&archive.file).await? == Some(archive.size_bytes);
        let (unproven, missing) = self.untrusted(&media).await?;
        let file = |file: &Linked| wanted(file.object(), &file.sha256, file.size_bytes);
        let archive_wanted = wanted(archive.file.clone(), &archive.sha256, archive.size_bytes);
        let mut to_send: Vec<_> = missing.iter().map(file).collect();
        let mut to_check: Vec<_> = unproven.iter().map(file).collect();
        if archive_there { &mut to_check } else { &mut to_send }.push(archive_wanted);
        // Sent first, and read back afterwards: a push that gives way has brought something.
        self.send_all(backups, &mut to_send, &mut *report).await?;
        let mut wrong = self.wrong(to_check, &mut *report).await?;
        if !wrong.is_empty() {
            self.send_all(backups, &mut wrong, &mut *report).await?;
        }
        to_send.append(&mut wrong);
        self.check_sent(to_send, &mut *report).await?;
        // Hours may have passed: another site may have been here or taken over, and somebody may have pinned it.
        self.require_owned(backups).await?;
        self.require_same(&entry.record).await?;
        self.require_media(&media).await?;
        // Its record comes last: from now on it is listed.
        let record = catalogue::find(backups, &Which::Id(entry.id.clone()))?.record;
        self.put_record(&record, self.options.verify == Verify::Read).await?;
        let copy = CopyAt::new(self.name(), backups.options.clock.now(), archive.size_bytes, self.options.verify == Verify::Read);
        catalogue::change(backups, &entry.id, |record| {
            record.copies.retain(|known| known.target != copy.target);
            record.copies.push(copy.clone());
        })?;
        Ok(copy)
    }

    /// Sends files, the archive last, unless somebody waits for the folder.
    async fn send_all(&self, backups: &Backups, files: &mut [Wanted], report: Report<'_>) -> Result<(), Error> {
        let total = files.iter().map(|file| file.size_bytes).sum();
        let meter = RefCell::new(Meter::start(report, Step::Upload, total));
        files.sort_by_key(|file| !is_media(&file.object));
        let (media, archive) = files.split_at(files.partition_point(|file| is_media(&file.object)));
        let sent = async {
            futures_util::stream::iter(media).map(|file| self.send(file, &meter)).buffer_unordered(4).try_collect::<()>().await?;
            for file in archive {
                self.send(file, &meter).await?;
            }
            Ok(())
        };
        self.unless_asked(backups, sent).await
    }

    /// Sending may take days, and has the lock meanwhile: it ends at once where somebody waits for that. What has arrived is in the journals.
    async fn unless_asked(&self, backups: &Backups, sent: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
        let asked = async {
            while !Turn::is_asked(&backups.options.folder) {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        };
        match select(pin!(asked), pin!(sent)).await {
            Either::Left(_) => Err(Error::GaveWay { target: self.name().to_owned() }),
            Either::Right((sent, _)) => sent,
        }
    }

    /// Fails where another backup has this name there: it is another site's.
    async fn require_same(&self, record: &Record) -> Result<(), Error> {
        let name = record_name(&record.archive.file);
        match self.note_at(&name).await? {
            Some(there) if there.record.archive.sha256 != record.archive.sha256 => {
                let problem =
                    "it is the record of another backup: does another site use this target? Give each a prefix or a name of its own";
                Err(self.objects.differs(&name, problem.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Splits off two lists of these media: those that are there but that nobody is known to have checked, and those that are missing or
    /// have another size. Media that a backup names were checked before it was listed, by size or by every byte; others may be what a
    /// failed push left.
    async fn untrusted(&self, media: &[Linked]) -> Result<(Vec<Linked>, Vec<Linked>), Error> {
        if media.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let there: HashMap<_, _> = self.objects.list("media").await?.into_iter().map(|object| (object.name, object.size_bytes)).collect();
        let (mut unproven, missing): (Vec<_>, Vec<_>) =
            media.iter().cloned().partition(|file| there.get(&file.object()) == Some(&file.size_bytes));
        // The newest backup names most of them.
        for (entry, media_read) in self.listed().await? {
            if unproven.is_empty() {
                break;
            }
            if self.options.verify == Verify::Read && !media_read {
                continue;
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

    /// Checks files there, each with its result: all of them, also after one that is wrong.
    async fn check_all(&self, files: Vec<Wanted>, report: Report<'_>) -> Vec<(Wanted, Result<(), Error>)> {
        let total = if self.options.verify == Verify::Read { files.iter().map(|file| file.size_bytes).sum() } else { 0 };
        let meter = RefCell::new(Meter::start(report, Step::Download, total));
        let check = |file: Wanted| {
            let meter = &meter;
            async move {
                let checked = match self.options.verify {
                    Verify::Read => {
                        self.objects.check(&file.object, &file.sha256, file.size_bytes, |bytes| meter.borrow_mut().add(bytes)).await
                    }
                    Verify::Size => self.objects.check_size(&file.object, file.size_bytes).await,
                };
                (file, checked)
            }
        };
        futures_util::stream::iter(files).map(check).buffer_unordered(4).collect().await
    }

    /// Those files that are there and are not what they should be. They are left alone: others may need them.
    async fn wrong(&self, files: Vec<Wanted>, report: Report<'_>) -> Result<Vec<Wanted>, Error> {
        let mut wrong = Vec::new();
        for (file, checked) in self.check_all(files, report).await {
            match checked {
                Ok(()) => {}
                Err(Error::TargetDiffers { .. }) => wrong.push(file),
                Err(error) => return Err(error),
            }
        }
        Ok(wrong)
    }

    /// Checks what this push sent. What is wrong is removed, so that the next push sends it anew.
    async fn check_sent(&self, files: Vec<Wanted>, report: Report<'_>) -> Result<(), Error> {
        let mut result = Ok(());
        for (file, checked) in self.check_all(files, report).await {
            if matches!(checked, Err(Error::TargetDiffers { .. })) {
                self.objects.delete(&file.object).await?;
            }
            result = result.and(checked);
        }
        result
    }

    /// Fails where media went meanwhile, by a prune that had read the lists before this one came: the next push sends them anew.
    async fn require_media(&self, media: &[Linked]) -> Result<(), Error> {
        if media.is_empty() {
            return Ok(());
        }
        let there: HashSet<_> = self.objects.list("media").await?.into_iter().map(|object| object.name).collect();
        match media.iter().map(Linked::object).find(|object| !there.contains(object)) {
            Some(gone) => Err(self.objects.differs(&gone, "it was removed while the backup was sent".to_owned())),
            None => Ok(()),
        }
    }

    async fn give_up_stale(&self, journals: &std::path::Path) {
        let Ok(found) = std::fs::read_dir(journals) else { return };
        for journal in found.flatten() {
            self.objects.give_up(&journal.path()).await;
        }
    }
}

impl Backups {
    /// Whether a push of this backup's archive to the target of this name was interrupted and can go on.
    pub fn has_begun_copy(&self, entry: &Entry, target: &str) -> bool {
        journals(self, target).join(journal_name(&entry.record.archive.file)).exists()
    }
}

fn journals(backups: &Backups, target: &str) -> PathBuf {
    backups.options.folder.join(".uploads").join(target)
}

fn journal_name(object: &str) -> String {
    format!("{}.json", object.replace('/', "-"))
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
