//! The status page for programs.

use serde_json::{Value, json};

use crate::incident::Incident;
use crate::shared::Shared;
use crate::windows;

/// What everybody may see; for those who may see `all`, causes, too.
pub(crate) fn of(shared: &Shared, all: bool) -> Value {
    let (report, board) = (shared.monitor.report(), shared.board());
    let sites = shared.sites.iter().map(|site| {
        let whole = board.past.get(&site.name).map(crate::history::Past::whole).unwrap_or_default();
        json!({
            "name": site.title,
            "status": report.node(site.node.as_str()).map(|node| node.status),
            "uptime": whole.uptime(),
            "unknown": whole.unknown(),
        })
    });
    let incidents: Vec<&Incident> = if all { board.incidents.iter().collect() } else { shared.of_sites(&board).collect() };
    let incidents = incidents.into_iter().map(|incident| of_incident(shared, incident, all));
    let mut status = json!({
        "at": report.at,
        "status": report.status,
        "settled": report.settled,
        "sites": sites.collect::<Value>(),
        "incidents": incidents.collect::<Value>(),
        "maintenance": windows::list(shared, all),
    });
    if all {
        status["version"] = env!("CARGO_PKG_VERSION").into();
        status["started_at"] = json!(shared.started_at);
        status["recorded_at"] = json!(board.recorded_at);
        status["checks"] = json!(report.checks);
    }
    status
}

fn of_incident(shared: &Shared, incident: &Incident, all: bool) -> Value {
    let site = shared.sites.iter().find(|site| site.name == incident.site);
    let mut shown = json!({
        "id": incident.id,
        "site": site.map_or(&incident.site, |site| &site.title),
        "title": incident.title,
        "status": incident.status,
        "worst": incident.worst,
        "started_at": incident.started_at,
        "ended_at": incident.ended_at,
        "unseen_end": incident.unseen_end,
        "in_maintenance": incident.in_maintenance,
    });
    if all {
        shown["check"] = json!(incident.check);
        shown["critical"] = json!(incident.critical);
        shown["says"] = json!(incident.says);
        shown["also_down"] = json!(incident.also_down);
    }
    shown
}
