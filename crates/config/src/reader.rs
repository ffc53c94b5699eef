//! Reads one setting after the other out of the merged layers, and notes what was read and what was wrong.
//!
//! A setting is known because it is read: there is no second list of keys to keep in step.

use std::fmt::Display;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use config::{Value, ValueKind};
use secrecy::SecretString;

use crate::groups::Groups;
use crate::problem::Problem;
use crate::profile::Profile;
use crate::program::{self, Program};

pub(crate) const HIDDEN: &str = "(hidden)";
const DEFAULT: &str = "default";

/// A setting as it is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key, such as `server.port`.
    pub key: String,
    /// The value as text, hidden when it is a secret.
    pub value: String,
    /// Where it came from: `default`, `magnetiq.toml:12`, an environment variable, or a file that a variable names.
    pub origin: String,
}

pub(crate) struct Reader {
    values: Value,
    groups: Groups,
    program: Program,
    pub(crate) profile: Profile,
    pub(crate) effective: Vec<Effective>,
    pub(crate) problems: Vec<Problem>,
}

impl Reader {
    /// Reads the profile first: the defaults of all others depend on it.
    ///
    /// `problems` are those found so far: a setting that could not be fetched is not called missing as well.
    pub(crate) fn new(program: Program, values: Value, groups: Groups, problems: Vec<Problem>) -> Self {
        let mut reader = Self { values, groups, program, profile: Profile::default(), effective: Vec::new(), problems };
        reader.profile =
            reader.choice("profile", Profile::default(), &[("production", Profile::Production), ("development", Profile::Development)]);
        reader
    }

    /// The names that were given to the members of a group, such as the targets below `backup.targets`.
    pub(crate) fn members(&self, group: &str) -> Vec<String> {
        self.groups.members(group).map(str::to_owned).collect()
    }

    /// One value for each profile.
    pub(crate) fn by_profile<T>(&self, development: T, production: T) -> T {
        match self.profile {
            Profile::Development => development,
            Profile::Production => production,
        }
    }

    pub(crate) fn text(&mut self, key: &str, default: &str) -> String {
        self.read(key, (default.to_owned(), default.to_owned()), "text in quotes", |value| match &value.kind {
            ValueKind::String(text) => Some(text.clone()),
            _ => None,
        })
    }

    pub(crate) fn path(&mut self, key: &str, default: &str) -> PathBuf {
        self.parsed(key, default, "the path of a file or folder, in quotes", |text| (!text.is_empty()).then(|| text.into()))
    }

    pub(crate) fn flag(&mut self, key: &str, default: bool) -> bool {
        self.choice(key, default, &[("true", true), ("false", false)])
    }

    /// One of `choices`, by its name.
    pub(crate) fn choice<T: Copy + PartialEq>(&mut self, key: &str, default: T, choices: &[(&'static str, T)]) -> T {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let default_name = choices.iter().find(|(_, choice)| *choice == default).map_or("", |(name, _)| name);
        self.read(key, (default, default_name.to_owned()), &names.join(" or "), |value| {
            let text = scalar(value)?;
            choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice)
        })
    }

    pub(crate) fn number<N>(&mut self, key: &str, default: N, range: RangeInclusive<N>) -> N
    where
        N: Copy + Display + FromStr + PartialOrd,
    {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, (default, default.to_string()), &expected, |value| {
            scalar(value)?.parse().ok().filter(|number| range.contains(number))
        })
    }

