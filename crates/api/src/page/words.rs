//! The words around the content, in the languages that we speak. The page has the same ones, from the same files.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::clock::Time;

/// Those that stand in HTML from the server.
#[derive(Debug, Deserialize)]
pub(super) struct Words {
    pub(super) skip: String,
    pub(super) site: String,
    pub(super) menu: String,
    pub(super) languages: String,
    pub(super) search: String,
    theme: String,
    theme_system: String,
    theme_light: String,
    pub(super) sign_in: String,
    pub(super) made_with: String,
    pub(super) site_map: String,
    pub(super) feed: String,
    pub(super) pages: String,
    pub(super) no_pages: String,
    pub(super) more: String,
    updated: String,
    pub(super) tags: String,
    pub(super) no_tags: String,
    tagged: String,
    pub(super) search_label: String,
    pub(super) search_hint: String,
    pub(super) search_empty: String,
    found_one: String,
    found_many: String,
    found_first: String,
    pub(super) results: String,
    pub(super) nothing_found: String,
    pub(super) nothing_found_hint: String,
    pub(super) not_found: String,
    pub(super) not_found_heading: String,
    pub(super) not_found_text: String,
    pub(super) to_start: String,
    pub(super) to_search: String,
    optional: String,
    pub(super) choose: String,
    pub(super) send: String,
    pub(super) needs_script: String,
    pub(super) website: String,
    pub(super) confirm_title: String,
    pub(super) preview: String,
    date: String,
    months: [String; 12],
}

static ALL: LazyLock<Vec<(&str, Words)>> = LazyLock::new(|| {
    let read = |(language, json)| (language, serde_json::from_str(json).expect("a test reads every catalog"));
    magnetiq_web::WORDS.into_iter().map(read).collect()
});

impl Words {
    /// In this language (a tag of BCP 47), or in English.
    pub(super) fn of(language: &str) -> &'static Self {
        let first = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let all = &*ALL;
        all.iter().find(|(name, _)| *name == first).or(all.first()).map(|(_, words)| words).expect("there is English")
    }

    /// `23 November 2026`, of the day that it is in UTC: where the reader is, the server can't know.
    pub(super) fn date(&self, time: Time) -> String {
        let date = jiff::Timestamp::from(time).to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        let month = usize::try_from(date.month()).ok().and_then(|month| self.months.get(month - 1)).map_or("", String::as_str);
        fill(&self.date, &[("day", &date.day().to_string()), ("month", month), ("year", &date.year().to_string())])
    }

    pub(super) fn updated(&self, time: Time) -> String {
        fill(&self.updated, &[("date", &self.date(time))])
    }

    pub(super) fn tagged(&self, tag: &str) -> String {
        fill(&self.tagged, &[("tag", tag)])
    }

    pub(super) fn optional(&self, label: &str) -> String {
        fill(&self.optional, &[("label", label)])
    }

    /// How the button for the theme is named as long as nobody has chosen one.
    pub(super) fn theme(&self) -> String {
        fill(&self.theme, &[("theme", &self.theme_system), ("next", &self.theme_light)])
    }

    /// How much was found for the words of a search.
    pub(super) fn found(&self, q: &str, count: usize, has_more: bool) -> String {
        let text = match count {
            _ if has_more => &self.found_first,
            1 => &self.found_one,
            _ => &self.found_many,
        };
        fill(text, &[("count", &count.to_string()), ("q", q)])
    }
}

/// Puts values into their places, `{name}`.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalog_can_be_read() {
        assert_eq!(ALL.len(), magnetiq_web::WORDS.len());
        assert_eq!(Words::of("de-CH").search, "Suche");
        assert_eq!(Words::of("fr").search, "Search");
    }

    #[test]
    fn values_are_put_in_and_not_read_again() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "2")]), "{b} and 2");
        assert_eq!(fill("{unknown}{", &[]), "");
        assert_eq!(Words::of("de").date(Time::from_millis(1_763_916_300_000)), "23. November 2025");
    }
}
