//! Views with lists: `ui/src/public/home-view.tsx`, `tag-views.tsx`, `search-view.tsx`, `site-map-view.tsx` and `page-list.tsx` as HTML.

use maud::{Markup, PreEscaped, html};
use url::form_urlencoded;

use super::{address, article, icons, view::PageName, words::Words};
use crate::{
    http::cursor::List,
    pages::{PageCard, PublicPage, tags::TagCount},
    site::Site,
};

/// The start.
pub(super) fn home(site: &Site, page: Option<&PublicPage>, list: &List<PageCard>, words: &Words) -> Markup {
    html! {
        section class="hero hero-home" {
            div class="field-lines field-lines-fading" aria-hidden="true" {}
            div class="bar" {
                h1 tabindex="-1" { (site.title) }
                @if !site.description.is_empty() { p class="lead" { (site.description) } }
            }
        }
        @if let Some(page) = page { div class="home-text" { (article::prose(&page.html, &site.language)) } }
        section class="listing" aria-labelledby="pages" {
            h2 id="pages" class="listing-title" { (words.pages) }
            @if list.items.is_empty() { p class="nothing" { (words.no_pages) } } @else { (cards(list, "/", words)) }
        }
    }
}

/// The pages with a tag.
pub(super) fn tag(tag: &str, list: &List<PageCard>, words: &Words) -> Markup {
    html! {
        div class="listing" {
            h1 tabindex="-1" { (words.tagged(tag)) }
            h2 class="sr-only" { (words.pages) }
            (cards(list, &address::tag_path(tag), words))
        }
    }
}

/// All tags.
pub(super) fn tags(tags: &[TagCount], words: &Words) -> Markup {
    html! {
        div class="listing" {
            h1 tabindex="-1" { (words.tags) }
            @if tags.is_empty() { p class="nothing" { (words.no_tags) } } @else {
                ul class="tags tags-large" {
                    @for tag in tags { li { a href=(address::tag_path(&tag.tag)) { (tag.tag) span { (tag.pages) } } } }
                }
            }
        }
    }
}

/// What a search found.
pub(super) fn search(q: &str, list: &List<PageCard>, words: &Words) -> Markup {
    let next = format!("/search?{}", form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish());
    html! {
        div class="listing" {
            h1 { (words.search) }
            search {
                form class="search-form" action="/search" {
                    (icons::search())
                    input type="search" name="q" aria-label=(words.search_label) placeholder=(words.search_hint) autocomplete="off" value=(q);
                }
            }
            section class="results" aria-labelledby="results" {
                h2 id="results" class="sr-only" { (words.results) }
                p class="found" role="status" {
                    @if q.is_empty() { (words.search_empty) } @else { (words.found(q, list.items.len(), list.next_cursor.is_some())) }
                }
                @if !list.items.is_empty() { (cards(list, &next, words)) }
                @if list.items.is_empty() && !q.is_empty() {
                    div class="nothing-found" {
                        p class="nothing-found-title" { (words.nothing_found) }
                        p { (words.nothing_found_hint) }
                    }
                }
            }
        }
    }
}

/// All pages by name.
pub(super) fn site_map(pages: &[PageName], words: &Words) -> Markup {
    html! {
        div class="listing" {
            h1 tabindex="-1" { (words.site_map) }
            @if pages.is_empty() { p class="nothing" { (words.no_pages) } } @else {
                ul class="names" { @for page in pages { li { a href=(page.path) { (page.title) } } } }
            }
            p class="actions" { a class="button" href="/tags" { (words.tags) } }
        }
    }
}

/// Pages one below the other, and the way to the next ones.
fn cards(list: &List<PageCard>, path: &str, words: &Words) -> Markup {
    let next = list.next_cursor.as_ref().map(|cursor| {
        let sign = if path.contains('?') { '&' } else { '?' };
        format!("{path}{sign}cursor={cursor}")
    });
    html! {
        ul class="cards" { @for page in &list.items { (card(page, words)) } }
        @if let Some(next) = next { p class="more" { a class="button" href=(next) { (words.more) } } }
    }
}

fn card(page: &PageCard, words: &Words) -> Markup {
    html! {
        li class="card" {
            time class="card-date" datetime=(page.published_at) { (words.date(page.published_at)) }
            div class="card-text" {
                h3 { a href={ "/" (page.slug) } { (page.title) } }
                @if let Some(excerpt) = &page.excerpt {
                    div { (PreEscaped(excerpt)) }
                } @else if !page.summary.is_empty() {
                    p { (page.summary) }
                }
                @if let Some(author) = &page.author { p class="card-author" { (author) } }
            }
        }
    }
}
