//! The house as it is drawn: who may use whom, and every crate on the map.

use std::{collections::BTreeSet, path::Path, process::Command};

use cargo_metadata::{DependencyKind, MetadataCommand};

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

#[test]
fn the_arrows_are_those_of_the_map() {
    let metadata = MetadataCommand::new().current_dir(root()).exec().unwrap();
    let packages = metadata.workspace_packages();
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let listed: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed, "packages of the workspace, and those with arrows");
    for package in packages {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).unwrap();
        for dependency in package.dependencies.iter().filter(|dependency| names.contains(dependency.name.as_str())) {
            assert!(
                dependency.kind == DependencyKind::Development || allowed.contains(&dependency.name.as_str()),
                "{} may not use {}: ARCHITECTURE.md has no such arrow",
                package.name,
                dependency.name
            );
        }
    }
}

/// Each package is asked for by itself, as those do who embed it: features that another member switches on are not its own.
#[test]
fn what_is_embedded_stays_light() {
    for (name, never) in NEVER {
        let mut tree = Command::new(env!("CARGO"));
        tree.current_dir(root()).args(["tree", "--package", name, "--edges", "normal", "--target", "all", "--prefix", "none"]);
        let output = tree.args(["--format", "{p}"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let reached = String::from_utf8(output.stdout).unwrap();
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
    let metadata = MetadataCommand::new().current_dir(root()).exec().unwrap();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().unwrap().strip_prefix(metadata.workspace_root.as_path()).unwrap();
        let line = match folder.parent().filter(|parent| !parent.as_str().is_empty()) {
            Some(_) => format!("\n  {}/", folder.file_name().unwrap()),
            None => format!("\n{folder}/"),
        };
        assert!(map.contains(&line), "{folder}/ is not on the map in ARCHITECTURE.md");
    }
}
