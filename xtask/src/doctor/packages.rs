//! Whether what npm installed is what the lock files say.

use std::fs;
use std::path::Path;
use std::process::Command;

use magnetiq_doctor::{Finding, Outcome, Seen};
use serde_json::{Map, Value};

use super::checkout::Checkout;

/// Folders with packages of their own.
const FOLDERS: [&str; 2] = ["crates/web/ui", "tests/browser"];

pub(super) fn look(checkout: &Checkout) -> Outcome {
    let why = "The page is built and tested with other packages than everybody else's, or not at all.";
    let folders: Vec<&str> = FOLDERS.into_iter().filter(|folder| checkout.root.join(folder).join("package-lock.json").is_file()).collect();
    let findings = folders.iter().filter_map(|folder| {
        let path = checkout.root.join(folder);
        let seen = format!("{folder}: {}", differs(&path)?);
        let npm = checkout.program("npm").unwrap_or_else(|| "npm".into());
        Some(Finding::warning(seen, why).command(format!("npm ci --no-audit --no-fund --prefix {folder}")).safe(move || {
            let output = Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(path).output()?;
            if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().into()) }
        }))
    });
    Seen::saying(folders.join(", ")).with_all(findings).into()
}

/// How the packages in `folder` differ from its lock file; npm notes in `node_modules` what it installed.
fn differs(folder: &Path) -> Option<String> {
    let packages = |path: &str| -> Option<Map<String, Value>> {
        let lock: Value = serde_json::from_slice(&fs::read(folder.join(path)).ok()?).ok()?;
        lock["packages"].as_object().cloned()
    };
    let wanted = packages("package-lock.json")?;
    let Some(installed) = packages("node_modules/.package-lock.json") else {
        return Some("its packages are not installed".to_owned());
    };
    // What is for other systems is not installed here.
    let needed = wanted.iter().filter(|(name, package)| !name.is_empty() && package["optional"] != true && package["link"] != true);
    let wrong: Vec<&str> = needed
        .filter(|(name, package)| installed.get(*name).is_none_or(|installed| installed["version"] != package["version"]))
        .map(|(name, _)| name.strip_prefix("node_modules/").unwrap_or(name))
        .collect();
    match wrong.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is not the one of the lock file")),
        [first, ..] => Some(format!("{} packages are not those of the lock file, the first is {first}", wrong.len())),
    }
}
