//! What a command answers.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// Writes the answer of a command to standard output, and ends its line.
///
/// It may be read through a pipe that closes early, as by `backupd list | head -1`: that is no failure, and nothing for a panic.
///
/// # Errors
///
/// When it cannot be written, as to a full disk.
pub fn print(answer: impl Display) -> anyhow::Result<()> {
    let mut text = answer.to_string();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    // Flushed here: what fails later, nobody sees.
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the answer"),
    }
}
