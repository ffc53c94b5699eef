//! The clock against that of a web server.

use jiff::fmt::rfc2822;

use crate::check::{Check, CheckError};
use crate::checks::say::budget;
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::reading::{Facts, Value, seconds};

use super::tls::Trust;
use super::web::Web;

/// Compares the clock with the `Date` header of a web server. It tells whole seconds, so what is off by less than that and the half of the
/// request's time is not seen.
///
/// Over HTTPS a clock that is off by months makes every certificate invalid: ask over HTTP, or [anybody](Trust::Anybody).
#[derive(Debug)]
pub struct ClockSkew {
    web: Web,
    clock: Clock,
}

impl ClockSkew {
    /// Of the server that has `url`.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] if it is no address of a page.
    pub fn new(url: &str, clock: Clock) -> Result<Self, Error> {
        Ok(Self { web: Web::new(url)?, clock })
    }

    /// Trusts others than the public authorities.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.web.trust = trust;
        self
    }
}

impl Check for ClockSkew {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        // A server that cannot be asked says nothing of the clock.
        let answer = self.web.get(0, budget(deadline)).map_err(CheckError::undetermined)?;
        let now = self.clock.now().wall;
        let url = &self.web.url;
        let date = answer.headers.get("date").and_then(|date| date.to_str().ok());
        let date = date.ok_or_else(|| CheckError::undetermined(format!("{url} answered without a date")))?;
        let theirs = rfc2822::parse(date)
            .map_err(|error| CheckError::undetermined(format!("{url} answered with a date that is none: {error}")))?
            .timestamp();
        // It was said half a request ago, and cut to whole seconds: half of one on average.
        let skew = now.duration_since(theirs).as_secs_f64() - answer.took.as_secs_f64() / 2.0 - 0.5;
        let uncertain = 0.5 + answer.took.as_secs_f64() / 2.0;
        let off = (skew.abs() - uncertain).max(0.0);
        let says = match skew {
            _ if off == 0.0 => format!("the clock agrees with {url}"),
            skew if skew > 0.0 => format!("the clock is {} ahead of {url}", seconds(off)),
            _ => format!("the clock is {} behind {url}", seconds(off)),
        };
        Ok(Facts::new().with("off", Value::Seconds(off)).saying(says))
    }
}
