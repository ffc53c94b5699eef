//! A command line as a value: it can be shown, compared and kept before it is run, and no shell ever reads it.

use std::fmt;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// A program and what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line(Vec<String>);

impl Line {
    pub(crate) fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    pub(crate) fn with<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.0.extend(words.into_iter().map(Into::into));
        self
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }

    /// Ready to run. It gets no input, so that nothing waits for somebody who is not there.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null());
        command
    }

    /// Runs it; what it says comes as the result, well or not.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub(crate) fn output(&self) -> Result<Output> {
        self.command().output().with_context(|| format!("start {}", self.0[0]))
    }

    /// Runs it and gives what it wrote to standard output.
    ///
    /// # Errors
    ///
    /// Where it cannot be started or does not end well, with the end of what it said.
    pub(crate) fn run(&self) -> Result<String> {
        let output = self.output()?;
        if !output.status.success() {
            bail!("{self}\n    {}: {}", output.status, last_words(&output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The last lines of what a program said, for an error.
pub(crate) fn last_words(output: &Output) -> String {
    let said = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
    let said = said.into_iter().find(|said| !said.is_empty()).unwrap_or_else(|| "it said nothing".to_owned());
    let lines: Vec<&str> = said.lines().rev().take(6).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n    ")
}

/// As one would type it.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+".contains(c);
        for (index, word) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            if !word.is_empty() && word.chars().all(plain) {
                f.write_str(word)?;
            } else {
                write!(f, "'{}'", word.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn it_is_shown_as_one_would_type_it() {
        let line = Line::new(["docker", "run", "--label", "why=it's time", ""]);
        assert_eq!(line.to_string(), r"docker run --label 'why=it'\''s time' ''");
    }

    #[test]
    fn what_failed_says_why() {
        let failed = Line::new(["ls", "/nowhere/at/all"]).run().expect_err("there is no such folder").to_string();
        assert!(failed.starts_with("ls /nowhere/at/all\n") && failed.contains("No such file"), "{failed}");
    }
}
