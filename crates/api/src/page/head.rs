//! What programs read of a view: search engines, link previews, feed readers.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    document,
    view::{Content, View},
};
use crate::{error::Error, pages::PublicPage};

/// The elements that belong into the head. `base`: the site's address without a slash at its end.
pub(super) fn of(view: &View, base: &str) -> Result<Markup, Error> {
    let site = &view.site.title;
    let name = if view.title.is_empty() { site } else { &view.title };
    let page = match &view.content {
        Content::Page { page } => Some(page),
        _ => None,
    };
    let image = page.and_then(|page| first_picture(&page.html)).map(|source| absolute(base, source));
    let card = if image.is_some() { "summary_large_image" } else { "summary" };
    let data = structured(view, base, image.as_deref()).map(|data| document::data(&data)).transpose()?;
    Ok(html! {
        title { (title(view)) }
        @if !view.description.is_empty() { meta name="description" content=(view.description); }
        @if view.noindex { meta name="robots" content="noindex"; }
        @if !view.canonical.is_empty() {
            link rel="canonical" href=(view.canonical);
            meta property="og:url" content=(view.canonical);
        }
        link rel="alternate" type="application/rss+xml" href="/feed.xml" title=(site);
        meta property="og:type" content=(if page.is_some() { "article" } else { "website" });
        meta property="og:site_name" content=(site);
        meta property="og:title" content=(name);
        meta property="og:locale" content=(view.language.replace('-', "_"));
        @if !view.description.is_empty() { meta property="og:description" content=(view.description); }
        @if let Some(page) = page {
            meta property="article:published_time" content=(page.published_at);
            meta property="article:modified_time" content=(page.updated_at);
            @for tag in &page.tags { meta property="article:tag" content=(tag); }
        }
        @if let Some(image) = &image { meta property="og:image" content=(image); }
        // Titles, texts and pictures of the card are those above.
        meta name="twitter:card" content=(card);
        @if let Some(data) = data { script type="application/ld+json" { (data) } }
    })
}

/// As the browser shows it: the page writes the same when it moves on.
fn title(view: &View) -> String {
    let site = &view.site.title;
    if view.title.is_empty() { site.clone() } else { format!("{} · {site}", view.title) }
}

/// The same as schema.org describes it, for the views that search engines draw in a way of their own.
fn structured(view: &View, base: &str, image: Option<&str>) -> Option<Value> {
    match &view.content {
        Content::Home { .. } => {
            Some(json!({ "@context": "https://schema.org", "@type": "WebSite", "name": &view.site.title, "url": format!("{base}/") }))
        }
        Content::Page { page } => Some(article(view, page, image)),
        _ => None,
    }
}

fn article(view: &View, page: &PublicPage, image: Option<&str>) -> Value {
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": page.title,
        "inLanguage": view.language,
        "datePublished": page.published_at,
        "dateModified": page.updated_at,
        "mainEntityOfPage": view.canonical,
    });
    let optional = [
        ("description", (!view.description.is_empty()).then(|| json!(view.description))),
        ("author", page.author.as_ref().map(|name| json!({ "@type": "Person", "name": name }))),
        ("image", image.map(|image| json!(image))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            data[name] = value;
        }
    }
    data
}

/// Where the first picture of a text comes from. The HTML is ours, so that it has one form.
fn first_picture(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<img ")?;
    let (attributes, _) = rest.split_once('>')?;
    let (_, source) = attributes.split_once("src=\"")?;
    let (source, _) = source.split_once('"')?;
    Some(source.replace("&amp;", "&"))
}

fn absolute(base: &str, source: String) -> String {
    if source.starts_with('/') && !source.starts_with("//") { format!("{base}{source}") } else { source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_picture_is_found() {
        let html = "<p>a > b</p><p><img alt=\"x\" src=\"/media/a/b.png?x=1&amp;y=2\" loading=\"lazy\"></p><img src=\"/second.png\">";
        assert_eq!(first_picture(html).as_deref(), Some("/media/a/b.png?x=1&y=2"));
        assert_eq!(first_picture("<p>none</p>"), None);
        assert_eq!(absolute("https://a.example", "/media/x.png".into()), "https://a.example/media/x.png");
        assert_eq!(absolute("https://a.example", "https://b.example/x.png".into()), "https://b.example/x.png");
    }
}
