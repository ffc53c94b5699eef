//! All programs of a site as one, for images: what they have in common is there once. Which of them it is, says the name that it is called
//! by, as a symbolic link gives it, or else the first word.

use std::{
    ffi::{OsStr, OsString},
    io::{Write, stderr, stdout},
    path::Path,
    process::ExitCode,
};

/// Takes its whole command line, its own name first.
type Program = fn(Vec<OsString>) -> ExitCode;

const PROGRAMS: [(&str, Program); 3] = [("api-server", api_server::main), ("backupd", backupd::main), ("healthd", healthd::main)];

const HELP: &str = "\
Usage: magnetiq PROGRAM [ARGUMENTS]..., or by a link with the name of the program

Programs:
  api-server  the API and the page of a small site
  backupd     backups that are proven by restoring them
  healthd     whether a site works, seen from outside

magnetiq PROGRAM --help says more.
";

/// A wrong command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let command_line: Vec<OsString> = std::env::args_os().collect();
    if let Some(program) = command_line.first().and_then(|name| named(name)) {
        return program(command_line);
    }
    let rest = command_line.get(1..).unwrap_or_default();
    let Some(word) = rest.first() else { return refuse("which program?") };
    match named(word) {
        Some(program) => program(rest.to_vec()),
        None if word == "--help" || word == "-h" => say(&mut stdout(), HELP, ExitCode::SUCCESS),
        None if word == "--version" || word == "-V" => {
            say(&mut stdout(), concat!("magnetiq ", env!("CARGO_PKG_VERSION"), "\n"), ExitCode::SUCCESS)
        }
        None => refuse(&format!("there is no program {}", word.display())),
    }
}

fn named(path: &OsStr) -> Option<Program> {
    let name = Path::new(path).file_name()?;
    PROGRAMS.into_iter().find_map(|(known, program)| (name == known).then_some(program))
}

fn refuse(why: &str) -> ExitCode {
    say(&mut stderr(), &format!("error: {why}\n\n{HELP}"), ExitCode::from(USAGE))
}

fn say(to: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    // With the terminal gone there is nobody left to tell.
    let _ = to.write_all(text.as_bytes());
    code
}