    /// A number, with a point perhaps, that may be absent: then it is an empty text.
    pub(crate) fn decimal_if_any(&mut self, key: &str) -> Option<f64> {
        self.read(key, (None, String::new()), "a number", |value| match scalar(value)? {
            text if text.is_empty() => Some(None),
            text => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Some),
        })
    }

    /// A number of threads or the like; 0, the default, is one per core.
    pub(crate) fn count_or_cores(&mut self, key: &str) -> usize {
        match self.number(key, 0, 0..=1024) {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            count => count,
        }
    }

    /// Text that `parse` understands. The default is text too, so that it is shown and read like any other value.
    ///
    /// # Panics
    ///
    /// When `parse` does not understand the default.
    pub(crate) fn parsed<T>(&mut self, key: &str, default: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let value = parse(default).expect("the default is a right value");
        self.read(key, (value, default.to_owned()), expected, |value| match &value.kind {
            ValueKind::String(text) => parse(text),
            _ => None,
        })
    }

    /// A path that may be absent: then the text is empty.
    pub(crate) fn path_if_any(&mut self, key: &str) -> Option<PathBuf> {
        Some(self.text(key, "")).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    /// A list of texts, each of which `parse` understands; in the environment, one text with commas.
    ///
    /// # Panics
    ///
    /// When `parse` does not understand the defaults.
    pub(crate) fn list<T>(&mut self, key: &str, defaults: &[&str], expected: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let values = defaults.iter().map(|item| parse(item)).collect::<Option<Vec<T>>>().expect("the defaults are right values");
        self.read(key, (values, shown_list(defaults)), &format!("a list in which each item is {expected}"), |value| match &value.kind {
            ValueKind::Array(items) => items.iter().map(|item| scalar(item).and_then(|text| parse(&text))).collect(),
            ValueKind::String(text) => text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(&parse).collect(),
            _ => None,
        })
    }

    /// A text that is never shown.
    ///
    /// # Panics
    ///
    /// When nobody is said to use it.
    pub(crate) fn secret(&mut self, key: &str, default: &str) -> String {
        assert!(program::users(key).is_some(), "{key} is among the secrets in program.rs");
        let known = self.problems.len();
        let value = self.text(key, default);
        for problem in &mut self.problems[known..] {
            if let Problem::Unfit { value, .. } = problem {
                HIDDEN.clone_into(value);
            }
        }
        if let Some(last) = self.effective.last_mut() {
            HIDDEN.clone_into(&mut last.value);
        }
        value
    }

    /// A secret that may be absent: then the text is empty.
    pub(crate) fn secret_if_any(&mut self, key: &str) -> Option<SecretString> {
        Some(self.secret(key, "")).filter(|secret| !secret.is_empty()).map(SecretString::from)
    }

    /// A length of time, given in `unit`s.
    pub(crate) fn time(&mut self, key: &str, unit: Duration, default: u32, range: RangeInclusive<u32>) -> Duration {
        unit * self.number(key, default, range)
    }

    /// Whether the value in effect is anybody's, and not the default.
    pub(crate) fn is_given(&self, key: &str) -> bool {
        self.effective.iter().any(|entry| entry.key == key && entry.origin != DEFAULT)
    }

    /// Notes that the value in effect is not allowed, unless the setting already has a problem. A secret that only other programs use may be
    /// missing.
    pub(crate) fn refuse(&mut self, key: &str, expected: &str) {
        let known = self.problems.iter().any(|problem| problem.subject() == key);
        let is_of_others = !self.program.uses(key);
        if let Some(Effective { value, origin, .. }) = self.effective.iter().find(|entry| entry.key == key && !known) {
            let (key, expected) = (key.to_owned(), expected.to_owned());
            match (origin == DEFAULT, is_of_others) {
                (true, true) => {}
                (true, false) => self.problems.push(Problem::Missing { key, expected }),
                (false, _) => self.problems.push(Problem::Unfit { key, value: value.clone(), origin: origin.clone(), expected }),
            }
        }
    }

    /// The value given, or the default (a value and how it is shown) when none is given or it is wrong.
    fn read<T>(&mut self, key: &str, default: (T, String), expected: &str, parse: impl FnOnce(&Value) -> Option<T>) -> T {
        let (default, default_shown) = default;
        let Some(given) = find(&self.values, key) else {
            self.effective.push(Effective { key: key.to_owned(), value: default_shown, origin: DEFAULT.to_owned() });
            return default;
        };
        let (value, origin) = (shown(given), given.origin().unwrap_or(DEFAULT).to_owned());
        let parsed = parse(given);
        self.effective.push(Effective { key: key.to_owned(), value: value.clone(), origin: origin.clone() });
        parsed.unwrap_or_else(|| {
            self.problems.push(Problem::Unfit { key: key.to_owned(), value, origin, expected: format!("should be {expected}") });
            default
        })
    }
}

fn find<'a>(root: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(root, |value, part| match &value.kind {
        ValueKind::Table(table) => table.get(part),
        _ => None,
    })
}

/// Numbers and booleans are text in the environment, so they may be text everywhere.
fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Array(_) | ValueKind::Table(_) | ValueKind::Nil => None,
        _ => value.clone().into_string().ok(),
    }
}

fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(items) => shown_list(&items.iter().map(|item| scalar(item).unwrap_or_default()).collect::<Vec<_>>()),
        ValueKind::String(text) => without_password(text),
        _ => scalar(value).unwrap_or_else(|| "(neither text, number, boolean nor list)".to_owned()),
    }
}

fn shown_list(items: &[impl AsRef<str>]) -> String {
    let items: Vec<String> = items.iter().map(|item| without_password(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// `postgres://user:password@host` belongs into no log, even where it is the wrong value.
fn without_password(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://{HIDDEN}@{host}"),
            None => text.to_owned(),
        },
        None => text.to_owned(),
    }
}
