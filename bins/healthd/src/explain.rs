//! `healthd explain`

use std::fmt::Write as _;

use magnetiq_config::nearest;
use magnetiq_health::catalog::{Bounds, DefaultLimit, Entry, Unit, entries, find};
use magnetiq_health::{Direction, Value};
use magnetiq_service::{ResultExt, print};

/// Say what a check means, what to look at, and how to fix it; without a name, list all
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The check, as reports and alerts name it: disk, or disk-data
    #[arg(value_name = "CHECK")]
    check: Option<String>,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let text = match &self.check {
            None => list(),
            Some(name) => explained(meant(name).ok_or_else(|| anyhow::anyhow!("there is no check {name:?}")).hint(guess(name))?),
        };
        print(text)
    }
}

/// The kind of a check: names of several of a kind begin with it. The longest counts: `clock-skew` is no `clock`.
pub(crate) fn meant(name: &str) -> Option<&'static Entry> {
    let begins = |entry: &&Entry| name.strip_prefix(entry.kind).is_some_and(|rest| rest.starts_with('-'));
    find(name).or_else(|| entries().filter(begins).max_by_key(|entry| entry.kind.len()))
}

fn guess(name: &str) -> String {
    match nearest(name, entries().map(|entry| entry.kind)) {
        Some(kind) => format!("did you mean {kind}?"),
        None => "`healthd explain` lists all".to_owned(),
    }
}

fn list() -> String {
    let widest = entries().map(|entry| entry.kind.len()).max().unwrap_or_default();
    entries().fold(String::new(), |mut text, entry| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:widest$}  {}", entry.kind, entry.title);
        text
    })
}

fn explained(entry: &Entry) -> String {
    let Entry { kind, title, means, look_at, fix, .. } = entry;
    let mut text = format!("{kind}: {title}\n\nWhat it means\n\n{means}\n\nWhat to look at\n\n{look_at}\n\nHow to fix it\n\n{fix}\n");
    if !entry.limits.is_empty() {
        text.push_str("\nLimits, where nobody says otherwise\n\n");
        for limit in entry.limits {
            let _ = writeln!(text, "- {}: {}. Why: {}", limit.measurement, bounds(entry, limit), limit.because);
        }
    }
    text.push_str("\nWhat it measures\n\n");
    for measurement in entry.measurements {
        let metric = measurement.metric(kind).map_or_else(String::new, |metric| format!(" ({metric})"));
        let _ = writeln!(text, "- {}: {}{metric}", measurement.name, measurement.help);
    }
    text
}

/// From where on it warns and fails, and until where.
pub(crate) fn bounds(entry: &Entry, limit: &DefaultLimit) -> String {
    let side = if limit.direction == Direction::Above { "from" } else { "down from" };
    let unit = entry.measurement(limit.measurement).map_or(Unit::Count, |measurement| measurement.unit);
    let level = |word: &str, bounds: Option<Bounds>| {
        bounds.map(|Bounds { enter, leave }| format!("{word} {side} {}, until {}", said(unit, enter), said(unit, leave)))
    };
    [level("warns", limit.warn), level("fails", limit.fail)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn said(unit: Unit, number: f64) -> String {
    match unit {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size of the catalog")]
        Unit::Bytes => Value::Bytes(number as u64).to_string(),
        Unit::Seconds => Value::Seconds(number).to_string(),
        Unit::Percent => Value::Percent(number).to_string(),
        Unit::Bool => if number > 0.0 { "yes" } else { "no" }.to_owned(),
        Unit::Count | Unit::Text => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn one_of_several_is_explained_by_its_kind() {
        let check = |name, kind: Option<&str>| assert_eq!(meant(name).map(|entry| entry.kind), kind, "{name}");
        check("disk", Some("disk"));
        check("disk-data-main", Some("disk"));
        check("clock-skew-main", Some("clock-skew"));
        check("diskette", None);
        check("", None);
        assert_eq!(guess("dsik"), "did you mean disk?");
        assert_eq!(guess("zzz"), "`healthd explain` lists all");
    }

    #[test]
    fn a_page_is_explained() {
        expect![[r#"
            http: The page answers

            What it means

            Visitors do not get this page, or not in time, or another one.

            What to look at

            The same request by hand, then from the machine itself, past the proxy.

                curl -sv -o /dev/null -w '%{http_code} %{time_total}\n' URL
                curl -s localhost:3036/health
                docker compose logs --tail=50

            How to fix it

            Refused: start what should listen. 502 or 504: the proxy runs and the server behind it does not. 500: the server's log names the cause under the request id. Slow: see database-read and memory.

            Limits, where nobody says otherwise

            - latency: warns from 2 s, until 1.5 s. Why: people leave from three seconds on; one slow answer in three is chance

            What it measures

            - status: status code of the answer (magnetiq_http_status)
            - latency: time to connect, ask, and read the answer (magnetiq_http_latency_seconds)
            - body: what was read of the body, at most 1 MiB (magnetiq_http_body_bytes)
        "#]].assert_eq(&explained(find("http").expect("it is there")));
        for entry in entries() {
            let text = explained(entry);
            assert!(text.contains(entry.means) && text.contains(entry.fix) && !text.contains("e9"), "{text}");
        }
    }
}
