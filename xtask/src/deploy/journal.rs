//! What a deployment did, line by line, on the machine of who deploys: a command that was killed goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use serde::{Deserialize, Serialize};

use super::facts::{Facts, Learned};
use super::folder::synced;

/// How long a deployment waits for commands that a killed one left behind: a backup or the pull of an image may take minutes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
/// How long it is waited for them where somebody wants the lock taken away: for a question to a cluster that was under way,
/// and not for a deployment that runs.
pub(crate) const SHORT_PATIENCE: Duration = Duration::from_secs(15);
/// Who holds the lock of this file deploys from its folder.
const RUNNING: &str = "running";

/// What may stand in a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// The first line: everything that the plan follows from.
    Planned {
        facts: Box<Facts>,
    },
    Begun {
        step: String,
    },
    Ended {
        step: String,
        seconds: f64,
        note: String,
        learned: Learned,
    },
    Failed {
        step: String,
        seconds: f64,
        reason: String,
    },
    /// It would have lost what was written, and changed nothing.
    Refused {
        step: String,
        seconds: f64,
        reason: String,
    },
    /// Somebody went on with it.
    Resumed,
    /// The last line.
    Finished {
        outcome: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    at: Timestamp,
    #[serde(flatten)]
    event: Event,
}

/// The journal of one deployment.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    ended: BTreeMap<String, String>,
    begun: Vec<String>,
    failed: Option<(String, String)>,
    refused: Option<String>,
    learned: Learned,
    /// The last line is half of one: what is written next begins a line of its own.
    is_torn: bool,
    now: fn() -> Timestamp,
}

