//! What was measured, and what was promised.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    measure::Cost,
    rounds::{Entrant, OwnBackup},
    writer::Latencies,
};

/// A promise with a number.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) promise: String,
    pub(crate) found: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) entrants: Vec<Entrant>,
    pub(crate) pocketbase: Option<OwnBackup>,
    pub(crate) alone: Latencies,
    /// Bytes of the media that were added between the first and the second backup.
    pub(crate) new_media_bytes: u64,
}

impl Bar {
    pub(crate) fn met(&self) -> bool {
        self.found <= self.most
    }
}

impl Report {
    fn named(&self, part: &str) -> Option<&Entrant> {
        self.entrants.iter().find(|entrant| entrant.contestant.name.contains(part))
    }

    /// Those whose both sides were measured.
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let mut bars = Vec::new();
        let mut bar = |promise: &str, unit, found: Option<f64>, most: Option<f64>| {
            if let (Some(found), Some(most)) = (found, most) {
                bars.push(Bar { promise: promise.to_owned(), found, most, unit });
            }
        };
        let (gzip, zstd, pigz, restic) = (self.named("gzip full"), self.named("zstd full"), self.named("pigz"), self.named("restic"));
        let linked = self.named("gzip linked");
        let wall = |costs: fn(&Entrant) -> &Vec<Cost>, entrant: Option<&Entrant>| {
            entrant.and_then(|entrant| Cost::median(costs(entrant).clone())).map(|cost| cost.wall.as_secs_f64())
        };
        let first = |entrant| wall(|entrant| &entrant.first, entrant);
        let verify = |entrant| wall(|entrant| &entrant.verify, entrant);
        let restore = |entrant| wall(|entrant| &entrant.restore, entrant);
        let mb = |entrant: Option<&Entrant>| entrant.filter(|entrant| entrant.size_bytes > 0).map(|entrant| megabytes(entrant.size_bytes));
        bar("gzip: time, 0.4 of VACUUM INTO + tar | pigz -6", "s", first(gzip), first(pigz).map(|time| time * 0.4));
        bar("gzip: size, 1.05 of gzip -6", "MB", mb(gzip), mb(pigz).map(|size| size * 1.05));
        bar("zstd: time, 1.2 of restic's first", "s", first(zstd), first(restic).map(|time| time * 1.2));
        let peak = self.ours().flat_map(Entrant::costs).map(|cost| megabytes(cost.peak_rss_bytes)).reduce(f64::max);
        bar("peak memory of all that we do", "MB", peak, Some(64.0));
        bar("restored and verified (gzip), as pigz unpacks + integrity_check", "s", restore(gzip), restore(pigz));
        bar("verified (gzip full), half of the backup's time", "s", verify(gzip), first(gzip).map(|time| time / 2.0));
        bar("verified (gzip linked), half of the backup's time", "s", verify(linked), first(linked).map(|time| time / 2.0));
        for entrant in self.ours().filter(|entrant| entrant.writer.count() > 0) {
            let promise = format!("{}: the writer's p99, 1.5 of without", entrant.contestant.name);
            bar(&promise, "ms", Some(entrant.writer.commit_ms(99.0)), Some(self.alone.commit_ms(99.0) * 1.5));
        }
        let busy = self.ours().map(|entrant| entrant.writer.busy).sum::<u64>();
        bar("commits that found the database busy", "", Some(f64::from(u32::try_from(busy).unwrap_or(u32::MAX))), Some(0.0));
        let second = linked.filter(|linked| linked.added_bytes > 0);
        let most = second.map(|linked| megabytes(linked.archive_bytes) * 1.02 + megabytes(self.new_media_bytes));
        bar(
            "second backup, linked: the database's archive and the new media",
            "MB",
            second.map(|linked| megabytes(linked.added_bytes)),
            most,
        );
        bars
    }

    fn ours(&self) -> impl Iterator<Item = &Entrant> {
        self.entrants.iter().filter(|entrant| entrant.is_ours())
    }

    pub(crate) fn to_json(&self, machine: &Value) -> Value {
        let entrants: Vec<Value> = self.entrants.iter().map(Entrant::to_json).collect();
        let bars: Vec<Value> = self
            .bars()
            .iter()
            .map(|bar| json!({ "promise": bar.promise, "found": bar.found, "most": bar.most, "unit": bar.unit, "met": bar.met() }))
            .collect();
        let pocketbase = self.pocketbase.as_ref().map(|own| json!({ "first": costs(&own.first), "size_bytes": own.size_bytes, "beside": costs(&own.beside), "writer": latencies(&own.writer), "alone": latencies(&own.alone) }));
        json!({ "machine": machine, "entrants": entrants, "pocketbase": pocketbase, "alone": latencies(&self.alone), "bars": bars })
    }

    /// Three tables that are Markdown as well.
    pub(crate) fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let head = ["", "first: wall / CPU s", "peak MB", "size MB", "second: wall / CPU s", "added MB", "verify s", "restore + check s"];
        let mut rows: Vec<Vec<String>> = self.entrants.iter().map(Entrant::cells).collect();
        if let Some(own) = &self.pocketbase {
            let again = "same again".to_owned();
            let size = number(megabytes(own.size_bytes), 0);
            rows.push(vec![
                "PocketBase".to_owned(),
                wall_cpu(&own.first),
                peak(&own.first),
                size.clone(),
                again,
                size,
                String::new(),
                String::new(),
            ]);
        }
        table(out, &head, &rows)?;
        let head = ["200 commits/s beside", "backup s", "commits", "p50 ms", "p99 ms", "max ms", "from due: p99 / max ms", "busy"];
        let mut rows = vec![beside("nothing", &[], &self.alone)];
        rows.extend(self.entrants.iter().map(|entrant| beside(entrant.contestant.name, &entrant.beside, &entrant.writer)));
        if let Some(own) = &self.pocketbase {
            rows.push(beside("nothing, in PocketBase's file", &[], &own.alone));
            rows.push(beside("PocketBase", &own.beside, &own.writer));
        }
        writeln!(out)?;
        table(out, &head, &rows)?;
        writeln!(out)?;
        let rows: Vec<Vec<String>> = self
            .bars()
            .iter()
            .map(|bar| {
                let verdict = if bar.met() { "met" } else { "MISSED" };
                vec![
                    bar.promise.replace('|', "\\|"),
                    format!("{:.2} {}", bar.found, bar.unit),
                    format!("{:.2} {}", bar.most, bar.unit),
                    verdict.to_owned(),
                ]
            })
            .collect();
        table(out, &["promise", "found", "at most", ""], &rows)
    }
}

