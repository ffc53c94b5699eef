//! Node and the packages of the page: is it there, is it new enough, and are the packages those of the lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::system::System;
use crate::workspace;

/// A copy of the lock file that the installed packages were installed from.
const INSTALLED: &str = "node_modules/.magnetiq-installed.json";

/// Says what to do when Node or npm is missing, or older than the page demands.
///
/// # Errors
///
/// With the command that installs it.
pub(crate) fn check() -> Result<()> {
    let demanded = demanded(&fs::read_to_string(workspace::ui().join("package.json")).context("read the package.json of the page")?)?;
    let Some(found) = version("node") else {
        bail!("Node is missing; the page needs {} or newer\n\n{}", shown(demanded), how_to_install());
    };
    if parts(&found).is_none_or(|found| found < demanded) {
        bail!("Node {found} is too old; the page needs {} or newer\n\n{}", shown(demanded), how_to_install());
    }
    if version("npm").is_none() {
        bail!("npm is missing, although Node is there\n\n{}", how_to_install());
    }
    Ok(())
}

/// `npm ci` in `folder`, when its packages are not those of its lock file.
///
/// # Errors
///
/// When the lock file cannot be read.
pub(crate) fn install(folder: &Path) -> Result<Option<Command>> {
    let wanted =
        fs::read(folder.join("package-lock.json")).with_context(|| format!("read the lock file in {}", workspace::shown(folder)))?;
    if fs::read(folder.join(INSTALLED)).is_ok_and(|installed| installed == wanted) {
        return Ok(None);
    }
    Ok(Some(npm(folder, &["ci", "--no-audit", "--no-fund"])))
}

/// Notes that the packages in `folder` are those of its lock file.
///
/// # Errors
///
/// When the note cannot be written.
pub(crate) fn installed(folder: &Path) -> Result<()> {
    let copied = fs::copy(folder.join("package-lock.json"), folder.join(INSTALLED));
    copied.map(drop).with_context(|| format!("note what is installed in {}", workspace::shown(folder)))
}

/// npm with these arguments in `folder`.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder);
    command
}

fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}

type Version = (u32, u32);

/// The first version that the page runs with: `engines.node` of its package.json, such as `>=20.19`.
fn demanded(package: &str) -> Result<Version> {
    let package: Value = serde_json::from_str(package).context("read the package.json of the page")?;
    package["engines"]["node"].as_str().and_then(parts).context("package.json of the page names no version of Node under engines.node")
}

fn parts(version: &str) -> Option<Version> {
    let mut numbers = version.trim_start_matches(['>', '=', '^', ' ', 'v']).split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next().flatten().unwrap_or(0)))
}

fn shown((major, minor): Version) -> String {
    format!("{major}.{minor}")
}

fn how_to_install() -> String {
    let without = "or go on without the page: cargo xtask dev --no-web";
    format!("install it:\n    {}\n{without}", System::here().install_node())
}

#[cfg(test)]
mod tests {
    use super::{demanded, parts};

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(demanded(r#"{"engines":{"node":">=20.19"}}"#).expect("a version"), (20, 19));
        assert_eq!(parts("v9.10.1"), Some((9, 10)));
        assert!(parts("v9.10.1") < parts("20"));
        assert_eq!(parts("nonsense"), None);
        assert!(demanded("{}").is_err());
    }
}
