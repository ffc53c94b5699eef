//! `magnetiq.toml` as a layer whose values know their line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use config::{Value, ValueKind};
use toml::de::{DeTable, DeValue};

use crate::layer::Layer;
use crate::problem::{Problem, Problems};

/// The settings of the file; what is wrong with it goes to `problems`, and the layer stays empty.
pub(crate) fn read(path: &Path, problems: &mut Vec<Problem>) -> Layer {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, &path.display().to_string(), problems),
        Err(source) => {
            problems.push(Problem::UnreadableFile { path: path.to_owned(), source });
            Layer::default()
        }
    }
}

/// The values of another file of ours that is TOML, by dotted key, each with its place as its origin.
///
/// # Errors
///
/// When the text is no TOML, with the place.
pub fn values(text: &str, path: &str) -> Result<BTreeMap<String, Value>, Problems> {
    let mut problems = Vec::new();
    let layer = parse(text, path, &mut problems);
    if problems.is_empty() { Ok(layer.into_values()) } else { Err(Problems::from(problems)) }
}

/// A byte order mark, as some editors write it, is no part of TOML.
fn parse(text: &str, path: &str, problems: &mut Vec<Problem>) -> Layer {
    let text = text.trim_start_matches('\u{feff}');
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let mut layer = Layer::default();
    if errors.is_empty() {
        flatten("", table.get_ref(), &File { text, path }, &mut layer);
    }
    problems.extend(errors.iter().map(|error| syntax_problem(error, text, path)));
    layer
}

struct File<'a> {
    text: &'a str,
    path: &'a str,
}

impl File<'_> {
    fn origin(&self, offset: usize) -> String {
        format!("{}:{}", self.path, Place::of(self.text, offset).line)
    }
}

fn flatten(prefix: &str, table: &DeTable<'_>, file: &File<'_>, layer: &mut Layer) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        let origin = file.origin(key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => flatten(&path, inner, file, layer),
            // `[server]` with every line below it commented out.
            DeValue::Table(_) if prefix.is_empty() => layer.insert_section(path, origin),
            other => layer.insert(path, origin, kind(other)),
        }
    }
}

/// Strings, numbers, booleans and lists of them; what no setting can be becomes nil, which no setting accepts.
fn kind(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or(ValueKind::Nil, ValueKind::I64),
        DeValue::Float(number) => number.as_str().parse().map_or(ValueKind::Nil, ValueKind::Float),
        DeValue::Boolean(flag) => ValueKind::Boolean(*flag),
        DeValue::Array(items) => ValueKind::Array(items.iter().map(|item| Value::new(None, kind(item.get_ref()))).collect()),
        DeValue::Datetime(_) | DeValue::Table(_) => ValueKind::Nil,
    }
}

struct Place<'a> {
    line: usize,
    column: usize,
    text: &'a str,
}

impl<'a> Place<'a> {
    /// Line and column, both from 1, of a byte offset, and the line it is on.
    fn of(text: &'a str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before[start..].chars().count() + 1, text: text[start..].lines().next().unwrap_or_default() }
    }
}

fn syntax_problem(error: &toml::de::Error, text: &str, path: &str) -> Problem {
    let place = Place::of(text, error.span().map_or(0, |span| span.start));
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    Problem::Syntax { path: path.to_owned(), line: place.line, column: place.column, message, excerpt: excerpt(text, &place) }
}

/// The line with a mark below the column. Where a secret may stand, only the name before the equals sign.
fn excerpt(text: &str, place: &Place<'_>) -> String {
    // A value may run over several lines, and its name stands on the first.
    let named = text.lines().take(place.line).filter(|line| line.contains('=')).last().unwrap_or_default();
    let hides = |line: &str| ["secret", "password", "token", "://"].iter().any(|word| line.to_lowercase().contains(word));
    if [named, place.text].into_iter().any(hides) {
        return format!("{} = (hidden)", named.split('=').next().unwrap_or_default().trim_end());
    }
    let indent: String = place.text.chars().take(place.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("{}\n    {indent}^", place.text)
}
