//! The record beside an archive, `<stem>.proof.json`: what it holds, whether it was proven, where copies of it are.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Manifest, MediaMode, Problem, Reason};

/// A backup: its archive, and the record beside it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The moment in its name, such as `20261123T020000Z`.
    pub id: String,
    /// Where the archive lies.
    pub path: PathBuf,
    /// What is known of it.
    pub record: Record,
}

impl Entry {
    /// Whether a verification restored it, and none found it damaged since; see [`Record::last_proof`].
    pub fn is_proven(&self) -> bool {
        self.record.last_proof().is_some_and(|proof| proof.outcome == Outcome::Proven)
    }

    /// Whether any verification ever restored it.
    pub fn was_proven(&self) -> bool {
        self.record.verifications.iter().any(|proof| proof.outcome == Outcome::Proven)
    }

    /// Whether its database had less than half of what the backup before had, and nobody said that this was meant, or could not be read whole.
    pub fn is_emptied(&self) -> bool {
        self.record.is_emptied()
    }

    /// Whether something could not be read when it was made.
    pub fn is_partial(&self) -> bool {
        self.record.state == State::Partial
    }

    /// What the clock said when it was made.
    pub fn created_at(&self) -> Timestamp {
        self.record.summary.created_at
    }

    /// Size of the archive.
    pub fn size_bytes(&self) -> u64 {
        self.record.archive.size_bytes
    }
}

/// What is kept of a backup beside its archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The archive's file.
    pub archive: ArchiveFile,
    /// The short form of its manifest.
    pub summary: Summary,
    /// Whether everything could be read.
    pub state: State,
    /// What could not be read.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// Media files that were deleted while the backup was made. No failure.
    #[serde(default)]
    pub vanished: Vec<String>,
    /// Whether it is kept for ever.
    #[serde(default)]
    pub pinned: bool,
    /// Each attempt to restore it, oldest first; the last 50.
    #[serde(default)]
    pub verifications: Vec<Proof>,
    /// Its copies on targets.
    #[serde(default)]
    pub copies: Vec<CopyAt>,
}

/// The path of the problem that a database was emptied, or damaged.
pub(crate) const EMPTIED: &str = "database";

impl Record {
    pub(crate) fn is_emptied(&self) -> bool {
        self.problems.iter().any(|problem| problem.path == EMPTIED)
    }

