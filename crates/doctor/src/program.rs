//! Programs of others: what they say, and their versions.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Major, minor, patch: as far as a program tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The first version in what a program says: `nginx version: nginx/1.22.1` is 1.22.1, `v20.19.0` is 20.19.0.
    pub fn find(text: &str) -> Option<Self> {
        let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        words.find_map(|word| {
            let mut parts = word.trim_matches('.').split('.').map(|part| part.parse().ok());
            let (major, minor) = (parts.next()??, parts.next()??);
            Some(Self(major, minor, parts.next().flatten().unwrap_or(0)))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// How long a program may take to say its version, or what a container engine knows.
const LIMIT: Duration = Duration::from_secs(10);

/// What `program` says to these arguments, on standard output and then on standard error; `None` where it is not there, fails, or does not
/// end within ten seconds.
pub fn said(program: impl AsRef<Path>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program.as_ref());
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let (mut output, mut errors) = (child.stdout.take()?, child.stderr.take()?);
    // Each pipe has a reader, so that neither can be full.
    let output = std::thread::spawn(move || text(&mut output));
    let errors = std::thread::spawn(move || text(&mut errors));
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().ok()? {
            Some(status) => break status,
            None if begun.elapsed() > LIMIT => {
                // It may have ended just now.
                let _ = child.kill();
                break child.wait().ok()?;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let all = output.join().ok()? + &errors.join().ok()?;
    status.success().then_some(all)
}

fn text(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // What came until it broke is what there is.
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_counts() {
        let check = |text, version: Option<Version>| assert_eq!(Version::find(text), version, "{text}");
        check("nginx version: nginx/1.22.1", Some(Version(1, 22, 1)));
        check("3.40.1 2022-12-28 14:03:47 df5c253c", Some(Version(3, 40, 1)));
        check("v20.19.0\n", Some(Version(20, 19, 0)));
        check("Docker version 28.2.2, build e6534b4", Some(Version(28, 2, 2)));
        check("certbot 2.1", Some(Version(2, 1, 0)));
        check("none 7", None);
        assert!(Version(3, 9, 0) < Version(3, 40, 0));
    }

    #[test]
    fn a_program_that_is_not_there_says_nothing() {
        assert_eq!(said("/nowhere/at/all", &[]), None);
        assert_eq!(said("sh", &["-c", "echo out; echo err >&2"]).as_deref(), Some("out\nerr\n"));
        assert_eq!(said("sh", &["-c", "exit 3"]), None);
    }
}
