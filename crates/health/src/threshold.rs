//! Limits of a measurement: where it becomes a warning, where a failure, and where each is over.

use std::time::Duration;

use crate::check::Damping;
use crate::error::Error;
use crate::status::Level;

/// Which side of a limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Large values are bad: disk used, age.
    Above,
    /// Small values are bad: days left, bytes free.
    Below,
}

/// One limit with two sides, so that a value that trembles at it does not flap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Bad from this value on.
    pub enter: f64,
    /// Good again beyond this value only.
    pub leave: f64,
}

/// Limits of one measurement, sound by construction.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    measurement: String,
    direction: Direction,
    warn: Option<Limit>,
    fail: Option<Limit>,
    damping: Damping,
    optional: bool,
}

impl Threshold {
    /// Large values of `measurement` are bad.
    pub fn above(measurement: impl Into<String>) -> ThresholdBuilder {
        ThresholdBuilder::new(measurement.into(), Direction::Above)
    }

    /// Small values of `measurement` are bad.
    pub fn below(measurement: impl Into<String>) -> ThresholdBuilder {
        ThresholdBuilder::new(measurement.into(), Direction::Below)
    }

    /// A yes of `measurement` is this bad: "mounted read-only". [`Level::Pass`] makes a threshold that never speaks.
    pub fn yes_is(level: Level, measurement: impl Into<String>) -> Self {
        Self::of_bool(level, measurement.into(), Direction::Above)
    }

    /// A no of `measurement` is this bad: "is mounted".
    pub fn no_is(level: Level, measurement: impl Into<String>) -> Self {
        Self::of_bool(level, measurement.into(), Direction::Below)
    }

    fn of_bool(level: Level, measurement: String, direction: Direction) -> Self {
        let limit = Some(Limit { enter: 0.5, leave: 0.5 });
        let warn = limit.filter(|_| level == Level::Warn);
        let fail = limit.filter(|_| level == Level::Fail);
        Self { measurement, direction, warn, fail, damping: Damping::default(), optional: false }
    }

    /// What is measured.
    pub fn measurement(&self) -> &str {
        &self.measurement
    }

    /// Which side is bad.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The limit of `level`; none for pass.
    pub fn limit(&self, level: Level) -> Option<Limit> {
        match level {
            Level::Pass => None,
            Level::Warn => self.warn,
            Level::Fail => self.fail,
        }
    }

    /// How many readings it takes.
    pub fn damping(&self) -> Damping {
        self.damping
    }

    /// Whether a run without this measurement is fine.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// The same with other values from which it is bad; `None` keeps one. Each is over at the same share of its value as before.
    ///
    /// # Errors
    ///
    /// As for [`ThresholdBuilder::build`].
    pub fn with_limits(&self, warn: Option<f64>, fail: Option<f64>) -> Result<Self, Error> {
        let moved = |before: Option<Limit>, enter: Option<f64>| match (before, enter) {
            (Some(Limit { enter: was, leave }), Some(enter)) if was != 0.0 => Some(Limit { enter, leave: enter * (leave / was) }),
            (_, Some(enter)) => Some(Limit { enter, leave: enter }),
            (before, None) => before,
        };
        let (warn, fail) = (moved(self.warn, warn), moved(self.fail, fail));
        let builder = ThresholdBuilder {
            measurement: self.measurement.clone(),
            direction: self.direction,
            warn: warn.map(|limit| limit.enter),
            fail: fail.map(|limit| limit.enter),
            leave_warn: warn.map(|limit| limit.leave),
            leave_fail: fail.map(|limit| limit.leave),
            damping: self.damping,
            optional: self.optional,
        };
        builder.build()
    }

    /// Whether `number` is on the bad side of `limit`, seen from where it was before.
    pub(crate) fn is_bad(&self, limit: Limit, was_bad: bool, number: f64) -> bool {
        let line = if was_bad { limit.leave } else { limit.enter };
        match self.direction {
            Direction::Above if was_bad => number > line || number >= limit.enter,
            Direction::Above => number >= line,
            Direction::Below if was_bad => number < line || number <= limit.enter,
            Direction::Below => number <= line,
        }
    }
}

