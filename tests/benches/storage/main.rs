//! `cargo xtask bench storage`: the promises of `magnetiq-storage` that have a number, against the common practice, on this disk.
//!
//! The table goes to standard output, and what is going on to standard error. `--check` fails where a bar is missed, `--json` is for
//! programs, `--quick` has shorter rounds, `--folder` names another disk. With `--slow-ms` this program measures writes only, for itself
//! with slow syncs.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a bench fails as tests do, and says what it does")]

mod contestants;
mod measure;
mod sections;
mod table;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use magnetiq_tests::Fault;
use serde_json::{Value, json};

use crate::{sections::Pace, table::Row};

const SLOW: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(10)];

#[derive(Default)]
struct Arguments {
    json: bool,
    check: bool,
    quick: bool,
    slow_ms: Option<String>,
    folder: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--json" => arguments.json = true,
                "--check" => arguments.check = true,
                "--quick" => arguments.quick = true,
                "--slow-ms" => arguments.slow_ms = Some(words.next().ok_or("--slow-ms needs a number")?),
                "--folder" => arguments.folder = Some(words.next().ok_or("--folder needs a path")?.into()),
                "--bench" => {} // from `cargo bench`
                other => return Err(format!("unknown argument {other}; known: --json --check --quick --folder PATH")),
            }
        }
        Ok(arguments)
    }

    fn pace(&self) -> Pace {
        if self.quick { Pace::QUICK } else { Pace::FULL }
    }

    /// Beside this program, because a system's folder for temporary files may lie in memory.
    fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().to_owned())
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let folder = arguments.folder();
    if let Some(ms) = &arguments.slow_ms {
        let rows = sections::writes(&format!("fsync {ms} ms"), &folder, arguments.pace());
        print_json(&rows, &Value::Null);
        return ExitCode::SUCCESS;
    }
    let before = load();
    eprintln!("measuring on {}; the load of the machine is {before}", folder.display());
    let mut rows = sections::this_disk(&folder, arguments.pace());
    for slow in SLOW {
        rows.extend(with_slow_sync(slow, &arguments, &folder));
    }
    let machine = json!({
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get), "folder": folder,
        "load_before": before, "load_after": load(), "quick": arguments.quick, "sqlite": magnetiq_storage::rusqlite::version(),
    });
    if arguments.json {
        print_json(&rows, &machine);
    } else {
        let _ = table::print(&rows, &mut std::io::stdout().lock());
    }
    let missed = rows.iter().filter(|row| row.met() == Some(false)).count();
    let barred = rows.iter().filter(|row| row.bar.is_some()).count();
    eprintln!("{} of {barred} bars met; the load of the machine was {before} and is {}", barred - missed, load());
    if arguments.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn print_json(rows: &[Row], machine: &Value) {
    let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    let _ = writeln!(std::io::stdout(), "{}", json!({ "machine": machine, "rows": rows }));
}

/// This program again, below a library that slows syncs down.
fn with_slow_sync(slow: Duration, arguments: &Arguments, folder: &Path) -> Vec<Row> {
    let ms = slow.as_millis().to_string();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--slow-ms", &ms, "--folder"]).arg(folder).stdout(Stdio::piped());
    if arguments.quick {
        command.arg("--quick");
    }
    Fault::SlowSync(slow).preload(&mut command).unwrap_or_else(|missing| panic!("slow syncs cannot be had: {}", missing.0));
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert!(output.status.success(), "the bench with slow syncs: {}", output.status);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["rows"].as_array().unwrap().iter().map(|row| Row::from_json(row).unwrap()).collect()
}

/// Processes that ran or waited, on average of the last minute.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}
