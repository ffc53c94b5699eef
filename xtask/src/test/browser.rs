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
        // Without an argument Node finds the tests below the working folder, whatever its version. One file after the other: what they
        // measure is not to be the other ones' work.
        let mut journeys = Command::new("node");
        with_server(journeys.args(["--test", "--test-concurrency=1"]), environment)?;
        run(&mut journeys)
    });
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

fn find(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let named = environment.get(BROWSER).filter(|path| !path.is_empty()).map(PathBuf::from);
    let mut in_path = BROWSERS.iter().filter_map(|name| tools::find(name, environment));
    named.or_else(|| in_path.next()).or_else(|| Some(PathBuf::from(BROWSER_ON_MACOS)).filter(|path| path.is_file()))
}
