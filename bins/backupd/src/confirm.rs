//! The question before something is replaced.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, anyhow};
use magnetiq_service::ResultExt;

/// Asks on the terminal. Where there is none, only `--yes` will do.
pub(crate) fn confirm(question: &str, yes: bool) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        return Err(anyhow!("nothing was changed: there is no terminal to ask on")).hint("say --yes to do it without a question");
    }
    write!(io::stderr(), "{question} [y/N] ").context("failed to ask")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("failed to read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