impl Journal {
    /// Begins one.
    ///
    /// # Errors
    ///
    /// When the disk says no.
    pub(crate) fn begin(folder: &Path, facts: &Facts, now: fn() -> Timestamp) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let path = folder.join(format!("{:05}.jsonl", facts.number));
        let mut journal = Self::open(path, now)?;
        journal.write(Event::Planned { facts: Box::new(facts.clone()) })?;
        synced(folder).with_context(|| format!("write {}", folder.display()))?;
        Ok(journal)
    }

    /// The one that has not ended, where there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn unfinished(folder: &Path, now: fn() -> Timestamp) -> Result<Option<(Self, Facts)>> {
        let Some(path) = Self::files(folder).pop() else { return Ok(None) };
        let events = Self::events(&path)?;
        let mut journal = Self::open(path, now)?;
        let mut planned = None;
        for (_, event) in events {
            match event {
                Event::Planned { facts } => {
                    // One that failed before the target knew of it leaves its number to the next.
                    journal.forget();
                    planned = Some(*facts);
                }
                Event::Finished { .. } => planned = None,
                event => journal.take(event),
            }
        }
        Ok(planned.map(|facts| (journal, facts)))
    }

    /// All of them, the one last that was written to last: a target that is made anew counts from 1 again.
    pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        paths.sort_by_cached_key(|path| (fs::metadata(path).and_then(|file| file.modified()).ok(), path.clone()));
        paths
    }

    /// The events of a journal, and when each was written. Where a computer went off there may be half a line: its event did not happen,
    /// and the lines after it count.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn events(path: &Path) -> Result<Vec<(Timestamp, Event)>> {
        let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
        let entries =
            String::from_utf8_lossy(&bytes).lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()).collect::<Vec<_>>();
        Ok(entries.into_iter().map(|entry| (entry.at, entry.event)).collect())
    }

    fn open(path: PathBuf, now: fn() -> Timestamp) -> Result<Self> {
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path).and_then(|file| Ok((is_torn(&file)?, file)));
        let (is_torn, file) = opened.with_context(|| format!("open {}", path.display()))?;
        let (ended, begun, learned) = (BTreeMap::new(), Vec::new(), Learned::default());
        Ok(Self { file, path, ended, begun, failed: None, refused: None, learned, is_torn, now })
    }

    fn forget(&mut self) {
        (self.ended, self.begun, self.failed, self.refused, self.learned) = Default::default();
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Begun { step } => self.begun.push(step),
            Event::Ended { step, note, learned, .. } => {
                self.ended.insert(step, note);
                self.learned = learned;
            }
            Event::Failed { step, reason, .. } => self.failed = self.failed.take().or(Some((step, reason))),
            Event::Refused { step, reason, .. } => {
                self.begun.retain(|begun| *begun != step);
                self.refused = Some(reason.clone());
                self.failed = self.failed.take().or(Some((step, reason)));
            }
            Event::Planned { .. } | Event::Resumed | Event::Finished { .. } => {}
        }
    }

    /// Writes a line, and returns when it is on the disk: what is done next must not be known before it.
    ///
    /// # Errors
    ///
    /// When the disk says no.
    pub(crate) fn write(&mut self, event: Event) -> Result<()> {
        let entry = Entry { at: (self.now)(), event };
        let text = serde_json::to_string(&entry).context("write the journal")?;
        let line = format!("{}{text}\n", if self.is_torn { "\n" } else { "" });
        self.is_torn = true;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("write {}", self.path.display()))?;
        self.is_torn = false;
        self.take(entry.event);
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What a step that has ended said.
    pub(crate) fn ended(&self, step: &str) -> Option<&str> {
        self.ended.get(step).map(String::as_str)
    }

    /// Whether a step was begun, ended or not. One that refused was none.
    pub(crate) fn has_begun(&self, step: &str) -> bool {
        self.begun.iter().any(|begun| begun == step)
    }

    /// Whether somebody else may know of it: what was cut off before that begins anew.
    pub(crate) fn is_known(&self) -> bool {
        ["lock", "push"].into_iter().any(|step| self.has_begun(step))
    }

    /// Whether the lock was taken, and nothing was done yet to give it back: what is left to do needs it.
    pub(crate) fn needs_lock(&self) -> bool {
        self.ended("lock").is_some() && !["unlock", "back-unlock", "stay-unlock"].into_iter().any(|step| self.has_begun(step))
    }

    /// Whether visitors are kept out, or may be. `closed_before`: they were when it began.
    pub(crate) fn keeps_out(&self, closed_before: bool) -> bool {
        let ended = |step| self.ended(step).is_some();
        let closed = self.has_begun("back-close") || ((closed_before || self.has_begun("close")) && !ended("open"));
        closed && !ended("back-open") && !ended("stay-open")
    }

    /// The first step that failed, and why.
    pub(crate) fn failed(&self) -> Option<&(String, String)> {
        self.failed.as_ref()
    }

    /// What the last step that refused would have lost, or found.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }
}

/// Whether what it ends with is no whole line.
fn is_torn(file: &File) -> std::io::Result<bool> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte != *b"\n")
}

/// Keeps a second deployment from this folder out, and waits for commands that a killed one left running: they have inherited it.
#[derive(Debug)]
pub(crate) struct Alone {
    _file: File,
}

impl Alone {
    /// Waits for whoever runs, and says so by `waiting`.
    ///
    /// # Errors
    ///
    /// When another one runs and does not end within `patience`.
    pub(crate) fn take(folder: &Path, patience: Duration, mut waiting: impl FnMut()) -> Result<Self> {
        let begin = Instant::now();
        let mut told = false;
        loop {
            match Self::tried(folder)? {
                Some(alone) => return Ok(alone),
                None if begin.elapsed() < patience => {
                    if !told {
                        waiting();
                        told = true;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                None => bail!("{}", in_use(folder)),
            }
        }
    }

    /// Does not wait for whoever runs; `None`: somebody does.
    ///
    /// # Errors
    ///
    /// When it cannot be found out.
    pub(crate) fn tried(folder: &Path) -> Result<Option<Self>> {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let path = folder.join(RUNNING);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("open {}", path.display()))?;
        // Children have it, too.
        fcntl_setfd(&file, FdFlags::empty()).context("keep the lock open in commands")?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("lock {}", path.display())),
        }
    }
}

fn in_use(folder: &Path) -> String {
    format!(
        "another deployment from {} is running, or a command that it left; `fuser {}` names it",
        folder.display(),
        folder.join(RUNNING).display()
    )
}