/// A [`Threshold`] in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct ThresholdBuilder {
    measurement: String,
    direction: Direction,
    warn: Option<f64>,
    fail: Option<f64>,
    leave_warn: Option<f64>,
    leave_fail: Option<f64>,
    damping: Damping,
    optional: bool,
}

impl ThresholdBuilder {
    fn new(measurement: String, direction: Direction) -> Self {
        let damping = Damping::default();
        Self { measurement, direction, warn: None, fail: None, leave_warn: None, leave_fail: None, damping, optional: false }
    }

    /// A warning from this value on.
    pub fn warn(self, enter: f64) -> Self {
        Self { warn: Some(enter), ..self }
    }

    /// A failure from this value on.
    pub fn fail(self, enter: f64) -> Self {
        Self { fail: Some(enter), ..self }
    }

    /// The warning is over beyond this value only. By default where it began.
    pub fn leave_warn(self, leave: f64) -> Self {
        Self { leave_warn: Some(leave), ..self }
    }

    /// The failure is over beyond this value only. By default where it began.
    pub fn leave_fail(self, leave: f64) -> Self {
        Self { leave_fail: Some(leave), ..self }
    }

    /// Good readings in a row until it is over.
    pub fn rise(mut self, readings: u32) -> Self {
        self.damping.rise = readings;
        self
    }

    /// Bad readings in a row until it is believed.
    pub fn fall(mut self, readings: u32) -> Self {
        self.damping.fall = readings;
        self
    }

    /// How long readings have to be bad in a row until it is believed.
    pub fn lasting(mut self, time: Duration) -> Self {
        self.damping.lasting = time;
        self
    }

    /// A run without this measurement is fine: "full in" of a disk that is not filling. Else it makes the check unknown. A measurement that
    /// could not be taken ([`Facts::without`](crate::Facts::without)) makes it unknown anyway.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The threshold.
    ///
    /// # Errors
    ///
    /// [`Error::Threshold`] if there is no limit, one is not a number, a leave value has no limit or lies on its bad side, the warning
    /// would come after the failure or end before it, or a count is zero.
    pub fn build(self) -> Result<Threshold, Error> {
        let problem = |problem: String| Error::Threshold { measurement: self.measurement.clone(), problem };
        if self.warn.is_none() && self.fail.is_none() {
            return Err(problem("it has neither a warn nor a fail value".to_owned()));
        }
        let warn = self.limit("warn", self.warn, self.leave_warn).map_err(problem)?;
        let fail = self.limit("fail", self.fail, self.leave_fail).map_err(problem)?;
        if let (Some(warn), Some(fail)) = (warn, fail) {
            if self.is_worse(warn.enter, fail.enter) {
                return Err(problem(self.order("warn", warn.enter, "fail", fail.enter)));
            }
            if self.is_worse(warn.leave, fail.leave) {
                return Err(problem(self.order("leave_warn", warn.leave, "leave_fail", fail.leave)));
            }
        }
        if self.damping.rise == 0 || self.damping.fall == 0 {
            return Err(problem("rise and fall count readings, at least 1".to_owned()));
        }
        let Self { measurement, direction, damping, optional, .. } = self;
        Ok(Threshold { measurement, direction, warn, fail, damping, optional })
    }

    fn limit(&self, name: &str, enter: Option<f64>, leave: Option<f64>) -> Result<Option<Limit>, String> {
        let Some(enter) = enter else {
            return if leave.is_some() { Err(format!("it has leave_{name}, but no {name}")) } else { Ok(None) };
        };
        let leave = leave.unwrap_or(enter);
        if !enter.is_finite() || !leave.is_finite() {
            return Err(format!("{name} ({enter}, left at {leave}) is not a number"));
        }
        if self.is_worse(leave, enter) {
            return Err(self.order(&format!("leave_{name}"), leave, name, enter));
        }
        Ok(Some(Limit { enter, leave }))
    }

    fn is_worse(&self, one: f64, other: f64) -> bool {
        match self.direction {
            Direction::Above => one > other,
            Direction::Below => one < other,
        }
    }

    fn order(&self, milder: &str, milder_value: f64, worse: &str, worse_value: f64) -> String {
        let (bad, should) = match self.direction {
            Direction::Above => ("large", "above"),
            Direction::Below => ("small", "below"),
        };
        format!("{milder} ({milder_value}) lies {should} {worse} ({worse_value}), but {bad} values are the bad ones")
    }
}
