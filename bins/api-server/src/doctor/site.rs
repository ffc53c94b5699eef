//! The site that is looked at.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use magnetiq_backup::{Backups, Entry, Options};
use magnetiq_config::Settings;
use magnetiq_health::Clock;
use magnetiq_storage::{Error, Lock, Owner, ReadOnlyStore};

/// What the checks look at.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    owner: OnceLock<Option<Owner>>,
}

impl Site {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, clock: Clock::system(), owner: OnceLock::new() }
    }

    /// Who has the database open to write. The first check that wants to know asks, within its own time: the folder may hang.
    pub(super) fn owner(&self) -> Option<&Owner> {
        // A lock that can not be read is told where the database is looked at.
        self.owner.get_or_init(|| Lock::owner(self.database()).unwrap_or(None)).as_ref()
    }

    /// The process of the server, where it runs on this machine and not in a container of its own, in which numbers mean other processes.
    pub(super) fn server(&self) -> Option<u32> {
        let owner = self.owner()?;
        let comm = std::fs::read_to_string(format!("/proc/{}/comm", owner.pid)).ok()?;
        (comm.trim_end() == owner.program).then_some(owner.pid)
    }

    pub(super) fn database(&self) -> &Path {
        &self.settings.database.path
    }

    /// The folder of the database.
    pub(super) fn data_folder(&self) -> &Path {
        self.database().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// A file beside the database: `-wal`, `.starts`.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name: OsString = self.database().as_os_str().to_owned();
        name.push(suffix);
        name.into()
    }

    /// The database, to read.
    pub(super) fn read_only(&self) -> Result<ReadOnlyStore, Error> {
        ReadOnlyStore::open(self.database(), self.settings.database.options())
    }

    /// The backups in the folder of the settings, the newest first; none where it cannot be read.
    pub(super) fn backups(&self) -> Vec<Entry> {
        self.listed_backups().unwrap_or_default()
    }

    /// The same, or why it cannot be read.
    pub(super) fn listed_backups(&self) -> Result<Vec<Entry>, magnetiq_backup::Error> {
        let backup = &self.settings.backup;
        Backups::new(Options::new(&backup.folder).name(&backup.name))?.list()
    }

    /// Every folder that the programs write to, with what it is for and the setting that names it.
    pub(super) fn folders(&self) -> Vec<(&Path, &'static str, &'static str)> {
        let settings = &self.settings;
        let mut folders = vec![
            (self.data_folder(), "the database", "database.path"),
            (settings.media.folder.as_path(), "media", "media.folder"),
            (settings.backup.folder.as_path(), "backups", "backup.folder"),
        ];
        folders.extend(settings.log.folder.as_deref().map(|folder| (folder, "logs", "log.folder")));
        if settings.mail.smtp.is_none() {
            folders.extend(settings.mail.folder.as_deref().map(|folder| (folder, "letters", "mail.folder")));
        }
        folders
    }
}
