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
        if !DEMANDED.contains(&entry.key) {
            assert_eq!(entry.value, default.value, "{}", entry.key);
        }
    }
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
