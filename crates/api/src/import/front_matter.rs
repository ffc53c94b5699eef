//! Front matter: YAML between `---` or TOML between `+++`, at the top of a Markdown file.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};

use crate::{clock::Time, id::PageId, pages::Seo};

/// What the front matter says of a page. Keys that are not named here are of no use to us and are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    /// `magnetiq: 1`: an export wrote the file, and it is read to the letter.
    pub(super) exact: bool,
    pub(super) id: Option<PageId>,
    pub(super) title: Option<String>,
    /// `slug`: the last part of the address.
    pub(super) slug: Option<String>,
    /// `permalink` or `url`: the whole address.
    pub(super) address: Option<String>,
    /// `summary`, `description` or `excerpt`.
    pub(super) summary: Option<String>,
    pub(super) created: Option<Time>,
    pub(super) date: Option<Time>,
    /// `lastmod`, of an export.
    pub(super) live_at: Option<Time>,
    /// `publishDate` and `expiryDate`.
    pub(super) publish_at: Option<Time>,
    pub(super) unpublish_at: Option<Time>,
    /// `draft: true`, or Jekyll's `published: false`.
    pub(super) draft: bool,
    pub(super) tags: Vec<String>,
    pub(super) seo: Seo,
    /// Addresses that lead to the page.
    pub(super) aliases: Vec<String>,
    /// `language` or `lang`.
    pub(super) language: Option<String>,
    /// Pages of the same `translationKey` say the same in several languages.
    pub(super) translation_key: Option<String>,
    /// The file is no page, but the draft of this one.
    pub(super) draft_of: Option<PageId>,
}

/// A mistake, and the line of the file that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) line: usize,
    pub(super) message: String,
}

/// A file in its two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split<'a> {
    pub(super) front_matter: FrontMatter,
    pub(super) body: &'a str,
    /// The line of the file that the body begins on, from 1.
    pub(super) body_line: usize,
}

/// Parses the front matter; a file without one is all body.
pub(super) fn split(text: &str) -> Result<Split<'_>, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(fence @ ("---" | "+++")) = text.lines().next().map(str::trim_end) else {
        return Ok(Split { front_matter: FrontMatter::default(), body: text, body_line: 1 });
    };
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = start;
    let mut lines = 1;
    for line in text[start..].split_inclusive('\n') {
        lines += 1;
        if line.trim_end() == fence {
            let source = &text[start..at];
            let table = if fence == "---" { yaml(source) } else { toml(source) }?;
            let front_matter = Reader { table, source }.read()?;
            return Ok(Split { front_matter, body: &text[at + line.len()..], body_line: lines + 1 });
        }
        at += line.len();
    }
    Err(Mistake { line: 1, message: format!("the front matter begins with {fence} and has no closing {fence}") })
}

/// Lines of the source are one off in the file: the fence is line 1.
fn yaml(source: &str) -> Result<Map<String, Value>, Mistake> {
    if source.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_saphyr::from_str(source).map_err(|error| {
        let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
        let text = error.without_snippet().to_string();
        // Its own place counts from the fence, which would only confuse beside ours.
        let reason = first_line(&text).split(" at line ").next().unwrap_or_default();
        Mistake { line: line + 1, message: format!("the front matter is no YAML of keys and values: {reason}") }
    })
}

fn toml(source: &str) -> Result<Map<String, Value>, Mistake> {
    let table: toml::Table = source.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = source[..at.min(source.len())].matches('\n').count() + 1;
        Mistake { line: line + 1, message: format!("the front matter is no TOML: {}", first_line(error.message())) }
    })?;
    Ok(table.into_iter().map(|(key, value)| (key, json(value))).collect())
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Boolean(switch) => Value::Bool(switch),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

struct Reader<'a> {
    table: Map<String, Value>,
    source: &'a str,
}

