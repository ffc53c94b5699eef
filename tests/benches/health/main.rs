//! `cargo xtask bench health`: what asking a server how it is costs, what it answers while its disk hangs, and what watching costs.
//!
//! The table goes to standard output, and what is going on to standard error. `--check` fails where a bar is missed, `--json` is for
//! programs, `--quick` takes less time. `--api-server` and `--healthd` name the programs; `cargo xtask` finds them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a bench fails as tests do, and says what it does")]

mod asking;
mod watching;

use std::{io::Write, path::PathBuf, process::ExitCode};

use serde_json::json;

#[derive(Default)]
struct Arguments {
    json: bool,
    check: bool,
    quick: bool,
    folder: Option<PathBuf>,
    api_server: Option<PathBuf>,
    healthd: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--json" => arguments.json = true,
                "--check" => arguments.check = true,
                "--quick" => arguments.quick = true,
                "--folder" => arguments.folder = Some(value()?.into()),
                "--api-server" => arguments.api_server = Some(value()?.into()),
                "--healthd" => arguments.healthd = Some(value()?.into()),
                "--bench" => {} // from `cargo bench`
                other => return Err(format!("unknown argument {other}")),
            }
        }
        Ok(arguments)
    }
}

/// A promise with a number.
struct Bar {
    promise: &'static str,
    found: f64,
    most: f64,
    unit: &'static str,
}

impl Bar {
    fn met(&self) -> bool {
        self.found <= self.most
    }
}

fn main() -> ExitCode {
    match Arguments::read() {
        Ok(arguments) => run(&arguments),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> ExitCode {
    let here = arguments.folder.clone().unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().to_owned());
    let mut bars = Vec::new();
    if let Some(program) = &arguments.api_server {
        bars.extend(asking::bars(program, &here, arguments.quick));
    }
    if let Some(program) = &arguments.healthd {
        bars.push(watching::bar(program, &here, arguments.quick));
    }
    let mut out = std::io::stdout().lock();
    let _ = if arguments.json { writeln!(out, "{}", to_json(&bars)) } else { print(&mut out, &bars) };
    let missed = bars.iter().filter(|bar| !bar.met()).count();
    eprintln!("{} of {} bars met", bars.len() - missed, bars.len());
    if arguments.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn to_json(bars: &[Bar]) -> serde_json::Value {
    let bars =
        bars.iter().map(|bar| json!({ "promise": bar.promise, "found": bar.found, "most": bar.most, "unit": bar.unit, "met": bar.met() }));
    json!({ "bars": bars.collect::<Vec<_>>() })
}

fn print(out: &mut impl Write, bars: &[Bar]) -> std::io::Result<()> {
    writeln!(
        out,
        "| {:<72} | {:>10} | {:>10} |        |\n|{:-<74}|{:->11}:|{:->11}:|--------|",
        "promise", "found", "at most", "", "", ""
    )?;
    for Bar { promise, found, most, unit } in bars {
        let met = if found <= most { "met" } else { "MISSED" };
        writeln!(out, "| {promise:<72} | {:>10} | {:>10} | {met:>6} |", format!("{found:.1} {unit}"), format!("{most:.0} {unit}"))?;
    }
    Ok(())
}
