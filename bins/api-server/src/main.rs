//! The API server: one thin binary, one file for each subcommand.

mod admin;
mod config;
mod export;
mod import;
mod migrate;
mod open;
mod routes;
mod secrets;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use magnetiq_config::{Settings, Sources};

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
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Admin(admin::Admin),
    Import(import::Import),
    Export(export::Export),
    Config(config::Config),
    Routes(routes::Routes),
    Secrets(secrets::Secrets),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    magnetiq_service::report(run(arguments))
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let settings = Settings::load(Sources::of_process(arguments.config))?;
    match arguments.command {
        Command::Serve(command) => command.run(settings),
        Command::Migrate(command) => command.run(&settings),
        Command::Admin(command) => command.run(&settings),
        Command::Import(command) => command.run(settings),
        Command::Export(command) => command.run(settings),
        Command::Config(command) => command.run(&settings),
        Command::Routes(command) => command.run(&settings),
        Command::Secrets(command) => command.run(&settings),
    }
}
