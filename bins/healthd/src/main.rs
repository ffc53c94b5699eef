//! The watcher from outside by itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    healthd::main(std::env::args_os().collect())
}
