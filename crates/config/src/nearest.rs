//! The name that the user probably meant.

/// Below this a name is more likely to mislead than to help.
const ALIKE: f64 = 0.8;

/// A setting in the wrong section is a likely mistake, but a likeness of the whole key is the better guess.
const OTHER_SECTION: f64 = 0.95;

/// The candidate most like `key`, if any is.
pub fn nearest<'a>(key: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| {
        let last_part = strsim::jaro_winkler(last_part(key), last_part(candidate)) * OTHER_SECTION;
        strsim::jaro_winkler(key, candidate).max(last_part)
    };
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}
