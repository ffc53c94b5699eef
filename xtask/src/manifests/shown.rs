//! What changes, for people.

use magnetiq_manifests::Change;
use similar::TextDiff;

pub(super) fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Stale => "removed",
    }
}

/// As `diff` has it, so that other programs can read it.
pub(super) fn difference(path: &str, change: Change, there: Option<&str>, wanted: Option<&str>) -> String {
    let (before, after) = (there.unwrap_or_default(), wanted.unwrap_or_default());
    let named = |is_there: bool| if is_there { path } else { "/dev/null" };
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().context_radius(3).header(named(change != Change::New), named(change != Change::Stale)).to_string();
    text.trim_end().to_owned()
}
