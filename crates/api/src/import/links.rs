//! Links in Markdown that point at files: found in the source text, so that they can be replaced and the rest stays as it was written.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use crate::pages::markdown;

/// A link to something relative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where its target stands in the source.
    pub(super) range: Range<usize>,
    /// The target, without a fragment or a query, percent-decoded.
    pub(super) path: String,
    /// `#fragment` and `?query`, as written.
    pub(super) rest: String,
}

/// Every relative target: of links, pictures, reference definitions, and of `src` and `href` in raw HTML.
pub(super) fn find(body: &str) -> Vec<Link> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let parser = Parser::new_ext(body, markdown::options());
    let definitions: Vec<_> =
        parser.reference_definitions().iter().map(|(_, definition)| (definition.dest.to_string(), definition.span.clone())).collect();
    ranges.extend(definitions.into_iter().filter_map(|(target, span)| target_in(body, span, &target)));
    for (event, span) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => ranges.extend(target_in(body, span, &dest_url)),
            Event::Html(_) | Event::InlineHtml(_) => ranges.extend(attributes(body, span)),
            _ => {}
        }
    }
    ranges.sort_by_key(|range| range.start);
    ranges.dedup();
    ranges.into_iter().filter_map(|range| relative(&body[range.clone()], range)).collect()
}

/// The last place of `target` in `span`, after the text of the link; `None` where it is written otherwise (escapes, references).
fn target_in(body: &str, span: Range<usize>, target: &str) -> Option<Range<usize>> {
    if target.is_empty() {
        return None;
    }
    let text = &body[span.clone()];
    // `](target` in a link, `]: target` in a definition: what follows the target may repeat it (a title), what precedes may too (the text)
    let ends = |at: usize| text[at..].chars().next().is_none_or(|next| matches!(next, ')' | '>') || next.is_whitespace());
    let places = ["](", "](<", "]: ", "]: <"].iter().flat_map(|opening| {
        let found = format!("{opening}{target}");
        text.rmatch_indices(&found).map(|(at, _)| at + opening.len()).find(|at| ends(at + target.len()))
    });
    places.max().map(|at| span.start + at..span.start + at + target.len())
}

/// Values of `src="…"` and `href="…"`.
fn attributes(body: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let text = &body[span.clone()];
    let mut ranges = Vec::new();
    for name in ["src=", "href="] {
        for (at, _) in text.match_indices(name) {
            let value = at + name.len();
            let Some(quote @ ('"' | '\'')) = text[value..].chars().next() else { continue };
            let start = value + 1;
            if let Some(length) = text[start..].find(quote) {
                ranges.push(span.start + start..span.start + start + length);
            }
        }
    }
    ranges
}

fn relative(target: &str, range: Range<usize>) -> Option<Link> {
    let has_scheme = target.split(['/', '#', '?']).next().is_some_and(|first| first.contains(':'));
    if has_scheme || target.starts_with(['/', '#', '?']) || target.is_empty() || target.contains("{{") {
        return None;
    }
    let end = target.find(['#', '?']).unwrap_or(target.len());
    let path = percent_encoding::percent_decode_str(&target[..end]).decode_utf8().ok()?.into_owned();
    Some(Link { range, path, rest: target[end..].to_owned() })
}

/// Replaces targets; `replacements` are in the order of the text.
pub(super) fn replace(body: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut text = String::with_capacity(body.len());
    let mut at = 0;
    for (range, new) in replacements {
        if range.start < at {
            // within the one before: a link in the text of a link
            continue;
        }
        text.push_str(&body[at..range.start]);
        text.push_str(new);
        at = range.end;
    }
    text.push_str(&body[at..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[&str]) {
        let found = find(body);
        let paths: Vec<String> = found.iter().map(|link| format!("{}{}", link.path, link.rest)).collect();
        assert_eq!(paths, expected, "{body}");
        let marked: Vec<_> = found.iter().map(|link| (link.range.clone(), "X".to_owned())).collect();
        assert_eq!(find(&replace(body, &marked)).len(), expected.len(), "{body}: a replaced link is still a link");
    }

    #[test]
    fn finds_relative_targets() {
        check("![a](pics/a.png) and [b](../b.md#top)", &["pics/a.png", "../b.md#top"]);
        check("[a.md](a.md \"a.md\")", &["a.md"]);
        check("[x]: ./x.png 'title'\n\n![x][x] [x]", &["./x.png"]);
        check("<img src=\"a b.png\" alt='x'><a href='c.md'>c</a>", &["a b.png", "c.md"]);
        check("![a](<with space.png>) ![b](with%20space.png)", &["with space.png", "with space.png"]);
        check("[![in](in.png)](out.md)", &["in.png", "out.md"]);
        check("[![l](pic.svg)][r]\n\n[r]: pic", &["pic.svg", "pic"]);
    }

    #[test]
    fn links_within_links_are_replaced_once() {
        let body = "<a href=\"v.html?src='i.svg'\">v</a>";
        let new: Vec<_> = find(body).into_iter().map(|link| (link.range, "/new".to_owned())).collect();
        assert_eq!(replace(body, &new), "<a href=\"/new\">v</a>");
    }

    #[test]
    fn leaves_the_rest_alone() {
        check("[a](https://example.com/a.png) [b](/b) [c](#c) [d](mailto:d@example.com) <https://example.com>", &[]);
        check("`![code](a.png)`\n\n```\n![code](a.png)\n```", &[]);
        check("[h]({{< ref \"x\" >}})", &[]);
    }
}
