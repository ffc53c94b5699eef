//! The watcher from outside: one file for each subcommand.

mod access;
mod alert;
mod alert_test;
mod alerts;
mod check;
mod dashboard;
mod explain;
mod follow;
mod history;
mod http;
mod incident;
mod keeper;
mod limits;
mod maintenance;
mod metrics;
mod one_page;
mod page;
mod rules;
mod run;
mod selector;
mod shared;
mod sites;
mod status_json;
mod tally;
mod watch;
mod windows;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use magnetiq_config::{Program, Settings, Sources};

/// Whether a Magnetiq site works, seen from outside, and what to do when it does not.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    /// The settings file [default: ./magnetiq.toml where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes of check, as monitoring plugins have them: 0 pass, 1 warn, 2 fail, 3 unknown.\n\
    A wrong command line or wrong settings are 3, too; the other commands end with 1 when they failed.";

/// Nobody knows how the site is.
const UNKNOWN: u8 = 3;

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Explain(explain::Explain),
    Rules(rules::Rules),
    Maintenance(maintenance::Command),
    AlertTest(alert_test::AlertTest),
}

/// Runs what the command line says, the name of the program first, and gives its exit code.
pub fn main(command_line: Vec<OsString>) -> ExitCode {
    // Without a default, TLS panics at its first use where more than one provider was linked. A second call is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::try_parse_from(command_line) {
        Ok(arguments) => arguments,
        Err(error) => {
            // With the terminal gone there is nobody left to tell.
            let _ = error.print();
            // The usual 2 would read as "the site is down".
            return if error.use_stderr() { ExitCode::from(UNKNOWN) } else { ExitCode::SUCCESS };
        }
    };
    let sources = || Settings::load_for(Program::Health, Sources::of_process(arguments.config));
    match arguments.command {
        Command::Run(command) => magnetiq_service::report(sources().map_err(Into::into).and_then(|settings| command.run(&settings))),
        Command::Maintenance(command) => {
            magnetiq_service::report(sources().map_err(Into::into).and_then(|settings| command.run(&settings)))
        }
        Command::Check(command) => match command.run(sources) {
            Ok(status) => ExitCode::from(status.exit_code()),
            Err(error) => {
                magnetiq_service::report(Err(error));
                ExitCode::from(UNKNOWN)
            }
        },
        Command::AlertTest(command) => magnetiq_service::report(command.run(sources)),
        Command::Explain(command) => magnetiq_service::report(command.run()),
        Command::Rules(command) => magnetiq_service::report(command.run()),
    }
}
