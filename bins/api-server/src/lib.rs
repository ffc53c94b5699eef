//! The API server: one file for each subcommand.

mod admin;
mod config;
mod doctor;
mod export;
mod import;
mod lost;
mod migrate;
mod open;
mod routes;
mod scrub;
mod secrets;
mod serve;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use magnetiq_config::{Settings, Sources};
use tikv_jemallocator::Jemalloc;

/// For SQLite, too. What one thread asks for and another gives back, as a write and its answer are, goes through a lock in the C library, and
/// what many threads had for a moment stays. `.cargo/config.toml` has its options, crates/api/BENCHMARKS.md what was measured.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Magnetiq's server: the API and the page of a small site, on one SQLite file.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    /// The settings file [default: ./magnetiq.toml where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    OfSite(OfSite),
    Doctor(doctor::Doctor),
}

/// What needs settings that are right.
#[derive(Debug, Subcommand)]
enum OfSite {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Admin(admin::Admin),
    Import(import::Import),
    Export(export::Export),
    Config(config::Config),
    Routes(routes::Routes),
    Secrets(secrets::Secrets),
    Scrub(scrub::Scrub),
}

/// Runs what the command line says, the name of the program first, and gives its exit code.
pub fn main(command_line: Vec<OsString>) -> ExitCode {
    let arguments = Arguments::parse_from(command_line);
    let settings = || Settings::load(Sources::of_process(arguments.config.clone()));
    let command = match arguments.command {
        // It says itself what is wrong with the settings.
        Command::Doctor(command) => return command.run(settings),
        Command::OfSite(command) => command,
    };
    magnetiq_service::report(settings().map_err(Into::into).and_then(|settings| run(command, settings)))
}

fn run(command: OfSite, settings: Settings) -> anyhow::Result<()> {
    match command {
        OfSite::Serve(command) => command.run(settings),
        OfSite::Migrate(command) => command.run(&settings),
        OfSite::Admin(command) => command.run(&settings),
        OfSite::Import(command) => command.run(settings),
        OfSite::Export(command) => command.run(settings),
        OfSite::Config(command) => command.run(&settings),
        OfSite::Routes(command) => command.run(&settings),
        OfSite::Secrets(command) => command.run(&settings),
        OfSite::Scrub(command) => command.run(&settings),
    }
}
