//! The same page in other languages: `ui/src/public/languages.tsx` as HTML.

use maud::{Markup, html};

use super::{
    view::{Content, View},
    words::Words,
};
use crate::pages::redirects;

/// Links to a page in each of its languages; nothing where it has only one.
pub(super) fn languages(view: &View, words: &Words) -> Markup {
    let pages = match &view.content {
        Content::Home { page: Some(page), .. } | Content::Page { page } => page.translations.as_slice(),
        _ => &[],
    };
    html! {
        @if !pages.is_empty() {
            ul class="languages" aria-label=(words.languages) {
                @for page in pages {
                    @let tag = page.language.as_deref().unwrap_or(&view.site.language);
                    li {
                        a href=(redirects::path(&page.slug)) lang=(tag) hreflang=(tag) title=(page.title)
                            aria-current=[(tag == view.language).then_some("true")] { (tag.to_uppercase()) }
                    }
                }
            }
        }
    }
}
