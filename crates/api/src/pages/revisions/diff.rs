//! What changed between two states of a page, for people.

use std::time::Duration;

use similar::TextDiff;

use super::Revision;
use crate::pages::Seo;

/// Texts that have little in common take long to compare; after this time the rest counts as changed.
const TIME_MAX: Duration = Duration::from_millis(500);

/// A unified diff; from nothing when there is no state before. Empty when nothing differs.
pub(crate) fn unified(from: Option<&Revision>, to: &Revision) -> String {
    let name = |revision: &Revision| format!("revision {}", revision.row.revision);
    let old = from.map(text).unwrap_or_default();
    let new = text(to);
    let old_name = from.map_or_else(|| "nothing".to_owned(), name);
    let diff = TextDiff::configure().timeout(TIME_MAX).diff_lines(&old, &new);
    diff.unified_diff().header(&old_name, &name(to)).to_string()
}

/// A state as lines: the fields, then the text. What says nothing has no line.
fn text(revision: &Revision) -> String {
    let Revision { row, slug, summary, tags, seo, body } = revision;
    let mut text = format!("address: /{slug}\ntitle: {}\nsummary: {summary}\nstatus: {}\n", row.title, row.status.as_str());
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\n"));
        }
    };
    line("tags", &tags.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", "));
    if let Some(Seo { title, description, canonical, noindex }) = seo {
        line("title for search engines", title);
        line("description for search engines", description);
        line("original at", canonical);
        line("search engines", if *noindex { "asked to leave it out" } else { "" });
    }
    text.push('\n');
    text + body
}
