//! Sections whose names the user chooses: `[backup.targets.offsite]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::layer::Layer;
use crate::problem::Problem;

/// Below these, each name is a section of its own.
const GROUPS: [&str; 4] = [TARGETS, SITES, WEBHOOKS, LIMITS];

pub(crate) const TARGETS: &str = "backup.targets";
pub(crate) const SITES: &str = "healthd.sites";
pub(crate) const LIMITS: &str = "healthd.limits";
pub(crate) const WEBHOOKS: &str = "healthd.webhooks";

/// The names that the user chose, for each group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups(BTreeMap<&'static str, BTreeSet<String>>);

impl Groups {
    /// Finds the names in the layers. One that a variable could not spell goes to `problems`.
    pub(crate) fn of(layers: &[Layer], problems: &mut Vec<Problem>) -> Self {
        let mut groups = Self::default();
        for layer in layers {
            for (key, is_empty_section) in layer.given() {
                let Some((group, name)) = member(key, is_empty_section) else { continue };
                if !is_name(name) && !groups.0.get(group).is_some_and(|names| names.contains(name)) {
                    problems.push(Problem::Unfit {
                        key: format!("{group}.{name}"),
                        value: name.to_owned(),
                        origin: layer.origin(key).unwrap_or_default().to_owned(),
                        expected: "should be a name of lower case letters, digits and single underscores, beginning with a letter"
                            .to_owned(),
                    });
                }
                groups.0.entry(group).or_default().insert(name.to_owned());
            }
        }
        groups
    }

    pub(crate) fn members(&self, group: &str) -> impl Iterator<Item = &str> {
        self.0.get(group).into_iter().flatten().map(String::as_str)
    }
}

/// The group in which `key` is a value where a section should be: `backup.targets = 1`, or `backup.targets.url`.
pub(crate) fn of_value(key: &str) -> Option<&'static str> {
    GROUPS.into_iter().find(|group| {
        let rest = key.strip_prefix(group).map(|rest| rest.strip_prefix('.').unwrap_or(rest));
        rest.is_some_and(|rest| !rest.contains('.') && (rest.is_empty() || key.as_bytes()[group.len()] == b'.'))
    })
}

fn member(key: &str, is_empty_section: bool) -> Option<(&'static str, &str)> {
    let (group, rest) = GROUPS.into_iter().find_map(|group| Some((group, key.strip_prefix(group)?.strip_prefix('.')?)))?;
    match rest.split_once('.') {
        Some((name, _)) => Some((group, name)),
        None => is_empty_section.then_some((group, rest)),
    }
}

/// What can be spelt in a TOML key, in a variable and in a file name alike.
fn is_name(text: &str) -> bool {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 32 && text.chars().all(right) && !text.contains("__")
}
