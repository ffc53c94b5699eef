//! `cargo xtask`: what developers and CI do with this repository. One file for each command.

mod bench;
mod cargo;
mod cert;
mod data;
mod deploy;
mod dev;
mod doctor;
mod images;
mod manifests;
mod node;
mod output;
mod screenshots;
mod system;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Everything this repository can do for you.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole system: database, sample content, API server and page, rebuilt as you edit
    Dev(dev::Dev),
    /// Prove everything the repository can prove, the same here and in CI
    Test(test::Test),
    /// Write every file that runs a site: Dockerfiles, Compose, nginx, Kubernetes, Argo CD, systemd
    Manifests(manifests::Manifests),
    /// Build the images that run a site, with Docker or Podman
    Images(images::Images),
    /// Make a new version run, or keep the one that does
    Deploy(deploy::Deploy),
    /// Make a version run again that ran before
    Rollback(deploy::Rollback),
    /// The certificate of a site
    Cert(cert::Cert),
    /// Carry the data of a site: down to this machine, up to where it runs
    Data(data::Data),
    /// Measure what is promised in numbers
    Bench(bench::Bench),
    /// Say what is wrong with this machine and this checkout, and which command mends it
    Doctor(doctor::Doctor),
    /// Take a picture of every view, in light and dark, on a desktop and on a phone
    Screenshots(screenshots::Screenshots),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Some(Command::Dev(command)) => command.run(),
        Some(Command::Test(command)) => command.run(),
        Some(Command::Manifests(command)) => command.run(),
        Some(Command::Images(command)) => command.run(),
        Some(Command::Deploy(command)) => command.run(),
        Some(Command::Rollback(command)) => command.run(),
        Some(Command::Cert(command)) => command.run(),
        Some(Command::Data(command)) => command.run(),
        Some(Command::Bench(command)) => command.run(),
        Some(Command::Doctor(command)) => command.run(),
        Some(Command::Screenshots(command)) => command.run(),
        None => Cli::command().print_help().map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::FAILURE
    })
}
