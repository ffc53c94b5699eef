use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::page;
use super::steps::{Skip, Steps, run};
use crate::cargo::{self, Built};
use crate::{output, tools, workspace};

/// Tells the journeys which server to start.
const SERVER: &str = "MAGNETIQ_TEST_SERVER";
/// Tells the journeys which browser to drive; tells this program too, when it should not look for one.
pub(crate) const BROWSER: &str = "MAGNETIQ_TEST_BROWSER";
const LIGHTHOUSE: &str = "lighthouse.test.mjs";
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

pub(crate) fn prove(steps: &mut Steps, environment: &BTreeMap<String, String>) {
    let journeys = |files: &[String]| {
        // Each file has a server and a browser of its own: there is one for each core.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut journeys = Command::new("node");
        with_server(journeys.arg("--test").arg(format!("--test-concurrency={cores}")).args(files), environment)?;
        run(&mut journeys)
    };
    steps.step("browser journeys", || journeys(&files()?));
    steps.step("lighthouse", || journeys(&[LIGHTHOUSE.to_owned()]));
}

/// All but the one that measures, which is alone: what it measures is not to be the other ones' work.
fn files() -> Result<Vec<String>> {
    let folder = workspace::journeys();
    let looked = || format!("look into {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(looked)? {
        let name = entry.with_context(looked)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") && name != LIGHTHOUSE {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}

/// Gives a script of the journeys all that it needs: its packages, a browser, and the server with the page that was built last.
///
/// # Errors
///
/// When one of them cannot be had.
pub(crate) fn with_server(script: &mut Command, environment: &BTreeMap<String, String>) -> Result<()> {
    let folder = workspace::journeys();
    page::install(&folder)?;
    script.env(BROWSER, find_or_install(environment)?).env(SERVER, build()?).current_dir(folder);
    Ok(())
}

/// The server, with the page that was built last within it.
fn build() -> Result<PathBuf> {
    let mut command = cargo::build_server(output::has_colour());
    let built = command.stderr(Stdio::inherit()).output().context("start cargo")?;
    if !built.status.success() {
        bail!("the server could not be built: {}", built.status);
    }
    Ok(Built::read(&String::from_utf8_lossy(&built.stdout))?.program)
}

fn find_or_install(environment: &BTreeMap<String, String>) -> Result<PathBuf> {
    if let Some(browser) = find(environment) {
        return Ok(browser);
    }
    if let Err(error) = tools::install_debian(&["chromium"]) {
        return Err(
            Skip(format!("no Chromium in PATH, and it could not be installed; install it, or name one in {BROWSER}: {error:#}")).into()
        );
    }
    find(environment).with_context(|| "Chromium was installed and is not in PATH".to_owned())
}

/// The one that is named, or the first in PATH, or Chrome of a Mac.
pub(crate) fn find(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let named = environment.get(BROWSER).filter(|path| !path.is_empty()).map(PathBuf::from);
    let mut in_path = BROWSERS.iter().filter_map(|name| tools::find(name, environment));
    named.or_else(|| in_path.next()).or_else(|| Some(PathBuf::from(BROWSER_ON_MACOS)).filter(|path| path.is_file()))
}
