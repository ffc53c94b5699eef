//! Looks options over before anything is done with them.

use std::path::{Path, PathBuf};

use crate::restore::resolved;
use crate::{Compression, Error, MediaMode, Options, archive};

impl Options {
    /// Everything that can be told without changing anything.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |problem: String| Err(Error::Options { problem });
        if self.name.is_empty()
            || !self.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            || self.name.starts_with('.')
        {
            return wrong(format!("the name {:?} of backups may have letters, digits, -, _ and . only", self.name));
        }
        if self.folder.as_os_str().is_empty() {
            return wrong("the backup folder is not set".to_owned());
        }
        if self.threads == 0 {
            return wrong("threads must be at least 1".to_owned());
        }
        let (lowest, highest) = match self.compression {
            Compression::Gzip => (1, 9),
            Compression::Zstd => (1, 19),
        };
        if let Some(level) = self.level.filter(|level| !(lowest..=highest).contains(level)) {
            return wrong(format!("compression level {level} is not within {lowest} to {highest}"));
        }
        if let Some(media) = &self.media {
            let (folder, store, live) = (whole(&self.folder), whole(&self.folder.join("media")), whole(media));
            if folder.starts_with(&live) || store.starts_with(&live) {
                return wrong(format!("the backup folder {} lies inside the media folder {}", self.folder.display(), media.display()));
            }
            if live.starts_with(&store) {
                let store = self.folder.join("media");
                return wrong(format!("{} is for copies of media, not for the media folder {}", store.display(), media.display()));
            }
        }
        if self.retention.is_nothing() {
            return Err(Error::RetentionOfNothing);
        }
        archive::recipients(&self.recipients).map(|_| ())
    }

    /// Encryption covers archives. Who asks for it must not find the media beside them for everybody to read.
    pub(crate) fn check_media(&self, mode: MediaMode) -> Result<(), Error> {
        if self.media.is_none() || mode != MediaMode::Linked || self.recipients.is_empty() {
            return Ok(());
        }
        let problem =
            "linked media lie beside the archives and are not encrypted, which recipients ask for: use media = \"full\"".to_owned();
        Err(Error::Options { problem })
    }
}

/// Without links and relative parts. What cannot be looked at is taken by its name.
fn whole(path: &Path) -> PathBuf {
    resolved(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
