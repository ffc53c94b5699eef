//! The records that `magnetiq-backup` keeps beside its archives, as far as health asks.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use super::read;

/// Ending of a record's file name.
const ENDING: &str = ".proof.json";

/// A folder with more files than this is not one of backups.
const FILES_MAX: usize = 20_000;

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Record {
    pub(crate) archive: Archive,
    summary: Summary,
    state: State,
    #[serde(default)]
    verifications: Vec<Verification>,
    #[serde(default)]
    copies: Vec<CopyAt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Archive {
    pub(crate) file: String,
    pub(crate) size_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Summary {
    created_at: Timestamp,
    #[serde(default)]
    database_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Complete,
    #[serde(other)]
    Partial,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Verification {
    at: Timestamp,
    depth: Depth,
    outcome: Outcome,
    problem: Option<String>,
}

/// How thorough it was, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Depth {
    Restore,
    Integrity,
    Drill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Proven,
    Failed,
    #[serde(other)]
    Inconclusive,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct CopyAt {
    target: String,
}

impl Record {
    /// What the clock said when the backup was made.
    pub(crate) fn created_at(&self) -> Timestamp {
        self.summary.created_at
    }

    /// Size of the database that is in it, before compression.
    pub(crate) fn database_bytes(&self) -> u64 {
        self.summary.database_bytes
    }

    /// Whether something could not be read when it was made.
    pub(crate) fn is_partial(&self) -> bool {
        self.state == State::Partial
    }

    /// The verification that decides, as `magnetiq-backup` has it: the newest failure that no later proof, as thorough, has lifted, else the
    /// newest proof. A drill that failed says as much of the program and the machine, and decides nothing.
    fn result(&self) -> Option<&Verification> {
        let stands = (0..self.verifications.len()).rev().find(|at| self.is_unlifted(*at));
        let proven = || self.verifications.iter().rev().find(|proof| proof.outcome == Outcome::Proven);
        stands.map(|at| &self.verifications[at]).or_else(proven)
    }

    fn is_unlifted(&self, at: usize) -> bool {
        let failure = &self.verifications[at];
        let lifts = |proof: &Verification| proof.outcome == Outcome::Proven && proof.depth >= failure.depth;
        failure.outcome == Outcome::Failed && failure.depth != Depth::Drill && !self.verifications[at + 1..].iter().any(lifts)
    }

    /// What is no longer as long as it was is no longer what was proven.
    fn doubt(mut self, size_bytes: u64) -> Self {
        if size_bytes != self.archive.size_bytes {
            let problem = format!("the archive has {size_bytes} bytes, it had {}", self.archive.size_bytes);
            let at = self.summary.created_at;
            self.verifications.push(Verification { at, depth: Depth::Restore, outcome: Outcome::Failed, problem: Some(problem) });
        }
        self
    }

    /// When it was last restored, unless it was found damaged since.
    pub(crate) fn proven_at(&self) -> Option<Timestamp> {
        self.result().filter(|result| result.outcome == Outcome::Proven).map(|result| result.at)
    }

    /// What an attempt to restore it met, if it is not known to restore since.
    pub(crate) fn failure(&self) -> Option<&str> {
        let failed = self.result().filter(|result| result.outcome == Outcome::Failed)?;
        Some(failed.problem.as_deref().unwrap_or("it does not say why"))
    }

    /// How many targets have a copy.
    pub(crate) fn copies(&self) -> usize {
        self.copies.iter().map(|copy| &copy.target).collect::<BTreeSet<_>>().len()
    }
}

/// What lies in a backup folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The records, newest first.
    pub(crate) records: Vec<Record>,
    /// Records that could not be read, each with the reason.
    pub(crate) unreadable: Vec<(String, String)>,
    /// Archives that a record names but that are gone.
    pub(crate) gone: Vec<String>,
    /// Archives with no record.
    pub(crate) unrecorded: usize,
}

/// Reads the records of `folder`.
///
/// # Errors
///
/// What listing the folder met. A single record that cannot be read is no error: it is named in the result.
pub(crate) fn read(folder: &Path) -> io::Result<Folder> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)?.take(FILES_MAX) {
        if let Ok(name) = entry?.file_name().into_string() {
            names.insert(name);
        }
    }
    let mut found = Folder::default();
    for name in names.iter().filter(|name| name.ends_with(ENDING)) {
        let record = read::text(&folder.join(name)).and_then(|text| serde_json::from_str::<Record>(&text).map_err(io::Error::from));
        match record {
            Ok(record) if names.contains(&record.archive.file) => {
                let size_bytes = fs::metadata(folder.join(&record.archive.file)).map(|about| about.len());
                match size_bytes {
                    Ok(size_bytes) => found.records.push(record.doubt(size_bytes)),
                    // Pruned since the folder was listed, and its record with it.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => found.unreadable.push((name.clone(), error.to_string())),
                }
            }
            Ok(record) => found.gone.push(record.archive.file),
            Err(error) => found.unreadable.push((name.clone(), error.to_string())),
        }
    }
    let is_recorded = |archive: &str| names.contains(&format!("{}{ENDING}", stem(archive).unwrap_or(archive)));
    found.unrecorded = names.iter().filter(|name| stem(name).is_some() && !is_recorded(name)).count();
    // Those of one second are named in the order in which they were made.
    found.records.sort_by(|a, b| (b.created_at(), &b.archive.file).cmp(&(a.created_at(), &a.archive.file)));
    Ok(found)
}

/// An archive's file name without its endings; `None` for other files.
fn stem(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".age").unwrap_or(name);
    name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".tar.zst"))
}
