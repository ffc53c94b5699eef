//! The set of files that comes out.

use std::collections::BTreeMap;

/// What the first lines of every file say that is made here. A file without it is somebody else's, and is left alone.
pub const MARK: &str = "made by `cargo xtask manifests`";

/// Files by their path below the folder that they are written to; the same deployment gives the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// How a file that lies there differs from what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is not there yet.
    New,
    /// It is there with another text.
    Changed,
    /// It was made here once, and is made no more.
    Stale,
}

impl Files {
    /// Adds a file.
    ///
    /// # Panics
    ///
    /// When there is one at this path, or its text does not say that it was made here: both are defects of a renderer.
    pub(crate) fn add(&mut self, path: impl Into<String>, text: String) {
        let path = path.into();
        assert!(is_ours(&text), "{path} says in its first lines that it was made here");
        let before = self.0.insert(path.clone(), text);
        assert!(before.is_none(), "{path} is rendered once");
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (path, text) in other.0 {
            self.add(path, text);
        }
    }

    /// Path and text, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of the file at `path`.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What differs in `there`, the files that lie in the folder now. Of those, files that are not ours don't count, and neither do ours in
    /// folders that nothing was rendered into.
    pub fn changes<'a>(&'a self, there: &'a Self) -> impl Iterator<Item = (&'a str, Change)> {
        let written = self.iter().filter_map(|(path, text)| match there.get(path) {
            None => Some((path, Change::New)),
            Some(other) => (other != text).then_some((path, Change::Changed)),
        });
        let is_stale = |path: &str, text: &str| is_ours(text) && self.get(path).is_none() && self.has_folder(folder(path));
        written.chain(there.iter().filter(move |(path, text)| is_stale(path, text)).map(|(path, _)| (path, Change::Stale)))
    }

    fn has_folder(&self, name: &str) -> bool {
        self.0.keys().any(|path| folder(path) == name)
    }
}

impl FromIterator<(String, String)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

/// Whether a file with this text was made here.
pub fn is_ours(text: &str) -> bool {
    text.lines().take(3).any(|line| line.contains(MARK))
}

/// The first folder of a path: each target has one of its own.
fn folder(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}
