//! What everybody may see: names, states, times. No addresses and no causes.

use jiff::Timestamp;
use magnetiq_health::{Report, Status};
use maud::{Markup, html};

use super::pictures::bars;
use super::words::{lasted, moment, share, state};
use super::{REFRESH, frame};
use crate::history::Past;
use crate::incident::Incident;
use crate::shared::{Shared, Site};

/// The status page.
pub(crate) fn public(shared: &Shared) -> Markup {
    let (report, board, now) = (shared.monitor.report(), shared.board(), shared.clock.now().wall);
    let (open, over): (Vec<&Incident>, Vec<&Incident>) = shared.of_sites(&board).partition(|incident| incident.is_open());
    let content = html! {
        h1 { (shared.title) }
        (summary(shared, &report))
        @if !open.is_empty() {
            section { h2 { "Now" } ul.incidents { @for incident in &open { (shown(shared, incident, now)) } } }
        }
        (maintenance(shared, &report, now))
        @for site in &shared.sites { (of_site(site, &report, board.past.get(&site.name))) }
        section {
            h2 { "The last 14 days" }
            @if over.is_empty() { p { "Nothing has been wrong." } }
            @else { ul.incidents { @for incident in &over { (shown(shared, incident, now)) } } }
        }
        footer { p { "As of " (moment(report.at)) ". " a href="/details" { "For those who run it" } } }
    };
    frame(&shared.title, Some(REFRESH), &content)
}

fn status(site: &Site, report: &Report) -> Status {
    report.node(site.node.as_str()).map_or(Status::Unknown, |node| node.status)
}

fn summary(shared: &Shared, report: &Report) -> Markup {
    let worst = shared.sites.iter().map(|site| status(site, report)).max_by_key(|status| status.severity()).unwrap_or(Status::Unknown);
    let words = match worst {
        _ if !report.settled => "Looking for the first time…",
        Status::Pass => "Everything works",
        Status::Warn | Status::Suppressed => "Everything works, with a warning",
        Status::Fail => "Something is down",
        Status::Unknown => "It is not known how everything is",
        Status::Maintenance => "Somebody works on it",
    };
    html! { p class={ "summary " (state(worst).0) } { (words) } }
}

fn of_site(site: &Site, report: &Report, past: Option<&Past>) -> Markup {
    let (class, words) = state(status(site, report));
    html! {
        section.site {
            h2 { (site.title) " " span class={ "badge " (class) } { (words) } }
            @if let Some(past) = past {
                @let whole = past.whole();
                (bars(past))
                p.ends { span { "90 days ago" } span { "today" } }
                p {
                    @match whole.uptime() {
                        Some(uptime) => b { (share(uptime)) " up" },
                        None => "Nothing is known yet",
                    }
                    @if whole.unknown_ms >= 60_000 { "; " (share(whole.unknown())) " of the time nobody looked, which is left out" }
                    "."
                }
            }
        }
    }
}

fn shown(shared: &Shared, incident: &Incident, now: Timestamp) -> Markup {
    let site = shared.sites.iter().find(|site| site.name == incident.site).map_or("", |site| site.title.as_str());
    let class = if incident.is_open() { state(incident.worst).0 } else { "over" };
    html! {
        li {
            span class={ "badge " (class) } { (incident.worst.word()) } " "
            @if !site.is_empty() { b { (site) } ": " }
            (incident.title)
            @if incident.in_maintenance { " (somebody works on it)" }
            br;
            small {
                (moment(incident.started_at))
                @match incident.ended_at {
                    Some(ended_at) => { " to " (moment(ended_at)) ", " (lasted(incident.started_at, ended_at)) }
                    None => { ", for " (lasted(incident.started_at, now)) }
                }
                @if incident.unseen_end { "; ended while nobody looked" }
            }
        }
    }
}

fn maintenance(shared: &Shared, report: &Report, now: Timestamp) -> Markup {
    let windows = shared.monitor.windows();
    html! {
        @if !windows.is_empty() {
            section {
                h2 { "Maintenance" }
                ul.incidents {
                    @for window in &windows {
                        li {
                            span.badge.maintenance { @if window.is_active(now) { "now" } @else { "planned" } } " "
                            b { @match shared.covered(window, report) { Some(site) => (site.title), None => "Everything" } } ": " (window.reason)
                            br;
                            small { (moment(window.from)) " to " (moment(window.until)) }
                        }
                    }
                }
            }
        }
    }
}
