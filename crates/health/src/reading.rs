//! What a check saw: measured values with their units, and findings in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::status::Level;

/// One measured value with its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "unit", content = "value")]
pub enum Value {
    /// A size.
    Bytes(u64),
    /// A duration or an age; negative where something lies in the future.
    Seconds(f64),
    /// A share of a whole, 0 to 100.
    Percent(f64),
    /// A number of things.
    Count(u64),
    /// Yes or no.
    Bool(bool),
    /// Words: a version, a name. Never compared with a threshold, and no metric.
    Text(String),
}

impl Value {
    /// The value as thresholds and metrics see it: yes is 1, no is 0; `None` for text and for what is no number.
    pub fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Bytes(n) | Self::Count(n) => *n as f64,
            Self::Seconds(n) | Self::Percent(n) => *n,
            Self::Bool(yes) => f64::from(u8::from(*yes)),
            Self::Text(_) => return None,
        };
        number.is_finite().then_some(number)
    }

    /// The unit's name, `None` where the number stands for itself.
    pub fn unit(&self) -> Option<&'static str> {
        match self {
            Self::Bytes(_) => Some("bytes"),
            Self::Seconds(_) => Some("seconds"),
            Self::Percent(_) => Some("percent"),
            Self::Count(_) | Self::Bool(_) | Self::Text(_) => None,
        }
    }

    /// `number` in this value's unit, for people: a limit beside what was measured.
    pub(crate) fn like(&self, number: f64) -> String {
        match self {
            Self::Bytes(_) => bytes(number),
            Self::Seconds(_) => seconds(number),
            Self::Percent(_) => format!("{} %", short(number)),
            Self::Bool(_) => if number > 0.0 { "yes" } else { "no" }.to_owned(),
            Self::Count(_) | Self::Text(_) => short(number),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.number()) {
            (Self::Text(text), _) => f.write_str(text),
            (_, Some(number)) => f.write_str(&self.like(number)),
            (_, None) => f.write_str("not a number"),
        }
    }
}

fn short(number: f64) -> String {
    let rounded = format!("{number:.1}");
    rounded.strip_suffix(".0").map_or(rounded.clone(), str::to_owned)
}

fn bytes(number: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut number = number;
    let mut unit = 0;
    while number.abs() >= 999.95 && unit + 1 < UNITS.len() {
        number /= 1000.0;
        unit += 1;
    }
    format!("{} {}", short(number), UNITS[unit])
}

/// A duration in the one or two units that a person would say it in.
pub(crate) fn seconds(number: f64) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    let number = number.abs();
    if number < 0.9995 {
        return format!("{sign}{} ms", short(number * 1000.0));
    }
    if number < 59.95 {
        return format!("{sign}{} s", short(number));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is positive")]
    let whole = number.round() as u64;
    let (large, large_unit, small, small_unit) = match whole {
        ..3600 => (whole / 60, "min", whole % 60, "s"),
        3600..86_400 => (whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => (whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    };
    if small == 0 { format!("{sign}{large} {large_unit}") } else { format!("{sign}{large} {large_unit} {small} {small_unit}") }
}

/// One observed value, or why it could not be observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was measured, in snake case without the unit: `free`. Together with the check it names a metric.
    pub measurement: String,
    /// What it was, or in words why that is not known.
    #[serde(flatten)]
    pub value: Observed,
}

/// A value, or in words why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Observed {
    /// It was measured.
    Value(Value),
    /// It could not be measured.
    Error {
        /// Why, in words.
        error: String,
    },
}

impl Reading {
    /// The value as a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        self.value().and_then(Value::number)
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<&Value> {
        match &self.value {
            Observed::Value(value) => Some(value),
            Observed::Error { .. } => None,
        }
    }
}

/// Something a check saw that is no number: "the certificate is for another name".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// A sentence without a full stop.
    pub says: String,
}

/// All that a check saw in one run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The measured values, in the order in which people should read them.
    pub readings: Vec<Reading>,
    /// A sentence for people about what was seen, without a full stop: "212 GB of 500 GB are free".
    pub says: Option<String>,
    /// What is wrong beyond numbers. Damped as the check's [`Damping`](crate::Damping) says.
    pub findings: Vec<Finding>,
}

impl Facts {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, measurement: &str, value: Value) -> Self {
        self.readings.push(Reading { measurement: measurement.to_owned(), value: Observed::Value(value) });
        self
    }

    /// With a value that could not be observed. A threshold on it makes the check unknown.
    #[must_use]
    pub fn without(mut self, measurement: &str, error: impl Into<String>) -> Self {
        self.readings.push(Reading { measurement: measurement.to_owned(), value: Observed::Error { error: error.into() } });
        self
    }

    /// With a sentence for people.
    #[must_use]
    pub fn saying(mut self, sentence: impl Into<String>) -> Self {
        self.says = Some(sentence.into());
        self
    }

    /// With something that people should look at.
    #[must_use]
    pub fn warning(mut self, sentence: impl Into<String>) -> Self {
        self.findings.push(Finding { level: Level::Warn, says: sentence.into() });
        self
    }

    /// With something that is broken.
    #[must_use]
    pub fn failing(mut self, sentence: impl Into<String>) -> Self {
        self.findings.push(Finding { level: Level::Fail, says: sentence.into() });
        self
    }

    /// The reading of this name.
    pub fn reading(&self, measurement: &str) -> Option<&Reading> {
        self.readings.iter().find(|reading| reading.measurement == measurement)
    }
}
