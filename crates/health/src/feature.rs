//! What people can do with the site, and what of it is left when a check fails.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::id::{CheckId, FeatureId};
use crate::status::Status;

/// Something that people do: read pages, upload media, send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// Its name: kebab case, unique.
    pub id: FeatureId,
    /// A few words for people.
    pub title: Cow<'static, str>,
    /// Checks without which it does not work at all.
    pub requires: Vec<CheckId>,
    /// Checks without which less of it works.
    pub degrades_with: Vec<Degradation>,
}

/// A check whose failure leaves a part of a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Degradation {
    /// The check.
    pub check: CheckId,
    /// Whether its warning is enough: an open circuit breaker only warns, and yet nothing goes through it.
    pub at_warn: bool,
    /// What still works, a sentence without a full stop: "messages are kept and sent later".
    pub still_works: Cow<'static, str>,
}

impl Feature {
    /// A feature that needs nothing yet.
    pub fn new(id: impl Into<FeatureId>, title: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), title: title.into(), requires: Vec::new(), degrades_with: Vec::new() }
    }

    /// It does not work while `check` fails.
    #[must_use]
    pub fn requires(mut self, check: impl Into<CheckId>) -> Self {
        self.requires.push(check.into());
        self
    }

    /// Only `still_works` is left while `check` fails, or nobody knows.
    #[must_use]
    pub fn degrades_with(mut self, check: impl Into<CheckId>, still_works: impl Into<Cow<'static, str>>) -> Self {
        self.degrades_with.push(Degradation { check: check.into(), at_warn: false, still_works: still_works.into() });
        self
    }

    /// Only `still_works` is left while `check` fails or warns, or nobody knows.
    #[must_use]
    pub fn degrades_at_warn(mut self, check: impl Into<CheckId>, still_works: impl Into<Cow<'static, str>>) -> Self {
        self.degrades_with.push(Degradation { check: check.into(), at_warn: true, still_works: still_works.into() });
        self
    }

    /// How much of it there is, from how each check was seen, and from the causes of each. What is seen counts, whether it is maintained
    /// or suppressed: people cannot use it either way.
    pub(crate) fn availability<'a>(&self, seen: impl Fn(&CheckId) -> (Status, &'a [CheckId])) -> Availability {
        let mut because_of = Vec::new();
        for check in &self.requires {
            if let (Status::Fail, causes) = seen(check) {
                blame(&mut because_of, check, causes);
            }
        }
        if !because_of.is_empty() {
            return Availability::Unavailable { because_of };
        }
        let mut still_works = Vec::new();
        for check in &self.requires {
            if let (Status::Unknown, causes) = seen(check) {
                blame(&mut because_of, check, causes);
            }
        }
        for degradation in &self.degrades_with {
            let (status, causes) = seen(&degradation.check);
            let degraded = match status {
                Status::Fail | Status::Unknown => true,
                Status::Warn => degradation.at_warn,
                Status::Pass | Status::Suppressed | Status::Maintenance => false,
            };
            if degraded {
                blame(&mut because_of, &degradation.check, causes);
                still_works.push(degradation.still_works.to_string());
            }
        }
        if because_of.is_empty() { Availability::Available } else { Availability::Degraded { because_of, still_works } }
    }
}

/// Names the causes of `check`, or itself where it has none.
fn blame(because_of: &mut Vec<CheckId>, check: &CheckId, causes: &[CheckId]) {
    let causes = if causes.is_empty() { std::slice::from_ref(check) } else { causes };
    for cause in causes {
        if !because_of.contains(cause) {
            because_of.push(cause.clone());
        }
    }
}

/// How much of a feature there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "availability")]
pub enum Availability {
    /// All of it.
    Available,
    /// A part, or nobody knows: a check that it requires is unknown.
    Degraded {
        /// The checks at the root of it.
        because_of: Vec<CheckId>,
        /// What still works. Empty where only nobody knows.
        still_works: Vec<String>,
    },
    /// None.
    Unavailable {
        /// The checks at the root of it.
        because_of: Vec<CheckId>,
    },
}

impl Availability {
    /// The lower-case word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Degraded { .. } => "degraded",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The checks at the root of it; none where it is available.
    pub fn because_of(&self) -> &[CheckId] {
        match self {
            Self::Available => &[],
            Self::Degraded { because_of, .. } | Self::Unavailable { because_of } => because_of,
        }
    }
}
