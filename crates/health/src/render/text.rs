//! The tree at a terminal: readable without colour, safe whatever the texts of checks hold.

use std::fmt::Write;

use super::{ago, cause, shown};
use crate::feature::Availability;
use crate::report::{CheckReport, NodeReport, Report};
use crate::status::Status;

/// The tree for people at a terminal: one line for each node and check, with causes, and the features.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    node(&mut out, report, &report.tree, 0);
    if !report.features.is_empty() {
        line(&mut out, 0, "Features", "");
        for feature in &report.features {
            let causes: Vec<_> = feature.availability.because_of().iter().map(crate::CheckId::as_str).collect();
            let causes = if causes.is_empty() { String::new() } else { format!(", because of {}", causes.join(", ")) };
            let left = match &feature.availability {
                Availability::Degraded { still_works, .. } if !still_works.is_empty() => format!(": {}", still_works.join("; ")),
                _ => String::new(),
            };
            line(&mut out, 1, feature.availability.word(), &format!("{}{causes}{left}", feature.title));
        }
    }
    out
}

fn node(out: &mut String, report: &Report, branch: &NodeReport, depth: usize) {
    let optional = if branch.critical { "" } else { " (optional)" };
    line(out, depth, branch.status.word(), &format!("{}{optional}", branch.title));
    for id in &branch.checks {
        if let Some(leaf) = report.check(id.as_str()) {
            check(out, report, leaf, depth + 1);
        }
    }
    for inner in &branch.nodes {
        node(out, report, inner, depth + 1);
    }
}

fn check(out: &mut String, report: &Report, check: &CheckReport, depth: usize) {
    let cause = cause(check).map(|cause| format!(", {cause}")).unwrap_or_default();
    let optional = if check.critical { "" } else { " (optional)" };
    let since = match (check.status, check.maintenance_until) {
        (Status::Pass, _) => String::new(),
        (_, Some(until)) => format!(" [until {until}; seen: {}]", check.seen),
        // Looked at once, nobody knows since when.
        _ if report.at.duration_since(check.since).as_secs() == 0 => String::new(),
        _ => format!(" [for {}]", ago(check.since, report.at)),
    };
    line(out, depth, shown(check).word(), &format!("{}{optional}{cause}: {}{since}", check.id, check.says));
    for reason in check.reasons.iter().filter(|reason| reason.says != check.says) {
        line(out, depth + 1, reason.status.word(), &reason.says);
    }
}

fn line(out: &mut String, depth: usize, word: &str, rest: &str) {
    // A text from the net could hold commands for the terminal, or lines that look like ours.
    let rest = rest.replace(char::is_control, "\u{fffd}");
    let line = format!("{:indent$}{word:<11} {rest}", "", indent = depth * 2);
    // Writing to a string does not fail.
    let _written = writeln!(out, "{}", line.trim_end());
}
