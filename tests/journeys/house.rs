//! The house as it is drawn: who may use whom, and every crate on the map.

use std::{collections::BTreeSet, path::Path};

use magnetiq_tests::cargo;
use serde_json::Value;

/// Every edge that may be, in the words of ARCHITECTURE.md. An edge that is not here is a change of the architecture: it begins there.
const ARROWS: &[(&str, &[&str])] = &[
    ("magnetiq-storage", &[]),
    ("magnetiq-backup", &["magnetiq-storage"]),
    ("magnetiq-health", &["magnetiq-storage"]),
    ("magnetiq-doctor", &[]),
    ("magnetiq-service", &[]),
    ("magnetiq-web", &[]),
    ("magnetiq-config", &["magnetiq-storage"]),
    ("magnetiq-manifests", &["magnetiq-config"]),
    ("magnetiq-api", &["magnetiq-storage", "magnetiq-backup", "magnetiq-config", "magnetiq-health", "magnetiq-web"]),
    (
        "api-server",
        &[
            "magnetiq-api",
            "magnetiq-backup",
            "magnetiq-config",
            "magnetiq-doctor",
            "magnetiq-health",
            "magnetiq-service",
            "magnetiq-storage",
            "magnetiq-web",
        ],
    ),
    ("backupd", &["magnetiq-backup", "magnetiq-config", "magnetiq-service", "magnetiq-storage"]),
    ("healthd", &["magnetiq-config", "magnetiq-health", "magnetiq-service", "magnetiq-storage"]),
    ("magnetiq", &["api-server", "backupd", "healthd"]),
    ("xtask", &["magnetiq-config", "magnetiq-doctor", "magnetiq-manifests"]),
    ("magnetiq-tests", &["magnetiq-storage"]),
];

/// What must stay out of crates that are embedded, or that must build quickly.
const NEVER: &[(&str, &[&str])] = &[
    ("magnetiq-storage", &["tokio", "actix-web", "config", "serde_json", "rustls"]),
    ("magnetiq-backup", &["actix-web", "magnetiq-config"]),
    ("magnetiq-health", &["tokio", "actix-web", "axum", "axum-core", "config"]),
    ("magnetiq-config", &["actix-web", "tokio", "rustls"]),
    ("magnetiq-manifests", &["actix-web", "tokio", "rustls"]),
    ("xtask", &["actix-web", "tokio", "rustls", "argon2", "image"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What Cargo says to that.
fn told(words: &[&str]) -> String {
    let output = cargo().current_dir(root()).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages of the workspace.
fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&told(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

#[test]
fn the_arrows_are_those_of_the_map() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(name).collect();
    let listed: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed, "packages of the workspace, and those with arrows");
    for package in &packages {
        let (_, allowed) = ARROWS.iter().find(|(listed, _)| *listed == name(package)).unwrap();
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|dependency| names.contains(name(dependency))) {
            assert!(
                dependency["kind"] == "dev" || allowed.contains(&name(dependency)),
                "{} may not use {}: ARCHITECTURE.md has no such arrow",
                name(package),
                name(dependency)
            );
        }
    }
}

/// Else what tests are built of is built for them alone, and once more for the programs that they start: twice the time, and twice the disk.
#[test]
fn tests_turn_on_no_features_that_programs_do_without() {
    let features = |edges| -> BTreeSet<String> {
        let lines = told(&["tree", "--workspace", "--edges", edges, "--prefix", "none", "--format", "{p} {f}", "--no-dedupe"]);
        lines.lines().map(str::to_owned).collect()
    };
    let (programs, tests) = (features("normal,build"), features("normal,build,dev"));
    let others: Vec<_> = programs.difference(&tests).collect();
    assert!(others.is_empty(), "their tests turn on features of {others:#?}");
}

/// Each package is asked for by itself, as those do who embed it: features that another member switches on are not its own.
#[test]
fn what_is_embedded_stays_light() {
    for (name, never) in NEVER {
        let reached = told(&["tree", "--package", name, "--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"]);
        let reached: BTreeSet<&str> = reached.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(reached.contains(name), "{reached:?}");
        for never in *never {
            assert!(!reached.contains(never), "{name} reaches {never}");
        }
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for package in packages() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let line = match folder.parent().filter(|parent| *parent != Path::new("")) {
            Some(_) => format!("\n  {}/", folder.file_name().unwrap().display()),
            None => format!("\n{}/", folder.display()),
        };
        assert!(map.contains(&line), "{}/ is not on the map in ARCHITECTURE.md", folder.display());
    }
}

/// A short name is one beside that before it: `uses.rs`, then `deleted.rs`.
#[test]
fn where_to_look_first_is_there() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows: Vec<_> = map.lines().skip_while(|line| *line != "|---|---|").skip(1).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        let mut beside = root().to_owned();
        for name in row.split('`').skip(1).step_by(2) {
            let path = if name.contains('/') { root().join(name) } else { beside.join(name) };
            assert!(path.exists(), "{name} of {row}");
            beside = path.parent().unwrap().to_owned();
        }
    }
}
