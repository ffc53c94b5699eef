//! One place elsewhere.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

use super::objects::{Object, Objects};
use super::{TargetOptions, Verify};
use crate::catalogue::moment;
use crate::progress::{Meter, Report, Step};
use crate::record::stem;
use crate::{Backups, CopyAt, Entry, Error, PrunePlan, Pruned, Record, Which};

/// The largest record that is believed to be one.
const RECORD_LIMIT_BYTES: u64 = 16 << 20;
/// The largest list of media that is believed to be one: some 200,000 files.
const MEDIA_LIST_LIMIT_BYTES: u64 = 64 << 20;

/// A place elsewhere that has copies of archives. All calls block and must not be made from a task of an async runtime.
///
/// ```no_run
/// use magnetiq_backup::remote::{Credentials, Target, TargetOptions};
/// use magnetiq_backup::{Backups, Error, Options, Which};
///
/// # fn main() -> Result<(), Error> {
/// # let backups = Backups::new(Options::new("/var/backups/shop"))?;
/// let keys = Credentials::Keys { id: "AKIA…".into(), secret: "…".into() };
/// let target = Target::new(TargetOptions::new("offsite", "s3://backups/shop").region("eu-central-1").credentials(keys))?;
/// let newest = backups.find(&Which::Latest)?;
/// let copy = target.push(&backups, &newest, &mut |progress| eprintln!("{}", progress.done_bytes))?;
/// assert!(copy.verified);
/// # Ok(())
/// # }
/// ```
pub struct Target {
    pub(super) options: TargetOptions,
    pub(super) objects: Objects,
    runtime: Runtime,
}

