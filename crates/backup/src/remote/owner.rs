//! Whose copies lie at a target. Two backup folders that copied to one target under one name would prune each other's copies, and an empty new
//! site would take the place of the last copy of the old one. So a folder has an id, and a file at the target names the one that writes there.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::{Backups, Error, catalogue, durable};

/// Beside the archives' first name: sites of other names have owners of their own.
const NAME_END: &str = ".owner.json";
const LIMIT_BYTES: u64 = 64 << 10;
const ABOUT: &str = "The backup folder that writes and prunes the copies here. All others are refused until one of them takes over.";
/// In the backup folder: its id.
const ID_FILE: &str = ".owner";

/// The backup folder that copies at a target belong to. Its [`Display`](fmt::Display) is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// The machine's name, and where the folder lies there; `None` for copies of a version that did not say.
    pub place: Option<(String, PathBuf)>,
    /// When the newest backup there was made.
    pub newest_at: Option<Timestamp>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((host, folder)) => write!(f, "the backup folder {} of {host}", folder.display())?,
            None => f.write_str("a backup folder that did not say which")?,
        }
        match self.newest_at {
            Some(at) => write!(f, " (the newest one is of {})", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
            None => f.write_str(" (there are none yet)"),
        }
    }
}

/// What the file at a target says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Marker {
    about: String,
    /// 128 random bits in hex. No secret: whoever can write there can write this.
    id: String,
    host: String,
    folder: PathBuf,
    since: Option<Timestamp>,
}

/// Who may write at a target.
enum Held {
    Ours,
    /// Nobody has said so, and nothing there is another's.
    Free,
    Another(Owner),
}

impl Target {
    /// The backup folder that the copies there belong to, where it is another one: copies and pruning are refused then. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Target`], [`Error::TargetOptions`] for a folder that is not there, [`Error::File`].
    pub fn owner(&self, backups: &Backups) -> Result<Option<Owner>, Error> {
        self.block(async {
            Ok(match self.held(backups).await? {
                Held::Another(owner) => Some(owner),
                Held::Ours | Held::Free => None,
            })
        })
    }

    /// Makes the target that of this backup folder, whoever had it: from now on the other one is refused there, and its copies are
    /// pruned by the retention of this one. Returns whom it was taken from.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push), but [`Error::TargetOwned`] only where somebody else took it in the same moment.
    pub fn adopt(&self, backups: &Backups) -> Result<Option<Owner>, Error> {
        self.block(async {
            self.require_name(backups)?;
            self.claim(backups)?;
            let before = match self.held(backups).await? {
                Held::Ours => return Ok(None),
                Held::Free => None,
                Held::Another(owner) => Some(owner),
            };
            self.take(backups).await?;
            Ok(before)
        })
    }

    /// For whatever writes or removes something there. What nobody owns is taken: a target without backups, or with some that this folder
    /// knows, from before targets had owners.
    pub(super) async fn require_owned(&self, backups: &Backups) -> Result<(), Error> {
        match self.held(backups).await? {
            Held::Ours => Ok(()),
            Held::Free => self.take(backups).await,
            Held::Another(owner) => Err(self.owned(owner)),
        }
    }

    /// Read back: of two that take it in one moment the one that wrote last has it.
    async fn take(&self, backups: &Backups) -> Result<(), Error> {
        let marker = Marker {
            about: ABOUT.to_owned(),
            id: own_id(backups)?,
            host: host(),
            folder: std::path::absolute(&backups.options.folder).unwrap_or_else(|_| backups.options.folder.clone()),
            since: Some(backups.options.clock.now()),
        };
        let name = self.owner_name();
        let text = serde_json::to_vec_pretty(&marker).map_err(|source| Error::Record { path: PathBuf::from(&name), source })?;
        let written = self.objects.put(&name, &text).await;
        match self.held(backups).await? {
            Held::Another(owner) => Err(self.owned(owner)),
            Held::Ours | Held::Free => written,
        }
    }

    async fn held(&self, backups: &Backups) -> Result<Held, Error> {
        let marker = self.marker().await?;
        let ours = known_id(backups)?;
        if marker.as_ref().is_some_and(|marker| ours.as_ref() == Some(&marker.id)) {
            return Ok(Held::Ours);
        }
        let there = self.entries().await?;
        if marker.is_none() {
            let known = catalogue::list(backups)?;
            let is_known = |entry: &crate::Entry| known.iter().any(|ours| ours.record.archive == entry.record.archive);
            if there.is_empty() || there.iter().any(is_known) {
                return Ok(Held::Free);
            }
        }
        let place = marker.map(|marker| (if marker.host.is_empty() { "another machine".to_owned() } else { marker.host }, marker.folder));
        Ok(Held::Another(Owner { place, newest_at: there.first().map(crate::Entry::created_at) }))
    }

    /// `None` where there is none that names somebody.
    async fn marker(&self) -> Result<Option<Marker>, Error> {
        let Some(text) = self.objects.get(&self.owner_name(), LIMIT_BYTES).await? else { return Ok(None) };
        match serde_json::from_slice::<Marker>(&text) {
            Ok(marker) => Ok(Some(marker).filter(|marker| !marker.id.is_empty())),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    target_name = self.name(),
                    object = self.owner_name(),
                    "it cannot be read"
                );
                Ok(None)
            }
        }
    }

    fn owned(&self, owner: Owner) -> Error {
        Error::TargetOwned { target: self.name().to_owned(), owner: Box::new(owner) }
    }

    pub(super) fn owner_name(&self) -> String {
        format!("{}{NAME_END}", self.options.backup_name)
    }
}

/// The id of a backup folder, made when it is first needed.
fn own_id(backups: &Backups) -> Result<String, Error> {
    if let Some(id) = known_id(backups)? {
        return Ok(id);
    }
    let path = backups.options.folder.join(ID_FILE);
    let mut bits = [0; 16];
    let filled = getrandom::fill(&mut bits).map_err(io::Error::other);
    filled.and_then(|()| durable::write_new(&path, hex::encode(bits).as_bytes())).map_err(Error::file("write", &path))?;
    // Another process may have been quicker.
    known_id(backups)?.ok_or_else(|| Error::file("read", &path)(io::ErrorKind::NotFound.into()))
}

/// `None` for a folder that never copied anywhere.
fn known_id(backups: &Backups) -> Result<Option<String>, Error> {
    let path = backups.options.folder.join(ID_FILE);
    match fs::read_to_string(&path) {
        Ok(id) if id.trim().is_empty() => {
            Err(Error::file("use", &path)(io::Error::new(io::ErrorKind::InvalidData, "it is empty: remove it")))
        }
        Ok(id) => Ok(Some(id.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", &path)(error)),
    }
}

/// For people, who have to find the machine. In a container it is the container's.
fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}