    /// The record of an archive of which no more is known than its manifest.
    pub(crate) fn unproven(path: &Path, manifest: &Manifest, sha256: String, size_bytes: u64) -> Self {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self {
            archive: ArchiveFile { file, sha256, size_bytes },
            summary: Summary::from(manifest),
            state: State::Complete,
            problems: Vec::new(),
            vanished: Vec::new(),
            pinned: false,
            verifications: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// The verification that decides: the newest failure that nothing has lifted, else the newest proof. A failure is lifted by a later
    /// proof that was as thorough. A drill that failed says as much of the program and the machine, and decides nothing.
    pub fn last_proof(&self) -> Option<&Proof> {
        let stands = (0..self.verifications.len()).rev().find(|at| self.is_unlifted(*at));
        let proven = || self.verifications.iter().rev().find(|proof| proof.outcome == Outcome::Proven);
        stands.map(|at| &self.verifications[at]).or_else(proven)
    }

    /// Adds a verification. Of more than 50 the oldest goes, but no failure that stands.
    pub(crate) fn add_proof(&mut self, proof: Proof) {
        self.verifications.push(proof);
        while self.verifications.len() > 50 {
            let goes = (0..self.verifications.len()).find(|at| !self.is_unlifted(*at)).unwrap_or(0);
            self.verifications.remove(goes);
        }
    }

    /// Whether it is a failure of the archive that no later proof has lifted.
    fn is_unlifted(&self, at: usize) -> bool {
        let failure = &self.verifications[at];
        let lifts = |proof: &Proof| proof.outcome == Outcome::Proven && proof.depth >= failure.depth;
        failure.outcome == Outcome::Failed && failure.depth != Depth::Drill && !self.verifications[at + 1..].iter().any(lifts)
    }
}

/// The file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchiveFile {
    /// Its name.
    pub file: String,
    /// SHA-256 of all of it, in hex.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}

/// The short form of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// As in the manifest.
    pub format_version: u32,
    /// As in the manifest.
    pub id: String,
    /// As in the manifest.
    pub sequence: u64,
    /// As in the manifest.
    pub created_at: Timestamp,
    /// As in the manifest.
    pub reason: Reason,
    /// As in the manifest.
    pub program: String,
    /// As in the manifest.
    pub program_version: String,
    /// As in the manifest.
    pub schema_version: Option<i64>,
    /// Size of the database file.
    pub database_bytes: u64,
    /// Tables of the database.
    pub tables: u64,
    /// Those of them that have rows; 0 in records of versions that did not count them.
    #[serde(default)]
    pub tables_with_rows: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Where media are.
    pub media_mode: MediaMode,
    /// Media files.
    pub media_files: u64,
    /// Size of all of them.
    pub media_bytes: u64,
    /// Settings files.
    pub config_files: u64,
    /// Whether the archive is encrypted.
    pub encrypted: bool,
}

impl From<&Manifest> for Summary {
    fn from(manifest: &Manifest) -> Self {
        Self {
            format_version: manifest.format_version,
            id: manifest.id.clone(),
            sequence: manifest.sequence,
            created_at: manifest.created_at,
            reason: manifest.reason,
            program: manifest.program.clone(),
            program_version: manifest.program_version.clone(),
            schema_version: manifest.database.schema_version,
            database_bytes: manifest.database.size_bytes,
            tables: manifest.database.tables.len() as u64,
            tables_with_rows: manifest.database.tables_with_rows(),
            rows: manifest.database.rows(),
            media_mode: manifest.media.mode,
            media_files: manifest.media.files.len() as u64,
            media_bytes: manifest.media.size_bytes(),
            config_files: manifest.config.len() as u64,
            encrypted: !manifest.encrypted_to.is_empty(),
        }
    }
}

/// Whether a backup has everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// It does.
    Complete,
    /// Something could not be read.
    Partial,
}

/// How thoroughly a backup is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Depth {
    /// Unpacked; every hash, `quick_check`, `foreign_key_check`, every table compared.
    Restore,
    /// As [`Restore`](Self::Restore), but with `integrity_check` instead of `quick_check`: it compares indexes with their tables, too.
    Integrity,
    /// A program was started on it; recorded with [`Backups::record_proof`](crate::Backups::record_proof).
    Drill,
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Depth::Restore => "restore",
            Depth::Integrity => "integrity",
            Depth::Drill => "drill",
        })
    }
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// It restores.
    Proven,
    /// It does not.
    Failed,
    /// It could not be tried, for example for want of space or of a key.
    Inconclusive,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Proven => "proven",
            Outcome::Failed => "failed",
            Outcome::Inconclusive => "inconclusive",
        })
    }
}

/// One attempt to restore a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Proof {
    /// When it began.
    pub at: Timestamp,
    /// How thorough it was.
    pub depth: Depth,
    /// What it found.
    pub outcome: Outcome,
    /// What is wrong, where it is not proven.
    pub problem: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
    /// Version of the program that did it.
    pub program_version: String,
}

impl Proof {
    /// A verification that was done elsewhere, such as a drill.
    pub fn new(at: Timestamp, depth: Depth, outcome: Outcome, problem: Option<String>, duration_ms: u64, program_version: &str) -> Self {
        Self { at, depth, outcome, problem, duration_ms, program_version: program_version.to_owned() }
    }
}

/// A copy of an archive on a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CopyAt {
    /// Name of the target.
    pub target: String,
    /// When it arrived.
    pub at: Timestamp,
    /// Its size.
    pub size_bytes: u64,
    /// Whether its checksum was compared there.
    pub verified: bool,
}

impl CopyAt {
    /// A copy of `size_bytes` that arrived at `target`.
    pub fn new(target: impl Into<String>, at: Timestamp, size_bytes: u64, verified: bool) -> Self {
        Self { target: target.into(), at, size_bytes, verified }
    }
}

/// Where the record of the archive `path` lies.
pub(crate) fn place(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{}.proof.json", stem(&name)))
}

/// An archive's file name without the endings.
pub(crate) fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".age").unwrap_or(name);
    name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".tar.zst")).unwrap_or(name)
}
