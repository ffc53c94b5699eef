use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// One thing that is wrong with the settings. The values of secrets never appear.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A value of the wrong type, out of range, or not allowed in this profile.
    #[error("{key} = {value}\n    from {origin}\n    {expected}")]
    Unfit {
        /// The key, such as `server.port`.
        key: String,
        /// The value as it was given, hidden when it is a secret.
        value: String,
        /// Where the value came from.
        origin: String,
        /// What would be right.
        expected: String,
    },
    /// A setting that this profile demands.
    #[error("{key} is missing\n    {expected}")]
    Missing {
        /// The key, such as `auth.secret_key`.
        key: String,
        /// What would be right.
        expected: String,
    },
    /// A key or variable that no program reads.
    #[error("{name} is not a setting\n    from {origin}\n    {expected}")]
    Unknown {
        /// The key, or the name of the variable.
        name: String,
        /// Where it was found.
        origin: String,
        /// The nearest name, or where to look.
        expected: String,
    },
    /// A setting that the environment gives twice, so that it is unclear which one counts.
    #[error("{key} is given twice\n    by {first}\n    and {second}\n    keep one of them")]
    Twice {
        /// The key.
        key: String,
        /// One origin.
        first: String,
        /// The other origin.
        second: String,
    },
    /// The settings file is not TOML.
    #[error("{path}:{line}:{column}: {message}\n    {excerpt}")]
    Syntax {
        /// The file as it was named.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the parser says.
        message: String,
        /// The line with a mark under the place.
        excerpt: String,
    },
    /// The settings file could not be read.
    #[error("cannot read the settings file {path}", path = path.display())]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that holds one setting could not be read.
    #[error("cannot read {path} for {key}\n    named by {variable}", path = path.display())]
    UnreadableValue {
        /// The key.
        key: String,
        /// The file.
        path: PathBuf,
        /// The variable that names the file.
        variable: String,
        /// Why.
        source: io::Error,
    },
}

impl Problem {
    /// The key or the name that this is about; the path when it is the settings file as a whole.
    pub fn subject(&self) -> String {
        match self {
            Self::Unfit { key, .. } | Self::Missing { key, .. } | Self::Twice { key, .. } | Self::UnreadableValue { key, .. } => {
                key.clone()
            }
            Self::Unknown { name, .. } => name.clone(),
            Self::Syntax { path, .. } => path.clone(),
            Self::UnreadableFile { path, .. } => path.display().to_string(),
        }
    }
}

/// Everything that is wrong with the settings; never empty.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn from(list: Vec<Problem>) -> Self {
        Self(list)
    }

    /// The problems, those of the file first.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "one problem in the settings")?,
            many => writeln!(f, "{many} problems in the settings")?,
        }
        for problem in &self.0 {
            write!(f, "\n  {}", problem.to_string().replace('\n', "\n  "))?;
            let mut cause = problem.source();
            while let Some(error) = cause {
                write!(f, "\n      {error}")?;
                cause = error.source();
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Error for Problems {}
