use crate::reader::Reader;

/// `[log]`: what goes to standard error.
#[derive(Debug, Clone)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// What is written, as `tracing-subscriber` filters say it: `info`, or `info,magnetiq_storage=debug`.
    pub level: String,
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
        }
    }
}

fn level(text: &str) -> Option<String> {
    let known = |name: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&name);
    let module = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c));
    let right = |part: &str| part.split_once('=').map_or_else(|| known(part), |(name, level)| module(name) && known(level));
    text.split(',').all(|part| right(part.trim())).then(|| text.to_owned())
}
