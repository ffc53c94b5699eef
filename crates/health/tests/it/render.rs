//! What readers of a report get: the forms are contracts.

use std::collections::BTreeSet;

use expect_test::{expect, expect_file};
use magnetiq_health::render::{Identity, Page, features_json, health_json, html, metric_name, prometheus, text};
use magnetiq_health::{CheckError, CheckInfo, Facts, Feature, Maintenance, Node, Report, Scope, Threshold, Tree, Value};

use crate::support::{answer, at};

/// A site on a bad day: the disk is full, which takes the database down; mail is tried again; nobody knows the time; a move is going on.
fn bad_day() -> Report {
    let free = Threshold::below("free").warn(10e9).fail(5e9).leave_fail(6e9).build().unwrap();
    let checks = vec![
        CheckInfo::new("disk-data", "storage/disk", "Disk of the data folder").critical().component("system").threshold(free),
        CheckInfo::new("database", "storage", "Database").critical().component("datastore").depends_on("disk-data"),
        CheckInfo::new("smtp-breaker", "mail", "Calls to the mail server"),
        CheckInfo::new("clock", "", "Clock"),
        CheckInfo::new("version", "", "Version"),
        CheckInfo::new("social", "social", "Social networks"),
    ];
    let features = vec![
        Feature::new("pages", "Pages").requires("version"),
        Feature::new("media-upload", "Upload of media").requires("database"),
        Feature::new("leads", "Messages").degrades_at_warn("smtp-breaker", "messages are kept and sent later"),
    ];
    let nodes = vec![Node::new("", "magnetiq.example"), Node::new("social", "Social networks").optional()];
    let tree = Tree::new(checks, nodes, features).unwrap();
    let full = Facts::new()
        .with("free", Value::Bytes(1_200_000_000))
        .with("used", Value::Percent(99.4))
        .with("read_only", Value::Bool(false))
        .without("inodes", "the file system does not count them");
    let results = [
        Ok(full),
        Err(CheckError::failed("a write was not answered within 2 s")),
        Ok(Facts::new().with("refused", Value::Count(12)).warning("the mail server failed too often\nand is not called")),
        Err(CheckError::undetermined("time.example does not answer")),
        Ok(Facts::new().with("running", Value::Text("1.4.2".to_owned())).with("uptime", Value::Seconds(93_784.0))),
        Err(CheckError::failed("the token has expired")),
    ];
    let states = tree.start(at(0.0)).into_iter().zip(tree.checks()).zip(results);
    let states: Vec<_> = states.map(|((state, info), result)| answer(state, info, result, at(10.0))).collect();
    let until = at(3600.0).wall;
    let window = Maintenance { scope: Scope::Node("social".into()), from: at(0.0).wall, until, reason: "a move".to_owned() };
    tree.report(&states, &[window], at(22.5))
}

