//! What stands around every view: `ui/src/public/layout.tsx` and `not-found.tsx` as HTML.

use maud::{Markup, html};

use super::{icons, languages::languages, menu, view::View, words::Words};

/// The whole of the site around a view's content.
pub(super) fn around(view: &View, words: &Words, content: &Markup) -> Markup {
    let title = &view.site.title;
    html! {
        div class="site" {
            a class="skip-link" href="#main" { (words.skip) }
            @if let Some(notice) = &view.site.notice { p class="site-notice" role="status" { (notice) } }
            header class="site-header" {
                div class="bar" {
                    a class="brand" href="/" {
                        @if let Some(logo) = &view.site.logo { img class="logo" src=(logo) alt=""; } @else { (icons::logo()) }
                        span { (title) }
                    }
                    (menu::menu(&view.menu, words))
                    nav class="site-tools" aria-label=(words.site) {
                        (languages(view, words))
                        a class="tool search-link" href="/search" { (icons::search()) span { (words.search) } }
                        button class="tool theme-button" type="button" aria-label=(words.theme()) { (icons::system()) }
                        (menu::button(&view.menu, words))
                    }
                }
            }
            main id="main" tabindex="-1" { (content) }
            footer class="site-footer" {
                div class="bar" {
                    p { (title) }
                    p class="site-links" {
                        @if let Some(contact) = &view.site.contact { a href={ "mailto:" (contact) } { (contact) } }
                        a href="/sitemap" { (words.site_map) }
                        a href={ (view.feeds) "/feed.xml" } { (words.feed) }
                        a href="/admin" { (words.sign_in) }
                        span { (words.made_with) }
                    }
                }
            }
        }
    }
}

/// Nothing is there.
pub(super) fn not_found(words: &Words) -> Markup {
    html! {
        section class="hero" {
            div class="field-lines field-lines-fading" aria-hidden="true" {}
            div class="bar" {
                p class="hero-code" { "404" }
                h1 tabindex="-1" { (words.not_found_heading) }
                p class="lead" { (words.not_found_text) }
                p class="actions" {
                    a class="button button-primary" href="/" { (words.to_start) }
                    a class="button" href="/search" { (words.to_search) }
                }
            }
        }
    }
}