impl Target {
    /// Looks over the options. Nothing is asked of the target yet.
    ///
    /// # Errors
    ///
    /// [`Error::TargetOptions`] for what cannot be used, [`Error::TargetConnect`].
    pub fn new(options: TargetOptions) -> Result<Self, Error> {
        let refuse = |problem: &str| Error::TargetOptions { target: options.name.clone(), problem: problem.to_owned() };
        if options.name.is_empty() || !options.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(refuse("a name may have letters, digits, - and _ only"));
        }
        if options.retention.is_nothing() {
            return Err(Error::RetentionOfNothing);
        }
        let objects = Objects::connect(&options)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| Error::TargetConnect { target: options.name.clone(), source: Box::new(source) })?;
        Ok(Self { options, objects, runtime })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// The settings.
    pub fn options(&self) -> &TargetOptions {
        &self.options
    }

    /// Sends a backup there: its archive, the linked media that are not there yet, its record last. What arrived is checked as
    /// [`Verify`] says before the copy is recorded, there and here. One that is there already is only checked.
    ///
    /// Interrupted, by a failure or a kill, the next call goes on with the parts that have arrived. It gives way to backups and restores in
    /// the folder.
    ///
    /// # Errors
    ///
    /// [`Error::GaveWay`], [`Error::TargetOwned`] where the target belongs to another backup folder: restore from it or
    /// [`adopt`](Self::adopt) it first; [`Error::Target`] after it was tried for [`retry_for`](field@TargetOptions::retry_for),
    /// [`Error::TargetDiffers`] where what is there is not what was sent, or another backup has this name there, [`Error::TargetOptions`]
    /// for a folder that is not there or has lost its marker (is its disk mounted?) and for backups of another name, [`Error::Locked`],
    /// [`Error::Key`] where the list of linked media is encrypted and there is no identity, [`Error::File`].
    pub fn push(&self, backups: &Backups, entry: &Entry, report: Report) -> Result<CopyAt, Error> {
        self.block(self.push_async(backups, entry, report))
    }

    /// The backups of [`backup_name`](field@TargetOptions::backup_name) that are there, the newest first. Their paths are URLs. Archives
    /// that are still on their way are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Target`], [`Error::TargetOptions`] for a folder that is not there. A record that cannot be read leaves its backup out, with
    /// a warning in the log.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        self.block(self.entries())
    }

    /// One backup that is there.
    ///
    /// # Errors
    ///
    /// [`Error::NotAtTarget`], [`Error::Ambiguous`], as [`list`](Self::list).
    pub fn find(&self, which: &Which) -> Result<Entry, Error> {
        let missing = || Error::NotAtTarget { target: self.options.name.clone(), which: which.to_string() };
        let mut entries = self.list()?;
        match which {
            Which::Latest => {}
            Which::LatestProven => entries.retain(Entry::is_proven),
            Which::Id(prefix) => {
                entries.retain(|entry| entry.id.starts_with(prefix.as_str()));
                if entries.len() > 1 {
                    let found = entries.into_iter().map(|entry| entry.id).collect();
                    return Err(Error::Ambiguous { which: prefix.clone(), found });
                }
            }
            Which::File(path) => {
                let name = path.file_name().and_then(|name| name.to_str());
                entries.retain(|entry| Some(entry.record.archive.file.as_str()) == name);
            }
        }
        entries.into_iter().next().ok_or_else(missing)
    }

    /// Checks a backup there, its archive and its linked media: by every byte, or by their sizes.
    ///
    /// # Errors
    ///
    /// [`Error::TargetDiffers`] for what is wrong, [`Error::Target`], [`Error::TargetOptions`] for a folder that is not there.
    pub fn verify(&self, entry: &Entry, how: Verify, report: Report) -> Result<(), Error> {
        self.block(self.verify_async(entry, how, report))
    }

    /// Notes that a media file there was found damaged: the next push of a backup that has it reads it, and sends it anew. Its name is that of
    /// [`Error::TargetDiffers`]; another object's is no error.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn distrust(&self, backups: &Backups, object: &str) -> Result<(), Error> {
        if is_media(object) { self.block(self.distrust_async(backups, object)) } else { Ok(()) }
    }

    /// Fetches a backup into a local folder, made if it is missing: the archive, its linked media, its record last, each checked against its
    /// hash. The folder can be opened with [`Options::new`](crate::Options::new) afterwards. Returns where the archive lies.
    ///
    /// # Errors
    ///
    /// [`Error::Space`] before anything is fetched, [`Error::TargetDiffers`], [`Error::Target`], [`Error::File`]. What is incomplete has no
    /// name that is listed.
    pub fn fetch(&self, entry: &Entry, folder: &Path, report: Report) -> Result<PathBuf, Error> {
        self.block(self.fetch_async(entry, folder, report))
    }

    /// What [`prune`](Self::prune) would remove there at `now`, by the target's own retention. Changes nothing.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn plan_prune(&self, now: Timestamp) -> Result<PrunePlan, Error> {
        self.block(self.plan(now))
    }

    /// Brings records up to date: pins and proofs that came after the copy was made go there, so that a prune there knows them; copies that
    /// are no longer there leave the records here. To be called before and after [`prune`](Self::prune). Returns how many it changed.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn reconcile(&self, backups: &Backups) -> Result<usize, Error> {
        self.block(self.reconcile_async(backups))
    }

    /// Removes there what the plan does not keep, media that no archive names, and archives without a record of more than a week ago. Parts of
    /// uploads that were begun and never ended are not listed: the bucket wants a rule that removes them. Files
    /// that are not named as backups and their media are left alone.
    ///
    /// # Errors
    ///
    /// [`Error::TargetOwned`] where it belongs to another folder than that of `backups`, [`Error::Locked`] while a push of that folder is
    /// under way, [`Error::Target`], [`Error::TargetOptions`] for a folder without its marker and for backups of another name.
    pub fn prune(&self, backups: &Backups, plan: &PrunePlan) -> Result<Pruned, Error> {
        self.block(self.prune_async(backups, plan))
    }

    pub(super) fn block<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.require_folder()?;
        self.runtime.block_on(work)
    }

    /// As people write it.
    pub(super) fn url(&self, object: &str) -> String {
        format!("{}/{object}", self.options.url.trim_end_matches('/'))
    }

    /// Refuses backups that would not be listed there.
    pub(super) fn require_name(&self, backups: &Backups) -> Result<(), Error> {
        let (ours, theirs) = (&self.options.backup_name, &backups.options.name);
        if ours == theirs {
            return Ok(());
        }
        let problem = format!("it is for backups named {ours}, not {theirs}");
        Err(Error::TargetOptions { target: self.options.name.clone(), problem })
    }

    /// Whether it is named as our archives, records and lists of media are.
    pub(super) fn is_own(&self, object: &str) -> bool {
        let companion = [".proof.json", ".media.txt"].iter().find_map(|end| object.strip_suffix(end));
        let stem = companion.or_else(|| Some(stem(object)).filter(|stem| *stem != object));
        let id = stem.and_then(|stem| stem.strip_prefix(self.options.backup_name.as_str())?.strip_prefix('-'));
        id.is_some_and(|id| moment(id).is_some())
    }

    pub(super) fn is_own_archive(&self, object: &str) -> bool {
        is_archive(object) && self.is_own(object)
    }

    pub(super) async fn entries(&self) -> Result<Vec<Entry>, Error> {
        Ok(self.listed().await?.into_iter().map(|(entry, _)| entry).collect())
    }

    /// The backups there, and whether their media were read back.
    pub(super) async fn listed(&self) -> Result<Vec<(Entry, bool)>, Error> {
        let top = self.objects.top().await?;
        let size = |name: &str| top.iter().find(|object| object.name == name).map(|object| object.size_bytes);
        let records: Vec<_> = top.iter().filter(|object| object.name.ends_with(".proof.json") && self.is_own(&object.name)).collect();
        let read = futures_util::stream::iter(records).map(|object| self.record(object)).buffered(8);
        let records: Vec<_> = read.try_collect().await?;
        let there = records.into_iter().flatten().filter(|Note { record, .. }| match size(&record.archive.file) {
            Some(bytes) if bytes == record.archive.size_bytes => true,
            found => {
                tracing::warn!(
                    target_name = self.options.name,
                    archive = record.archive.file,
                    ?found,
                    "an archive is not what its record says, and is not listed"
                );
                false
            }
        });
        let mut entries: Vec<_> = there
            .map(|Note { record, media_read }| {
                (Entry { id: record.summary.id.clone(), path: PathBuf::from(self.url(&record.archive.file)), record }, media_read)
            })
            .collect();
        entries.sort_by(|(a, _), (b, _)| b.id.cmp(&a.id));
        Ok(entries)
    }

    pub(super) async fn record(&self, object: &Object) -> Result<Option<Note>, Error> {
        if object.size_bytes > RECORD_LIMIT_BYTES {
            return Ok(None);
        }
        self.note_at(&object.name).await
    }

    /// A record that is there and can be used.
    pub(super) async fn note_at(&self, name: &str) -> Result<Option<Note>, Error> {
        // Removed by somebody meanwhile: not there any more.
        let Some(text) = self.objects.get(name, RECORD_LIMIT_BYTES).await? else { return Ok(None) };
        match serde_json::from_slice::<Note>(&text) {
            // What a record names is used as a name here, and it may have been written by anybody.
            Ok(note) if is_archive(&note.record.archive.file) && record_name(&note.record.archive.file) == name => Ok(Some(note)),
            Ok(_) => {
                tracing::warn!(target_name = self.options.name, object = name, "a record names another archive and is left out");
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    target_name = self.options.name,
                    object = name,
                    "a record cannot be read"
                );
                Ok(None)
            }
        }
    }

    async fn verify_async(&self, entry: &Entry, how: Verify, report: Report<'_>) -> Result<(), Error> {
        let media = self.media(&entry.record).await?;
        let archive = &entry.record.archive;
        let files = media.iter().map(|file| (file.object(), file.sha256.as_str(), file.size_bytes));
        let files = std::iter::once((archive.file.clone(), archive.sha256.as_str(), archive.size_bytes)).chain(files);
        let mut meter = Meter::start(report, Step::Download, archive.size_bytes + media.iter().map(|file| file.size_bytes).sum::<u64>());
        for (object, sha256, size) in files {
            match how {
                Verify::Read => self.objects.check(&object, sha256, size, |bytes| meter.add(bytes)).await?,
                Verify::Size => self.objects.check_size(&object, size).await?,
            }
        }
        Ok(())
    }

    /// The linked media of a backup that is there.
    pub(super) async fn media(&self, record: &Record) -> Result<Vec<Linked>, Error> {
        if record.summary.media_mode != crate::MediaMode::Linked || record.summary.media_files == 0 {
            return Ok(Vec::new());
        }
        self.media_list(&media_list_name(&record.archive.file)).await
    }

    pub(super) async fn media_list(&self, name: &str) -> Result<Vec<Linked>, Error> {
        let list = self.objects.get(name, MEDIA_LIST_LIMIT_BYTES).await?;
        let list = list.ok_or_else(|| self.objects.differs(name, "the list of its media is not there".to_owned()))?;
        Linked::parse(&list).ok_or_else(|| self.objects.differs(name, "it cannot be read".to_owned()))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What is kept there of a backup: its record, and what is known of that copy only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    #[serde(flatten)]
    pub(super) record: Record,
    /// Whether every byte of its linked media was read back there.
    #[serde(default)]
    pub(super) media_read: bool,
}

