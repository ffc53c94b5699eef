//! Media: files in a content-addressed folder, a row for each.

pub(crate) mod admin;
pub(crate) mod deleted;
pub(crate) mod folder;
pub(crate) mod kind;
pub(crate) mod rows;
pub(crate) mod serve;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock::Time, id::MediaId};

/// A file that pages may show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Media {
    /// Id of the file.
    pub id: MediaId,
    /// Its name when it came, cleaned for use in addresses.
    pub name: String,
    /// What it is, by its content.
    #[schema(examples("image/png"))]
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
    /// Where it is served.
    pub url: String,
    /// When it came.
    pub created_at: Time,
    /// Pixels; null where it is no picture.
    pub width: Option<u32>,
    /// Pixels; null where it is no picture.
    pub height: Option<u32>,
}

/// The address of a file: its hash finds it, its name is for people and for saving it.
pub(crate) fn url(sha256: &str, name: &str) -> String {
    format!("/media/{sha256}/{name}")
}

/// A file name for addresses: letters, digits, `.`, `-` and `_`; at most 100 characters, the extension kept.
pub(crate) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean = String::new();
    for c in deunicode::deunicode(last).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => clean.push(c),
            _ if !clean.ends_with('-') => clean.push('-'),
            _ => {}
        }
    }
    let clean = clean.trim_matches(['.', '-']);
    let (stem, extension) = match clean.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 => (stem, Some(extension)),
        _ => (clean, None),
    };
    let stem = stem.get(..89.min(stem.len())).unwrap_or_default();
    match (stem, extension) {
        ("", _) => "file".into(),
        (stem, Some(extension)) => format!("{stem}.{extension}"),
        (stem, None) => stem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (name, clean) in [
            ("photo.JPG", "photo.JPG"),
            ("C:\\Users\\ana\\My photo (1).png", "My-photo-1-.png"),
            ("../../etc/passwd", "passwd"),
            ("Übersicht größer.pdf", "Ubersicht-grosser.pdf"),
            ("", "file"),
            ("...", "file"),
            ("a\"b<c>.svg", "a-b-c-.svg"),
        ] {
            assert_eq!(clean_name(name), clean);
        }
        assert!(clean_name(&format!("{}.jpeg", "x".repeat(300))).len() <= 100);
    }
}
