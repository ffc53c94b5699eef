//! Looks options over before anything is done with them.

use crate::{Compression, Error, Options, archive};

impl Options {
    /// Everything that can be told without touching a file of the site.
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
        if let Some(media) = &self.media
            && (self.folder.starts_with(media) || self.folder == *media)
        {
            return wrong(format!("the backup folder {} lies inside the media folder {}", self.folder.display(), media.display()));
        }
        if self.retention.is_nothing() {
            return Err(Error::RetentionOfNothing);
        }
        archive::recipients(&self.recipients).map(|_| ())
    }
}
