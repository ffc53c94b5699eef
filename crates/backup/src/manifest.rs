//! What an archive says about itself: `MANIFEST.json`, its first entry, and `SEAL.json`, its last.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest format that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// Why a backup was made. It decides how long it is kept: see [`Retention`](crate::Retention).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The schedule asked for it.
    Schedule,
    /// A person asked for it.
    Manual,
    /// Migrations were about to run.
    PreMigration,
    /// A new version was about to be deployed.
    PreDeploy,
    /// To carry the site elsewhere.
    Export,
    /// A restore was about to replace this.
    PreRestore,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Schedule => "schedule",
            Reason::Manual => "manual",
            Reason::PreMigration => "pre-migration",
            Reason::PreDeploy => "pre-deploy",
            Reason::Export => "export",
            Reason::PreRestore => "pre-restore",
        })
    }
}

/// How media files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MediaMode {
    /// Each file once in the backup folder, by its hash; archives name it.
    #[default]
    Linked,
    /// Everything in each archive.
    Full,
}

/// How an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Compression {
    /// `.tar.gz`, which everything can read.
    #[default]
    Gzip,
    /// `.tar.zst`: smaller and several times as fast.
    Zstd,
}

/// The first entry of an archive: what the rest of it has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// First part of the file's name.
    pub name: String,
    /// The moment in the file's name, such as `20261123T020000Z`; ascends from one backup to the next.
    pub id: String,
    /// One more than the backup before in the same folder.
    pub sequence: u64,
    /// What the clock said.
    pub created_at: Timestamp,
    /// Why it was made.
    pub reason: Reason,
    /// The program that wrote it.
    pub program: String,
    /// Its version.
    pub program_version: String,
    /// The database.
    pub database: Database,
    /// The media files.
    pub media: Media,
    /// Settings files.
    pub config: Vec<ConfigFile>,
    /// How the archive is compressed.
    pub compression: Compression,
    /// The age recipients that it is encrypted to; none: not encrypted.
    pub encrypted_to: Vec<String>,
}

/// The database in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Database {
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// Bytes in a page.
    pub page_size: u32,
    /// Its pages.
    pub page_count: u64,
    /// SQLite's `application_id`.
    pub application_id: i32,
    /// Version of the newest migration in refinery's history, where there is one.
    pub schema_version: Option<i64>,
    /// Hash over the definitions of tables, indexes, triggers and views, in hex; empty where pages could not be read.
    pub schema_hash: String,
    /// Each table with its rows, ordered by name.
    pub tables: Vec<Table>,
}

impl Database {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Whether it could not be read whole when it was backed up: its tables are not known, and it is not proven by anything.
    pub fn is_damaged(&self) -> bool {
        self.schema_hash.is_empty()
    }

    /// Tables that have any.
    pub fn tables_with_rows(&self) -> u64 {
        self.tables.iter().filter(|table| table.rows > 0).count() as u64
    }
}

/// A table of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Number of rows.
    pub rows: u64,
    /// Hash over the content of all rows, whatever their order, in hex.
    pub hash: String,
}

/// The media of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Media {
    /// Where their content is.
    pub mode: MediaMode,
    /// Each file, ordered by path.
    pub files: Vec<MediaFile>,
}

impl Media {
    /// Size of all files.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }
}

/// A media file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaFile {
    /// Relative to the media folder, with `/` between.
    pub path: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}

/// A settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfigFile {
    /// Its name under `config/` in the archive.
    pub path: String,
    /// Where it was.
    pub original_path: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its permission bits.
    pub mode: u32,
}

/// The last entry of an archive: without it the archive is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Seal {
    /// SHA-256 of the bytes of `MANIFEST.json`, in hex.
    pub manifest_sha256: String,
    /// Entries before this one.
    pub entries: u64,
    /// Bytes of their contents.
    pub content_bytes: u64,
    /// What could not be read: the archive is partial if there is any.
    pub unreadable: Vec<Problem>,
    /// Media files that were deleted between listing and reading.
    pub vanished: Vec<String>,
}

/// A file that is not in an archive, or not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// Which file.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}
