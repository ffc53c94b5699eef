//! What was measured, beside what was promised.

use std::io::Write;

use serde_json::{Value, json};

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) disk: String,
    pub(crate) measure: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    /// Who we are compared with, and its value.
    pub(crate) other: Option<(&'static str, f64)>,
    /// How many times better, and at least how many times it should be.
    pub(crate) ratio: Option<f64>,
    pub(crate) bar: Option<f64>,
}

impl Row {
    /// More is better.
    pub(crate) fn rate(disk: &str, measure: String, ours: f64, name: &'static str, other: f64) -> Self {
        let (disk, other, ratio) = (disk.to_owned(), Some((name, other)), Some(ours / other));
        Self { disk, measure, unit: "/s", ours, other, ratio, bar: None }
    }

    /// Less is better.
    pub(crate) fn latency(disk: &str, measure: String, ours: f64, name: &'static str, other: f64) -> Self {
        let (disk, other, ratio) = (disk.to_owned(), Some((name, other)), Some(other / ours));
        Self { disk, measure, unit: "ms", ours, other, ratio, bar: None }
    }

    /// A number that must be exactly this, and is not compared.
    pub(crate) fn exactly(disk: &str, measure: String, unit: &'static str, found: usize, wanted: usize) -> Self {
        let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let ratio = Some(if found == wanted { 1.0 } else { 0.0 });
        Self { disk: disk.to_owned(), measure, unit, ours: number(found), other: None, ratio, bar: Some(1.0) }
    }

    pub(crate) fn at_least(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }

    /// Whether the bar is reached, where there is one.
    pub(crate) fn met(&self) -> Option<bool> {
        Some(self.ratio? >= self.bar?)
    }

    pub(crate) fn to_json(&self) -> Value {
        let (name, value) = self.other.unzip();
        json!({
            "disk": self.disk, "measure": self.measure, "unit": self.unit, "ours": self.ours,
            "other": name, "other_value": value, "ratio": self.ratio, "bar": self.bar, "met": self.met(),
        })
    }

    /// What another process of this program wrote with [`Row::to_json`].
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str();
        let name = |known: [&'static str; 4]| move |found: &str| known.into_iter().find(|name| *name == found);
        Some(Self {
            disk: text("disk")?.to_owned(),
            measure: text("measure")?.to_owned(),
            unit: text("unit").and_then(name(["/s", "ms", "writes", "rounds"]))?,
            ours: value["ours"].as_f64()?,
            other: text("other").and_then(name(["pool", "bare", "", ""])).zip(value["other_value"].as_f64()),
            ratio: value["ratio"].as_f64(),
            bar: value["bar"].as_f64(),
        })
    }

    fn cells(&self) -> [String; 6] {
        let value = |value: f64| match self.unit {
            "ms" => format!("{value:.2} ms"),
            "/s" => format!("{value:.0} /s"),
            unit => format!("{value:.0} {unit}"),
        };
        let other = self.other.map_or(String::new(), |(name, other)| format!("{name} {}", value(other)));
        let compared = self.other.is_some();
        let ratio = self.ratio.filter(|_| compared).map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let verdict = match (self.met(), self.bar.filter(|_| compared)) {
            (Some(met), bar) => bar.map_or(String::new(), |bar| format!("≥ {bar} ")) + if met { "met" } else { "MISSED" },
            (None, _) => String::new(),
        };
        [self.disk.clone(), self.measure.clone(), value(self.ours), other, ratio, verdict]
    }
}

const HEAD: [&str; 6] = ["disk", "measure", "magnetiq", "against", "ratio", "bar"];

/// A table that is Markdown as well.
pub(crate) fn print(rows: &[Row], out: &mut impl Write) -> std::io::Result<()> {
    let cells: Vec<[String; 6]> = std::iter::once(HEAD.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let widths: [usize; 6] = std::array::from_fn(|n| cells.iter().map(|row| row[n].chars().count()).max().unwrap_or(0));
    for (number, row) in cells.iter().enumerate() {
        let padded = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            2..=4 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        writeln!(out, "| {} |", padded.collect::<Vec<_>>().join(" | "))?;
        if number == 0 {
            let lines = widths.iter().enumerate().map(|(n, width)| "-".repeat(width + 1) + if (2..=4).contains(&n) { ":" } else { "-" });
            writeln!(out, "|{}|", lines.collect::<Vec<_>>().join("|"))?;
        }
    }
    Ok(())
}
