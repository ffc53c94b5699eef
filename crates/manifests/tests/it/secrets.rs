//! Who has which secret, wherever it runs.

use std::collections::{BTreeMap, BTreeSet};

use magnetiq_config::{Program, file_variable};
use serde_json::Value;

/// Variables that name a file, and the file in `folder`.
pub(crate) fn named<'a>(variables: impl Iterator<Item = (&'a String, &'a Value)>, folder: &str) -> BTreeMap<String, String> {
    let files = variables.filter(|(name, _)| name.ends_with("_FILE"));
    files.map(|(name, path)| (name.clone(), path.as_str().unwrap().strip_prefix(folder).unwrap_or("elsewhere").to_owned())).collect()
}

/// Whether a program is told of each secret that it uses, and of no other, and has these files. `all` are the secrets of the whole site.
pub(crate) fn are_those_of(path: &str, all: &BTreeMap<String, String>, named: &BTreeMap<String, String>, files: &BTreeSet<&str>) -> bool {
    let Some(program) = Program::ALL.into_iter().find(|program| path.ends_with(&format!("/{}", program.name()))) else { return false };
    let is_used = |variable: &str| {
        let key = variable.strip_prefix("MAGNETIQ__").and_then(|rest| rest.strip_suffix("_FILE")).unwrap();
        let key = key.to_lowercase().replace("__", ".");
        assert_eq!(file_variable(&key), variable);
        program.uses(&key)
    };
    let wanted: BTreeMap<&String, &String> = all.iter().filter(|(variable, _)| is_used(variable)).collect();
    !wanted.is_empty()
        && wanted == named.iter().collect::<BTreeMap<_, _>>()
        && wanted.values().map(|file| file.as_str()).collect::<BTreeSet<_>>() == *files
}
