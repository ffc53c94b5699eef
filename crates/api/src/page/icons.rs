//! The few signs of the public site: those of `ui/src/ui/icons.tsx` and `logo.tsx`.

use maud::{Markup, html};

fn icon(path: &str) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
            stroke-linejoin="round" aria-hidden="true" { path d=(path) {} }
    }
}

pub(super) fn search() -> Markup {
    icon("m21 21-4.3-4.3M19 11a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z")
}

pub(super) fn menu() -> Markup {
    icon("M4 6h16M4 12h16M4 18h16")
}

/// The theme of the system.
pub(super) fn system() -> Markup {
    icon("M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM8 21h8m-4-4v4")
}

/// The mark of a site that has none of its own.
pub(super) fn logo() -> Markup {
    html! {
        svg class="logo" viewBox="0 0 32 32" fill="none" stroke-width="7" aria-hidden="true" {
            g transform="rotate(45 16 16) translate(0 3)" {
                path class="stroke-ink" d="M7.5 12v6.5a8.5 8.5 0 0 0 17 0V12" {}
                path class="stroke-pole" d="M7.5 3.5v6" {}
                path class="stroke-accent" d="M24.5 3.5v6" {}
            }
        }
    }
}
