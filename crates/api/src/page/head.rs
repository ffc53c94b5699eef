//! What programs read of a view: search engines, link previews, feed readers.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    document,
    view::{Content, View},
};
use crate::{
    error::Error,
    media::markup,
    pages::{PublicPage, redirects},
};

/// The elements that belong into the head. `base`: the site's address without a slash at its end.
pub(super) fn of(view: &View, base: &str) -> Result<Markup, Error> {
    let site = &view.site.title;
    let name = if view.title.is_empty() { site } else { &view.title };
    let page = match &view.content {
        Content::Page { page } => Some(page),
        _ => None,
    };
    let image = page.and_then(|page| markup::first_picture(&page.html)).map(|source| absolute(base, source));
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
        @for (language, address) in translations(view, base) { link rel="alternate" hreflang=(language) href=(address); }
        link rel="alternate" type="application/rss+xml" href={ (view.feeds) "/feed.xml" } title=(site);
        link rel="alternate" type="application/atom+xml" href={ (view.feeds) "/atom.xml" } title=(site);
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

/// Every page that says the same and is to be found, by language, this one among them; the one in the site's own language is for all others.
fn translations<'a>(view: &'a View, base: &str) -> Vec<(&'a str, String)> {
    let pages = match &view.content {
        Content::Home { page: Some(page), .. } | Content::Page { page } => page.translations.as_slice(),
        _ => &[],
    };
    let pages: Vec<_> = pages.iter().filter(|page| !page.noindex).collect();
    if pages.len() < 2 || view.noindex {
        return Vec::new();
    }
    let address = |slug: &str| format!("{base}{}", redirects::path(slug));
    let all = pages.iter().map(|page| (page.language.as_deref().unwrap_or(&view.site.language), address(&page.slug)));
    let own = pages.iter().find(|page| page.language.is_none()).map(|page| ("x-default", address(&page.slug)));
    all.chain(own).collect()
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

fn absolute(base: &str, source: String) -> String {
    if source.starts_with('/') && !source.starts_with("//") { format!("{base}{source}") } else { source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_the_site_gets_its_whole_address() {
        assert_eq!(absolute("https://a.example", "/media/x.png".into()), "https://a.example/media/x.png");
        assert_eq!(absolute("https://a.example", "https://b.example/x.png".into()), "https://b.example/x.png");
    }
}
