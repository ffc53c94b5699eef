//! Whether a page answers, and with what.

use std::ops::RangeInclusive;

use crate::check::{Check, CheckError};
use crate::checks::say::{budget, time};
use crate::deadline::Deadline;
use crate::error::Error;
use crate::reading::{Facts, Value};

use super::tls::Trust;
use super::told;
use super::web::{Answer, Web};

/// How much of a body is read.
const BODY_MAX_BYTES: u64 = 1 << 20;

/// Gets a page over a new connection, and reads at most 1 MiB of it.
#[derive(Debug)]
pub struct Http {
    web: Web,
    statuses: RangeInclusive<u16>,
    contains: Option<String>,
    json: Vec<(String, String)>,
    is_health: bool,
}

impl Http {
    /// Of the page at `url`, which should answer with 200 to 299. Redirects are not followed: a health page that sends visitors to the login is
    /// none.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] if it is no address of a page.
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self { web: Web::new(url)?, statuses: 200..=299, contains: None, json: Vec::new(), is_health: false })
    }

    /// It should answer with one of these status codes.
    #[must_use]
    pub fn statuses(self, statuses: RangeInclusive<u16>) -> Self {
        Self { statuses, ..self }
    }

    /// The first MiB of the page should contain this text.
    #[must_use]
    pub fn containing(self, text: impl Into<String>) -> Self {
        Self { contains: Some(text.into()), ..self }
    }

    /// The page should be JSON that has `value` at `pointer`: `expecting_json("/version", "1.2.0")` tells which version really runs.
    #[must_use]
    pub fn expecting_json(mut self, pointer: impl Into<String>, value: impl Into<String>) -> Self {
        self.json.push((pointer.into(), value.into()));
        self
    }

    /// The page says itself how it is, as [`health_json`](crate::render::health_json) does: what it warns of is a warning here, and what it says
    /// is wrong is told. Its status code may be 503 then, besides those that are wanted; after 401 and 403 nobody knows how it is.
    #[must_use]
    pub fn telling_health(self) -> Self {
        Self { is_health: true, ..self }
    }

    /// Sends this header along. Its value is never shown.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.web.headers.0.push((name.into(), value.into()));
        self
    }

    /// Follows so many redirects.
    #[must_use]
    pub fn redirects(mut self, redirects: u32) -> Self {
        self.web.redirects = redirects;
        self
    }

    /// Trusts others than the public authorities. Whom nobody would trust fails here, too.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.web.trust = trust;
        self
    }

    fn look(&self, answer: &Answer) -> Result<Facts, CheckError> {
        let url = &self.web.url;
        let mut facts = Facts::new()
            .with("status", Value::Count(answer.status.into()))
            .with("latency", Value::Seconds(answer.took.as_secs_f64()))
            .with("body", Value::Bytes(answer.body.len() as u64))
            .saying(format!("{url} answered {} in {}", answer.status, time(answer.took)));
        if self.is_health && (self.statuses.contains(&answer.status) || answer.status == 503) {
            return Ok(told::told(facts, url, &answer.body));
        }
        // It works, and tells somebody else how.
        if self.is_health && matches!(answer.status, 401 | 403) {
            return Err(CheckError::undetermined(format!("{url} answered {}: it does not take the token, or wants one", answer.status)));
        }
        if !self.statuses.contains(&answer.status) {
            let (first, last) = (self.statuses.start(), self.statuses.end());
            let wanted = if first == last { first.to_string() } else { format!("{first} to {last}") };
            // What is in an error page says nothing more.
            return Ok(facts.failing(format!("{url} answered {}, wanted is {wanted}", answer.status)));
        }
        if let Some(text) = self.contains.as_ref().filter(|text| !contains(&answer.body, text.as_bytes())) {
            let read = if answer.is_cut { "the first MiB of " } else { "" };
            facts = facts.failing(format!("{read}{url} does not contain {text:?}"));
        }
        if !self.json.is_empty() {
            facts = self.compare(facts, answer);
        }
        Ok(facts)
    }

    fn compare(&self, facts: Facts, answer: &Answer) -> Facts {
        let url = &self.web.url;
        let json: serde_json::Value = match serde_json::from_slice(&answer.body) {
            Ok(json) => json,
            Err(error) => return facts.failing(format!("{url} is no JSON: {error}")),
        };
        self.json.iter().fold(facts, |facts, (pointer, wanted)| {
            let Some(found) = json.pointer(pointer) else {
                return facts.failing(format!("{url} has nothing at {pointer}, wanted is {wanted:?}"));
            };
            let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            if found == *wanted {
                return facts;
            }
            let found: String = found.chars().take(60).collect();
            facts.failing(format!("{url} has {found:?} at {pointer}, wanted is {wanted:?}"))
        })
    }
}

impl Check for Http {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let answer = self.web.get(BODY_MAX_BYTES, budget(deadline)).map_err(CheckError::failed)?;
        self.look(&answer)
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}
