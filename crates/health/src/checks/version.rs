//! Which version runs, and whether it is the one that should.

use std::fs;
use std::path::PathBuf;

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

/// Tells the version that runs, and whether the program's file was replaced since it started: updated, and not restarted.
#[derive(Debug)]
pub struct Version {
    running: String,
    expected: Option<String>,
    program: PathBuf,
}

impl Version {
    /// `running` is the version of this program.
    pub fn new(running: impl Into<String>) -> Self {
        Self { running: running.into(), expected: None, program: PathBuf::from("/proc/self/exe") }
    }

    /// The version that should run.
    #[must_use]
    pub fn expecting(self, version: impl Into<String>) -> Self {
        Self { expected: Some(version.into()), ..self }
    }

    /// With another link to the program's file than `/proc/self/exe`.
    #[must_use]
    pub fn program(self, link: impl Into<PathBuf>) -> Self {
        Self { program: link.into(), ..self }
    }
}

impl Check for Version {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let running = &self.running;
        let mut facts = Facts::new().with("version", Value::Text(running.clone())).saying(format!("version {running} runs"));
        if let Some(expected) = self.expected.as_ref().filter(|expected| *expected != running) {
            facts = facts.warning(format!("version {running} runs, and {expected} should"));
        }
        // The kernel says so of a file that is gone, or has given its name to another one.
        let link = fs::read_link(&self.program).map(|link| link.to_string_lossy().into_owned());
        let replaced = link.ok().and_then(|link| link.strip_suffix(" (deleted)").map(str::to_owned));
        facts = facts.with("replaced", Value::Bool(replaced.is_some()));
        Ok(match replaced {
            Some(file) => {
                facts.warning(format!("{file} was replaced since the program started: it runs the old one until it is restarted"))
            }
            None => facts,
        })
    }
}
