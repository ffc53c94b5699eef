//! Whether a target that is a folder is on its disk: the mount point of a disk that is missing is a folder, too.

use std::fs;
use std::path::Path;

use super::target::Target;
use crate::{Backups, Error, durable};

/// Lies in the folder of a target, and only says that this is it.
const MARKER: &str = "magnetiq-backups.txt";
const TEXT: &str = "Copies of backups are kept here. While this file is missing, none are written: the disk may not be mounted.\n";

impl Target {
    /// Writes the marker where backups of this folder never went there before, and fails where it was written once and is gone.
    pub(super) fn claim(&self, backups: &Backups) -> Result<(), Error> {
        let Some(folder) = &self.objects.folder else { return Ok(()) };
        let note = backups.options.folder.join(".targets").join(self.name());
        let known = fs::read_to_string(&note).is_ok_and(|url| url == self.options.url);
        if known {
            return self.require_marker();
        }
        let marker = folder.join(MARKER);
        if !marker.exists() {
            durable::write(&marker, TEXT.as_bytes()).map_err(Error::file("write", &marker))?;
        }
        let parent = note.parent().unwrap_or(Path::new("."));
        durable::create_folder(parent).map_err(Error::file("create the folder", parent))?;
        durable::write(&note, self.options.url.as_bytes()).map_err(Error::file("write", &note))
    }

    /// For whatever changes something there.
    pub(super) fn require_marker(&self) -> Result<(), Error> {
        match &self.objects.folder {
            Some(folder) if !folder.join(MARKER).is_file() => {
                let folder = folder.display();
                let problem =
                    format!("there is no {MARKER} in {folder}; is its disk mounted? If the folder is new, create that file in it");
                Err(Error::TargetOptions { target: self.name().to_owned(), problem })
            }
            _ => Ok(()),
        }
    }

    /// For everything: made here, a folder below a mount point whose disk is missing would fill the disk of the system.
    pub(super) fn require_folder(&self) -> Result<(), Error> {
        match &self.objects.folder {
            Some(folder) if !folder.is_dir() => {
                let problem = format!("there is no folder {}; is its disk mounted? If it is new, create it", folder.display());
                Err(Error::TargetOptions { target: self.name().to_owned(), problem })
            }
            _ => Ok(()),
        }
    }
}
