//! The question before something is lost.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};

/// Whether somebody sits at a terminal.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks until a line comes; whether it is `expected`.
///
/// # Errors
///
/// Where the terminal went away.
pub(crate) fn typed(question: &str, expected: &str) -> Result<bool> {
    write!(io::stdout(), "{question} ").and_then(|()| io::stdout().flush()).context("ask")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("read the answer")?;
    Ok(answer.trim() == expected)
}
