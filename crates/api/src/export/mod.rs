//! `export DIR` and its download: the site as the folder of Markdown and files that an import takes.
//!
//! A page is a file at its address, with front matter; the draft of a published one is a file beside it. Files of media are where the site serves
//! them, so that texts are written as they are. Imported into an empty site, the folder makes the same site again: ids, addresses and the
//! redirects to them, languages, tags, dates, plans, drafts, menus, media. Accounts and what they wrote down elsewhere (revisions, the trash,
//! the audit log, leads) are in backups, and not in here.

pub(crate) mod archive;
mod files;
mod folder;
pub(crate) mod page_file;
mod rows;

use std::path::PathBuf;

pub use folder::export;

/// The name of the file that has the menus.
pub(crate) const MENUS: &str = "menus.json";
/// The folder of the files of media: `media/<sha256>/<name>`.
pub(crate) const MEDIA: &str = "media";
/// The name of the file that has what people say of them.
pub(crate) const MEDIA_WORDS: &str = "media.json";

/// What a file has.
#[derive(Debug)]
enum Content {
    Text(String),
    /// A file of the media folder, with its SHA-256.
    Media {
        path: PathBuf,
        sha256: String,
    },
}

/// What an export did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were written.
    pub written: usize,
    /// Files that were as they are to be already.
    pub unchanged: usize,
    /// Files of an earlier export whose page or file is gone.
    pub removed: usize,
    /// Files that were left alone, and why, in order.
    pub refused: Vec<(PathBuf, String)>,
}
