//! The promises of the settings, through the public face.

mod backup;
mod example;
mod health;
mod healthd;
mod healthd_alert;
mod layers;
mod mail;
mod production;
mod properties;
mod report;

use std::collections::BTreeMap;
use std::fs;

use magnetiq_config::{Problems, Program, Settings, Sources};
use tempfile::TempDir;

/// Settings of a program that was started with this file (none when empty) and these variables. `{folder}` in a variable stands
/// for the folder of the file, and problems name the file `magnetiq.toml`.
fn load(file: &str, variables: &[(&str, &str)]) -> (TempDir, Result<Settings, Problems>) {
    load_for(Program::Server, file, variables)
}

fn load_for(program: Program, file: &str, variables: &[(&str, &str)]) -> (TempDir, Result<Settings, Problems>) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("magnetiq.toml");
    fs::write(&path, file).expect("the file is written");
    fs::write(folder.path().join("secret"), "from a file, and long enough to be one\n").expect("the secret is written");
    let in_folder = |value: &str| value.replace("{folder}", &folder.path().to_string_lossy());
    let environment: BTreeMap<_, _> = variables.iter().map(|(name, value)| ((*name).to_owned(), in_folder(value))).collect();
    let file = (!file.is_empty()).then_some(path);
    let settings = Settings::load_for(program, Sources { file, environment });
    (folder, settings)
}

/// Settings that must be right.
fn settings(file: &str, variables: &[(&str, &str)]) -> Settings {
    load(file, variables).1.unwrap_or_else(|problems| panic!("{problems}"))
}

/// The report of settings that must be wrong.
fn report(file: &str, variables: &[(&str, &str)]) -> String {
    report_for(Program::Server, file, variables)
}

fn report_for(program: Program, file: &str, variables: &[(&str, &str)]) -> String {
    let (folder, settings) = load_for(program, file, variables);
    let problems = settings.expect_err("there are problems").to_string();
    problems.replace(&format!("{}/", folder.path().display()), "")
}

/// Value and origin of a setting in effect.
fn effective(settings: &Settings, key: &str) -> (String, String) {
    let entry = settings.explain().iter().find(|entry| entry.key == key).unwrap_or_else(|| panic!("{key} is a setting"));
    (entry.value.clone(), entry.origin.clone())
}

const DEVELOPMENT: (&str, &str) = ("MAGNETIQ__PROFILE", "development");
