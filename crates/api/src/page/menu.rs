//! The menu called `main`: `ui/src/public/site-menu.tsx` as HTML.

use maud::{Markup, html};

use super::{icons, words::Words};
use crate::menus::public::PublicItem;

const ID: &str = "site-menu";

/// The menu; nothing where it is empty. What has lines below it opens by itself, without a script; on a narrow screen all of it waits behind
/// the button.
pub(super) fn menu(items: &[PublicItem], words: &Words) -> Markup {
    html! {
        @if !items.is_empty() {
            nav id=(ID) popover="auto" class="site-menu" aria-label=(words.menu) {
                ul {
                    @for item in items {
                        li { @if item.items.is_empty() { (line(item)) } @else { (with_lines_below(item)) } }
                    }
                }
            }
        }
    }
}

/// What opens the menu on a narrow screen.
pub(super) fn button(items: &[PublicItem], words: &Words) -> Markup {
    html! {
        @if !items.is_empty() {
            button class="tool menu-button" type="button" popovertarget=(ID) aria-label=(words.menu) { (icons::menu()) }
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
