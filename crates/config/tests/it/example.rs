use std::collections::BTreeSet;

use crate::{DEVELOPMENT, report, settings};

const EXAMPLE: &str = include_str!("../../../../magnetiq.example.toml");
/// What production has no default for.
const DEMANDED: [&str; 2] = ["server.public_url", "auth.secret_key"];

#[test]
fn the_example_lists_every_setting_with_its_default() {
    let example = settings(EXAMPLE, &[DEVELOPMENT]);
    let right = [("SECRET_KEY", "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C"), ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test")];
    let defaults = settings("", &right);
    for (entry, default) in example.explain().iter().zip(defaults.explain()).skip(1) {
        assert_eq!(entry.key, default.key);
        assert!(entry.origin.contains("magnetiq.toml:"), "{} is not in the example", entry.key);
        if !DEMANDED.contains(&entry.key.as_str()) {
            assert_eq!(entry.value, default.value, "{}", entry.key);
        }
    }
}

/// A target has no default to show, so the example has one to uncomment.
#[test]
fn the_target_of_the_example_is_right_once_it_is_uncommented() {
    let targets = EXAMPLE.lines().skip_while(|line| *line != "# [backup.targets.offsite]").take_while(|line| line.starts_with('#'));
    let target = targets.map(|line| line.trim_start_matches("# ")).collect::<Vec<_>>().join("\n");
    let offsite = &settings(&target, &[DEVELOPMENT]).backup.targets[0];
    assert_eq!((offsite.name.as_str(), offsite.retention.monthly, offsite.retention.daily), ("offsite", 12, 7));
}

#[test]
fn every_line_of_the_example_is_explained() {
    let mut before = "";
    for line in EXAMPLE.lines() {
        let setting = !line.starts_with(['#', '[']) && !line.is_empty();
        assert!(!setting || before.starts_with("# "), "no word about: {line}");
        before = line;
    }
}

#[test]
fn the_example_as_it_stands_does_not_start_a_server() {
    let report = report(EXAMPLE, &[]);
    let named: BTreeSet<_> = DEMANDED.iter().filter(|key| report.contains(**key)).collect();
    assert!(report.starts_with("2 problems"), "{report}");
    assert_eq!(named.len(), 2, "{report}");
}
