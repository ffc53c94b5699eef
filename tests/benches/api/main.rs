//! `cargo xtask bench api`: the server against PocketBase, with the same data and the same work.
//!
//! The table goes to standard output, and what is going on to standard error. `--check` fails where a bar is missed, `--json` is for
//! programs, `--quick` takes less time. `--api-server`, `--pocketbase` and `--wrk` name the programs; `cargo xtask` finds them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a bench fails as tests do, and says what it does")]

mod magnetiq;
mod pocketbase;
mod report;
mod work;
mod wrk;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use crate::{
    magnetiq::Magnetiq,
    pocketbase::PocketBase,
    report::Report,
    work::{Kind, WORKS},
    wrk::{Found, Wrk},
};

/// How often each is measured.
const ROUNDS: u32 = 3;

#[derive(Default)]
struct Arguments {
    json: bool,
    check: bool,
    quick: bool,
    folder: Option<PathBuf>,
    api_server: PathBuf,
    pocketbase: PathBuf,
    wrk: PathBuf,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self { wrk: "wrk".into(), ..Self::default() };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().map(PathBuf::from).ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--json" => arguments.json = true,
                "--check" => arguments.check = true,
                "--quick" => arguments.quick = true,
                "--folder" => arguments.folder = Some(value()?),
                "--api-server" => arguments.api_server = value()?,
                "--pocketbase" => arguments.pocketbase = value()?,
                "--wrk" => arguments.wrk = value()?,
                "--bench" => {} // from `cargo bench`
                other => return Err(format!("unknown argument {other}")),
            }
        }
        Ok(arguments)
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
    let folder = tempfile::Builder::new().prefix("bench-api-").tempdir_in(here).unwrap();
    let wrk = Wrk { program: arguments.wrk.clone(), folder: folder.path().to_owned() };
    let (rounds, time) = if arguments.quick { (1, Duration::from_secs(3)) } else { (ROUNDS, Duration::from_secs(5)) };
    let mut report = Report::begin();
    eprintln!("filling both with {} pages", work::PAGES);
    let ours = Magnetiq::start(&arguments.api_server, folder.path());
    let theirs = PocketBase::start(&arguments.pocketbase, folder.path());
    for work in WORKS {
        let servers = [("magnetiq", &ours as &dyn work::Server), ("PocketBase", &theirs)];
        // A hundred uploads at once take long on a slow disk, and only those count that come to their end.
        let time = if work.kind == Kind::Upload { time * 3 } else { time };
        let mut found = [Vec::new(), Vec::new()];
        for round in 0..rounds {
            // In turn, and each one first as often as the other: the machine is not the same all the time.
            for place in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                let (name, server) = servers[place];
                eprintln!("{}, round {}: {name}", work.name, round + 1);
                let script = server.script(work.kind);
                if round == 0 {
                    // Once for what is read in and compiled on first use.
                    wrk.run(&server.base(), &script, Duration::from_secs(1));
                }
                found[place].push(wrk.run(&server.base(), &script, time));
            }
        }
        for ((name, _), rounds) in servers.iter().zip(&found) {
            report.add(work, name, Found::median(rounds));
        }
    }
    report.durability("magnetiq", work::Server::durability(&ours));
    report.durability("PocketBase", work::Server::durability(&theirs));
    report.memory("magnetiq", work::Server::peak_bytes(&ours));
    report.memory("PocketBase", work::Server::peak_bytes(&theirs));
    report.print(arguments.json);
    let missed = report.missed();
    if arguments.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Processes that ran or waited, on average of the last minute.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}
