//! `import FROM`: a folder of Markdown files with front matter, and the pictures beside them, become pages and media.
//!
//! Written for what Hugo and Jekyll write, and for what `export` does, which is read to the letter. A file that can't be read is reported with
//! its line and the rest goes in; a second run changes nothing; a page that was edited here since its import is left alone.

mod archive;
mod document;
mod exported;
mod front_matter;
mod links;
mod run;
mod write;

use std::{fmt, path::PathBuf};

pub use run::import;

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A page was made.
    Created,
    /// The file had changed since its last import; so has its page now.
    Updated,
    /// The page is as the file says already.
    Unchanged,
}

/// Something that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the imported folder.
    pub file: PathBuf,
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The file did not go in; otherwise it did, without what the message names.
    pub fatal: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.fatal { "error" } else { "warning" };
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {kind}: {}", self.message)
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Pages made.
    pub created: usize,
    /// Pages changed.
    pub updated: usize,
    /// Pages that were as their files say already.
    pub unchanged: usize,
    /// Pictures and other files brought in, without those that were here already.
    pub media: usize,
    /// Menus made.
    pub menus: usize,
    /// What a person should look at, in the order of the files.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Files that did not go in.
    pub fn failed(&self) -> usize {
        self.findings.iter().filter(|finding| finding.fatal).count()
    }
}

/// How far an import is; called before each file.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Files done.
    pub done: usize,
    /// Files in all.
    pub total: usize,
    /// The next file, relative to the imported folder.
    pub file: &'a std::path::Path,
}
