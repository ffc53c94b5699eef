//! What a deployment did, line by line, on the machine of who deploys: a command that was killed goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use serde::{Deserialize, Serialize};

use super::facts::{Facts, Learned};

/// How long commands that a killed deployment left behind get to end.
const PATIENCE: Duration = Duration::from_secs(600);

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
    learned: Learned,
    /// The last line is half of one.
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
        Ok(journal)
    }

    /// The one that has not ended, where there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn unfinished(folder: &Path, now: fn() -> Timestamp) -> Result<Option<(Self, Facts)>> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(None) };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        paths.sort();
        let Some(path) = paths.pop() else { return Ok(None) };
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        let mut journal = Self::open(path, now)?;
        let mut planned = None;
        // The last line may be half of one: its step has not ended, then.
        for entry in text.lines().map_while(|line| serde_json::from_str::<Entry>(line).ok()) {
            match entry.event {
                Event::Planned { facts } => {
                    // One that failed before the target knew of it leaves its number to the next.
                    journal.forget();
                    planned = Some(*facts);
                }
                Event::Finished { .. } => planned = None,
                event => journal.take(event),
            }
        }
        journal.is_torn = !text.ends_with('\n');
        Ok(planned.map(|facts| (journal, facts)))
    }

    /// Goes on with it.
    ///
    /// # Errors
    ///
    /// When the disk says no.
    pub(crate) fn resume(&mut self) -> Result<()> {
        if self.is_torn {
            self.file.write_all(b"\n").with_context(|| format!("write {}", self.path.display()))?;
        }
        self.write(Event::Resumed)
    }

    fn open(path: PathBuf, now: fn() -> Timestamp) -> Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(&path).with_context(|| format!("open {}", path.display()))?;
        Ok(Self { file, path, ended: BTreeMap::new(), begun: Vec::new(), failed: None, learned: Learned::default(), is_torn: false, now })
    }

    fn forget(&mut self) {
        (self.ended, self.begun, self.failed, self.learned) = Default::default();
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Begun { step } => self.begun.push(step),
            Event::Ended { step, note, learned, .. } => {
                self.ended.insert(step, note);
                self.learned = learned;
            }
            Event::Failed { step, reason, .. } => self.failed = self.failed.take().or(Some((step, reason))),
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
        let mut line = serde_json::to_string(&entry).context("write the journal")?;
        line.push('\n');
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("write {}", self.path.display()))?;
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

    /// Whether a step was begun, ended or not.
    pub(crate) fn has_begun(&self, step: &str) -> bool {
        self.begun.iter().any(|begun| begun == step)
    }

    /// The first step that failed, and why.
    pub(crate) fn failed(&self) -> Option<&(String, String)> {
        self.failed.as_ref()
    }

    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }
}

/// Keeps a second deployment from this folder out, and waits for commands that a killed one left running: they have inherited it.
#[derive(Debug)]
pub(crate) struct Alone {
    _file: File,
}

impl Alone {
    /// # Errors
    ///
    /// When another one runs and does not end.
    pub(crate) fn take(folder: &Path, mut waiting: impl FnMut()) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let path = folder.join("running");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("open {}", path.display()))?;
        // Children have it, too.
        fcntl_setfd(&file, FdFlags::empty()).context("keep the lock open in commands")?;
        let begin = Instant::now();
        let mut told = false;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::WOULDBLOCK) if begin.elapsed() < PATIENCE => {
                    if !told {
                        waiting();
                        told = true;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                Err(Errno::WOULDBLOCK) => {
                    bail!(
                        "another deployment from {} is running, or a command that it left; `fuser {}` names it",
                        folder.display(),
                        path.display()
                    )
                }
                Err(error) => return Err(error).with_context(|| format!("lock {}", path.display())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Journal};
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
}
