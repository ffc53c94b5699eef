//! What is looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use magnetiq_config::{API_PORT, PAGE_PORT};
use magnetiq_doctor::{Version, said};

use crate::system::System;
use crate::{tools, workspace};

/// A checkout of this repository, and the shell that it is worked on from.
#[derive(Debug)]
pub(super) struct Checkout {
    pub(super) root: PathBuf,
    pub(super) environment: BTreeMap<String, String>,
    /// Ports of `cargo xtask dev`, and the options that choose others.
    pub(super) ports: [(u16, &'static str); 2],
    pub(super) room: Room,
    /// Whose commands install what is missing.
    pub(super) system: System,
}

/// How much room there should be, and how much builds may take, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) free_min: u64,
    pub(super) free_comfortable: u64,
    pub(super) target_max: u64,
}

const GIB: u64 = 1 << 30;

impl Checkout {
    /// The one that this program was built from.
    pub(super) fn here() -> Self {
        Self {
            root: workspace::root().to_owned(),
            environment: magnetiq_config::environment(),
            ports: [(API_PORT, "--api-port"), (PAGE_PORT, "--page-port")],
            // A debug build with its tests takes 8 GiB, a release build 3 more.
            room: Room { free_min: 3 * GIB, free_comfortable: 12 * GIB, target_max: 40 * GIB },
            system: System::here(),
        }
    }

    /// The program of this name, as PATH has it.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        tools::find(name, &self.environment)
    }

    /// What the program of this name says, where it is there and answers.
    pub(super) fn said(&self, name: &str, arguments: &[&str]) -> Option<String> {
        said(self.program(name)?, arguments)
    }

    /// The version that the program of this name tells.
    pub(super) fn version(&self, name: &str, arguments: &[&str]) -> Option<Version> {
        Version::find(&self.said(name, arguments)?)
    }

    /// A file of the checkout as text; empty where it is not there.
    pub(super) fn text(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    /// What Git says about the checkout, without the line's end.
    pub(super) fn git(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new(self.program("git")?).arg("-C").arg(&self.root).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}
