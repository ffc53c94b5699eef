//! Maintenance, as it is ordered through HTTP: checked, begun, and kept for the next start.

use std::time::Duration;

use jiff::Timestamp;
use magnetiq_health::{Maintenance, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::history;
use crate::shared::Shared;

/// Longer ones are forgotten, and then nobody is told of anything.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const REASON_MAX: usize = 500;
const WINDOWS_MAX: usize = 100;

/// What is worked on, as people name it; nothing given: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Covers {
    /// A site, by its name in the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site: Option<String>,
    /// One check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<String>,
    /// A node of the tree and all below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
}

/// An order to begin.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    #[serde(default)]
    pub(crate) covers: Covers,
    /// At once, where nothing is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Timestamp>,
    pub(crate) for_seconds: u64,
    pub(crate) reason: String,
}

/// Why something was not begun or ended.
#[derive(Debug)]
pub(crate) enum Refused {
    Wrong(String),
    Absent(String),
    NotKept(magnetiq_storage::Error),
}

/// The windows that run or are to come; for those who may see `all`, with what exactly is worked on.
pub(crate) fn list(shared: &Shared, all: bool) -> Value {
    let report = shared.monitor.report();
    let public = |window: &Maintenance| {
        let site = shared.covered(window, &report).map(|site| &site.title);
        json!({ "from": window.from, "until": window.until, "reason": window.reason, "site": site })
    };
    shared.monitor.windows().iter().map(|window| if all { shown(shared, window) } else { public(window) }).collect()
}

fn shown(shared: &Shared, window: &Maintenance) -> Value {
    let active = window.is_active(shared.clock.now().wall);
    let mut shown = json!({ "from": window.from, "until": window.until, "reason": window.reason, "active": active });
    let covers = match &window.scope {
        Scope::Check(check) => Covers { check: Some(check.to_string()), ..Covers::default() },
        Scope::Node(node) => match shared.sites.iter().find(|site| site.node == *node && !site.name.is_empty()) {
            Some(site) => Covers { site: Some(site.name.clone()), ..Covers::default() },
            None if node.as_str().is_empty() => Covers::default(),
            None => Covers { node: Some(node.to_string()), ..Covers::default() },
        },
    };
    shown["covers"] = json!(covers);
    shown
}

/// Begins a window, in place of the one of the same scope.
pub(crate) async fn begin(shared: &Shared, body: &[u8]) -> Result<Value, Refused> {
    let order: Order = serde_json::from_slice(body).map_err(|error| Refused::Wrong(format!("The order is not understood: {error}.")))?;
    let scope = scope(shared, &order.covers)?;
    shared.monitor.tree().knows(&scope).map_err(|error| Refused::Absent(format!("{error}.")))?;
    let now = shared.clock.now().wall;
    let lasts = Duration::from_secs(order.for_seconds);
    if lasts.is_zero() || lasts > LONGEST {
        return Err(Refused::Wrong("for_seconds should be from 1 to 2592000, which is 30 days.".to_owned()));
    }
    if order.reason.trim().is_empty() || order.reason.chars().count() > REASON_MAX {
        return Err(Refused::Wrong(format!("reason should say why, in at most {REASON_MAX} characters.")));
    }
    let from = order.from.unwrap_or(now);
    let until = from.checked_add(lasts).map_err(|_too_late| Refused::Wrong("from is too far away.".to_owned()))?;
    if until <= now {
        return Err(Refused::Wrong("It would be over already.".to_owned()));
    }
    let others = shared.monitor.windows().iter().filter(|window| window.scope != scope).count();
    if others >= WINDOWS_MAX {
        return Err(Refused::Wrong(format!("There are {WINDOWS_MAX} windows already; end some.")));
    }
    let window = Maintenance { scope, from, until, reason: order.reason.trim().to_owned() };
    let kept = window.clone();
    shared.store.write(move |tx| history::keep_window(tx, &kept)).await.map_err(Refused::NotKept)?;
    shared.monitor.maintain(window.clone()).map_err(|error| Refused::Wrong(format!("{error}.")))?;
    tracing::info!(scope = ?window.scope, from = %window.from, until = %window.until, reason = window.reason, "maintenance");
    Ok(shown(shared, &window))
}

/// Ends the window of what the body names.
pub(crate) async fn end(shared: &Shared, body: &[u8]) -> Result<(), Refused> {
    let covers: Covers = serde_json::from_slice(body).map_err(|error| Refused::Wrong(format!("The order is not understood: {error}.")))?;
    let scope = scope(shared, &covers)?;
    let forgotten = scope.clone();
    let was_kept = shared.store.write(move |tx| history::remove_window(tx, &forgotten)).await.map_err(Refused::NotKept)?;
    if !shared.monitor.end_maintenance(&scope) && !was_kept {
        return Err(Refused::Absent("There is no maintenance of exactly this; the list has all.".to_owned()));
    }
    tracing::info!(?scope, "maintenance has ended");
    Ok(())
}

fn scope(shared: &Shared, covers: &Covers) -> Result<Scope, Refused> {
    match (&covers.site, &covers.check, &covers.node) {
        (None, None, None) => Ok(Scope::all()),
        (Some(name), None, None) => {
            let site = shared.sites.iter().find(|site| site.name == *name && !name.is_empty());
            let names = shared.sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ");
            let absent = || Refused::Absent(format!("There is no site {name:?}; there are: {names}."));
            site.map(|site| Scope::Node(site.node.clone())).ok_or_else(absent)
        }
        (None, Some(check), None) => Ok(Scope::Check(check.as_str().into())),
        (None, None, Some(node)) => Ok(Scope::Node(node.as_str().into())),
        _ => Err(Refused::Wrong("Give one of site, check and node, or none for everything.".to_owned())),
    }
}
