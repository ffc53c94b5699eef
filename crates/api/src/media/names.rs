//! Names of files: what people called them, and what goes into addresses.

/// Characters of an original name that are kept.
const ORIGINAL_MAX: usize = 255;

/// The address of a file: its hash finds it, its name is for people and for saving it.
pub(crate) fn url(sha256: &str, name: &str) -> String {
    format!("/media/{sha256}/{name}")
}

/// The address of what a preset made of a picture. `version` ends the copies of visitors when it is made anew.
pub(crate) fn variant_url(sha256: &str, preset: &str, name: &str, version: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("/media/{sha256}/{preset}/{stem}.webp?v={version}")
}

/// A name as it came, without its folders and without what only plays tricks on those who read it.
pub(crate) fn original(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control() && !turns(*c)).take(ORIGINAL_MAX).collect::<String>().trim().to_owned()
}

/// A file name for addresses: letters, digits, `.`, `-` and `_`; at most 100 characters, the extension kept.
pub(crate) fn clean(name: &str) -> String {
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
    fn an_original_name_is_kept_as_far_as_it_can_be_read() {
        for (name, kept) in [
            ("Mein Foto (1).png", "Mein Foto (1).png"),
            ("..\\..\\x\\Übersicht.pdf", "Übersicht.pdf"),
            ("a\u{0}b\n<script>.png", "ab<script>.png"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("", ""),
        ] {
            assert_eq!(original(name), kept);
        }
        assert_eq!(original(&"ü".repeat(300)).chars().count(), ORIGINAL_MAX);
    }

    #[test]
    fn names_are_cleaned() {
        for (name, cleaned) in [
            ("photo.JPG", "photo.JPG"),
            ("C:\\Users\\ana\\My photo (1).png", "My-photo-1-.png"),
            ("../../etc/passwd", "passwd"),
            ("Übersicht größer.pdf", "Ubersicht-grosser.pdf"),
            ("", "file"),
            ("...", "file"),
            ("a\"b<c>.svg", "a-b-c-.svg"),
        ] {
            assert_eq!(clean(name), cleaned);
        }
        assert!(clean(&format!("{}.jpeg", "x".repeat(300))).len() <= 100);
    }
}
