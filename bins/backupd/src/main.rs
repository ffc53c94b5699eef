//! The backup daemon by itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    backupd::main(std::env::args_os().collect())
}
