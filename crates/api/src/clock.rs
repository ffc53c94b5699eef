//! The time, as an argument: everything that needs it takes a [`Clock`], so that tests can set it.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use magnetiq_storage::rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment in UTC with millisecond precision: RFC 3339 in JSON, unix milliseconds in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = DateTime, examples("2026-11-23T16:45:00Z"))]
pub struct Time(Timestamp);

impl Time {
    /// From unix milliseconds; outside of the years -9999 to 9999 it is clamped.
    pub fn from_millis(millis: i64) -> Self {
        Time(Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX }))
    }

    /// Unix milliseconds.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    pub(crate) fn plus(self, duration: std::time::Duration) -> Self {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        Time(self.0.saturating_add(duration).unwrap_or(Timestamp::MAX))
    }

    pub(crate) fn minus(self, duration: std::time::Duration) -> Self {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        Time(self.0.saturating_sub(duration).unwrap_or(Timestamp::MIN))
    }

    /// How long after `earlier` this is; zero if it is before.
    pub(crate) fn since(self, earlier: Time) -> std::time::Duration {
        std::time::Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or_default()
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        Self::from_millis(timestamp.as_millisecond())
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_millis().into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        Timestamp::from_millisecond(millis).map(Time).map_err(|_out_of_range| FromSqlError::OutOfRange(millis))
    }
}

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Clock(Arc::new(|| Timestamp::now().into()))
    }

    /// A clock that the caller moves.
    pub fn new(now: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
