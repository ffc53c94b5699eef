use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Ends a program: prints an error once, with its causes and the hints that it carries, to standard error.
///
/// The code is 0 for done and 1 for failed; 2, for a wrong command line, is given by its parser before anything is run.
pub fn report(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    // With standard error closed there is nobody left to tell, and the code still says it.
    let _ = io::stderr().write_all(text(&error).as_bytes());
    ExitCode::FAILURE
}

fn text(error: &anyhow::Error) -> String {
    let mut text = format!("error: {}\n", error.to_string().trim_end());
    for cause in error.chain().skip(1) {
        let _ = writeln!(text, "  because: {}", cause.to_string().trim_end().replace('\n', "\n  "));
    }
    for Hinted { hint, .. } in error.chain().filter_map(|cause| cause.downcast_ref()) {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

/// An error with its causes in one line, for where there is only one: in a list of problems, in a finding.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    anyhow::Chain::new(error).map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}

/// Adds to an error what the user can do about it.
pub trait ResultExt<T> {
    /// Attaches one line that [`report`] prints below the error and its causes.
    ///
    /// # Errors
    ///
    /// The same error, with the hint.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> ResultExt<T> for Result<T, E> {
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| Hinted { hint: hint.into(), error: error.into() }.into())
    }
}

/// Looks like the error within, and has its causes; the hint is for [`report`] alone.
#[derive(Debug)]
struct Hinted {
    hint: String,
    error: anyhow::Error,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.chain().nth(1)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn the_chain_is_printed_once_and_the_hints_last() {
        let inner: anyhow::Result<()> = Err(anyhow!("disk is full")).context("write the page").hint("make room on /data");
        let error = inner.context("publish").hint("then publish again").expect_err("it is an error");
        let expected = "error: publish\n  because: write the page\n  because: disk is full\n\
            hint: then publish again\nhint: make room on /data\n";
        assert_eq!(text(&error), expected);
    }

    #[test]
    fn the_chain_fits_in_one_line() {
        let error = anyhow!("disk\nis full").context("write the page").context("publish");
        assert_eq!(chain(error.as_ref()), "publish: write the page: disk is full");
    }

    #[test]
    fn the_code_tells_failure() {
        let code = |result| format!("{:?}", report(result));
        assert_eq!(code(Ok(())), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(code(Err(anyhow!("no"))), format!("{:?}", ExitCode::FAILURE));
    }
}
