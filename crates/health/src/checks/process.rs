//! Whether a process runs.

use std::io;
use std::path::{Path, PathBuf};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::read::text;

/// Looks whether the process runs whose number is in a file, and whether it still is that program: numbers are used again.
#[derive(Debug)]
pub struct Process {
    pid_file: PathBuf,
    program: String,
    proc: PathBuf,
}

impl Process {
    /// Of the process whose number is in `pid_file` and whose program is called `program`, as `ps -o comm` tells it.
    pub fn new(pid_file: impl Into<PathBuf>, program: impl Into<String>) -> Self {
        Self { pid_file: pid_file.into(), program: program.into(), proc: PathBuf::from("/proc") }
    }

    /// With another place of `/proc`, such as that of a host.
    #[must_use]
    pub fn proc(self, proc: &Path) -> Self {
        Self { proc: proc.to_owned(), ..self }
    }
}

impl Check for Process {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let (program, file) = (&self.program, self.pid_file.display());
        let pid = text(&self.pid_file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CheckError::failed(format!("{program} does not run: there is no {file}")),
            _ => CheckError::undetermined(format!("{file} cannot be read: {error}")),
        })?;
        let pid: u32 =
            pid.trim().parse().map_err(|error| CheckError::undetermined(format!("{file} has no number of a process: {error}")))?;
        let comm = text(&self.proc.join(pid.to_string()).join("comm")).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CheckError::failed(format!("{program} does not run: there is no process {pid}, which {file} names")),
            _ => CheckError::undetermined(format!("the process {pid} cannot be looked at: {error}")),
        })?;
        // The kernel keeps 15 bytes of a name.
        if comm.trim_end().as_bytes() != &program.as_bytes()[..program.len().min(15)] {
            return Err(CheckError::failed(format!("{program} does not run: process {pid}, which {file} names, is {}", comm.trim_end())));
        }
        Ok(Facts::new().with("running", Value::Bool(true)).saying(format!("{program} runs as process {pid}")))
    }
}
