use std::collections::BTreeMap;

use super::steps::{Skip, Steps};
use crate::tools::find_or_install_python;

/// Tells the tests which S3 server to start; they look into PATH, too.
const S3: &str = "MAGNETIQ_TEST_MOTO";

/// Programs that the tests in Rust start. Gives the variables that tell where they lie.
pub(crate) fn find(steps: &mut Steps, environment: &BTreeMap<String, String>) -> Vec<(&'static str, std::path::PathBuf)> {
    let mut found = Vec::new();
    steps.step("tools", || {
        let moto = find_or_install_python("moto[server]", "moto_server", environment);
        let moto = moto.map_err(|error| Skip(format!("no S3 server to test against (moto, of PyPI): {error:#}")))?;
        found.push((S3, moto));
        Ok(())
    });
    found
}
