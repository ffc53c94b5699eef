//! Which of our media files a body shows.

use std::collections::BTreeSet;

/// The SHA-256 of each media file that the text names by its address, `/media/<sha256>/…`.
///
/// Found in the text and not in the parsed Markdown, so that a file named in raw HTML or in a broken link counts too: at worst a file is
/// kept that could have been deleted.
pub(crate) fn media(body: &str) -> BTreeSet<String> {
    body.match_indices("/media/")
        .filter_map(|(at, prefix)| body.get(at + prefix.len()..at + prefix.len() + 64))
        .filter(|hash| hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_file_once() {
        let (a, b) = ("a".repeat(64), "0".repeat(64));
        let body = format!("![x](/media/{a}/x.png) <img src='/media/{b}/y.png'> /media/{a} /media/short /media/{}", "A".repeat(64));
        assert_eq!(media(&body), BTreeSet::from([a, b]));
    }
}
