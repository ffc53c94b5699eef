//! The API server by itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    api_server::main(std::env::args_os().collect())
}
