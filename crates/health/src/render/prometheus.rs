//! Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::feature::Availability;
use crate::id::NodeId;
use crate::reading::{Reading, Value};
use crate::report::{NodeReport, Report};
use crate::status::Status;

/// All samples of one name, each with its labels.
struct Family {
    help: String,
    samples: Vec<(String, f64)>,
}

/// Metrics by name: a name comes once, with all its samples, as the format wants it.
#[derive(Default)]
struct Families(BTreeMap<String, Family>);

impl Families {
    fn add(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
        let family = self.0.entry(name.to_owned()).or_insert_with(|| Family { help: help.to_owned(), samples: Vec::new() });
        family.samples.push((labels.join(","), value));
    }
}

/// The number of a status in metrics: 0 pass, 1 warn, 2 fail, 3 unknown, 4 suppressed, 5 maintenance.
pub fn status_number(status: Status) -> u8 {
    match status {
        Status::Pass => 0,
        Status::Warn => 1,
        Status::Fail => 2,
        Status::Unknown => 3,
        Status::Suppressed => 4,
        Status::Maintenance => 5,
    }
}

/// The name of the metric of a reading: `magnetiq_disk_data_free_bytes`. `None` for text.
pub fn metric_name(check: &str, measurement: &str, value: &Value) -> Option<String> {
    if matches!(value, Value::Text(_)) {
        return None;
    }
    let name = format!("magnetiq_{check}_{measurement}");
    let mut name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_ascii_lowercase();
    if let Some(unit) = value.unit().filter(|unit| !name.ends_with(&format!("_{unit}"))) {
        name.push('_');
        name.push_str(unit);
    }
    Some(name)
}

/// The report in Prometheus' text format: how each check, node and feature is, how long checks took, and what they read. What an unknown
/// check read before is left out.
pub fn prometheus(report: &Report) -> String {
    let mut families = Families::default();
    let help = "How a check is: 0 pass, 1 warn, 2 fail, 3 unknown, 4 suppressed by its cause, 5 maintenance";
    for check in &report.checks {
        let labels = [("check", check.id.as_str()), ("node", path(&check.node))];
        families.add("magnetiq_health_check_status", help, &labels, status_number(check.status).into());
        let durations = [
            ("magnetiq_health_check_duration_seconds", "How long the last run of a check took", check.took_seconds),
            ("magnetiq_health_check_age_seconds", "How old the last answer of a check is", check.age_seconds),
            ("magnetiq_health_check_running_seconds", "How long a check has been running", check.running_seconds),
        ];
        for (name, help, seconds) in durations {
            if let Some(seconds) = seconds {
                families.add(name, help, &labels, seconds);
            }
        }
        let current = check.facts.readings.iter().filter(|_| check.seen != Status::Unknown);
        for reading in current {
            let Some((name, number)) = sample(check.id.as_str(), reading) else { continue };
            let help = format!("{}: {}", check.title, reading.measurement.replace('_', " "));
            families.add(&name, &help, &[("check", check.id.as_str())], number);
        }
    }
    node(&mut families, &report.tree);
    for feature in &report.features {
        let number = match feature.availability {
            Availability::Available => 0,
            Availability::Degraded { .. } => 1,
            Availability::Unavailable { .. } => 2,
        };
        let help = "How much of a feature there is: 0 available, 1 degraded, 2 unavailable";
        families.add("magnetiq_health_feature_status", help, &[("feature", feature.id.as_str())], number.into());
    }
    let at = report.at.as_second() as f64;
    families.add("magnetiq_health_report_timestamp_seconds", "When the report was made", &[], at);
    write(&families)
}

fn node(families: &mut Families, branch: &NodeReport) {
    let help = "How a node is, / for the whole: 0 pass, 1 warn, 2 fail, 3 unknown, 5 maintenance";
    families.add("magnetiq_health_node_status", help, &[("node", path(&branch.id))], status_number(branch.status).into());
    for inner in &branch.nodes {
        node(families, inner);
    }
}

/// The root has no name of its own, and an empty label is none.
fn path(node: &NodeId) -> &str {
    if *node == NodeId::root() { "/" } else { node.as_str() }
}

fn sample(check: &str, reading: &Reading) -> Option<(String, f64)> {
    let value = reading.value()?;
    Some((metric_name(check, &reading.measurement, value)?, value.number()?))
}

fn write(families: &Families) -> String {
    let mut out = String::new();
    for (name, family) in &families.0 {
        let help = family.help.replace('\\', "\\\\").replace(['\n', '\r'], " ");
        // Writing to a string does not fail.
        let _written = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in &family.samples {
            let _written = if labels.is_empty() { writeln!(out, "{name} {value}") } else { writeln!(out, "{name}{{{labels}}} {value}") };
        }
    }
    out
}

fn escape(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
