//! The words for how something is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad something that is known is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    #[default]
    Pass,
    /// Works; somebody should look.
    Warn,
    /// Does not work.
    Fail,
}

/// How something is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Works; somebody should look.
    Warn,
    /// Does not work.
    Fail,
    /// Nobody knows: it has not run, its answer is too old, or it could not find out. Never taken for pass.
    Unknown,
    /// Not as it should be, because of another check that fails: that one alerts.
    Suppressed,
    /// Being worked on: does not alert, and does not count.
    Maintenance,
}

impl Status {
    /// Worst first: fail, unknown, warn; then what does not count against anything: suppressed (its cause does), maintenance, pass.
    pub fn severity(self) -> u8 {
        match self {
            Self::Fail => 5,
            Self::Unknown => 4,
            Self::Warn => 3,
            Self::Suppressed => 2,
            Self::Maintenance => 1,
            Self::Pass => 0,
        }
    }

    /// The lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Suppressed => "suppressed",
            Self::Maintenance => "maintenance",
        }
    }

    /// The exit code of a program that looked: 0 pass (and maintenance), 1 warn, 2 fail, 3 unknown, as monitoring plugins have it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass | Self::Maintenance => 0,
            Self::Warn | Self::Suppressed => 1,
            Self::Fail => 2,
            Self::Unknown => 3,
        }
    }

    /// The status code for HTTP: 503 for fail, 200 else; `strict` takes pass and maintenance only.
    pub fn http_status(self, strict: bool) -> u16 {
        match self {
            Self::Pass | Self::Maintenance => 200,
            Self::Fail => 503,
            Self::Warn | Self::Unknown | Self::Suppressed => {
                if strict {
                    503
                } else {
                    200
                }
            }
        }
    }
}

impl From<Level> for Status {
    fn from(level: Level) -> Self {
        match level {
            Level::Pass => Self::Pass,
            Level::Warn => Self::Warn,
            Level::Fail => Self::Fail,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
