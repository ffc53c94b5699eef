//! The clients: wrk, with 100 connections.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use serde::{Deserialize, Serialize};

const CONNECTIONS: u32 = 100;

/// Says it all in one line of JSON.
const DONE: &str = r#"
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\nFOUND {"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"max_ms":%f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// What one run gave. Errors are answers from 400 on as well as connections that broke.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Found {
    requests: f64,
    seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    pub(crate) errors: u64,
}

impl Found {
    /// Each figure by itself in the middle of all rounds; the errors of all of them.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Self {
            requests: middle(Self::per_second),
            seconds: 1.0,
            p50_ms: middle(|found| found.p50_ms),
            p99_ms: middle(|found| found.p99_ms),
            max_ms: middle(|found| found.max_ms),
            errors: rounds.iter().map(|found| found.errors).sum(),
        }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.requests / self.seconds
    }
}

pub(crate) struct Wrk {
    pub(crate) program: PathBuf,
    /// For its script.
    pub(crate) folder: PathBuf,
}

impl Wrk {
    pub(crate) fn run(&self, base: &str, script: &str, time: Duration) -> Found {
        let path = self.folder.join("work.lua");
        fs::write(&path, format!("{script}{DONE}")).unwrap();
        let mut command = Command::new(&self.program);
        command.arg("--threads=1").arg(format!("--connections={CONNECTIONS}")).arg(format!("--duration={}s", time.as_secs()));
        command.arg("--timeout=30s").arg("--script").arg(&path).arg(base).stderr(Stdio::inherit());
        let output = command.output().unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = text.lines().find_map(|line| line.strip_prefix("FOUND ")).unwrap_or_else(|| panic!("wrk found nothing: {text}"));
        serde_json::from_str(found).unwrap()
    }
}
