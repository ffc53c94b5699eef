//! Reads one value after the other, and notes what was read and what was wrong: a key is known because it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use magnetiq_config::{Problem, Value, ValueKind, nearest};

/// Below this, keys are settings, which `magnetiq-config` knows.
pub(super) const SETTINGS: &str = "settings.";

pub(super) struct Reader {
    values: BTreeMap<String, Value>,
    known: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(values: BTreeMap<String, Value>) -> Self {
        Self { values, known: BTreeSet::new(), problems: Vec::new() }
    }

    /// A value that must be given.
    pub(super) fn required<T>(&mut self, key: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.read(key, expected, |value| parse(&scalar(value)?));
        if value.is_none() && !self.values.contains_key(key) {
            self.problems.push(Problem::Missing { key: key.to_owned(), expected: format!("should be {expected}") });
        }
        value
    }

    /// Text that `parse` understands; the default is text, too.
    pub(super) fn parsed<T>(&mut self, key: &str, default: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        self.read(key, expected, |value| parse(&scalar(value)?)).unwrap_or_else(|| parse(default).expect("the default is a right value"))
    }

    /// Text that `parse` understands, and that may be absent or empty.
    pub(super) fn optional<T>(&mut self, key: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read(key, expected, |value| match scalar(value)? {
            text if text.is_empty() => Some(None),
            text => parse(&text).map(Some),
        })
        .flatten()
    }

    pub(super) fn number<N: Copy + Display + FromStr + PartialOrd>(&mut self, key: &str, default: N, range: RangeInclusive<N>) -> N {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        self.read(key, &expected, |value| scalar(value)?.parse().ok().filter(|number| range.contains(number))).unwrap_or(default)
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        self.choice(key, default, &[("true", true), ("false", false)])
    }

    /// One of `choices`, by its name.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, default: T, choices: &[(&str, T)]) -> T {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let named = |text: String| choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        self.read(key, &names.join(" or "), |value| scalar(value).and_then(named)).unwrap_or(default)
    }

    /// A list of texts; on the command line, one text with commas.
    pub(super) fn list<T>(&mut self, key: &str, defaults: &[&str], expected: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let expected = format!("a list in which each item is {expected}");
        let given = self.read(key, &expected, |value| match &value.kind {
            ValueKind::Array(items) => items.iter().map(|item| scalar(item).and_then(|text| parse(&text))).collect(),
            ValueKind::String(text) => text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(&parse).collect(),
            _ => None,
        });
        given.unwrap_or_else(|| defaults.iter().map(|item| parse(item).expect("the defaults are right values")).collect())
    }

    /// Notes that a value is not allowed for a reason that it does not show by itself.
    pub(super) fn refuse(&mut self, key: &str, expected: &str) {
        if self.problems.iter().any(|problem| problem.subject() == key) {
            return;
        }
        let expected = expected.to_owned();
        self.problems.push(match self.values.get(key) {
            Some(value) => unfit(key, value, expected),
            None => Problem::Missing { key: key.to_owned(), expected },
        });
    }

    /// The settings that are given, by their key in `magnetiq.toml`, with their text and their place.
    pub(super) fn settings(&self) -> BTreeMap<String, (String, String)> {
        let below = self.values.iter().filter_map(|(key, value)| Some((key.strip_prefix(SETTINGS)?, value)));
        below.map(|(key, value)| (key.to_owned(), (as_variable(value), origin(value)))).collect()
    }

    /// Every key that was asked for.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// What is left when everything was read: keys that nothing reads, each with the nearest one that something does.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (key, value) in &self.values {
            if self.known.contains(key) || key.starts_with(SETTINGS) {
                continue;
            }
            let guess = nearest(key, self.known.iter().map(String::as_str));
            let expected = guess.map_or_else(
                || "docs/guides/deploying.md lists what deploy.toml may say".to_owned(),
                |nearest| format!("did you mean {nearest}?"),
            );
            self.problems.push(Problem::Unknown { name: key.clone(), origin: origin(value), expected });
        }
        self.problems
    }

    fn read<T>(&mut self, key: &str, expected: &str, parse: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        self.known.insert(key.to_owned());
        let value = self.values.get(key)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.problems.push(unfit(key, value, format!("should be {expected}")));
        }
        parsed
    }
}

fn unfit(key: &str, value: &Value, expected: String) -> Problem {
    Problem::Unfit { key: key.to_owned(), value: as_variable(value), origin: origin(value), expected }
}

fn origin(value: &Value) -> String {
    value.origin().unwrap_or_default().to_owned()
}

fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Array(_) | ValueKind::Table(_) | ValueKind::Nil => None,
        _ => value.clone().into_string().ok(),
    }
}

/// As a variable of the environment has it: a list is one text with commas.
fn as_variable(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(items) => items.iter().map(|item| scalar(item).unwrap_or_default()).collect::<Vec<_>>().join(","),
        _ => scalar(value).unwrap_or_default(),
    }
}
