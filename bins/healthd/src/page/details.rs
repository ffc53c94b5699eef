//! What those see who run it: the tree with causes, readings, and how long things took.

use std::collections::BTreeMap;

use jiff::Timestamp;
use magnetiq_health::{CheckReport, NodeReport, Observed, Report, Status};
use maud::{Markup, html};

use super::pictures::line;
use super::words::{badge, lasted, moment};
use super::{REFRESH, frame};
use crate::history::Latency;
use crate::incident::Incident;
use crate::shared::Shared;

/// The page with causes.
pub(crate) fn details(shared: &Shared, latencies: &BTreeMap<String, Latency>) -> Markup {
    let (report, board, now) = (shared.monitor.report(), shared.board(), shared.clock.now().wall);
    let title = format!("{}: details", shared.title);
    let content = html! {
        p { a href="/" { (shared.title) } }
        h1 { (badge(report.status)) " Details" }
        @if !report.settled { p { "Not every check has answered yet." } }
        @if !board.incidents.is_empty() {
            section { h2 { "Incidents of 14 days" } ul.incidents { @for incident in &board.incidents { (of_incident(incident, now)) } } }
        }
        section { h2 { "All checks" } (node(&report, &report.tree, latencies)) }
        footer {
            p { "As of " (moment(report.at)) ", watching since " (moment(shared.started_at)) ". healthd " (env!("CARGO_PKG_VERSION")) }
            @if !shared.is_ready() { p.problem { "What is seen is not written down: the log says why." } }
        }
    };
    frame(&title, Some(REFRESH), &content)
}

fn of_incident(incident: &Incident, now: Timestamp) -> Markup {
    html! {
        li {
            @if incident.is_open() { (badge(incident.worst)) } @else { span.badge.over { (incident.worst.word()) } } " "
            a href={ "/explain/" (incident.check) } { code { (incident.check) } } ": " (incident.says)
            @if !incident.also_down.is_empty() { br; "Down because of it: " (incident.also_down.join(", ")) }
            br;
            small {
                "No " (incident.id) ", " (moment(incident.started_at))
                @match incident.ended_at {
                    Some(ended_at) => { " to " (moment(ended_at)) ", " (lasted(incident.started_at, ended_at)) }
                    None => { ", for " (lasted(incident.started_at, now)) ", now " (incident.status.word()) }
                }
                @if incident.unseen_end { "; it ended while healthd was not running, and was seen to be over then" }
            }
        }
    }
}

fn node(report: &Report, branch: &NodeReport, latencies: &BTreeMap<String, Latency>) -> Markup {
    html! {
        ul.tree {
            li {
                (badge(branch.status)) " " b { (branch.title) } @if !branch.critical { " (optional)" }
                @let leaves: Vec<&CheckReport> = branch.checks.iter().filter_map(|id| report.check(id.as_str())).collect();
                @if !leaves.is_empty() { ul { @for leaf in leaves { li id=(leaf.id) { (check(leaf, report.at, latencies)) } } } }
                @for inner in &branch.nodes { (node(report, inner, latencies)) }
            }
        }
    }
}

fn check(check: &CheckReport, now: Timestamp, latencies: &BTreeMap<String, Latency>) -> Markup {
    // A failure that another one explains is still a failure.
    let status = if check.status == Status::Suppressed { check.seen } else { check.status };
    let causes: Vec<&str> = check.because_of.iter().map(magnetiq_health::CheckId::as_str).collect();
    html! {
        details open[status != Status::Pass] {
            summary {
                (badge(status)) " " code { (check.id) } @if !check.critical { " (optional)" }
                @if !causes.is_empty() { " because of " (causes.join(", ")) } ": " (check.says)
            }
            ul { @for reason in check.reasons.iter().filter(|reason| reason.says != check.says) { li { (badge(reason.status)) " " (reason.says) } } }
            p {
                (check.title) ", " (check.seen.word()) " for " (lasted(check.since, now))
                @if let Some(at) = check.answered_at { ", answered " (lasted(at, now)) " ago" }
                @if let Some(until) = check.maintenance_until { ", maintenance until " (moment(until)) }
                ". " a href={ "/explain/" (check.id) } { "What it means and what to do" }
            }
            @if let Some(latency) = latencies.get(check.id.as_str()) { (line(latency)) }
            @if !check.facts.readings.is_empty() {
                dl {
                    @for reading in &check.facts.readings {
                        dt { (reading.measurement.replace('_', " ")) }
                        dd { @match &reading.value { Observed::Value(value) => (value), Observed::Error { error } => em { (error) } } }
                    }
                }
            }
        }
    }
}
