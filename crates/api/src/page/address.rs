//! Addresses of the site.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::{http::cursor::ListQuery, pages::redirects};

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Home { cursor: Option<String> },
    Page { slug: String },
    Tag { tag: String, cursor: Option<String> },
    Tags,
    Search { q: String, cursor: Option<String> },
    SiteMap,
    Form { slug: String },
    Confirm,
    Preview,
}

impl Asked {
    /// From a path and a query, as in `/search?q=roses`.
    pub(super) fn of(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let parameter =
            |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let cursor = parameter("cursor");
        // What is encoded divides nothing: a tag may have a `/`.
        let parts: Vec<_> = path.trim_matches('/').split('/').map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
        match parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>()[..] {
            [""] => Asked::Home { cursor },
            ["tags"] => Asked::Tags,
            ["tags", tag] => Asked::Tag { tag: tag.to_owned(), cursor },
            ["search"] => Asked::Search { q: parameter("q").unwrap_or_default().trim().to_owned(), cursor },
            ["sitemap"] => Asked::SiteMap,
            ["forms", slug] => Asked::Form { slug: slug.to_owned() },
            ["confirm"] => Asked::Confirm,
            ["preview"] => Asked::Preview,
            _ => Asked::Page { slug: parts.join("/") },
        }
    }

    /// Where the part of a list begins that is asked for.
    pub(super) fn cursor(&self) -> Option<&str> {
        match self {
            Asked::Home { cursor } | Asked::Tag { cursor, .. } | Asked::Search { cursor, .. } => cursor.as_deref(),
            _ => None,
        }
    }

    /// The list that is asked for.
    pub(super) fn list(&self) -> ListQuery {
        let q = if let Asked::Search { q, .. } = self { q.clone() } else { String::new() };
        ListQuery { q, cursor: self.cursor().map(str::to_owned), limit: None }
    }

    /// The path of what is asked for, as links name it.
    pub(super) fn path(&self) -> String {
        match self {
            Asked::Home { .. } => "/".into(),
            Asked::Page { slug } => redirects::path(slug),
            Asked::Tag { tag, .. } => tag_path(tag),
            Asked::Tags => "/tags".into(),
            Asked::Search { q, .. } if q.is_empty() => "/search".into(),
            Asked::Search { q, .. } => format!("/search?{}", form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish()),
            Asked::SiteMap => "/sitemap".into(),
            Asked::Form { slug } => format!("/forms/{slug}"),
            Asked::Confirm => "/confirm".into(),
            Asked::Preview => "/preview".into(),
        }
    }
}

/// Where the pages with a tag are. Encoded as `encodeURIComponent` does it, so that the page writes the same.
pub(super) fn tag_path(tag: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    format!("/tags/{}", utf8_percent_encode(tag, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, asked: &Asked, path: &str) {
        assert_eq!(&Asked::of(address), asked);
        assert_eq!(asked.path(), path);
    }

    #[test]
    fn addresses_are_read_and_written() {
        check("/", &Asked::Home { cursor: None }, "/");
        check("/?cursor=abc&x=y", &Asked::Home { cursor: Some("abc".into()) }, "/");
        check("/guides/first/", &Asked::Page { slug: "guides/first".into() }, "/guides/first");
        check("/search?q=red%20roses+too", &Asked::Search { q: "red roses too".into(), cursor: None }, "/search?q=red+roses+too");
        check("/search", &Asked::Search { q: String::new(), cursor: None }, "/search");
        check("/tags/%C3%BCber%20uns", &Asked::Tag { tag: "über uns".into(), cursor: None }, "/tags/%C3%BCber%20uns");
        check("/tags/ui%2Fux", &Asked::Tag { tag: "ui/ux".into(), cursor: None }, "/tags/ui%2Fux");
        check("/forms/contact", &Asked::Form { slug: "contact".into() }, "/forms/contact");
        check("/forms", &Asked::Page { slug: "forms".into() }, "/forms");
        check("/%ff", &Asked::Page { slug: "\u{fffd}".into() }, "/\u{fffd}");
    }
}
