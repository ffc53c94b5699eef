//! A page of the tree: no script, no inline style, everything escaped.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::{ago, cause, shown};
use crate::feature::Availability;
use crate::reading::Observed;
use crate::report::{CheckReport, NodeReport, Report};
use crate::status::Status;

/// The style of [`html`], for those who serve it as a file of its own: a content security policy may forbid it in the page.
pub const STYLESHEET: &str = include_str!("health.css");

/// How the page is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// Where [`STYLESHEET`] is served; `None` puts it into the page.
    pub stylesheet: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// A page that holds its style.
    pub fn new(title: &'a str) -> Self {
        Self { title, stylesheet: None }
    }

    /// A page whose style is at `address`.
    #[must_use]
    pub fn stylesheet(self, address: &'a str) -> Self {
        Self { stylesheet: Some(address), ..self }
    }
}

/// The report as a page: what is wrong, what people can do, and the tree.
pub fn html(report: &Report, page: &Page<'_>) -> String {
    let roots = report.roots();
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (report.status.word()) " · " (page.title) }
                @match page.stylesheet {
                    Some(address) => link rel="stylesheet" href=(address);,
                    None => style { (PreEscaped(STYLESHEET)) },
                }
            }
            body {
                main {
                    header {
                        h1 { (page.title) }
                        p { (status(report.status)) " at " time datetime=(report.at) { (report.at) } }
                        @if !report.settled { p { "Not every check has answered yet." } }
                    }
                    @if !roots.is_empty() {
                        section {
                            h2 { "What is wrong" }
                            ul .roots { @for root in roots { li { (status(root.status)) " " b { (root.title) } " " (root.says) } } }
                        }
                    }
                    @if !report.features.is_empty() { (features(report)) }
                    section {
                        h2 { "All checks" }
                        (node(report, &report.tree))
                    }
                }
            }
        }
    };
    page.into_string()
}

fn features(report: &Report) -> Markup {
    markup! {
        section {
            h2 { "What people can do" }
            table {
                thead { tr { th scope="col" { "Feature" } th scope="col" { "Now" } th scope="col" { "Because of" } th scope="col" { "Still works" } } }
                tbody {
                    @for feature in &report.features {
                        tr {
                            th scope="row" { (feature.title) }
                            td { span class={ "status " (feature.availability.word()) } { (feature.availability.word()) } }
                            td { @for (place, cause) in feature.availability.because_of().iter().enumerate() { @if place > 0 { ", " } (cause) } }
                            td { @if let Availability::Degraded { still_works, .. } = &feature.availability { (still_works.join("; ")) } }
                        }
                    }
                }
            }
        }
    }
}

fn node(report: &Report, branch: &NodeReport) -> Markup {
    markup! {
        ul .tree {
            li {
                (status(branch.status)) " " b { (branch.title) } @if !branch.critical { " (optional)" }
                @let leaves = branch.checks.iter().filter_map(|id| report.check(id.as_str()));
                ul { @for leaf in leaves { li id=(leaf.id) { (check(report, leaf)) } } }
                @for inner in &branch.nodes { (node(report, inner)) }
            }
        }
    }
}

fn check(report: &Report, check: &CheckReport) -> Markup {
    markup! {
        details open[shown(check) != Status::Pass] {
            summary {
                (status(shown(check))) " " b { (check.title) } " " code { (check.id) } @if !check.critical { " (optional)" }
                @if let Some(cause) = cause(check) { " " em { (cause) } }
                ": " (check.says)
            }
            @let more = check.reasons.iter().filter(|reason| reason.says != check.says);
            ul { @for reason in more { li { (status(reason.status)) " " (reason.says) } } }
            p {
                (check.seen.word()) " for " (ago(check.since, report.at))
                @if let Some(at) = check.answered_at { ", answered " (ago(at, report.at)) " ago" }
                @if let Some(until) = check.maintenance_until { ", maintenance until " (until) }
            }
            @if !check.facts.readings.is_empty() {
                dl {
                    @for reading in &check.facts.readings {
                        dt { (reading.measurement.replace('_', " ")) }
                        dd {
                            @match &reading.value {
                                Observed::Value(value) => (value),
                                Observed::Error { error } => em { (error) },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn status(status: Status) -> Markup {
    markup! { span class={ "status " (status.word()) } { (status.word()) } }
}
