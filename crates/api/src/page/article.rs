//! A page: `ui/src/public/article.tsx` as HTML.

use maud::{Markup, PreEscaped, html};

use super::{address, words::Words};
use crate::pages::PublicPage;

/// A published page.
pub(super) fn page(page: &PublicPage, language: &str, words: &Words) -> Markup {
    let (published, updated) = (words.date(page.published_at), words.date(page.updated_at));
    html! {
        article class="article" {
            header {
                h1 tabindex="-1" { (page.title) }
                @if !page.summary.is_empty() { p class="lead" { (page.summary) } }
                p class="byline" {
                    @if let Some(author) = &page.author { span { (author) } }
                    time datetime=(page.published_at) { (published) }
                    // Said only when it is news: a change on the day of publication is not.
                    @if page.updated_at > page.published_at && updated != published {
                        time datetime=(page.updated_at) { (words.updated(page.updated_at)) }
                    }
                }
            }
            (prose(&page.html, language))
            (tags(&page.tags, words))
        }
    }
}

/// A text that was rendered when it was saved.
pub(super) fn prose(text: &str, language: &str) -> Markup {
    html! { div class="prose" lang=(language) { (PreEscaped(text)) } }
}

/// The tags of a page, as links.
fn tags(tags: &[String], words: &Words) -> Markup {
    html! {
        @if !tags.is_empty() {
            ul class="tags" aria-label=(words.tags) {
                @for tag in tags { li { a href=(address::tag_path(tag)) { (tag) } } }
            }
        }
    }
}
