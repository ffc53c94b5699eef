//! What can be chosen about backups.

use std::path::{Path, PathBuf};

use magnetiq_storage::Store;

use crate::{Clock, Compression, MediaMode, Retention};

/// Where the database is read.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Opened read-only for each backup; another process may be its owner.
    Path(PathBuf),
    /// Open in this process.
    Store(Store),
}

impl Source {
    /// Where the file lies.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Source::Path(path) => path,
            Source::Store(store) => store.path(),
        }
    }
}

/// Settings of [`Backups`](crate::Backups): what is backed up, to where, and how.
///
/// ```
/// use magnetiq_backup::{Compression, MediaMode, Options};
///
/// let options = Options::new("/var/backups/shop")
///     .database("/var/lib/shop/shop.sqlite3")
///     .media("/var/lib/shop/media", MediaMode::Linked)
///     .config_file("/etc/shop.toml")
///     .name("shop")
///     .compression(Compression::Zstd);
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where archives, their records and linked media are kept.
    pub folder: PathBuf,
    pub(crate) source: Option<Source>,
    /// How a database that is given by its path is opened, and the `application_id` that archives must carry.
    pub storage_options: magnetiq_storage::Options,
    /// The folder of media files. Default: none.
    pub media: Option<PathBuf>,
    /// How they are kept. Default: linked.
    pub media_mode: MediaMode,
    /// Settings files that go along. Default: none.
    pub config_files: Vec<PathBuf>,
    /// First part of the archives' names. Default: `magnetiq`.
    pub name: String,
    /// Default: gzip.
    pub compression: Compression,
    /// Level of the compression. Default: 6 for gzip, 3 for zstd.
    pub level: Option<i32>,
    /// Threads that compress and decompress. Default: one for each core, at most 6, so that memory stays below 64 MB.
    pub threads: usize,
    /// age recipients (`age1…`) that archives are encrypted to; media must be [`Full`](MediaMode::Full) then. Default: none, not encrypted.
    pub recipients: Vec<String>,
    /// Files with age identities, to read encrypted archives.
    pub identities: Vec<PathBuf>,
    /// What [`plan_prune`](crate::Backups::plan_prune) keeps. Default: seven days.
    pub retention: Retention,
    /// The program that writes archives, for the manifest. Default: this crate.
    pub program: String,
    /// Its version.
    pub program_version: String,
    /// Tells the time. Default: the system's.
    pub clock: Clock,
}

impl Options {
    /// Backups in `folder`, which is made when it is missing.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            source: None,
            storage_options: magnetiq_storage::Options::default(),
            media: None,
            media_mode: MediaMode::default(),
            config_files: Vec::new(),
            name: "magnetiq".to_owned(),
            compression: Compression::default(),
            level: None,
            threads: std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(6),
            recipients: Vec::new(),
            identities: Vec::new(),
            retention: Retention::default(),
            program: env!("CARGO_PKG_NAME").to_owned(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Clock::system(),
        }
    }

    /// Backs up the database at `path`, opened read-only while a backup is made; its owner goes on writing.
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Some(Source::Path(path.into()));
        self
    }

    /// Backs up a database that this process has open.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.source = Some(Source::Store(store));
        self
    }

    /// Sets [`storage_options`](field@Self::storage_options).
    #[must_use]
    pub fn storage_options(mut self, options: magnetiq_storage::Options) -> Self {
        self.storage_options = options;
        self
    }

    /// Backs up the files in `folder`, too. The sub-folders `incoming` and `uploads` are left out, uploads that are under
    /// way, and `variants`, which can be made again.
    #[must_use]
    pub fn media(mut self, folder: impl Into<PathBuf>, mode: MediaMode) -> Self {
        self.media = Some(folder.into());
        self.media_mode = mode;
        self
    }

    /// Adds a settings file. One that is missing makes a backup partial.
    #[must_use]
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_files.push(path.into());
        self
    }

    /// Sets [`program`](field@Self::program) and its version.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.program = name.into();
        self.program_version = version.into();
        self
    }

    /// Sets [`name`](field@Self::name): letters, digits, `-`, `_` and `.`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets [`level`](field@Self::level): 1 to 9 for gzip, 1 to 19 for zstd.
    #[must_use]
    pub fn level(mut self, level: i32) -> Self {
        self.level = Some(level);
        self
    }

    /// Where the database lies, if there is one.
    pub fn database_path(&self) -> Option<&Path> {
        self.source.as_ref().map(Source::path)
    }
}

macro_rules! setters {
    ($($name:ident: $type:ty),+ $(,)?) => {
        impl Options {
            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](field@Self::", stringify!($name), ").")]
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )+
        }
    };
}

setters! {
    compression: Compression,
    threads: usize,
    recipients: Vec<String>,
    identities: Vec<PathBuf>,
    retention: Retention,
    clock: Clock,
}
