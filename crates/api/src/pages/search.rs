//! Words of a person to a query of FTS5, and the place that was found to HTML.

/// Marks in excerpts that no text can have by itself after [`excerpt_html`] escaped it.
pub(crate) const MARK_START: char = '\u{2}';
pub(crate) const MARK_END: char = '\u{3}';

/// Every word must be there; the last one may be unfinished. `None` when nothing is left to search for.
///
/// Each word is quoted, so that nothing in it is an operator: FTS5's syntax is not the visitor's business.
pub(crate) fn query(words: &str) -> Option<String> {
    let mut terms: Vec<String> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(16).map(|word| format!("\"{word}\"")).collect();
    terms.last_mut()?.push('*');
    Some(terms.join(" "))
}

/// An excerpt of plain text with marks as safe HTML.
pub(crate) fn excerpt_html(marked: &str) -> String {
    let mut html = String::with_capacity(marked.len() + 32);
    for c in marked.chars() {
        match c {
            MARK_START => html.push_str("<mark>"),
            MARK_END => html.push_str("</mark>"),
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' => html.push(' '),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_a_query() {
        for (words, expected) in [
            ("backup", Some("\"backup\"*")),
            ("hello wor", Some("\"hello\" \"wor\"*")),
            ("a AND \"b\" OR NEAR(", Some("\"a\" \"AND\" \"b\" \"OR\" \"NEAR\"*")),
            ("über", Some("\"über\"*")),
            ("  ***  ", None),
            ("", None),
        ] {
            assert_eq!(query(words).as_deref(), expected, "{words}");
        }
    }

    #[test]
    fn an_excerpt_is_escaped() {
        assert_eq!(excerpt_html("a \u{2}<b>\u{3} & c"), "a <mark>&lt;b&gt;</mark> &amp; c");
    }
}
