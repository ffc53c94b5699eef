//! Pictures in SVG: classes give them their colours, titles say what they show.

use maud::{Markup, html};

use super::words::share;
use crate::history::{Day, Latency, Past};

const STEP: usize = 5;
const WIDTH: usize = 4;
const HEIGHT: usize = 32;

/// From here on a day counts as good.
const GOOD: f64 = 0.999;
/// Below this it counts as bad.
const BAD: f64 = 0.95;
/// A day of which more is unknown shows that.
const UNKNOWN: f64 = 0.5;

/// A bar for each day.
pub(super) fn bars(past: &Past) -> Markup {
    let width = past.days.len() * STEP - (STEP - WIDTH);
    html! {
        svg.bars viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label="Each of the last 90 days" {
            @for (place, day) in past.days.iter().enumerate() {
                rect class=(class(day)) x=(place * STEP) y="0" width=(WIDTH) height=(HEIGHT) { title { (said(day)) } }
            }
        }
    }
}

fn class(day: &Day) -> &'static str {
    match day.uptime() {
        _ if !day.is_watched() => "none",
        Some(uptime) if uptime < BAD => "down",
        Some(uptime) if uptime < GOOD => "some",
        _ if day.unknown() > UNKNOWN => "unknown",
        Some(_) => "up",
        None if day.maintenance_ms > 0 => "maintenance",
        None => "unknown",
    }
}

fn said(day: &Day) -> String {
    let date = day.at.strftime("%Y-%m-%d");
    if !day.is_watched() {
        return format!("{date}: not watched");
    }
    let mut text = day.uptime().map_or_else(|| format!("{date}: not known"), |uptime| format!("{date}: {} up", share(uptime)));
    let minutes = |milliseconds: i64| milliseconds / 60_000;
    for (lasted, what) in [(day.down_ms, "down"), (day.unknown_ms, "not known"), (day.maintenance_ms, "maintenance")] {
        if minutes(lasted) > 0 {
            text.push_str(&format!(", {} min {what}", minutes(lasted)));
        }
    }
    text
}

const LINE_HEIGHT: f64 = 24.0;

/// How long a check took over the last day; a line is broken where nothing answered.
pub(super) fn line(latency: &Latency) -> Markup {
    let most = latency.iter().flatten().copied().fold(0.0, f64::max);
    let height = |took: f64| if most > 0.0 { LINE_HEIGHT - 1.0 - took / most * (LINE_HEIGHT - 2.0) } else { LINE_HEIGHT - 1.0 };
    let mut path = String::new();
    let mut pen = 'M';
    for (place, took) in latency.iter().enumerate() {
        match took {
            Some(took) => {
                // A point of its own would not be seen.
                let dot = if pen == 'M' { "h0" } else { "" };
                path.push_str(&format!("{pen}{place} {:.1}{dot}", height(*took)));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    let most = magnetiq_health::Value::Seconds(most);
    html! {
        svg.line viewBox={ "0 0 " (latency.len()) " " (LINE_HEIGHT) } preserveAspectRatio="none" role="img" {
            title { "How long it took over the last 24 hours; " (most) " at most" }
            path d=(path) {}
        }
    }
}
