//! Alert rules for Prometheus. Limits, hysteresis and causes were judged already: a rule looks at states only, and what is suppressed by its
//! cause alerts nobody.

use std::fmt::Write as _;

use magnetiq_health::catalog::{Entry, entries};

use crate::selector::{STATUS, of_kind, of_no_kind};

/// What every program shows that watches.
const REPORTED: &str = "magnetiq_health_report_timestamp_seconds";

struct Rule {
    name: String,
    expression: String,
    lasting: &'static str,
    severity: &'static str,
    summary: String,
    description: String,
    runbook: String,
}

/// The file for `rule_files`.
pub(crate) fn yaml() -> String {
    let mut text = "# Made by `healthd rules alerts` from the list of checks: change that list, not this file.\ngroups:\n".to_owned();
    group(&mut text, "magnetiq-watching", &watching());
    group(&mut text, "magnetiq-checks", &entries().flat_map(of_entry).collect::<Vec<_>>());
    text
}

/// What no single check is about.
fn watching() -> Vec<Rule> {
    let rule = |name: &str, expression: String, lasting, severity, summary: &str, description: &str| Rule {
        name: format!("Magnetiq{name}"),
        expression,
        lasting,
        severity,
        summary: summary.to_owned(),
        description: description.to_owned(),
        runbook: "healthd check".to_owned(),
    };
    vec![
        rule(
            "Silent",
            // The server and healthd show the same: each is missed for itself, by its job, for a day.
            format!(
                "absent({REPORTED}) or (group by (job) (present_over_time({REPORTED}[1d])) unless on (job) group by (job) ({REPORTED}))"
            ),
            "5m",
            "critical",
            "Nobody reports how the site is{{ with $labels.job }}: {{ . }} is silent{{ end }}",
            "Prometheus gets no metrics of the site or of who watches it: the program is down, its port is closed, or the token is wrong. \
             A job that was taken out of the settings is missed for a day.",
        ),
        rule(
            "ReportOld",
            format!("time() - {REPORTED} > 60"),
            "2m",
            "critical",
            "{{ $labels.instance }} has stopped judging how it is",
            "The report is judged anew each second. An old one means that the program hangs, or that the clocks of two machines differ.",
        ),
        rule(
            "HistoryNotWritten",
            "magnetiq_healthd_history_written == 0".to_owned(),
            "5m",
            "critical",
            "healthd on {{ $labels.instance }} tells nobody of incidents",
            "It tells of what is in its history, and cannot write it: its disk is full or gone. Its log says more.",
        ),
        rule(
            "FeatureUnavailable",
            "magnetiq_health_feature_status == 2".to_owned(),
            "1m",
            "critical",
            "{{ $labels.feature }} does not work on {{ $labels.instance }}",
            "People cannot use it. The checks that fail at the same time are the cause.",
        ),
        rule(
            "Unknown",
            format!("{STATUS} == 3"),
            "10m",
            "warning",
            "Nobody knows how {{ $labels.check }} on {{ $labels.instance }} is",
            "The check does not answer, or could not find out. Unknown is not well.",
        ),
        rule(
            "OtherCheckFails",
            format!("{STATUS}{{{}}} == 2", of_no_kind()),
            "1m",
            "critical",
            "{{ $labels.check }} on {{ $labels.instance }} fails",
            "A check of the program's own; its page of health says more.",
        ),
    ]
}

fn of_entry(entry: &'static Entry) -> [Rule; 2] {
    let rule = |word: &str, number, lasting, severity| Rule {
        name: format!("Magnetiq{}{word}", camel(entry.kind)),
        expression: format!("{STATUS}{{{}}} == {number}", of_kind(entry)),
        lasting,
        severity,
        summary: format!("{{{{ $labels.check }}}} on {{{{ $labels.instance }}}} {}: {}", word.to_lowercase(), entry.title),
        description: entry.means.to_owned(),
        runbook: format!("healthd explain {}", entry.kind),
    };
    let severity = if entry.critical { "critical" } else { "warning" };
    [rule("Fails", 2, "1m", severity), rule("Warns", 1, "10m", "info")]
}

fn group(text: &mut String, name: &str, rules: &[Rule]) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "  - name: {name}\n    rules:");
    for rule in rules {
        let _ = writeln!(text, "      - alert: {}", rule.name);
        let _ = writeln!(text, "        expr: {}", quoted(&rule.expression));
        let _ = writeln!(text, "        for: {}", rule.lasting);
        let _ = writeln!(text, "        labels:\n          severity: {}", rule.severity);
        let _ = writeln!(text, "        annotations:\n          summary: {}", quoted(&rule.summary));
        let _ = writeln!(text, "          description: {}", quoted(&rule.description));
        let _ = writeln!(text, "          runbook: {}", quoted(&rule.runbook));
    }
}

/// A JSON string is a YAML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `certificate-served` as `CertificateServed`.
fn camel(kind: &str) -> String {
    let upper = |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>();
    kind.split('-').map(upper).collect()
}
