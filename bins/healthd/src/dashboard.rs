//! A dashboard for Grafana: how everything is on top, then a row for each kind of check with all that it measures.

use magnetiq_health::catalog::{Entry, Measurement, Unit, entries};
use serde_json::{Value, json};

use crate::selector::{STATUS, of_measurement};

/// Columns of Grafana's grid.
const WIDTH: usize = 24;
const PANEL_WIDTH: usize = 8;
const PANEL_HEIGHT: usize = 7;
const TOP_HEIGHT: usize = 6;

/// The file to import.
pub(crate) fn json() -> String {
    let mut panels = top();
    let rows = entries().map(row);
    panels.extend(rows.enumerate().map(|(place, mut row)| {
        row["gridPos"] = json!({ "x": 0, "y": TOP_HEIGHT + 10 + place, "w": WIDTH, "h": 1 });
        row
    }));
    for (place, panel) in panels.iter_mut().enumerate() {
        panel["id"] = json!(place + 1);
    }
    let dashboard = json!({
        "title": "Magnetiq",
        "uid": "magnetiq-health",
        "description": "Made by `healthd rules dashboard` from the list of checks",
        "tags": ["magnetiq"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": { "from": "now-24h", "to": "now" },
        "templating": { "list": [
            { "name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus" },
        ] },
        "panels": panels,
    });
    format!("{dashboard:#}\n")
}

fn top() -> Vec<Value> {
    let states = json!([{ "type": "value", "options": {
        "0": { "text": "pass", "color": "green" }, "1": { "text": "warn", "color": "yellow" }, "2": { "text": "fail", "color": "red" },
        "3": { "text": "unknown", "color": "purple" }, "4": { "text": "because of another", "color": "orange" },
        "5": { "text": "maintenance", "color": "blue" },
    } }]);
    let features = json!([{ "type": "value", "options": {
        "0": { "text": "available", "color": "green" }, "1": { "text": "degraded", "color": "yellow" },
        "2": { "text": "unavailable", "color": "red" },
    } }]);
    let whole = "magnetiq_health_node_status{node=\"/\"}";
    vec![
        mapped("stat", "The whole", (whole, "{{instance}}"), &states, (0, 0, 8, TOP_HEIGHT)),
        mapped("stat", "What people can do", ("magnetiq_health_feature_status", "{{feature}}"), &features, (8, 0, 16, TOP_HEIGHT)),
        mapped("state-timeline", "Checks", (STATUS, "{{check}} {{instance}}"), &states, (0, TOP_HEIGHT, WIDTH, 10)),
    ]
}

fn mapped(kind: &str, title: &str, target: (&str, &str), mappings: &Value, at: (usize, usize, usize, usize)) -> Value {
    let mut panel = panel(kind, title, target, at);
    panel["fieldConfig"]["defaults"]["mappings"] = mappings.clone();
    panel
}

fn panel(kind: &str, title: &str, (expression, legend): (&str, &str), (x, y, w, h): (usize, usize, usize, usize)) -> Value {
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    json!({
        "type": kind,
        "title": title,
        "datasource": source,
        "gridPos": { "x": x, "y": y, "w": w, "h": h },
        "fieldConfig": { "defaults": {}, "overrides": [] },
        "targets": [{ "refId": "A", "datasource": source, "expr": expression, "legendFormat": legend }],
    })
}

/// Closed until somebody opens it: it asks for nothing before.
fn row(entry: &Entry) -> Value {
    let measured = entry.measurements.iter().filter_map(|measurement| Some((measurement, of_measurement(entry, measurement)?)));
    let panels: Vec<Value> = measured.enumerate().map(|(place, (measurement, selector))| series(measurement, &selector, place)).collect();
    json!({ "type": "row", "title": format!("{}: {}", entry.kind, entry.title), "collapsed": true, "panels": panels })
}

fn series(measurement: &Measurement, selector: &str, place: usize) -> Value {
    let columns = WIDTH / PANEL_WIDTH;
    let at = (place % columns * PANEL_WIDTH, place / columns * PANEL_HEIGHT, PANEL_WIDTH, PANEL_HEIGHT);
    let mut panel = panel("timeseries", &measurement.name.replace('_', " "), (selector, "{{check}} {{instance}}"), at);
    panel["description"] = json!(measurement.help);
    let unit = match measurement.unit {
        Unit::Bytes => "decbytes",
        Unit::Seconds => "s",
        Unit::Percent => "percent",
        Unit::Bool => "bool_yes_no",
        Unit::Count | Unit::Text => "short",
    };
    panel["fieldConfig"]["defaults"]["unit"] = json!(unit);
    panel
}
