//! `cargo xtask dev` without the page: it starts everything, says where, and leaves nothing behind.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use magnetiq_tests::{free_port, program};
use rustix::process::{Pid, Signal, kill_process};

fn dev(data: &Path, port: u16) -> Command {
    let mut command = Command::new(program("xtask"));
    command.args(["dev", "--no-web", "--api-port", &port.to_string(), "--data"]).arg(data);
    // It builds, and what build scripts look at must be what it is outside of tests, else they and all that is built on them are built again.
    for (name, _) in magnetiq_tests::cargo().get_envs() {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads what it prints until it says that it runs.
fn wait_until_running(child: &mut Child) -> String {
    let mut said = String::new();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    while !said.contains("Ctrl-C") {
        let Some(line) = lines.next() else {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("it ended:\n{said}\n{errors}");
        };
        said.push_str(&line.unwrap());
        said.push('\n');
    }
    said
}

/// Processes whose environment or arguments name the folder.
fn processes_of(data: &Path) -> Vec<PathBuf> {
    let name = data.to_str().unwrap().as_bytes();
    let names = |file: PathBuf| std::fs::read(file).is_ok_and(|bytes| bytes.windows(name.len()).any(|window| window == name));
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok().map(|entry| entry.path()));
    processes.filter(|path| names(path.join("environ")) || names(path.join("cmdline"))).collect()
}

#[test]
fn a_developer_has_a_site_and_afterwards_nothing_is_left() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut child = dev(data.path(), port).spawn().unwrap();
    let said = wait_until_running(&mut child);
    for part in ["admin@example.com", "Password", &format!(":{port}"), data.path().to_str().unwrap()] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let pages = ureq::get(format!("http://127.0.0.1:{port}/api/v1/pages")).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(pages.contains("Write pages"), "{pages}");

    // a second one is told who has the port
    let second = dev(&data.path().join("other"), port).output().unwrap();
    let errors = String::from_utf8_lossy(&second.stderr).into_owned() + &String::from_utf8_lossy(&second.stdout);
    assert!(!second.status.success() && errors.contains("api-server") && errors.contains(&port.to_string()), "{errors}");

    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let asked = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(30), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(processes_of(data.path()), Vec::<PathBuf>::new());
}
