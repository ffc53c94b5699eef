//! Faults between the server and the world.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magnetiq_tests::{Folder, Server, backupd, free_port, healthd};
use rustix::process::geteuid;

use super::{PRODUCTION, apart, check, fake, finding, fine, look, may_unshare, mode, open_folder, run, seen, shell, site, until};

/// Somebody else's program that listens on a port: whoever comes is told this, and then nothing any more.
pub(super) struct Listener {
    pub(super) port: u16,
    child: Child,
}

impl Listener {
    pub(super) fn start(port: u16, says: &str) -> Self {
        let script = "import socket, sys\nserver = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nkept = []\nwhile True:\n    \
            kept.append(server.accept()[0])\n    kept[-1].sendall(sys.argv[2].encode())";
        Self::of(port, &["-c", script, &port.to_string(), says])
    }

    /// A web server, which answers.
    fn web(port: u16) -> Self {
        Self::of(port, &["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()])
    }

    fn of(port: u16, arguments: &[&str]) -> Self {
        let mut python = Command::new("python3");
        let child = python.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "python3 does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, child }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings for development of a server on this port, however full the disk of this machine is.
pub(super) fn serving(folder: &Folder, port: u16) {
    folder.settings(&on_port(port));
}

fn on_port(port: u16) -> String {
    format!(
        "profile = 'development'\n[server]\nport = {port}\n[log]\nformat = 'json'\n[backup]\nport = 0\n[healthd]\nport = 0\n\
         [health]\ndisk_warn_percent = 100\ndisk_fail_percent = 100\n"
    )
}

#[test]
fn a_port_that_another_program_holds() {
    let (folder, other) = (site(), Folder::new());
    let port = free_port();
    serving(&folder, port);
    fine(&look(&folder, "ports"));
    serving(&other, port);
    let server = Server::start_new(&other);
    check(&folder, "", "ports", "error", &format!("port {port} (server.port) is held by api-server (process {})", server.pid()));
    assert!(server.wait().0.success(), "it was asked to end");
    let server = Server::start(&folder);
    fine(&look(&folder, "ports"));
    drop(server);
}

#[test]
fn each_port_that_a_program_of_ours_listens_on() {
    let folder = site();
    for setting in ["backup.port", "healthd.port", "health.metrics_port"] {
        let (name, port) = (setting.split_once('.').unwrap(), free_port());
        let ports = [("backup", "port"), ("healthd", "port")].map(|of| if of == name { port } else { 0 });
        let mut settings = format!("[backup]\nport = {}\n[healthd]\nport = {}\n", ports[0], ports[1]);
        if name.0 == "health" {
            settings += &format!("[health]\nmetrics_port = {port}\n");
        }
        folder.settings(&format!("profile = 'development'\n[server]\nport = 0\n{settings}"));
        fine(&look(&folder, "ports"));
        let other = Listener::start(port, "");
        let held = finding(&look(&folder, "ports"), "error", &format!("port {port} ({setting}) is held by python"));
        run(&folder, held["command"].as_str().unwrap());
        until(&folder, "ports", |entry| entry["status"] == "fine");
        drop(other);
    }
}

const AS_ANOTHER: &str = "setpriv --reuid 12345 --clear-groups api-server doctor --json --only ports";

/// Another user may run the doctor here; said where not.
fn for_another_user(settings: &str) -> Option<Folder> {
    if !geteuid().is_root() {
        crate::proof::skip("only root can look as another user");
        return None;
    }
    let folder = open_folder();
    fake(&folder, "sudo", "exec \"$@\"");
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    fs::create_dir(folder.path("data")).unwrap();
    folder.settings(settings);
    for name in ["bin", "data"] {
        mode(&folder.path(name), 0o755);
    }
    mode(&folder.path("magnetiq.toml"), 0o644);
    Some(folder)
}

#[test]
fn a_port_that_a_program_of_another_user_holds() {
    let port = free_port();
    let Some(folder) = for_another_user(&on_port(port)) else { return };
    let says = format!("port {port} (server.port) is held by a program of another user or container");
    for (answers, severity, more) in
        [(false, "warning", ", which does not answer"), (true, "error", ", and not by api-server of this site")]
    {
        let other = if answers { Listener::web(port) } else { Listener::start(port, "") };
        let entry = seen(shell(&folder, AS_ANOTHER)).remove(0);
        let found = finding(&entry, severity, &format!("{says}{more}"));
        // It names who has to be asked.
        let named = run(&folder, found["command"].as_str().unwrap());
        assert!(named.contains("python") && named.contains(&format!("pid={},", other.child.id())), "{named}");
        drop(other);
        fine(&seen(shell(&folder, AS_ANOTHER)).remove(0));
    }
    let elsewhere = Folder::new();
    serving(&elsewhere, port);
    let other = Server::start(&elsewhere);
    finding(&seen(shell(&folder, AS_ANOTHER))[0], "error", &format!("{says}, and not by api-server of this site"));
    drop(other);
}

/// As in units, which have users of their own, and in a pod with several containers: our own programs are not seen, and say who they are.
#[test]
fn ports_that_our_programs_hold_unseen() {
    let free: Vec<TcpListener> = (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = free.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
    drop(free);
    let Some(folder) = for_another_user(&format!(
        "profile = 'development'\n[server]\nport = {}\n[log]\nformat = 'json'\n[backup]\nport = {}\n[healthd]\nport = {}\n\
         [health]\nmetrics_port = {}\n",
        ports[0], ports[1], ports[2], ports[3]
    )) else {
        return;
    };
    let server = Server::start(&folder);
    let others = [backupd(), healthd()].map(|program| Server::listening(folder.command_of(program, &["run"])));
    mode(&folder.path("data/magnetiq.sqlite3.lock"), 0o644);
    let entry = seen(shell(&folder, AS_ANOTHER)).remove(0);
    fine(&entry);
    drop((server, others));
    for (port, setting) in ports.iter().zip(["server.port", "backup.port", "healthd.port", "health.metrics_port"]) {
        let other = Listener::web(*port);
        let says = format!("port {port} ({setting}) is held by a program of another user or container, and not by ");
        finding(&seen(shell(&folder, AS_ANOTHER))[0], "error", &says);
        drop(other);
    }
}

#[test]
fn a_name_that_leads_nowhere() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.magnetiq-doctor.invalid"));
    let hosts =
        "cp /etc/hosts hosts; mount --bind hosts /etc/hosts\ndoctor dns\necho '127.0.0.1 www.magnetiq-doctor.invalid' >> hosts\ndoctor dns";
    let looks = seen(apart(&folder, "--mount", hosts));
    // The record is set at the provider: the command tells whether it is there by now.
    let command = finding(&looks[0], "error", "www.magnetiq-doctor.invalid")["command"].as_str().unwrap().to_owned();
    fine(&looks[1]);
    let asked = hosts.replace("doctor dns", &format!("{command}; echo $?"));
    let asked = String::from_utf8(apart(&folder, "--mount", &asked).output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = asked.lines().collect();
    assert!(lines[0] != "0" && lines[1].starts_with("127.0.0.1") && lines[2] == "0", "{asked}");
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.example.com"));
    let mapped = "cp /etc/hosts hosts; echo '127.0.0.1 www.example.com www.your-site.org' >> hosts; mount --bind hosts /etc/hosts";
    let entry = seen(apart(&folder, "--mount", &format!("{mapped}\ndoctor dns"))).remove(0);
    let command = finding(&entry, "warning", "a name of examples")["command"].as_str().unwrap().to_owned();
    fine(&seen(apart(&folder, "--mount", &format!("{mapped}\n{command}\ndoctor dns"))).remove(0));
}

/// A name server that answers each question after so many seconds.
const NAMES: &str = "import socket, sys, threading
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 53))
open('bound', 'w')
def answer(query, asker):
    end = query.index(0, 12) + 5
    found = query[end - 3] == 1
    head = query[:2] + bytes([0x81, 0x80, 0, 1, 0, found, 0, 0, 0, 0])
    record = bytes([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]) if found else b''
    server.sendto(head + query[12:end] + record, asker)
while True:
    threading.Timer(float(sys.argv[1]), answer, server.recvfrom(512)).start()
";

#[test]
fn a_name_server_that_says_nothing_or_takes_its_time() {
    // With a network of its own nobody else is asked, and its ports are free.
    if !may_unshare("-mn") {
        return;
    }
    let folder = Folder::new();
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.magnetiq-doctor.invalid"));
    fs::write(folder.path("names.py"), NAMES).unwrap();
    fs::write(folder.path("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n").unwrap();
    fs::write(folder.path("nsswitch.conf"), "hosts: files dns\n").unwrap();
    let script = "ip link set lo up\nfor name in resolv nsswitch; do mount --bind $name.conf /etc/$name.conf; done\n\
        for seconds in 3600 3 0; do\nrm -f bound; python3 names.py $seconds & while [ ! -e bound ]; do sleep 0.02; done\n\
        doctor dns\n[ $seconds != 0 ] || COMMAND\nkill $!; wait $! || :\ndone";
    let looks = seen(apart(&folder, "-mn", &script.replace("COMMAND", ":")));
    let silent = finding(&looks[0], "error", "no name server has answered for www.magnetiq-doctor.invalid");
    let late = finding(&looks[1], "warning", "time to the answer: ");
    fine(&looks[2]);
    assert_eq!(silent["command"], late["command"]);
    let quick = script.replace("3600 3 0", "0").replace("doctor dns", ":").replace("COMMAND", late["command"].as_str().unwrap());
    let answer = String::from_utf8(apart(&folder, "-mn", &quick).output().unwrap().stdout).unwrap();
    assert!(answer.starts_with("127.0.0.1"), "it tells whether a name server answers by now: {answer}");
}
