//! What was found, and whether promises are kept.

use std::io::Write;

use serde_json::json;

use crate::{work::Work, wrk::Found};

const MEMORY_MOST: f64 = 120e6;

#[derive(Default)]
pub(crate) struct Report {
    load_before: String,
    durability: Vec<(&'static str, &'static str)>,
    found: Vec<(&'static Work, &'static str, Found)>,
    memory: Vec<(&'static str, f64)>,
}

/// A promise with a number.
struct Bar {
    promise: String,
    found: f64,
    wanted: f64,
    met: bool,
}

impl Report {
    /// Notes how busy the machine is.
    pub(crate) fn begin() -> Self {
        Self { load_before: crate::load(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, work: &'static Work, who: &'static str, found: Found) {
        self.found.push((work, who, found));
    }

    pub(crate) fn memory(&mut self, who: &'static str, bytes: u64) {
        self.memory.push((who, bytes as f64));
    }

    pub(crate) fn durability(&mut self, who: &'static str, survives: &'static str) {
        self.durability.push((who, survives));
    }

    fn bars(&self) -> Vec<Bar> {
        let mut bars = Vec::new();
        for pair in self.found.chunks_exact(2) {
            let [(work, _, ours), (_, _, theirs)] = pair else { continue };
            let ratio = ours.per_second() / theirs.per_second();
            let promise = format!("{}: times as many as PocketBase, at least", work.name);
            bars.push(Bar { promise, found: ratio, wanted: work.throughput_least, met: ratio >= work.throughput_least });
            if let Some(most) = work.p99_most {
                let ratio = ours.p99_ms / theirs.p99_ms;
                bars.push(Bar {
                    promise: format!("{}: p99, of PocketBase's, at most", work.name),
                    found: ratio,
                    wanted: most,
                    met: ratio <= most,
                });
            }
            let errors = f64::from(u32::try_from(ours.errors).unwrap_or(u32::MAX));
            bars.push(Bar { promise: format!("{}: errors, at most", work.name), found: errors, wanted: 0.0, met: ours.errors == 0 });
        }
        for (_, bytes) in self.memory.iter().filter(|(who, _)| *who == "magnetiq") {
            bars.push(Bar {
                promise: "peak memory, MB, at most".to_owned(),
                found: bytes / 1e6,
                wanted: MEMORY_MOST / 1e6,
                met: *bytes <= MEMORY_MOST,
            });
        }
        bars
    }

    pub(crate) fn missed(&self) -> usize {
        self.bars().iter().filter(|bar| !bar.met).count()
    }

    pub(crate) fn print(&self, as_json: bool) {
        let mut out = std::io::stdout().lock();
        // A reader that went away wants no more.
        let _ = if as_json { writeln!(out, "{}", self.to_json()) } else { self.table(&mut out) };
        let bars = self.bars();
        let (before, after) = (&self.load_before, crate::load());
        eprintln!("{} of {} bars met; the load of the machine was {before} and is {after}", bars.len() - self.missed(), bars.len());
    }

    fn to_json(&self) -> serde_json::Value {
        let found = self
            .found
            .iter()
            .map(|(work, who, found)| json!({ "work": work.name, "who": who, "per_second": found.per_second(), "found": found }));
        let bars = self.bars();
        let bars = bars.iter().map(|bar| json!({ "promise": bar.promise, "found": bar.found, "wanted": bar.wanted, "met": bar.met }));
        let memory = self.memory.iter().map(|(who, bytes)| json!({ "who": who, "peak_bytes": bytes }));
        let durability = self.durability.iter().map(|(who, survives)| json!({ "who": who, "created_record_survives": survives }));
        let machine = json!({
            "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            "load_before": self.load_before, "load_after": crate::load(),
        });
        json!({ "machine": machine, "durability": durability.collect::<Vec<_>>(), "found": found.collect::<Vec<_>>(), "memory": memory.collect::<Vec<_>>(), "bars": bars.collect::<Vec<_>>() })
    }

    fn table(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(
            out,
            "| {:<19} | {:<10} | {:>8} | {:>8} | {:>8} | {:>8} | {:>6} |",
            "100 connections", "", "per s", "p50 ms", "p99 ms", "max ms", "errors"
        )?;
        writeln!(out, "|{:-<21}|{:-<12}|{:->9}:|{:->9}:|{:->9}:|{:->9}:|{:->7}:|", "", "", "", "", "", "", "")?;
        for (work, who, found) in &self.found {
            let Found { p50_ms, p99_ms, max_ms, errors, .. } = found;
            let per_second = found.per_second();
            writeln!(
                out,
                "| {:<19} | {who:<10} | {per_second:>8.0} | {p50_ms:>8.2} | {p99_ms:>8.2} | {max_ms:>8.1} | {errors:>6} |",
                work.name
            )?;
        }
        for (who, bytes) in &self.memory {
            writeln!(out, "\n{who}: at most {:.0} MB of memory", bytes / 1e6)?;
        }
        for (who, survives) in &self.durability {
            writeln!(out, "\n{who}: a created record survives {survives}")?;
        }
        writeln!(
            out,
            "\n| {:<60} | {:>8} | {:>8} |        |\n|{:-<62}|{:->9}:|{:->9}:|--------|",
            "promise", "found", "wanted", "", "", ""
        )?;
        for Bar { promise, found, wanted, met } in self.bars() {
            writeln!(out, "| {promise:<60} | {found:>8.2} | {wanted:>8.2} | {:>6} |", if met { "met" } else { "MISSED" })?;
        }
        Ok(())
    }
}
