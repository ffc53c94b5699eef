//! The documents themselves. maud escapes what XML wants escaped; titles and summaries have no control characters.

use jiff::fmt::rfc2822::DateTimePrinter;
use magnetiq_config::Site;
use maud::{PreEscaped, html};

use super::Entry;
use crate::{clock::Time, pages::redirects};

const XML: PreEscaped<&str> = PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

/// A sitemap as sitemaps.org describes it. `base`: the site's address without a slash at its end.
pub(super) fn sitemap(base: &str, entries: &[Entry]) -> String {
    let is_home = |entry: &&Entry| redirects::path(&entry.slug) == "/";
    let document = html! {
        (XML)
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            url {
                loc { (base) "/" }
                @if let Some(home) = entries.iter().find(is_home) { lastmod { (home.updated_at) } }
            }
            @for entry in entries.iter().filter(|entry| !is_home(entry)) {
                url {
                    loc { (base) (redirects::path(&entry.slug)) }
                    lastmod { (entry.updated_at) }
                }
            }
        }
    };
    document.into_string()
}

/// An RSS 2.0 feed, the newest page first.
pub(super) fn rss(base: &str, site: &Site, entries: &[Entry]) -> String {
    // To maud a link is an element of HTML, which has no closing tag; in XML it has one.
    let link = |path: &str| html! { (PreEscaped("<link>")) (base) (path) (PreEscaped("</link>")) };
    let document = html! {
        (XML)
        rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" {
            channel {
                title { (site.title) }
                (link("/"))
                description { (site.description) }
                language { (site.language) }
                (PreEscaped("<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"")) (base) "/feed.xml" (PreEscaped("\"/>"))
                @for entry in entries {
                    item {
                        title { (entry.title) }
                        (link(&redirects::path(&entry.slug)))
                        // The id stays when the address changes: readers don't show the page as another one.
                        guid isPermaLink="false" { "urn:uuid:" (entry.id) }
                        pubDate { (date(entry.published_at)) }
                        @if !entry.summary.is_empty() { description { (entry.summary) } }
                    }
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

/// What robots may read: all but the admin area. The API is open to them, because the page shows what it answers.
pub(super) fn robots(base: &str) -> String {
    format!("User-agent: *\nDisallow: /admin\n\nSitemap: {base}/sitemap.xml\n")
}
