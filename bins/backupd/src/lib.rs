//! The backup daemon: one file for each subcommand.

mod adopt;
mod confirm;
mod copies;
mod diff;
mod drill;
mod export;
mod http;
mod import;
mod list;
mod memory;
mod metrics;
mod once;
mod open;
mod options;
mod page;
mod pin;
mod ping;
mod progress;
mod prune;
mod restore;
mod run;
mod runner;
mod schedule;
mod scrub;
mod show;
mod source;
mod status;
mod targets;
mod text;
mod textfile;
mod verify;
mod work;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use magnetiq_config::{Program, Settings, Sources};

/// Backups of a Magnetiq site that are proven by restoring them.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    /// The settings file [default: ./magnetiq.toml where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 failed or not whole, 2 wrong command line.";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Once(once::Once),
    List(list::List),
    Show(show::Show),
    Verify(verify::Verify),
    Prune(prune::Prune),
    Diff(diff::Diff),
    Pin(pin::Pin),
    Unpin(pin::Unpin),
    Restore(restore::Restore),
    Adopt(adopt::Adopt),
    Export(export::Export),
    Import(import::Import),
}

/// Runs what the command line says, the name of the program first, and gives its exit code.
pub fn main(command_line: Vec<OsString>) -> ExitCode {
    // Without a default, TLS panics at its first use where more than one provider was linked. A second call is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse_from(command_line);
    magnetiq_service::report(run(arguments))
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::load_for(Program::Backup, Sources::of_process(arguments.config))?;
    match arguments.command {
        Command::Run(command) => command.run(settings),
        Command::Once(command) => command.run(&settings),
        Command::List(command) => command.run(&settings),
        Command::Show(command) => command.run(&settings),
        Command::Verify(command) => command.run(&settings),
        Command::Prune(command) => command.run(&settings),
        Command::Diff(command) => command.run(&settings),
        Command::Pin(command) => command.run(&settings),
        Command::Unpin(command) => command.run(&settings),
        Command::Restore(command) => command.run(&settings),
        Command::Adopt(command) => command.run(&settings),
        Command::Export(command) => command.run(&settings),
        Command::Import(command) => command.run(&settings),
    }
}
