//! The documents themselves. maud escapes what XML wants escaped; titles and summaries have no control characters.

use jiff::fmt::rfc2822::DateTimePrinter;
use magnetiq_config::Site;
use maud::{Markup, PreEscaped, html};

use super::{Entry, Place, Translations};
use crate::{
    clock::Time,
    pages::{languages::Languages, redirects},
};

const XML: PreEscaped<&str> = PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

/// A part of the sitemap as sitemaps.org describes it, with the translations of each page as search engines read them. `base`: the site's
/// address without a slash at its end. `with_start`: there is no page called `home`, and the start of the site is named besides.
pub(super) fn sitemap(base: &str, languages: &Languages, with_start: bool, places: &[Place], translations: &Translations) -> String {
    let is_home = |place: &&Place| redirects::path(&place.slug) == "/";
    let home = places.iter().find(is_home);
    let document = html! {
        (XML)
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" {
            @if with_start { url { loc { (base) "/" } } }
            @for place in home.into_iter().chain(places.iter().filter(|place| !is_home(place))) {
                url {
                    loc { (base) (redirects::path(&place.slug)) }
                    lastmod { (place.updated_at) }
                    @if let Some(pages) = place.group.as_ref().and_then(|group| translations.get(group)) {
                        (alternates(base, languages, pages))
                    }
                }
            }
        }
    };
    document.into_string()
}

/// All pages that say the same, the one itself among them. The one in the site's own language is for those who read none of the others.
fn alternates(base: &str, languages: &Languages, pages: &[(String, String)]) -> Markup {
    let link = |tag: &str, slug: &str| {
        html! {
            // To maud a link has no closing tag; in XML it has an end.
            (PreEscaped("<xhtml:link rel=\"alternate\" hreflang=\"")) (tag) (PreEscaped("\" href=\"")) (base) (redirects::path(slug)) (PreEscaped("\"/>"))
        }
    };
    html! {
        @for (language, slug) in pages { (link(languages.tag(language), slug)) }
        @if let Some((_, slug)) = pages.iter().find(|(language, _)| language.is_empty()) { (link("x-default", slug)) }
    }
}

/// The list of the parts of a sitemap that is too long for one.
pub(super) fn sitemap_index(base: &str, parts: u32) -> String {
    let document = html! {
        (XML)
        sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            @for part in 1..=parts {
                sitemap { loc { (base) "/sitemap-" (part) ".xml" } }
            }
        }
    };
    document.into_string()
}

/// What a feed is of.
pub(super) struct Channel<'a> {
    pub(super) base: &'a str,
    pub(super) site: &'a Site,
    /// BCP 47.
    pub(super) language: &'a str,
    /// The path of the site's first page in that language.
    pub(super) home: &'a str,
    /// Path and query of the feed itself.
    pub(super) path: &'a str,
    pub(super) tag: Option<&'a str>,
}

/// An RSS 2.0 feed, the newest page first.
pub(super) fn rss(channel: &Channel<'_>, entries: &[Entry]) -> String {
    let Channel { base, site, language, home, path, tag } = channel;
    // To maud a link is an element of HTML, which has no closing tag; in XML it has one.
    let link = |path: &str| html! { (PreEscaped("<link>")) (base) (path) (PreEscaped("</link>")) };
    let document = html! {
        (XML)
        rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" {
            channel {
                title { (site.title) @if let Some(tag) = tag { ": " (tag) } }
                (link(home))
                description { (site.description) }
                language { (language) }
                (PreEscaped("<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"")) (base) (path) (PreEscaped("\"/>"))
                @for entry in entries {
                    item {
                        title { (entry.title) }
                        (link(&redirects::path(&entry.slug)))
                        // The id stays when the address changes: readers don't show the page as another one.
                        guid isPermaLink="false" { "urn:uuid:" (entry.id) }
                        pubDate { (date(entry.published_at)) }
                        @for tag in &entry.tags { category { (tag) } }
                        @if !entry.summary.is_empty() { description { (entry.summary) } }
                    }
                }
            }
        }
    };
    document.into_string()
}

/// An Atom feed (RFC 4287), the newest page first. The feed is known by its own address, its pages by their ids, as in RSS.
pub(super) fn atom(channel: &Channel<'_>, entries: &[Entry]) -> String {
    let Channel { base, site, language, home, path, tag } = channel;
    // A feed without pages changed when time began: it has to say something.
    let updated_at = entries.iter().map(|entry| entry.updated_at).max().unwrap_or(Time::from_millis(0));
    // To maud a link is an element of HTML, which has no closing tag; in XML it has an end.
    let link = |rel: &str, media_type: &str, path: &str| {
        html! { (PreEscaped("<link rel=\"")) (rel) (PreEscaped("\" type=\"")) (media_type) (PreEscaped("\" href=\"")) (base) (path) (PreEscaped("\"/>")) }
    };
    let document = html! {
        (XML)
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang=(language) {
            id { (base) (path) }
            title { (site.title) @if let Some(tag) = tag { ": " (tag) } }
            @if !site.description.is_empty() { subtitle { (site.description) } }
            updated { (updated_at) }
            author { name { (site.title) } }
            (link("self", "application/atom+xml", path))
            (link("alternate", "text/html", home))
            @for entry in entries {
                entry {
                    id { "urn:uuid:" (entry.id) }
                    title { (entry.title) }
                    (link("alternate", "text/html", &redirects::path(&entry.slug)))
                    published { (entry.published_at) }
                    updated { (entry.updated_at) }
                    @if let Some(author) = &entry.author { author { name { (author) } } }
                    @for tag in &entry.tags { category term=(tag) {} }
                    @if !entry.summary.is_empty() { summary { (entry.summary) } }
                }
            }
        }
    };
    document.into_string()
}

/// As RFC 822 writes it; empty for years that it cannot write.
fn date(time: Time) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time.into()).unwrap_or_default()
}

/// What robots may read: all but the admin area, and pages whose address only begins like it. The API is open to them, because the page shows
/// what it answers.
pub(super) fn robots(base: &str) -> String {
    format!("User-agent: *\nDisallow: /admin$\nDisallow: /admin/\n\nSitemap: {base}/sitemap.xml\n")
}
