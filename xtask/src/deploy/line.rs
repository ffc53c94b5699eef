//! A command line as a value: it can be shown, compared and kept before it is run, and no shell ever reads it.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::folder::UNFINISHED;
use super::watch::{self, Silent};

/// How often a command is run that may be run again.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// A program and its arguments, the files that it reads from and writes to, if any, and the question that tells whether the other side
/// still answers, where that has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    words: Vec<String>,
    from: Option<PathBuf>,
    to: Option<PathBuf>,
    asks: Option<Box<Line>>,
}

impl Line {
    pub(crate) fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), from: None, to: None, asks: None }
    }

    pub(crate) fn with<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// What it reads.
    pub(crate) fn reading(self, path: &Path) -> Self {
        Self { from: Some(path.to_owned()), ..self }
    }

    /// Where what it writes is kept: whole, once it has ended well, or not at all.
    pub(crate) fn writing(self, path: &Path) -> Self {
        Self { to: Some(path.to_owned()), ..self }
    }

    /// With a question: once the other side does not answer it any more, nobody waits for this command.
    pub(crate) fn asking(self, question: Self) -> Self {
        Self { asks: Some(Box::new(question)), ..self }
    }

    /// Whether it has such a question.
    #[cfg(test)]
    pub(crate) fn asks(&self) -> bool {
        self.asks.is_some()
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// Ready to run. It gets no input but a file, so that nothing waits for somebody who is not there.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        command
    }

    /// Runs it; what it says comes as the result, well or not.
    ///
    /// # Errors
    ///
    /// Where it cannot be started, and where the other side does not answer any more.
    pub(crate) fn output(&self) -> Result<Output> {
        let mut command = self.command();
        if let Some(path) = &self.from {
            command.stdin(File::open(path).with_context(|| format!("open {}", path.display()))?);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let Some(path) = &self.to else { return self.ended(&mut command) };
        let unfinished = path.with_added_extension(UNFINISHED);
        let failed = || format!("write {}", path.display());
        fs::create_dir_all(path.parent().context("a file lies in a folder")?).with_context(failed)?;
        // It may be somebody's data.
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).with_context(failed)?;
        command.stdout(file.try_clone().with_context(failed)?);
        let output = self.ended(&mut command);
        if output.as_ref().is_ok_and(|output| output.status.success()) {
            file.sync_all().and_then(|()| fs::rename(&unfinished, path)).with_context(failed)?;
        } else {
            fs::remove_file(&unfinished).with_context(failed)?;
        }
        output
    }

    fn ended(&self, command: &mut Command) -> Result<Output> {
        let child = command.spawn().with_context(|| format!("start {}", self.words[0]))?;
        match &self.asks {
            Some(question) => watch::wait(child, self, question, &watch::PATIENCE),
            None => child.wait_with_output().with_context(|| format!("wait for {}", self.words[0])),
        }
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

    /// As [`run`](Self::run), for a command that does no harm a second time: tried up to `TRIES` times, because a connection that breaks
    /// says nothing about what was asked for.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), the last time.
    pub(crate) fn run_again(&self) -> Result<String> {
        let mut tries = 1;
        loop {
            match self.run() {
                // `Silent` means that the other side has had its time already.
                Err(error) if tries < TRIES && error.downcast_ref::<Silent>().is_none() => tries += 1,
                done => return done,
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
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
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&quoted(word))?;
        }
        for (sign, path) in [("<", &self.from), (">", &self.to)] {
            if let Some(path) = path {
                write!(f, " {sign} {}", quoted(&path.display().to_string()))?;
            }
        }
        Ok(())
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::Line;

    #[test]
    fn it_is_shown_as_one_would_type_it() {
        let line = Line::new(["docker", "run", "--label", "why=it's time", ""]);
        assert_eq!(line.to_string(), r"docker run --label 'why=it'\''s time' ''");
        let line = Line::new(["tar", "-x"]).reading("/a b".as_ref()).writing("/c".as_ref());
        assert_eq!(line.to_string(), "tar -x < '/a b' > /c");
    }

    #[test]
    fn files_are_read_and_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("made/to"));
        std::fs::write(&from, "text").expect("a file");
        let line = |script| Line::new(["sh", "-c", script]).reading(&from).writing(&to);
        line("cat; exit 1").run().expect_err("it ends badly");
        assert_eq!(std::fs::read_dir(folder.path().join("made")).expect("the folder").count(), 0);
        line("cat").run().expect("it ends well");
        assert_eq!(std::fs::read_to_string(&to).expect("the file"), "text");
        let mode = std::fs::metadata(&to).expect("the file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "it may be somebody's data");
    }

    #[test]
    fn what_failed_says_why() {
        let failed = Line::new(["ls", "/nowhere/at/all"]).run().expect_err("there is no such folder").to_string();
        assert!(failed.starts_with("ls /nowhere/at/all\n") && failed.contains("No such file"), "{failed}");
    }
}
