//! The pages for the person who arrives at 3 a.m.: every check is named there, and every command of ours that they name exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use magnetiq_tests::{api_server, backupd, healthd, program};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn pages() -> Vec<(PathBuf, String)> {
    let runbooks = fs::read_dir(docs().join("operations")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = runbooks.chain([docs().join("troubleshooting.md")]).collect();
    pages.sort();
    pages.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn said(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).env_clear().output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn every_check_of_the_doctors_is_explained() {
    let page = fs::read_to_string(docs().join("troubleshooting.md")).unwrap();
    for list in [said(api_server(), &["doctor", "--list"]), said(&program("xtask"), &["doctor", "--list"])] {
        let list = list.expect("a doctor lists its checks");
        let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(names.len() > 10, "{list}");
        for name in names {
            assert!(page.contains(&format!("`{name}`")), "docs/troubleshooting.md does not tell of the check {name}");
        }
    }
}

/// Lines of shell, and commands within sentences.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (number, block) in page.split("```").enumerate() {
        if number % 2 == 1 {
            commands.extend(block.strip_prefix("sh").into_iter().flat_map(str::lines).map(str::to_owned));
        } else {
            commands.extend(block.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let without_comment = |line: &String| line.split("  #").next().unwrap_or_default().trim_start_matches("# ").to_owned();
    commands.iter().map(without_comment).flat_map(|line| line.split(['|', ';']).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The words of a command of one of our programs, wherever in the line it begins: behind `docker compose exec backend`, `sudo`.
fn ours<'c>(command: &'c str, names: &BTreeSet<&str>) -> Option<Vec<&'c str>> {
    // Of a command within a command, as for ssh, the quotes are the shell's.
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect();
    let at = (0..words.len()).rev().find(|at| {
        let is_xtask = words[*at] == "xtask" && *at > 0 && words[at - 1] == "cargo";
        let is_command = |next: &&str| next.starts_with(|c: char| c.is_ascii_lowercase()) && !names.contains(next);
        (names.contains(words[*at]) || is_xtask) && words.get(at + 1).is_some_and(is_command)
    })?;
    Some(words[at..].to_vec())
}

#[test]
fn every_command_of_ours_that_the_pages_name_exists() {
    let programs: BTreeMap<&str, PathBuf> = [
        ("api-server", api_server().to_owned()),
        ("backupd", backupd().to_owned()),
        ("healthd", healthd().to_owned()),
        ("xtask", program("xtask")),
    ]
    .into();
    let names: BTreeSet<&str> = ["api-server", "backupd", "healthd"].into();
    let mut seen = 0;
    for (path, page) in pages() {
        for command in commands(&page) {
            let Some(words) = ours(&command, &names) else { continue };
            // `backend api-server` of a list of services is no command.
            let (program, rest) = (&programs[words[0]], &words[1..]);
            let subcommands: Vec<&str> = rest
                .iter()
                .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-'))
                .copied()
                .collect();
            let help = (1..=subcommands.len()).rev().find_map(|depth| {
                let mut arguments = subcommands[..depth].to_vec();
                arguments.push("--help");
                said(program, &arguments)
            });
            let help = help.unwrap_or_else(|| panic!("{}: {command:?}: there is no such command", path.display()));
            for flag in rest.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
                let flag = flag.split('=').next().unwrap();
                assert!(help.contains(flag), "{}: {command:?}: {flag} is no flag of it", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn every_page_is_linked_and_every_link_leads_somewhere() {
    let index = fs::read_to_string(docs().join("operations/README.md")).unwrap();
    for (path, page) in pages() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(["README.md", "troubleshooting.md"].contains(&name) || index.contains(name), "{name} is not in docs/operations/README.md");
        for link in page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()).filter(|link| link.ends_with(".md")) {
            assert!(path.parent().unwrap().join(link).is_file(), "{}: {link}", path.display());
        }
    }
}
