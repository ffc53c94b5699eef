//! How long a post is, as each network counts.

use unicode_segmentation::UnicodeSegmentation;

/// Mastodon and X count a link as this many characters, however long it is.
const LINK: u32 = 23;

/// The text in parts: links, and what stands between them.
fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split_inclusive(char::is_whitespace).flat_map(|word| {
        let bare = word.trim_end();
        // A link in brackets or at the end of a sentence is one all the same.
        let begin = bare.find("https://").or_else(|| bare.find("http://"));
        let (before, rest) = word.split_at(begin.unwrap_or(word.len()));
        let end = rest.trim_end().trim_end_matches(['.', ',', ')', ']', '!', '?', ';', ':', '"', '\'']).len();
        let (link, after) = rest.split_at(end);
        [(before, false), (link, true), (after, false)]
    })
}

fn count(text: &str, plain: impl Fn(&str) -> u32) -> u32 {
    let of = |(part, is_link): (&str, bool)| {
        if part.is_empty() {
            0
        } else if is_link {
            LINK
        } else {
            plain(part)
        }
    };
    parts(text).map(of).fold(0, u32::saturating_add)
}

fn graphemes(text: &str) -> u32 {
    u32::try_from(text.graphemes(true).count()).unwrap_or(u32::MAX)
}

/// What people see as one character is one. Of an address such as `@ana@example.social` only the first part counts.
pub(super) fn mastodon(text: &str) -> u32 {
    count(text, |plain| {
        let word = plain.trim();
        let host = word.strip_prefix('@').and_then(|name| name.find('@').map(|at| graphemes(&name[at..])));
        graphemes(plain).saturating_sub(host.unwrap_or(0))
    })
}

/// UTF-16 code units: LinkedIn does not say how it counts, and counts no more than these.
pub(super) fn linkedin(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Letters of the alphabets of Europe and its neighbours weigh one, everything else two; an emoji two, however it is put together.
/// (twitter-text, configuration v3)
pub(super) fn x(text: &str) -> u32 {
    let is_light = |c: char| matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    let weight = |grapheme: &str| {
        let heavy = grapheme.chars().filter(|c| !is_light(*c)).count();
        let is_emoji = grapheme.chars().any(|c| matches!(u32::from(c), 0x200d | 0xfe0f | 0x1f000..));
        let weight = if is_emoji { 2 } else { grapheme.chars().count() + heavy };
        u32::try_from(weight).unwrap_or(u32::MAX)
    };
    count(text, |plain| plain.graphemes(true).map(weight).fold(0, u32::saturating_add))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_counts_in_its_own_way() {
        let link = format!("https://example.com/{}", "x".repeat(100));
        for (text, on_mastodon, on_linkedin, on_x) in [
            ("", 0, 0, 0),
            ("Hello", 5, 5, 5),
            ("Grüße", 5, 5, 5),
            ("日本", 2, 2, 4),
            ("👍", 1, 2, 2),
            ("👨‍👩‍👧‍👦", 1, 11, 2),
            ("a\nb", 3, 3, 3),
            (link.as_str(), 23, 120, 23),
            (&format!("See {link}."), 28, 125, 28),
            (&format!("({link})"), 25, 122, 25),
            ("@ana@example.social hi", 7, 22, 22),
        ] {
            assert_eq!((mastodon(text), linkedin(text), x(text)), (on_mastodon, on_linkedin, on_x), "{text}");
        }
    }
}
