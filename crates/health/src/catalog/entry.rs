//! What the catalog says of one kind of check.

use std::borrow::Cow;
use std::time::Duration;

use crate::check::{CheckInfo, Damping, Explain, Hang};
use crate::id::CheckId;
use crate::reading::Value;
use crate::render::metric_name;
use crate::threshold::{Direction, Threshold};

/// One kind of check.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name, which is also the name of the check where there is only one of its kind: `disk`.
    pub kind: &'static str,
    /// The check's type in this crate: `checks::Disk`.
    pub type_name: &'static str,
    /// The node it hangs from by default.
    pub node: &'static str,
    /// A few words for people.
    pub title: &'static str,
    /// In the words of the health+json draft.
    pub component: &'static str,
    /// Whether its failure is a failure of its node.
    pub critical: bool,
    /// How often it runs.
    pub every: Duration,
    /// How long a run may take.
    pub timeout: Duration,
    /// What it means if it does not answer in time.
    pub hang: Hang,
    /// Bad answers in a row until findings and errors are believed.
    pub fall: u32,
    /// What it means when this is not as it should be.
    pub means: &'static str,
    /// What to look at.
    pub look_at: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    /// Its limits, where nobody says otherwise.
    pub limits: &'static [DefaultLimit],
    /// All that it can measure.
    pub measurements: &'static [Measurement],
}

impl Entry {
    /// What a monitor has to know of the only check of this kind.
    pub fn info(&self) -> CheckInfo {
        self.info_as(self.kind)
    }

    /// The same under another name, for one of several: `disk-media`.
    pub fn info_as(&self, id: impl Into<CheckId>) -> CheckInfo {
        let mut info = CheckInfo::new(id, self.node, self.title)
            .every(self.every)
            .timeout(self.timeout)
            .damping(Damping { fall: self.fall, ..Damping::default() })
            .component(self.component)
            .explain(Explain { means: Cow::Borrowed(self.means), look_at: Cow::Borrowed(self.look_at), fix: Cow::Borrowed(self.fix) });
        info.critical = self.critical;
        info.hang = self.hang;
        self.limits.iter().fold(info, |info, limit| info.threshold(limit.threshold()))
    }

    /// What it measures under this name.
    pub fn measurement(&self, name: &str) -> Option<&'static Measurement> {
        self.measurements.iter().find(|measurement| measurement.name == name)
    }
}

/// One value that a check can measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// As in a [`Reading`](crate::Reading).
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// What it is, in words.
    pub help: &'static str,
}

impl Measurement {
    pub(super) const fn new(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self { name, unit, help }
    }

    /// The name of its metric, for a check of the name `check`; `None` for text.
    pub fn metric(&self, check: &str) -> Option<String> {
        let value = match self.unit {
            Unit::Bytes => Value::Bytes(0),
            Unit::Seconds => Value::Seconds(0.0),
            Unit::Percent => Value::Percent(0.0),
            Unit::Count => Value::Count(0),
            Unit::Bool => Value::Bool(false),
            Unit::Text => Value::Text(String::new()),
        };
        metric_name(check, self.name, &value)
    }
}

/// The unit of a [`Measurement`], as in [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A size.
    Bytes,
    /// A duration.
    Seconds,
    /// A share, 0 to 100.
    Percent,
    /// A number of things.
    Count,
    /// Yes or no.
    Bool,
    /// Words; no metric.
    Text,
}

/// Where a limit begins and where it ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Bad from this value on.
    pub enter: f64,
    /// Good again beyond this value only.
    pub leave: f64,
}

/// The limits of one measurement, where nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct DefaultLimit {
    /// What is measured.
    pub measurement: &'static str,
    /// Which side is bad.
    pub direction: Direction,
    /// Where somebody should look.
    pub warn: Option<Bounds>,
    /// Where it does not work.
    pub fail: Option<Bounds>,
    /// Bad readings in a row until it is believed.
    pub fall: u32,
    /// How long readings have to be bad until it is believed.
    pub lasting: Duration,
    /// Whether there may be runs without this measurement.
    pub optional: bool,
    /// Where the numbers come from.
    pub because: &'static str,
}

impl DefaultLimit {
    pub(super) const fn above(measurement: &'static str, because: &'static str) -> Self {
        Self {
            measurement,
            direction: Direction::Above,
            warn: None,
            fail: None,
            fall: 1,
            lasting: Duration::ZERO,
            optional: false,
            because,
        }
    }

    pub(super) const fn below(measurement: &'static str, because: &'static str) -> Self {
        Self { direction: Direction::Below, ..Self::above(measurement, because) }
    }

    pub(super) const fn warn(self, enter: f64, leave: f64) -> Self {
        Self { warn: Some(Bounds { enter, leave }), ..self }
    }

    pub(super) const fn fail(self, enter: f64, leave: f64) -> Self {
        Self { fail: Some(Bounds { enter, leave }), ..self }
    }

    pub(super) const fn fall(self, fall: u32) -> Self {
        Self { fall, ..self }
    }

    pub(super) const fn lasting(self, lasting: Duration) -> Self {
        Self { lasting, ..self }
    }

    pub(super) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The limit as a monitor takes it.
    pub fn threshold(&self) -> Threshold {
        let mut threshold = match self.direction {
            Direction::Above => Threshold::above(self.measurement),
            Direction::Below => Threshold::below(self.measurement),
        };
        if let Some(warn) = self.warn {
            threshold = threshold.warn(warn.enter).leave_warn(warn.leave);
        }
        if let Some(fail) = self.fail {
            threshold = threshold.fail(fail.enter).leave_fail(fail.leave);
        }
        if self.optional {
            threshold = threshold.optional();
        }
        threshold.fall(self.fall).lasting(self.lasting).build().expect("the limits of the catalog fit together: a test builds each")
    }
}

/// An entry that runs every 30 s and may take 5, for the rest of each entry to be added.
pub(super) const PLAIN: Entry = Entry {
    kind: "",
    type_name: "",
    node: "",
    title: "",
    component: "component",
    critical: false,
    every: Duration::from_secs(30),
    timeout: Duration::from_secs(5),
    hang: Hang::Unknown,
    fall: 1,
    means: "",
    look_at: "",
    fix: "",
    limits: &[],
    measurements: &[],
};
