//! What changed from one backup to another.

use std::collections::BTreeMap;

use crate::{Backups, Entry, Error, Manifest, archive};

/// What changed from one backup to another, by their manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Whether the definitions of tables, indexes, triggers and views differ.
    pub schema: bool,
    /// Tables whose content differs, by name.
    pub tables: Vec<TableChange>,
    /// Media files that differ, by path.
    pub media: Vec<FileChange>,
    /// Settings files that differ, by name.
    pub config: Vec<FileChange>,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        !self.schema && self.tables.is_empty() && self.media.is_empty() && self.config.is_empty()
    }

    /// From one manifest to another.
    pub fn between(a: &Manifest, b: &Manifest) -> Self {
        let tables = pairs(&a.database.tables, &b.database.tables, |table| &table.name);
        let tables = tables.filter(|(_, a, b)| a != b).map(|(name, a, b)| TableChange {
            name: name.to_owned(),
            rows_before: a.map(|table| table.rows),
            rows_after: b.map(|table| table.rows),
        });
        let media = files(pairs(&a.media.files, &b.media.files, |file| &file.path), |file| (&file.sha256, file.size_bytes));
        let config = files(pairs(&a.config, &b.config, |file| &file.path), |file| (&file.sha256, file.size_bytes));
        Self { schema: a.database.schema_hash != b.database.schema_hash, tables: tables.collect(), media, config }
    }
}

/// A table whose content differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableChange {
    /// Its name.
    pub name: String,
    /// Rows in the first; `None`: not there.
    pub rows_before: Option<u64>,
    /// Rows in the second; `None`: not there. As many as before: rows were changed.
    pub rows_after: Option<u64>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// Its size in the first; `None`: not there.
    pub bytes_before: Option<u64>,
    /// Its size in the second; `None`: not there.
    pub bytes_after: Option<u64>,
}

type Pair<'a, T> = (&'a str, Option<&'a T>, Option<&'a T>);

fn pairs<'a, T>(a: &'a [T], b: &'a [T], key: impl Fn(&'a T) -> &'a String) -> impl Iterator<Item = Pair<'a, T>> {
    let mut all: BTreeMap<&str, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in a {
        all.entry(key(item)).or_default().0 = Some(item);
    }
    for item in b {
        all.entry(key(item)).or_default().1 = Some(item);
    }
    all.into_iter().map(|(name, (a, b))| (name, a, b))
}

fn files<'a, T: 'a>(pairs: impl Iterator<Item = Pair<'a, T>>, content: impl Fn(&'a T) -> (&'a String, u64)) -> Vec<FileChange> {
    let contents = pairs.map(|(path, a, b)| (path, a.map(&content), b.map(&content)));
    let different = contents.filter(|(_, a, b)| a != b);
    let size = |content: Option<(&String, u64)>| content.map(|(_, bytes)| bytes);
    different.map(|(path, a, b)| FileChange { path: path.to_owned(), bytes_before: size(a), bytes_after: size(b) }).collect()
}

pub(crate) fn diff(backups: &Backups, a: &Entry, b: &Entry) -> Result<Difference, Error> {
    let manifest = |entry: &Entry| archive::manifest_of(&entry.path, &backups.options);
    Ok(Difference::between(&manifest(a)?, &manifest(b)?))
}
