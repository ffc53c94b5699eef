use std::path::PathBuf;

use crate::reader::Reader;

/// `[mail]`: letters that the site sends.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The folder that every letter is written to, as a file; without one no mail is sent.
    pub folder: Option<PathBuf>,
    /// The address that letters come from.
    pub from: String,
}

impl Mail {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let folder = reader.by_profile("data/mail", "");
        let folder = reader.text("mail.folder", folder);
        Self {
            folder: (!folder.is_empty()).then(|| folder.into()),
            from: reader.parsed("mail.from", "noreply@localhost", "an address such as site@example.com", address),
        }
    }
}

fn address(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    (plain(local) && plain(domain)).then(|| text.to_owned())
}
