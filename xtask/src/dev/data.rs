//! The data of a development site, and the environment that leads the server to it.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use magnetiq_config::{CONFIG_VARIABLE, variable};

use crate::output::DEV;
use crate::workspace;

pub(crate) const DATABASE: &str = "magnetiq.sqlite3";
const LOCK: &str = "magnetiq.sqlite3.lock";
pub(crate) const MEDIA: &str = "media";
const MAIL: &str = "mail";

/// The folder with everything that a development site remembers.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
}

impl Data {
    pub(crate) fn new(folder: Option<&Path>) -> Result<Self> {
        let folder = folder.map_or_else(|| Ok(workspace::root().join(".dev")), std::path::absolute);
        Ok(Self { folder: folder.context("find the data folder")? })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the letters of the site lie.
    pub(crate) fn mail(&self) -> PathBuf {
        self.folder.join(MAIL)
    }

    /// Makes the folder when it is missing.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    pub(crate) fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| format!("make the data folder {}", self.folder.display()))
    }

    /// The same for the media of the site.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    pub(crate) fn create_media(&self) -> Result<()> {
        let media = self.folder.join(MEDIA);
        fs::create_dir_all(&media).with_context(|| format!("make {}", media.display()))
    }

    /// Refuses to go on while a server uses the data.
    ///
    /// # Errors
    ///
    /// With what the lock file says about its owner.
    pub(crate) fn check_unused(&self) -> Result<()> {
        let path = self.folder.join(LOCK);
        let Ok(mut lock) = File::open(&path) else { return Ok(()) };
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            let mut owner = String::new();
            let _ = lock.read_to_string(&mut owner);
            let owner = owner.lines().next().unwrap_or_default();
            bail!("a server is running on {}: {owner}\n\nend it first", self.folder.display());
        }
        Ok(())
    }

    /// Deletes the database, the media and the mail of the site, and nothing else: the folder may have been chosen by mistake.
    ///
    /// # Errors
    ///
    /// When something cannot be deleted.
    pub(crate) fn reset(&self) -> Result<()> {
        for path in self.ours().with_context(|| format!("look into {}", self.folder.display()))? {
            DEV.say(&format!("deleting {}", workspace::shown(&path)));
            let deleted = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            deleted.with_context(|| format!("delete {}", path.display()))?;
        }
        Ok(())
    }

    fn ours(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?.collect::<io::Result<Vec<_>>>()?,
        };
        // Folders of these names are ours only beside our database: anybody may have a folder called mail.
        let is_site = self.folder.join(DATABASE).exists();
        let ours = |name: &str| (is_site && (name == MEDIA || name == MAIL)) || name.starts_with(DATABASE);
        Ok(entries.iter().filter(|entry| entry.file_name().to_str().is_some_and(ours)).map(fs::DirEntry::path).collect())
    }

    /// Points a command of the server at this data and at these ports, whatever the shell it was started from has in its environment.
    pub(crate) fn lead(&self, command: &mut Command, api_port: u16, public_url: &str) {
        for name in magnetiq_config::environment().keys().filter(|name| is_setting(name)) {
            command.env_remove(name);
        }
        command.env(variable("profile"), "development");
        command.env(variable("server.port"), api_port.to_string());
        command.env(variable("server.public_url"), public_url);
        command.env(variable("server.shutdown_timeout_ms"), "3000");
        command.env(variable("database.path"), self.folder.join(DATABASE));
        command.env(variable("media.folder"), self.folder.join(MEDIA));
        command.env(variable("mail.folder"), self.mail());
        // No letter leaves, whatever the shell or the data of a real site say.
        for key in SMTP {
            command.env(variable(key), "");
        }
        // Nor does the settings file count of a real site that runs from this checkout.
        command.env(CONFIG_VARIABLE, "/dev/null");
        command.current_dir(workspace::root());
    }
}

/// Where letters would be sent.
const SMTP: [&str; 3] = ["mail.smtp_host", "mail.smtp_user", "mail.smtp_password"];

/// Two answers to one question would be refused, so the shell's own answers step back.
fn is_setting(name: &str) -> bool {
    let names =
        ["profile", "server.port", "server.public_url", "server.shutdown_timeout_ms", "database.path", "media.folder", "mail.folder"];
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    name == "DATABASE_URL" || names.iter().chain(&SMTP).any(|key| variable(key) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (tempfile::TempDir, Data) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = Data::new(Some(folder.path())).expect("a path");
        (folder, data)
    }

    #[test]
    fn a_reset_deletes_the_site_and_nothing_else() {
        let (folder, data) = data();
        for name in ["magnetiq.sqlite3", "magnetiq.sqlite3-wal", "letters.txt"] {
            fs::write(folder.path().join(name), "x").expect("a file");
        }
        fs::create_dir_all(folder.path().join("media/ab")).expect("a folder");
        data.reset().expect("everything can be deleted");
        let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(left, ["letters.txt"]);
        fs::create_dir(folder.path().join("mail")).expect("a folder of somebody else");
        data.reset().expect("there is no site here");
        assert!(folder.path().join("mail").exists());
        fs::remove_dir_all(folder.path()).expect("the folder goes");
        data.reset().expect("there is nothing to delete");
    }

    #[test]
    fn data_in_use_is_left_alone() {
        let (folder, data) = data();
        data.check_unused().expect("nobody is there");
        let path = folder.path().join(LOCK);
        fs::write(&path, "4711 api-server\n").expect("a lock file");
        data.check_unused().expect("a lock file that nobody holds");
        let held = File::open(&path).expect("the lock file");
        held.try_lock().expect("the lock");
        assert!(data.check_unused().expect_err("somebody is there").to_string().contains("4711 api-server"));
    }
}
