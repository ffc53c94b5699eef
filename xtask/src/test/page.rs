use std::path::Path;

use anyhow::{Context, Result};

use super::steps::{Skip, Steps, run};
use crate::{node, workspace};

const NO_PACKAGES: &str = "the packages of the page are not there";

pub(crate) fn prove(steps: &mut Steps) {
    let ui = workspace::ui();
    let ready = steps.step("page packages", || install(&ui));
    for (name, script) in [("page lint", "lint"), ("page client", "generate:check"), ("page tests", "test"), ("page build", "build")] {
        steps.step(name, || {
            if !ready {
                return Err(Skip(NO_PACKAGES.to_owned()).into());
            }
            run(&mut node::npm(&ui, &["run", "--silent", script]))
        });
    }
}

/// Installs the packages in `folder` when they are not those of its lock file.
///
/// # Errors
///
/// A [`Skip`] without Node; else when npm fails.
pub(crate) fn install(folder: &Path) -> Result<()> {
    if let Err(missing) = node::check() {
        return Err(Skip(missing.to_string().lines().next().unwrap_or_default().to_owned()).into());
    }
    if let Some(mut command) = node::install(folder)? {
        run(&mut command)?;
        node::installed(folder).context("after the installation")?;
    }
    Ok(())
}
