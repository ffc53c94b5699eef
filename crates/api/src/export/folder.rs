//! An export into a folder: writes what is new, removes what is gone, and leaves alone what it did not write itself.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Content, Report, files};
use crate::{error::Error, import::Progress, state::AppState};

/// The file that says what an export wrote: the SHA-256 of each by its path. An import passes over it, because its name begins with a dot.
const WRITTEN: &str = ".magnetiq-export.json";

/// Writes the site into a folder that is empty, new, or has an earlier export.
///
/// # Errors
///
/// When the folder has something else, or can't be written, or the store fails. Single files that somebody changed are in the report.
pub fn export(state: &AppState, folder: &Path, mut progress: impl FnMut(Progress<'_>)) -> Result<Report, Error> {
    fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
    let mut target = Target::open(folder)?;
    let mut done = 0;
    let written = files::each(&state.store, &state.media, &mut |path, content| {
        progress(Progress { done, total: done, file: Path::new(path) });
        done += 1;
        target.put(path, content)
    });
    // Also of what was stopped: what was written is known to be ours.
    let removed = written.and_then(|()| target.remove_the_rest());
    target.note()?;
    removed?;
    Ok(target.report)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { action, path, source }
}

struct Target {
    root: PathBuf,
    /// What the export before wrote.
    before: BTreeMap<String, String>,
    now: BTreeMap<String, String>,
    report: Report,
}

/// What is at a path.
enum There {
    Nothing,
    /// A file with this hash.
    File(String),
    /// A link, a folder, or something behind one.
    Other,
}

impl Target {
    fn open(folder: &Path) -> Result<Self, Error> {
        let list = folder.join(WRITTEN);
        let before = match fs::read(&list) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed("read", &list)(error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::read_dir(folder).map_err(failed("read", folder))?.next().is_some() {
                    let reason = "it is not empty and has no export; name a new folder, so that nothing of yours is overwritten";
                    return Err(failed("export into", folder)(io::Error::new(io::ErrorKind::AlreadyExists, reason)));
                }
                BTreeMap::new()
            }
            Err(error) => return Err(failed("read", &list)(error)),
        };
        Ok(Self { root: folder.to_owned(), before, now: BTreeMap::new(), report: Report::default() })
    }

    fn put(&mut self, path: &str, content: Content) -> Result<(), Error> {
        let sha256 = match &content {
            Content::Text(text) => hex::encode(Sha256::digest(text)),
            Content::Media { sha256, .. } => sha256.clone(),
        };
        match self.there(path)? {
            There::File(is) if is == sha256 => self.report.unchanged += 1,
            There::File(is) if self.before.get(path) != Some(&is) => {
                self.refuse(path, "it is not as an export left it, and was not overwritten");
                return Ok(());
            }
            There::Other => {
                self.refuse(path, "a link or a folder is in its place");
                return Ok(());
            }
            There::Nothing | There::File(_) => {
                if !self.write(path, &content)? {
                    self.refuse(path, "the file is missing in the media folder");
                    return Ok(());
                }
                self.report.written += 1;
            }
        }
        self.now.insert(path.to_owned(), sha256);
        Ok(())
    }

    fn refuse(&mut self, path: &str, why: &str) {
        self.report.refused.push((path.into(), why.into()));
        // Ours once: it is so again when it is put back.
        if let Some(sha256) = self.before.get(path) {
            self.now.insert(path.to_owned(), sha256.clone());
        }
    }

    /// Follows no links: what is behind one is not ours.
    fn there(&self, path: &str) -> Result<There, Error> {
        let mut at = self.root.clone();
        let parts: Vec<&str> = path.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            at.push(part);
            let is_last = index + 1 == parts.len();
            match fs::symlink_metadata(&at) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
                Err(error) => return Err(failed("read", &at)(error)),
                Ok(found) if is_last && found.is_file() => return self.hash(&at).map(There::File),
                Ok(found) if !is_last && found.is_dir() => {}
                Ok(_) => return Ok(There::Other),
            }
        }
        Ok(There::Nothing)
    }

    fn hash(&self, path: &Path) -> Result<String, Error> {
        let mut hasher = Sha256::new();
        let mut file = fs::File::open(path).map_err(failed("read", path))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match io::Read::read(&mut file, &mut buffer).map_err(failed("read", path))? {
                0 => return Ok(hex::encode(hasher.finalize())),
                n => hasher.update(&buffer[..n]),
            }
        }
    }

    /// Beside its place first, then there: a file is whole or not there. False when the file of media is gone.
    fn write(&self, path: &str, content: &Content) -> Result<bool, Error> {
        let place = self.root.join(path);
        let folder = place.parent().unwrap_or(&self.root);
        let mut from = match content {
            Content::Text(_) => None,
            Content::Media { path, .. } => match fs::File::open(path) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(failed("read", path)(error)),
            },
        };
        fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        let mut file = NamedTempFile::new_in(folder).map_err(failed("create a file in", folder))?;
        let copied = match (content, &mut from) {
            (Content::Text(text), _) => io::Write::write_all(&mut file, text.as_bytes()),
            (Content::Media { .. }, Some(from)) => io::copy(from, &mut file).map(drop),
            (Content::Media { .. }, None) => Ok(()),
        };
        copied.and_then(|()| file.as_file().sync_all()).map_err(failed("write", &place))?;
        file.persist(&place).map_err(|error| failed("put in place", &place)(error.error))?;
        Ok(true)
    }

    /// Removes what an export wrote whose page or file is gone, unless somebody changed it.
    fn remove_the_rest(&mut self) -> Result<(), Error> {
        let gone: Vec<(String, String)> =
            self.before.iter().filter(|(path, _)| !self.now.contains_key(*path)).map(|(path, hash)| (path.clone(), hash.clone())).collect();
        for (path, sha256) in gone {
            match self.there(&path)? {
                There::Nothing => {}
                There::File(is) if is == sha256 => {
                    let place = self.root.join(&path);
                    fs::remove_file(&place).map_err(failed("remove", &place))?;
                    self.report.removed += 1;
                    self.remove_empty_folders(&place);
                }
                There::File(_) | There::Other => {
                    self.refuse(&path, "it is on the site no more, and was changed here, so that it was not removed");
                }
            }
        }
        Ok(())
    }

    fn remove_empty_folders(&self, place: &Path) {
        let above = place.ancestors().skip(1).take_while(|folder| *folder != self.root);
        // One that is not empty stays, and so does all above it.
        let _ = above.map(fs::remove_dir).take_while(Result::is_ok).count();
    }

    fn note(&self) -> Result<(), Error> {
        let place = self.root.join(WRITTEN);
        let text = serde_json::to_vec_pretty(&self.now).map_err(|source| Error::Json { source })?;
        if fs::read(&place).is_ok_and(|is| is == text) {
            return Ok(());
        }
        let mut file = NamedTempFile::new_in(&self.root).map_err(failed("create a file in", &self.root))?;
        io::Write::write_all(&mut file, &text).and_then(|()| file.as_file().sync_all()).map_err(failed("write", &place))?;
        file.persist(&place).map_err(|error| failed("put in place", &place)(error.error))?;
        Ok(())
    }
}