impl Entrant {
    pub(crate) fn is_ours(&self) -> bool {
        self.contestant.name.starts_with("magnetiq")
    }

    fn costs(&self) -> impl Iterator<Item = &Cost> {
        [&self.first, &self.verify, &self.restore, &self.second, &self.beside].into_iter().flatten()
    }

    fn cells(&self) -> Vec<String> {
        let seconds = |costs: &[Cost]| Cost::median(costs.to_vec()).map_or(String::new(), |cost| number(cost.wall.as_secs_f64(), 2));
        let size = number(megabytes(self.size_bytes), 0);
        let (second, added) = if self.contestant.incremental {
            (wall_cpu(&self.second), number(megabytes(self.added_bytes), 0))
        } else {
            ("same again".to_owned(), size.clone())
        };
        let name = self.contestant.name.replace('|', "\\|");
        let all: Vec<Cost> = [&self.first, &self.verify, &self.restore, &self.second].into_iter().flatten().copied().collect();
        vec![name, wall_cpu(&self.first), peak(&all), size, second, added, seconds(&self.verify), seconds(&self.restore)]
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.contestant.name, "first": costs(&self.first), "size_bytes": self.size_bytes, "archive_bytes": self.archive_bytes,
            "verify": costs(&self.verify), "restore": costs(&self.restore), "second": costs(&self.second), "added_bytes": self.added_bytes,
            "beside": costs(&self.beside), "writer": latencies(&self.writer), "problems": self.problems,
        })
    }
}

fn costs(costs: &[Cost]) -> Vec<Value> {
    costs
        .iter()
        .map(|cost| json!({ "wall_s": cost.wall.as_secs_f64(), "cpu_s": cost.cpu.as_secs_f64(), "peak_rss_bytes": cost.peak_rss_bytes }))
        .collect()
}

fn latencies(latencies: &Latencies) -> Value {
    let [commit, answer] =
        [Latencies::commit_ms, Latencies::answer_ms].map(|of| [50.0, 99.0, 99.9, 100.0].map(|percent| of(latencies, percent)));
    json!({ "commits": latencies.count(), "commit_p50_p99_p999_max_ms": commit, "from_due_p50_p99_p999_max_ms": answer, "busy": latencies.busy })
}

fn wall_cpu(costs: &[Cost]) -> String {
    Cost::median(costs.to_vec())
        .map_or("failed".to_owned(), |cost| format!("{:.2} / {:.2}", cost.wall.as_secs_f64(), cost.cpu.as_secs_f64()))
}

fn peak(costs: &[Cost]) -> String {
    costs.iter().map(|cost| cost.peak_rss_bytes).max().map_or(String::new(), |bytes| number(megabytes(bytes), 0))
}

fn beside(name: &str, costs: &[Cost], writer: &Latencies) -> Vec<String> {
    let took = Cost::median(costs.to_vec()).map(|cost| number(cost.wall.as_secs_f64(), 2));
    let took = took.unwrap_or_else(|| if name.starts_with("nothing") { String::new() } else { "not ended".to_owned() });
    let at = |percent| number(writer.commit_ms(percent), 2);
    let due = format!("{:.2} / {:.1}", writer.answer_ms(99.0), writer.answer_ms(100.0));
    vec![name.replace('|', "\\|"), took, writer.count().to_string(), at(50.0), at(99.0), at(100.0), due, writer.busy.to_string()]
}

fn number(value: f64, digits: usize) -> String {
    format!("{value:.digits$}")
}

/// Millions of bytes, as disks are sold.
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn table(out: &mut impl Write, head: &[&str], rows: &[Vec<String>]) -> std::io::Result<()> {
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let widths: Vec<usize> =
        (0..head.len()).map(|n| std::iter::once(&head).chain(rows).map(|row| row[n].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(n, (cell, width))| if n == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") })
            .collect();
        format!("| {} |", cells.join(" | "))
    };
    writeln!(out, "{}", line(&head))?;
    let lines: Vec<String> = widths.iter().enumerate().map(|(n, width)| "-".repeat(width + 1) + if n == 0 { "-" } else { ":" }).collect();
    writeln!(out, "|{}|", lines.join("|"))?;
    rows.iter().try_for_each(|row| writeln!(out, "{}", line(row)))
}