#[test]
fn text_is_for_people() {
    expect![[r#"
        fail        magnetiq.example
          unknown     clock (optional): could not find out: time.example does not answer [for 23 s]
          pass        version (optional): running 1.4.2, uptime 1 d 2 h
          fail        Storage
            fail        database, because of disk-data: a write was not answered within 2 s [for 13 s]
            fail        Disk
              fail        disk-data: free is 1.2 GB, fail at or below 5 GB [for 13 s]
          warn        Mail
            warn        smtp-breaker (optional): the mail server failed too often�and is not called [for 13 s]
          maintenance Social networks (optional)
            maintenance social (optional): the token has expired [until 2026-11-23T13:00:00Z; seen: fail]
        Features
          available   Pages
          unavailable Upload of media, because of disk-data
          degraded    Messages, because of smtp-breaker: messages are kept and sent later
    "#]]
    .assert_eq(&text(&bad_day()));
}

#[test]
fn json_is_that_of_the_draft() {
    let identity = Identity { release_id: Some("1.4.2".to_owned()), service_id: Some("api-server".to_owned()), ..Identity::default() };
    let json: serde_json::Value = serde_json::from_str(&health_json(&bad_day(), &identity).unwrap()).unwrap();
    expect_file!["expected/health.json"].assert_eq(&(serde_json::to_string_pretty(&json).unwrap() + "\n"));
    // What a reader of the draft relies on.
    assert!(json["status"].is_string() && json["checks"].is_object());
    for (name, entries) in json["checks"].as_object().unwrap() {
        for entry in entries.as_array().unwrap() {
            assert!(["pass", "warn", "fail"].contains(&entry["status"].as_str().unwrap()), "{name}");
        }
    }
    let features: serde_json::Value = serde_json::from_str(&features_json(&bad_day()).unwrap()).unwrap();
    expect_file!["expected/features.json"].assert_eq(&(serde_json::to_string_pretty(&features).unwrap() + "\n"));
}

#[test]
fn a_page_has_no_script_and_no_inline_style() {
    let page = html(&bad_day(), &Page::new("magnetiq.example").stylesheet("/health.css"));
    expect_file!["expected/page.html"].assert_eq(&page.replace("><", ">\n<"));
    for never in ["<script", "style=", "<style", "onclick", "javascript:"] {
        assert!(!page.contains(never), "{never}");
    }
    assert!(html(&bad_day(), &Page::new("x")).contains("<style>:root"));
}

/// A report in which every text that can come from elsewhere is `evil`.
fn evil(evil: &str) -> Report {
    let own = evil.to_owned();
    let checks = vec![
        CheckInfo::new("disk", "storage", own.clone()).component(own.clone()),
        CheckInfo::new("mail", "", own.clone()).depends_on("disk"),
    ];
    let features = vec![Feature::new("pages", own.clone()).degrades_with("mail", own.clone())];
    let tree = Tree::new(checks, vec![Node::new("storage", own.clone())], features).unwrap();
    let facts = Facts::new()
        .with(evil, Value::Text(own.clone()))
        .with("other", Value::Count(1))
        .without("third", evil)
        .failing(evil)
        .failing("more");
    let states = tree.start(at(0.0)).into_iter().zip(tree.checks()).zip([Ok(facts), Err(CheckError::failed(evil))]);
    let states: Vec<_> = states.map(|((state, info), result)| answer(state, info, result, at(1.0))).collect();
    tree.report(&states, &[], at(2.0))
}

#[test]
fn markup_and_commands_in_texts_do_nothing() {
    let page = html(&evil("<script>alert('x')</script><img src=x onerror=\"x\">"), &Page::new("<i>").stylesheet("\"><script>"));
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<i>") && page.contains("&lt;script&gt;"));
    let shown = text(&evil("a\u{1b}[2J\nfail     forged\r"));
    assert!(!shown.contains('\u{1b}') && !shown.lines().any(|line| line.starts_with("fail     forged")), "{shown}");
    let metrics = prometheus(&evil("x\"} 1\nforged 1\n# TYPE \\"));
    check_format(&metrics);
    assert!(!metrics.lines().any(|line| line.starts_with("forged")), "{metrics}");
    serde_json::from_str::<serde_json::Value>(&health_json(&evil("\"}\u{0}\u{1b}"), &Identity::default()).unwrap()).unwrap();
}

#[test]
fn metrics_are_in_the_text_format() {
    let metrics = prometheus(&bad_day());
    check_format(&metrics);
    expect_file!["expected/metrics.txt"].assert_eq(&metrics);
    let name = |check, measurement, value| metric_name(check, measurement, &value);
    assert_eq!(name("disk-data", "free", Value::Bytes(1)).as_deref(), Some("magnetiq_disk_data_free_bytes"));
    assert_eq!(name("disk-data", "free_bytes", Value::Bytes(1)).as_deref(), Some("magnetiq_disk_data_free_bytes"));
    assert_eq!(name("version", "running", Value::Text(String::new())), None);
}

#[test]
fn two_checks_whose_readings_have_one_name_share_it() {
    let checks = vec![CheckInfo::new("a-b", "", "One"), CheckInfo::new("a", "", "Other")];
    let tree = Tree::new(checks, Vec::new(), Vec::new()).unwrap();
    let results = [Facts::new().with("c", Value::Count(1)), Facts::new().with("b_c", Value::Count(2))];
    let states = tree.start(at(0.0)).into_iter().zip(tree.checks()).zip(results);
    let states: Vec<_> = states.map(|((state, info), facts)| answer(state, info, Ok(facts), at(1.0))).collect();
    let metrics = prometheus(&tree.report(&states, &[], at(1.0)));
    check_format(&metrics);
    assert!(metrics.contains("magnetiq_a_b_c{check=\"a-b\"} 1\nmagnetiq_a_b_c{check=\"a\"} 2\n"), "{metrics}");
}

/// The rules of the text format that a scraper refuses a page for: HELP and TYPE before the samples of a name, each once and together, names
/// and labels of the right letters, values that are numbers, and no series twice.
fn check_format(metrics: &str) {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    assert!(metrics.ends_with('\n'));
    let (mut families, mut series, mut current) = (BTreeSet::new(), BTreeSet::new(), String::new());
    for line in metrics.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, _) = help.split_once(' ').unwrap();
            assert!(is_name(name) && families.insert(name.to_owned()), "{line}");
            current = name.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert_eq!(kind, format!("{current} gauge"));
        } else {
            let (place, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let (name, labels) = place.split_once('{').unwrap_or((place, "}"));
            assert_eq!(name, current, "{line}");
            assert!(series.insert(place.to_owned()), "twice: {line}");
            let mut rest = labels;
            while let Some((label, after)) = rest.split_once("=\"") {
                assert!(is_name(label), "{line}");
                let mut escaped = false;
                let end = after.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                rest = after[end.unwrap() + 1..].trim_start_matches(',');
            }
            assert_eq!(rest, "}", "{line}");
        }
    }
}
