use std::collections::BTreeMap;
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
const BROWSER: &str = "MAGNETIQ_TEST_BROWSER";
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_ON_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

pub(crate) fn prove(steps: &mut Steps, environment: &BTreeMap<String, String>) {
    steps.step("browser journeys", || {
        let folder = workspace::journeys();
        page::install(&folder)?;
        let browser = find_or_install(environment)?;
        let server = build()?;
        // Without an argument Node finds the tests below the working folder, whatever its version.
        let mut journeys = Command::new("node");
        journeys.arg("--test").current_dir(folder).env(SERVER, server).env(BROWSER, browser);
        run(&mut journeys)
    });
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

fn find(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let named = environment.get(BROWSER).filter(|path| !path.is_empty()).map(PathBuf::from);
    let mut in_path = BROWSERS.iter().filter_map(|name| tools::find(name, environment));
    named.or_else(|| in_path.next()).or_else(|| Some(PathBuf::from(BROWSER_ON_MACOS)).filter(|path| path.is_file()))
}
