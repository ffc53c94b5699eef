//! The menu called `main`: `ui/src/public/site-menu.tsx` as HTML.

use maud::{Markup, html};

use super::words::Words;
use crate::menus::public::PublicItem;

/// The menu; nothing where it is empty. What has lines below it opens by itself, without a script.
pub(super) fn menu(items: &[PublicItem], words: &Words) -> Markup {
    html! {
        @if !items.is_empty() {
            nav class="site-menu" aria-label=(words.menu) {
                ul {
                    @for item in items {
                        li { @if item.items.is_empty() { (line(item)) } @else { (with_lines_below(item)) } }
                    }
                }
            }
        }
    }
}

fn with_lines_below(item: &PublicItem) -> Markup {
    html! {
        details name="site-menu" {
            summary { (item.label) }
            ul {
                @if let Some(url) = &item.url { li { a href=(url) { (item.label) } } }
                @for below in &item.items {
                    li {
                        (line(below))
                        @if !below.items.is_empty() {
                            ul { @for last in &below.items { li { (line(last)) } } }
                        }
                    }
                }
            }
        }
    }
}

fn line(item: &PublicItem) -> Markup {
    html! { @if let Some(url) = &item.url { a href=(url) { (item.label) } } @else { span { (item.label) } } }
}
