//! One thing that is wrong, and what mends it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::path::Path;

use rustix::process::geteuid;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, and will not for ever.
    Warning,
    /// It does not work, or is not safe.
    Error,
}

impl Severity {
    /// The lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a doctor does by itself when it is told to.
pub type Act = Box<dyn FnOnce() -> Result<(), Box<dyn Error + Send + Sync>> + Send>;

/// One thing that is wrong.
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was seen: a sentence without a full stop.
    pub seen: String,
    /// Why it matters.
    pub why: Cow<'static, str>,
    /// What a command can not do, or what to think of before: sentences; empty where the command says all.
    pub advice: Cow<'static, str>,
    /// The command that mends it, for a shell; empty where only a person can.
    pub command: String,
    /// The same as the command, where nobody has to decide anything.
    pub(crate) act: Option<Act>,
}

impl Finding {
    /// Something that does not work, or is not safe.
    pub fn error(seen: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, seen, why)
    }

    /// Something that somebody should look at.
    pub fn warning(seen: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, seen, why)
    }

    /// As bad as `severity` says.
    pub fn new(severity: Severity, seen: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { severity, seen: seen.into(), why: why.into(), advice: Cow::Borrowed(""), command: String::new(), act: None }
    }

    /// With the command that mends it.
    #[must_use]
    pub fn command(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }

    /// It matters for another reason.
    #[must_use]
    pub fn because(self, why: impl Into<Cow<'static, str>>) -> Self {
        Self { why: why.into(), ..self }
    }

    /// With what a command can not do.
    #[must_use]
    pub fn advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// What the command does is safe: `act` does the same for `--fix`.
    #[must_use]
    pub fn safe(self, act: impl FnOnce() -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static) -> Self {
        Self { act: Some(Box::new(act)), ..self }
    }

    /// Whether `--fix` mends it.
    pub fn is_safe(&self) -> bool {
        self.act.is_some()
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("severity", &self.severity)
            .field("seen", &self.seen)
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

/// A path as a word of a shell.
pub fn quoted(path: impl AsRef<Path>) -> String {
    let text = path.as_ref().display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A command that is root's to give: with `sudo` before it, where somebody else asks.
pub fn as_root(command: impl fmt::Display) -> String {
    if geteuid().is_root() { command.to_string() } else { format!("sudo {command}") }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        for (path, word) in
            [("/srv/a-b.c", "/srv/a-b.c"), ("", "''"), ("my files", "'my files'"), ("it's", r"'it'\''s'"), ("$HOME", "'$HOME'")]
        {
            assert_eq!(quoted(path), word);
        }
    }
}
