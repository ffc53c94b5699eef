use crate::groups::LIMITS;
use crate::reader::Reader;

/// `[healthd.limits.NAME]`: another limit for what a check measures than the one that it has by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthdLimit {
    /// The name that the user chose.
    pub name: String,
    /// The check, or how the names of several begin: `http-page-main`, `http-page`, `http`.
    pub check: String,
    /// What it measures, as `healthd explain` lists it; the value has the unit told there.
    pub measurement: String,
    /// From where on it warns; `None`: from where it did.
    pub warn: Option<f64>,
    /// From where on it fails; `None`: from where it did.
    pub fail: Option<f64>,
}

impl HealthdLimit {
    pub(crate) fn key(name: &str, last: &str) -> String {
        format!("{LIMITS}.{name}.{last}")
    }

    pub(crate) fn read(reader: &mut Reader, name: String) -> Self {
        let key = |last: &str| Self::key(&name, last);
        let limit = Self {
            check: reader.text(&key("check"), ""),
            measurement: reader.text(&key("measurement"), ""),
            warn: reader.decimal_if_any(&key("warn")),
            fail: reader.decimal_if_any(&key("fail")),
            name: name.clone(),
        };
        for (given, last, expected) in [
            (!limit.check.is_empty(), "check", "whose limit? `healthd explain` lists the checks"),
            (!limit.measurement.is_empty(), "measurement", "of what? `healthd explain CHECK` lists what a check measures"),
            (limit.warn.or(limit.fail).is_some(), "warn", "give warn, fail, or both"),
        ] {
            if !given {
                reader.refuse(&key(last), expected);
            }
        }
        limit
    }
}