#[cfg(test)]
mod tests {
    use super::{Event, Facts, Journal};
    use crate::deploy::plan::tests::facts;

    /// An attempt that the target never knew of leaves its number, and with it its journal, to the next.
    #[test]
    fn what_is_gone_on_with_is_the_last_attempt() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = || "2026-11-26T03:00:00Z".parse().expect("a time");
        let begun = |step: &str| Event::Begun { step: step.to_owned() };
        let mut first = Journal::begin(folder.path(), &facts(), now).expect("a journal");
        first.write(begun("preflight")).expect("a line");
        first.write(Event::Failed { step: "preflight".to_owned(), seconds: 0.0, reason: "full".to_owned() }).expect("a line");
        first.write(Event::Finished { outcome: "failed".to_owned() }).expect("a line");
        assert!(Journal::unfinished(folder.path(), now).expect("it is read").is_none());

        let mut second = Journal::begin(folder.path(), &facts(), now).expect("a journal");
        second.write(begun("backup")).expect("a line");
        let (journal, _) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
        assert!(journal.has_begun("backup") && !journal.has_begun("preflight") && journal.failed().is_none(), "{journal:?}");
    }
    /// Power went off in the middle of a line, or a disk was full: whatever stands after it counts.
    #[test]
    fn half_a_line_hides_nothing() {
        let now = || "2026-11-26T03:00:00Z".parse().expect("a time");
        let begun = |step: &str| Event::Begun { step: step.to_owned() };
        let tear = |path: &std::path::Path, bytes: &[u8]| {
            let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("the journal");
            std::io::Write::write_all(&mut file, bytes).expect("half a line");
        };
        // The second is torn within a letter.
        for half in [b"{\"at\":\"2026-11".as_slice(), b"{\"reason\":\"zu gro\xc3", b"\0\0\0"] {
            let folder = tempfile::tempdir().expect("a folder");
            let mut journal = Journal::begin(folder.path(), &facts(), now).expect("a journal");
            journal.write(begun("gate")).expect("a line");
            tear(journal.path(), half);
            let (mut journal, _) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
            journal.write(begun("open")).expect("a line");
            tear(journal.path(), half);
            let (mut journal, _) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
            assert!(journal.has_begun("gate") && journal.has_begun("open"), "visitors came: {journal:?}");
            journal.write(Event::Finished { outcome: "given up".to_owned() }).expect("a line");
            tear(journal.path(), half);
            assert!(Journal::unfinished(folder.path(), now).expect("it is read").is_none(), "it has ended");
            Journal::begin(folder.path(), &facts(), now).expect("a journal").write(begun("lock")).expect("a line");
            let (journal, _) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
            assert!(journal.has_begun("lock") && !journal.has_begun("open"), "{journal:?}");
        }
    }

    /// A target that was made anew counts from 1 again.
    #[test]
    fn the_last_attempt_is_the_one_that_was_written_last() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = || "2026-11-26T03:00:00Z".parse().expect("a time");
        let before = Journal::begin(folder.path(), &facts(), now).expect("a journal");
        before.file.set_modified(std::time::UNIX_EPOCH).expect("the disk takes it");
        Journal::begin(folder.path(), &Facts { number: 1, ..facts() }, now).expect("a journal");
        let (_, found) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
        assert_eq!((before.path().ends_with("00008.jsonl"), found.number), (true, 1));
    }

    #[test]
    fn a_step_that_refused_did_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = || "2026-11-26T03:00:00Z".parse().expect("a time");
        let mut journal = Journal::begin(folder.path(), &facts(), now).expect("a journal");
        journal.write(Event::Begun { step: "data".to_owned() }).expect("a line");
        journal.write(Event::Refused { step: "data".to_owned(), seconds: 0.0, reason: "rows".to_owned() }).expect("a line");
        let (journal, _) = Journal::unfinished(folder.path(), now).expect("it is read").expect("it has not ended");
        assert!(!journal.has_begun("data") && journal.failed().is_some_and(|(step, _)| step == "data"), "{journal:?}");
    }
}