/// A file of `media/`, by its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Linked {
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
}

impl Linked {
    /// Its name at a target, and below a backup folder.
    pub(super) fn object(&self) -> String {
        format!("media/{}/{}", &self.sha256[..2], &self.sha256[2..])
    }

    /// One line for each file.
    pub(super) fn list(files: &[Self]) -> Vec<u8> {
        files.iter().map(|file| format!("{} {}\n", file.sha256, file.size_bytes)).collect::<String>().into_bytes()
    }

    /// `None` where a line is not as [`list`](Self::list) writes it.
    pub(super) fn parse(list: &[u8]) -> Option<Vec<Self>> {
        let text = std::str::from_utf8(list).ok()?;
        let line = |line: &str| {
            let (sha256, size) = line.split_once(' ')?;
            let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            Some(Self { sha256: is_hash.then(|| sha256.to_owned())?, size_bytes: size.parse().ok()? })
        };
        text.lines().map(line).collect()
    }
}

/// Whether it is named as [`Linked::object`] names files.
pub(super) fn is_media(object: &str) -> bool {
    let is_hex = |text: &str, digits| text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts = object.strip_prefix("media/").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(folder, file)| is_hex(folder, 2) && is_hex(file, 62))
}

pub(super) fn record_name(archive: &str) -> String {
    format!("{}.proof.json", stem(archive))
}

pub(super) fn media_list_name(archive: &str) -> String {
    format!("{}.media.txt", stem(archive))
}

/// Whether it is named as archives are, whatever program made it.
pub(super) fn is_archive(file: &str) -> bool {
    let stem = stem(file);
    stem != file && !file.contains('/') && stem.rsplit_once('-').is_some_and(|(name, id)| !name.is_empty() && moment(id).is_some())
}
