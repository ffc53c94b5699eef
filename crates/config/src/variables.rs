//! The environment as two layers: variables that hold a value, and variables that name a file which holds it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::layer::Layer;
use crate::names::{self, FILE_SUFFIX};
use crate::problem::Problem;

/// Longer than any setting, and an end to reading `/dev/zero`.
const FILE_LIMIT_BYTES: u64 = 64 * 1024;

pub(crate) struct Variables {
    pub(crate) direct: Layer,
    pub(crate) from_files: Layer,
}

pub(crate) fn read(environment: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Variables {
    let mut variables = Variables { direct: Layer::default(), from_files: Layer::default() };
    for (name, value) in environment {
        let file_key = name.strip_suffix(FILE_SUFFIX).and_then(names::key);
        let Some(key) = file_key.clone().or_else(|| names::key(name)) else { continue };
        let origin = if file_key.is_some() { format!("file {value}, named by {name}") } else { format!("environment variable {name}") };
        if let Some(first) = variables.direct.origin(&key).or(variables.from_files.origin(&key)) {
            problems.push(Problem::Twice { key, first: first.to_owned(), second: origin });
        } else if file_key.is_none() {
            variables.direct.insert_variable(key, name.clone(), origin, value.clone());
        } else {
            match contents(Path::new(value)) {
                Ok(text) => variables.from_files.insert_variable(key, name.clone(), origin, text),
                Err(source) => problems.push(Problem::UnreadableValue { key, path: value.into(), variable: name.clone(), source }),
            }
        }
    }
    variables
}

/// The text of a secret's file without the line end that editors and `echo` leave.
fn contents(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_LIMIT_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_LIMIT_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it holds more than {FILE_LIMIT_BYTES} bytes")));
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}
