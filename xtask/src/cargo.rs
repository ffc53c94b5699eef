//! Builds programs of the workspace, and finds where Cargo put them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

/// What Cargo tells this program about its package. Build scripts (of ring, for one) that look at the same variables would run again, and all that is
/// built on them would be built again, each time that somebody types `cargo xtask` after `cargo test`. Tests, which this program may not
/// use, take the same away (tests/src/program.rs).
const OF_THIS_PACKAGE: [&str; 7] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
    "CARGO_MANIFEST_LINKS",
];

/// The Cargo that runs this program, and the toolchain with it.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root());
    for name in OF_THIS_PACKAGE {
        command.env_remove(name);
    }
    command
}

/// Builds the server; what Cargo writes to standard output is for [`Built::read`].
pub(crate) fn build_server(colour: bool) -> Command {
    let mut command = cargo();
    command.args(["build", "--workspace", "--bin", "api-server", "--message-format", "json-render-diagnostics"]);
    command.args(["--color", if colour { "always" } else { "never" }]);
    command
}

/// A program that Cargo built.
#[derive(Debug)]
pub(crate) struct Built {
    /// Where it lies.
    pub(crate) program: PathBuf,
    /// Whether it is another one than before this build.
    pub(crate) changed: bool,
}

impl Built {
    /// Finds the program in the messages of a build.
    ///
    /// # Errors
    ///
    /// When the messages name no program.
    pub(crate) fn read(messages: &str) -> Result<Self> {
        let mut found = None;
        for artifact in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if let (Some(program), Some(fresh)) = (artifact["executable"].as_str(), artifact["fresh"].as_bool()) {
                found = Some((PathBuf::from(program), fresh));
            }
        }
        let (program, fresh) = found.context("Cargo built no program")?;
        Ok(Self { program, changed: !fresh })
    }
}

#[cfg(test)]
mod tests {
    use super::Built;

    #[test]
    fn the_program_is_the_artifact_that_can_be_executed() {
        let messages = r#"{"reason":"compiler-artifact","executable":null,"fresh":true}
{"reason":"compiler-artifact","executable":"/t/debug/api-server","fresh":false}
{"reason":"build-finished","success":true}"#;
        let built = Built::read(messages).expect("there is a program");
        assert_eq!(built.program.to_str(), Some("/t/debug/api-server"));
        assert!(built.changed);
        assert!(Built::read("").is_err());
    }
}