impl Reader<'_> {
    fn read(&self) -> Result<FrontMatter, Mistake> {
        Ok(FrontMatter {
            exact: self.is_exact(),
            id: self.id("id")?,
            title: self.text(&["title"])?,
            slug: self.text(&["slug"])?,
            address: self.text(&["permalink", "url"])?,
            summary: self.text(&["summary", "description", "excerpt"])?,
            created: if self.is_exact() { self.date("created")? } else { None },
            date: self.date("date")?,
            live_at: if self.is_exact() { self.date("lastmod")? } else { None },
            publish_at: self.date("publishDate")?,
            unpublish_at: self.date("expiryDate")?,
            draft: self.switch("draft")?.unwrap_or(false) || !self.switch("published")?.unwrap_or(true),
            tags: self.texts("tags")?,
            seo: self.seo()?,
            aliases: self.texts("aliases")?,
            language: self.text(&["language", "lang"])?,
            translation_key: self.text(&["translationKey"])?,
            draft_of: self.id("draftOf")?,
        })
    }

    fn is_exact(&self) -> bool {
        self.table.get("magnetiq").is_some_and(|version| *version == 1)
    }

    /// Of an export only: elsewhere the key means something else.
    fn id(&self, key: &str) -> Result<Option<PageId>, Mistake> {
        let Some(text) = self.text(&[key])?.filter(|_| self.is_exact()) else { return Ok(None) };
        text.parse().map(Some).map_err(|_no_id| self.mistake(key, format!("{key} is no id of a page: {text}")))
    }

    /// A list, or a text with commas; what is no text is passed over.
    fn texts(&self, key: &str) -> Result<Vec<String>, Mistake> {
        match self.table.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()),
            Some(Value::Array(values)) => Ok(values
                .iter()
                .filter_map(|value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                })
                .collect()),
            Some(_) => Err(self.mistake(key, format!("{key} must be a list"))),
        }
    }

    fn seo(&self) -> Result<Seo, Mistake> {
        match self.table.get("seo") {
            Some(seo @ Value::Object(_)) if self.is_exact() => {
                serde_json::from_value(seo.clone()).map_err(|error| self.mistake("seo", format!("seo is not as it must be: {error}")))
            }
            _ => Ok(Seo::default()),
        }
    }

    fn mistake(&self, key: &str, message: String) -> Mistake {
        let names_key = |line: &str| line.trim_start().trim_start_matches('"').starts_with(key);
        let line = self.source.lines().position(names_key).unwrap_or(0);
        Mistake { line: line + 2, message }
    }

    /// The first of these keys that says something.
    fn text(&self, keys: &[&str]) -> Result<Option<String>, Mistake> {
        for key in keys {
            match self.table.get(*key) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if text.trim().is_empty() => {}
                Some(Value::String(text)) if self.is_exact() => return Ok(Some(text.clone())),
                Some(Value::String(text)) => return Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" "))),
                Some(Value::Number(number)) => return Ok(Some(number.to_string())),
                Some(_) => return Err(self.mistake(key, format!("{key} must be text"))),
            }
        }
        Ok(None)
    }

    fn switch(&self, key: &str) -> Result<Option<bool>, Mistake> {
        match self.table.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(switch)) => Ok(Some(*switch)),
            Some(_) => Err(self.mistake(key, format!("{key} must be true or false"))),
        }
    }

    fn date(&self, key: &str) -> Result<Option<Time>, Mistake> {
        let Some(text) = self.text(&[key])? else { return Ok(None) };
        parse_date(&text).filter(|date| date.as_millis() >= 0).map(Some).ok_or_else(|| {
            self.mistake(key, format!("{key} is no date since 1970: {text}; write it as 2026-11-23 or 2026-11-23T16:45:00Z"))
        })
    }
}

/// A date as people write it in front matter; without a zone it is UTC.
pub(super) fn parse_date(text: &str) -> Option<Time> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.into());
    }
    for format in ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z"] {
        if let Ok(timestamp) = Timestamp::strptime(format, text) {
            return Some(timestamp.into());
        }
    }
    let utc = |time: civil::DateTime| TimeZone::UTC.to_timestamp(time).ok().map(Time::from);
    if let Ok(time) = text.parse::<civil::DateTime>() {
        return utc(time);
    }
    text.parse::<civil::Date>().ok().and_then(|date| utc(date.to_datetime(civil::Time::midnight())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> FrontMatter {
        split(text).unwrap().front_matter
    }

    fn check_mistake(text: &str, line: usize, part: &str) {
        let mistake = split(text).unwrap_err();
        assert!(mistake.line == line && mistake.message.contains(part), "{text:?} gave {mistake:?}");
    }

    #[test]
    fn yaml_and_toml_say_the_same() {
        let yaml = "---\ntitle: Hello\nslug: hi\ndescription: >\n  two\n  lines\ndate: 2024-05-06\ndraft: true\ntags: [a, b]\n---\nBody\n";
        let toml = "+++\ntitle = \"Hello\"\nslug = 'hi'\ndescription = 'two lines'\ndate = 2024-05-06\ndraft = true\ntags = ['a', 'b']\n+++\nBody\n";
        assert_eq!(fields(yaml), fields(toml));
        let split = split(yaml).unwrap();
        assert_eq!((split.body, split.body_line), ("Body\n", 11));
        assert_eq!(split.front_matter.date.unwrap().to_string(), "2024-05-06T00:00:00Z");
    }

    #[test]
    fn no_front_matter_is_all_body() {
        assert_eq!(split("# Title\n---\n").unwrap().body, "# Title\n---\n");
        assert_eq!(split("").unwrap().body, "");
        assert_eq!(fields("---\r\ntitle: x\r\n---\r\nbody").title.as_deref(), Some("x"));
        assert_eq!(fields("---\n---\nbody"), FrontMatter::default());
    }

    #[test]
    fn dates_as_people_write_them() {
        for (text, expected) in [
            ("2024-05-06", "2024-05-06T00:00:00Z"),
            ("2024-05-06 07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06 07:08:09 +0200", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ] {
            assert_eq!(parse_date(text).map(|date| date.to_string()).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse_date("yesterday"), None);
    }

    #[test]
    fn mistakes_have_lines() {
        check_mistake("---\ntitle: x\n", 1, "no closing ---");
        check_mistake("---\ntitle: x\nslug: [a\n---\n", 3, "unclosed");
        check_mistake("+++\ntitle = \"x\"\nslug = \n+++\n", 3, "TOML");
        check_mistake("---\ntitle: x\ndate: yesterday\n---\n", 3, "no date since");
        check_mistake("---\ntitle: x\ndate: 0001-01-01T00:00:00Z\n---\n", 3, "since 1970");
        check_mistake("---\ntitle: x\ndraft: maybe\n---\n", 3, "true or false");
        check_mistake("---\ntitle: [a]\n---\n", 2, "must be text");
        check_mistake("---\njust words\n---\n", 2, "YAML");
    }
}
