use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured when standard error is a terminal.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// How lines look.
    pub format: LogFormat,
    /// Filter directives: `info`, or `info,magnetiq_storage=debug`.
    pub level: String,
}

/// Sends what the program logs to standard error, from now on. Standard output stays free for data.
///
/// # Errors
///
/// When the level is no filter, or when logging was set up before.
pub fn init_logging(options: &LogOptions) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&options.level).with_context(|| format!("read the log level {:?}", options.level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let set_up = match options.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    set_up.map_err(anyhow::Error::from_boxed).context("set up the log")
}
