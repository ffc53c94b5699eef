use std::path::PathBuf;

use crate::reader::Reader;

/// `[log]`: what the programs say about themselves.
#[derive(Debug, Clone)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// What is written, as `tracing-subscriber` filters say it: `info`, or `info,magnetiq_storage=debug`.
    pub level: String,
    /// The folder of log files, one for each program; standard error where there is none.
    pub folder: Option<PathBuf>,
    /// A file is rotated before it grows past this.
    pub file_limit_bytes: u64,
    /// How many rotated files of each program are kept.
    pub files_kept: usize,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

impl Log {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let format = reader.by_profile(LogFormat::Text, LogFormat::Json);
        Self {
            format: reader.choice("log.format", format, &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
            level: reader.parsed(
                "log.level",
                "info,actix_server=warn",
                "error, warn, info, debug, trace or off, also by module: info,magnetiq_storage=debug",
                level,
            ),
            folder: Some(reader.text("log.folder", "")).filter(|folder| !folder.is_empty()).map(PathBuf::from),
            file_limit_bytes: reader.number("log.file_limit_bytes", 20 << 20, 64 * 1024..=10 << 30),
            files_kept: reader.number("log.files_kept", 10, 0..=10_000),
        }
    }
}

fn level(text: &str) -> Option<String> {
    let known = |name: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&name);
    let module = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c));
    let right = |part: &str| part.split_once('=').map_or_else(|| known(part), |(name, level)| module(name) && known(level));
    text.split(',').all(|part| right(part.trim())).then(|| text.to_owned())
}
