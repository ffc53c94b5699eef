//! The status page: rendered here, no scripts, no inline styles, everything escaped.

mod details;
mod pictures;
mod public;
mod words;

use magnetiq_health::catalog::Entry;
use maud::{DOCTYPE, Markup, html};

pub(crate) use details::details;
pub(crate) use public::public;

use crate::explain;

pub(crate) const STYLE: &str = include_str!("style.css");

/// Seconds until a browser asks again.
const REFRESH: u32 = 30;

/// A page around `content`.
fn frame(title: &str, refresh: Option<u32>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = refresh { meta http-equiv="refresh" content=(seconds); }
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main { (content) } }
        }
    }
}

/// What a check means and what to do; `None` where there is no such check.
pub(crate) fn explanation(check: &str) -> Option<Markup> {
    let entry: &Entry = explain::meant(check)?;
    let content = html! {
        p { a href="/details" { "All checks" } }
        h1 { (entry.title) }
        p { code { (check) } }
        h2 { "What it means" } (text(entry.means))
        h2 { "What to look at" } (text(entry.look_at))
        h2 { "How to fix it" } (text(entry.fix))
        @if !entry.limits.is_empty() {
            h2 { "Limits, where nobody says otherwise" }
            ul { @for limit in entry.limits { li { (limit.measurement) ": " (explain::bounds(entry, limit)) ". " (limit.because) } } }
        }
    };
    Some(frame(entry.title, None, &content))
}

/// Paragraphs, and commands where lines begin with four spaces.
fn text(text: &str) -> Markup {
    html! {
        @for part in text.split("\n\n") {
            @if part.starts_with("    ") { pre { (part.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")) } } @else { p { (part) } }
        }
    }
}
