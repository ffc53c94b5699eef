//! What is printed is what lies in `docs/monitoring/`, and every metric in it exists.

use std::sync::RwLock;
use std::time::Duration;

use expect_test::expect_file;
use jiff::Timestamp;
use magnetiq_health::catalog::{Unit, entries};
use magnetiq_health::{Clock, Deadline, Facts, Feature, Monitor, Value};
use magnetiq_storage::{Options, Store};
use regex::Regex;
use serde::Deserialize;

use crate::shared::Shared;
use crate::{alerts, dashboard};

#[test]
fn the_files_are_those_of_the_list() {
    expect_file!["../../../../docs/monitoring/alerts.yml"].assert_eq(&alerts::yaml());
    expect_file!["../../../../docs/monitoring/grafana.json"].assert_eq(&dashboard::json());
}

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: String,
    expr: String,
    annotations: Annotations,
}

#[derive(Deserialize)]
struct Annotations {
    description: String,
    runbook: String,
}

fn rules() -> Vec<Rule> {
    let file: File = serde_saphyr::from_str(&alerts::yaml()).expect("it is YAML");
    file.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// What a program shows in which every kind of check runs, under the name of its kind and as one of several.
fn metrics() -> String {
    let facts = |entry: &'static magnetiq_health::catalog::Entry| {
        entry.measurements.iter().fold(Facts::new(), |facts, measurement| {
            let value = match measurement.unit {
                Unit::Bytes => Value::Bytes(1),
                Unit::Seconds => Value::Seconds(1.0),
                Unit::Percent => Value::Percent(1.0),
                Unit::Count => Value::Count(1),
                Unit::Bool => Value::Bool(true),
                Unit::Text => Value::Text(String::new()),
            };
            facts.with(measurement.name, value)
        })
    };
    let mut monitor = Monitor::builder().feature(Feature::new("pages", "Pages").requires("disk"));
    monitor = monitor.check(magnetiq_health::CheckInfo::new("writes-taken", "disk", "Writes"), |_: Deadline| Ok(Facts::new()));
    for entry in entries() {
        for id in [entry.kind.to_owned(), format!("{}-of-one", entry.kind)] {
            monitor = monitor.check(entry.info_as(id), move |_: Deadline| Ok(facts(entry)));
        }
    }
    let monitor = monitor.start().expect("they fit together");
    while !monitor.report().settled {
        std::thread::sleep(Duration::from_millis(1));
    }
    crate::metrics::text(&Shared {
        monitor,
        store: Store::temporary(Options::default().readers(1)).expect("a folder for what lasts no longer than this"),
        sites: Vec::new(),
        title: String::new(),
        interval: Duration::from_secs(10),
        clock: Clock::system(),
        started_at: Timestamp::UNIX_EPOCH,
        board: RwLock::default(),
    })
}

/// The names of the checks whose time series a selector takes; one without a name of a check has an empty one.
fn selected(expression: &str, metrics: &str) -> Vec<String> {
    let selector = Regex::new(r"(magnetiq_[a-z_]+)?(?:\{([^}]*)\})?").expect("a pattern");
    let found = selector.captures_iter(expression).find(|found| found.get(0).is_some_and(|text| text.as_str().contains("magnetiq_")));
    let found = found.unwrap_or_else(|| panic!("no metric in {expression}"));
    let label = Regex::new(r#"([a-z_]+)(=~|!~|=)"([^"]*)""#).expect("a pattern");
    let mut matchers: Vec<(String, bool, Regex)> = Vec::new();
    let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    if let Some(name) = found.get(1) {
        matchers.push(("__name__".to_owned(), true, whole(name.as_str())));
    }
    for part in label.captures_iter(found.get(2).map_or("", |labels| labels.as_str())) {
        matchers.push((part[1].to_owned(), &part[2] != "!~", whole(&part[3])));
    }
    let sample = Regex::new(r"^([a-z_]+)(?:\{(.*)\})? ").expect("a pattern");
    let samples = metrics.lines().filter(|line| !line.starts_with('#')).filter_map(|line| sample.captures(line));
    let value = |sample: &regex::Captures<'_>, name: &str| {
        if name == "__name__" {
            return sample[1].to_owned();
        }
        let labels = sample.get(2).map_or("", |labels| labels.as_str());
        label.captures_iter(labels).find(|part| &part[1] == name).map_or_else(String::new, |part| part[3].to_owned())
    };
    let fits =
        |sample: &regex::Captures<'_>| matchers.iter().all(|(name, wanted, pattern)| pattern.is_match(&value(sample, name)) == *wanted);
    samples.filter(fits).map(|sample| value(&sample, "check")).collect()
}

#[test]
fn every_rule_asks_for_a_metric_that_exists() {
    let metrics = metrics();
    for rule in rules() {
        assert!(!selected(&rule.expr, &metrics).is_empty(), "{}: {}", rule.alert, rule.expr);
        assert!(!rule.annotations.description.contains("{{"), "{} would be taken for a template", rule.alert);
    }
}

/// The server and healthd show the same name: one of them that is gone has to be missed while the other is there.
#[test]
fn each_job_that_falls_silent_is_missed() {
    let silent = rules().into_iter().find(|rule| rule.alert == "MagnetiqSilent").expect("it is there");
    let reported = "magnetiq_health_report_timestamp_seconds";
    let expected =
        format!("absent({reported}) or (group by (job) (present_over_time({reported}[1d])) unless on (job) group by (job) ({reported}))");
    assert_eq!(silent.expr, expected);
}

#[test]
fn every_kind_has_rules_of_its_own() {
    let (metrics, rules) = (metrics(), rules());
    for entry in entries() {
        let runbook = format!("healthd explain {}", entry.kind);
        let own: Vec<_> = rules.iter().filter(|rule| rule.annotations.runbook == runbook).collect();
        assert_eq!(own.len(), 2, "{runbook}");
        for rule in own {
            assert_eq!(selected(&rule.expr, &metrics), [entry.kind.to_owned(), format!("{}-of-one", entry.kind)], "{}", rule.alert);
        }
    }
    let other = rules.iter().find(|rule| rule.alert == "MagnetiqOtherCheckFails").expect("it is there");
    assert_eq!(selected(&other.expr, &metrics), ["writes-taken"]);
    assert!(selected("magnetiq_gone == 2", &metrics).is_empty(), "what is not there is not found");
}

#[test]
fn every_panel_shows_a_metric_that_exists() {
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard::json()).expect("it is JSON");
    let metrics = metrics();
    let mut open: Vec<_> = dashboard["panels"].as_array().expect("panels").iter().collect();
    let mut shown = 0;
    while let Some(panel) = open.pop() {
        open.extend(panel["panels"].as_array().into_iter().flatten());
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().expect("an expression");
            assert!(!selected(expression, &metrics).is_empty(), "{}: {expression}", panel["title"]);
            shown += 1;
        }
    }
    let measured = entries().flat_map(|entry| entry.measurements).filter(|measurement| measurement.unit != Unit::Text).count();
    assert_eq!(shown, measured + 3);
}
