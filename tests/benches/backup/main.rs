//! `cargo xtask bench backup`: the promises of `magnetiq-backup` and `backupd` that have a number, against what people use.
//!
//! The tables go to standard output, and what is going on to standard error. `--check` fails where a bar is missed, `--json` is for
//! programs, `--quick` has a tenth of the data, `--folder` names another disk, `--rounds` says how often each is measured.
//! `--backupd` and `--pocketbase` name the programs; `cargo xtask` finds them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a bench fails as tests do, and says what it does")]

mod contestants;
mod measure;
mod ours;
mod pocketbase;
mod prose;
mod report;
mod rounds;
mod site;
mod writer;

use std::{io::Write, path::PathBuf, process::ExitCode};

use serde_json::json;

use crate::{
    contestants::{Contestant, OURS},
    report::Report,
    rounds::{Entrant, Place, compete, pocketbase},
    site::{Site, Size},
};

#[derive(Default)]
struct Arguments {
    json: bool,
    check: bool,
    quick: bool,
    folder: Option<PathBuf>,
    rounds: Option<usize>,
    /// Parts of names: who takes part.
    only: Vec<String>,
    backupd: Option<PathBuf>,
    pocketbase: Option<PathBuf>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--json" => arguments.json = true,
                "--check" => arguments.check = true,
                "--quick" => arguments.quick = true,
                "--folder" => arguments.folder = Some(value()?.into()),
                "--rounds" => arguments.rounds = Some(value()?.parse().map_err(|error| format!("--rounds: {error}"))?),
                "--only" => arguments.only.push(value()?),
                "--backupd" => arguments.backupd = Some(value()?.into()),
                "--pocketbase" => arguments.pocketbase = Some(value()?.into()),
                "--bench" => {} // from `cargo bench`
                other => return Err(format!("unknown argument {other}")),
            }
        }
        Ok(arguments)
    }

    fn takes_part(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "--measure").is_some() {
        measure::child(words);
        return ExitCode::SUCCESS;
    }
    if words.next_if(|word| word == "--create").is_some() {
        ours::create(words);
        return ExitCode::SUCCESS;
    }
    match Arguments::read(words) {
        Ok(arguments) => run(&arguments),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> ExitCode {
    // Beside this program, because a system's folder for temporary files may lie in memory.
    let here = arguments.folder.clone().unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().to_owned());
    let folder = tempfile::Builder::new().prefix("bench-backup-").tempdir_in(here.canonicalize().unwrap()).unwrap();
    let size = if arguments.quick { Size::FULL.tenth() } else { Size::FULL };
    let before = load();
    eprintln!("making the site in {}; the load of the machine is {before}", folder.path().display());
    let site = Site::generate(&folder.path().join("site"), size);
    let bytes = [measure::size_bytes(&site.media()), site.database().metadata().unwrap().len()];
    let machine = |after: String| {
        json!({
            "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get), "folder": here, "quick": arguments.quick,
            "load_before": before, "load_after": after, "database_bytes": bytes[1], "media_bytes": bytes[0],
            "sqlite": magnetiq_storage::rusqlite::version(),
        })
    };
    eprintln!("database {} MB, media {} MB", bytes[1] / 1_000_000, bytes[0] / 1_000_000);
    let place = Place { site, folder: folder.path().to_owned(), backupd: arguments.backupd.clone().unwrap_or_default() };
    let ours = OURS.into_iter().filter(|_| arguments.backupd.is_some());
    let contestants = ours.chain(Contestant::OTHERS).filter(|contestant| arguments.takes_part(contestant.name));
    let mut entrants: Vec<Entrant> = contestants.map(|contestant| Entrant::new(contestant, &place)).collect();
    let rounds = arguments.rounds.unwrap_or(if arguments.quick { 2 } else { 3 });
    let program = arguments.pocketbase.as_ref().filter(|_| arguments.takes_part("PocketBase"));
    let pocketbase = program.map(|program| pocketbase(program, &place, rounds));
    let alone = compete(&mut entrants, &place, rounds);
    let new_media_bytes = measure::size_bytes(&place.site.media()) - bytes[0];
    let report = Report { entrants, pocketbase, alone, new_media_bytes };
    let mut out = std::io::stdout().lock();
    let _ = if arguments.json { writeln!(out, "{}", report.to_json(&machine(load()))) } else { report.print(&mut out) };
    let bars = report.bars();
    let missed: Vec<&str> = bars.iter().filter(|bar| !bar.met()).map(|bar| bar.promise.as_str()).collect();
    eprintln!("{} of {} bars met; the load of the machine was {before} and is {}", bars.len() - missed.len(), bars.len(), load());
    for promise in &missed {
        eprintln!("missed: {promise}");
    }
    let failed = report.entrants.iter().any(|entrant| entrant.is_ours() && !entrant.problems.is_empty());
    if arguments.check && (failed || !missed.is_empty()) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Processes that ran or waited, on average of the last minute.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}
