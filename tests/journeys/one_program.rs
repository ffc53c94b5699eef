//! The three programs as one, as images have them, and what all of their commands do alike.

use std::{
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use magnetiq_tests::{Folder, api_server, backupd, healthd, program};
use tempfile::TempDir;

const NAMES: [&str; 3] = ["api-server", "backupd", "healthd"];

/// A folder with the program, and a link to it for each name.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    symlink(program("magnetiq"), folder.path().join("magnetiq")).unwrap();
    for name in NAMES {
        symlink("magnetiq", folder.path().join(name)).unwrap();
    }
    folder
}

/// Exit code, and what it said.
fn run(program: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(program).args(arguments).env_clear().output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn its_name_says_which_program_it_is_or_the_first_word() {
    let folder = folder();
    let all = folder.path().join("magnetiq");
    for (name, alone) in NAMES.into_iter().zip([api_server(), backupd(), healthd()]) {
        for arguments in [&["--help"][..], &["--version"], &["nonsense"], &[]] {
            let expected = run(alone, arguments);
            assert_eq!(run(&folder.path().join(name), arguments), expected, "{name} {arguments:?}, by its link");
            assert_eq!(run(&all, &[&[name], arguments].concat()), expected, "{name} {arguments:?}, by the first word");
        }
    }
}

#[test]
fn without_a_program_it_says_which_ones_there_are() {
    let folder = folder();
    let all = folder.path().join("magnetiq");
    for (arguments, why) in [(&[][..], "which program?"), (&["serve"], "there is no program serve"), (&["--config", "x"], "--config")] {
        let (code, _, said) = run(&all, arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(why) && NAMES.iter().all(|name| said.contains(name)), "{said}");
    }
    let (code, shown, _) = run(&all, &["--help"]);
    assert!(code == Some(0) && NAMES.iter().all(|name| shown.contains(name)), "{shown}");
}

/// What a command answers goes to a reader that may be gone, or to a file on a full disk.
#[test]
fn an_answer_that_nobody_reads_is_no_failure_and_one_that_is_lost_is_one() {
    let folder = Folder::new();
    folder.run(&["migrate"], "").check_done();
    std::fs::create_dir(folder.path("data/media")).unwrap();
    folder.run_backupd(&["once"]).check_done();
    let commands: [(&Path, &[&str]); 6] = [
        (api_server(), &["routes"]),
        (api_server(), &["config", "--json"]),
        (api_server(), &["migrate", "--json"]),
        (backupd(), &["list", "--json"]),
        (backupd(), &["prune", "--dry-run"]),
        (healthd(), &["explain"]),
    ];
    for (program, arguments) in commands {
        let run = |to: Stdio| {
            let output = folder.command_of(program, arguments).stdout(to).stderr(Stdio::piped()).output().unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (code, said) = run(writer.into());
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        let (code, said) = run(std::fs::File::options().write(true).open("/dev/full").unwrap().into());
        assert!(code == Some(1) && said.contains("cannot write the answer"), "{arguments:?}: {code:?} {said}");
    }
}
