//! `backupd run`: the schedule, the port, the signals.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use magnetiq_tests::{Folder, Server, backupd, check_text_format};
use rustix::process::Signal;
use serde_json::{Value, json};
use ureq::Agent;

use crate::backup::{change_record, list, program, site};

pub(crate) const TOKEN: &str = "a-token-that-nobody-guesses";

pub(crate) fn daemon(folder: &Folder, more: &str) -> Server {
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[backup]\nport = 0\ntoken = \"{TOKEN}\"\n{more}"
    ));
    Server::listening(folder.command_of(backupd(), &["run"]))
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).build().into()
}

fn text(daemon: &Server, path: &str) -> (u16, String) {
    let mut answer = agent().get(format!("http://{}{path}", daemon.address)).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

fn status(daemon: &Server) -> Value {
    serde_json::from_str(&text(daemon, "/status").1).unwrap()
}

fn order(daemon: &Server, token: &str) -> u16 {
    let order = agent().post(format!("http://{}/backups", daemon.address)).header("Authorization", format!("Bearer {token}"));
    order.send_empty().unwrap().status().as_u16()
}

/// Waits until the status fits.
pub(crate) fn wait(daemon: &Server, fits: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let status = status(daemon);
        if fits(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{status:#}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn is_idle(status: &Value) -> bool {
    status["running"].is_null() && !status["last_run"].is_null()
}

#[test]
fn the_first_start_makes_a_backup_and_a_token_makes_more() {
    let (folder, _server, _) = site();
    let daemon = daemon(&folder, "textfile = \"metrics.prom\"\n");
    let first = wait(&daemon, is_idle);
    assert_eq!((&first["state"], &first["last_run"]["ok"], &first["last_run"]["reason"]), (&json!("ok"), &json!(true), &json!("schedule")));
    assert!(first["last_drill_at"].is_string(), "{first:#}");

    assert_eq!((order(&daemon, "wrong"), order(&daemon, "")), (401, 401));
    assert_eq!(order(&daemon, TOKEN), 202);
    assert_eq!(order(&daemon, TOKEN), 409);
    let second = wait(&daemon, |status| is_idle(status) && status["newest"]["id"] != first["newest"]["id"]);
    assert_eq!(
        (&second["last_run"]["reason"], &second["last_run"]["ok"], &second["state"]),
        (&json!("manual"), &json!(true), &json!("ok"))
    );
    assert_eq!(second["backups"]["all"], 1, "of two on one day the retention keeps the newest");

    let (code, metrics) = text(&daemon, "/metrics");
    assert_eq!(code, 200);
    for line in ["magnetiq_backup_last_run_success 1", "magnetiq_backup_backups{state=\"proven\"} 1", "magnetiq_backup_up_to_date 1"] {
        assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
    }
    let written = std::fs::read_to_string(folder.path("metrics.prom")).unwrap();
    assert!(written.contains("magnetiq_backup_newest_proven_timestamp_seconds"), "{written}");
    // node_exporter reads it, and an older Prometheus the page.
    check_text_format(&written);
    check_text_format(&metrics);
    let (code, page) = text(&daemon, "/");
    assert!(code == 200 && page.contains("all is well") && !page.contains("<script"), "{page}");
    assert_eq!(text(&daemon, "/livez").0, 200);
    assert_eq!(text(&daemon, "/elsewhere").0, 404);
    assert_eq!(serde_json::from_str::<Value>(&text(&daemon, "/backups").1).unwrap().as_array().unwrap().len(), 1);
    // A page elsewhere that gave its name this address.
    let answer = agent().get(format!("http://{}/status", daemon.address)).header("Host", "evil.example").call().unwrap();
    assert_eq!(answer.status(), 401);

    daemon.signal(Signal::TERM);
    let (ended, log) = daemon.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
}

#[test]
fn a_folder_that_takes_nothing_more_is_told_all_the_same() {
    let (folder, _server, _) = site();
    folder.run_backupd(&["once"]).check_done();
    // As on a disk that is full or may only be read: what is remembered is the run before, which went well.
    let memory = folder.path("data/backups/backupd.json");
    std::fs::remove_file(&memory).unwrap();
    std::fs::create_dir(&memory).unwrap();
    let more = "config_files = [\"gone.env\"]\ntextfile = \"metrics.prom\"\n";
    folder.settings(&format!("profile = \"development\"\n[backup]\n{more}"));
    let failed = |metrics: &str| {
        for line in ["magnetiq_backup_last_run_success 0", "magnetiq_backup_up_to_date 0"] {
            assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
        }
    };
    folder.run_backupd(&["once"]).check_refused(&["gone.env"]);
    failed(&std::fs::read_to_string(folder.path("metrics.prom")).unwrap());
    let daemon = daemon(&folder, more);
    assert_eq!(order(&daemon, TOKEN), 202);
    let status = wait(&daemon, is_idle);
    assert_eq!((&status["last_run"]["ok"], &status["state"]), (&json!(false), &json!("failed")), "{status:#}");
    failed(&text(&daemon, "/metrics").1);
}

#[test]
fn a_missed_run_is_made_up_for_and_a_fresh_one_is_not() {
    let (folder, _server, _) = site();
    folder.run_backupd(&["once"]).check_done();
    let fresh = daemon(&folder, "");
    std::thread::sleep(Duration::from_secs(1));
    let before = status(&fresh);
    assert_eq!((&before["missed_runs"], &before["running"], &before["state"]), (&json!(0), &Value::Null, &json!("ok")), "{before:#}");
    drop(fresh);

    // As if the machine had been off for two days.
    change_record(&folder, |record| record["summary"]["created_at"] = json!("2026-01-01T02:00:00Z"));
    let late = daemon(&folder, "");
    let status = wait(&late, |status| is_idle(status) && status["last_run"] != before["last_run"]);
    assert_eq!((&status["missed_runs"], &status["last_run"]["ok"]), (&json!(1), &json!(true)), "{status:#}");
    assert_eq!(list(&folder).len(), 2);
}

#[test]
fn a_signal_cleans_up_what_runs() {
    let (folder, _server, _) = site();
    let daemon = daemon(&folder, "");
    wait(&daemon, |status| !status["running"].is_null() || !status["last_run"].is_null());
    daemon.signal(Signal::TERM);
    let (ended, log) = daemon.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
    // The folder for unfinished work stays, and has nothing in it.
    let left = |name: &str| std::fs::read_dir(folder.path(name)).map_or(0, Iterator::count);
    assert_eq!(left("data/backups/.partial"), 0);
    let names: Vec<_> = std::fs::read_dir(folder.path("data/backups")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_str().unwrap().starts_with(".drill")), "{names:?}");
    assert!(list(&folder).len() <= 1);
}

#[test]
fn what_is_left_undone_is_made_up_for_without_a_new_backup() {
    let (folder, _server, _) = site();
    let target = format!("[backup.targets.usb]\nurl = \"file://{}\"\n", folder.path("elsewhere").display());
    folder.settings(&format!("profile = \"development\"\n{target}"));
    folder.run_backupd(&["once"]).check_refused(&["usb", "mounted"]);
    assert_eq!(list(&folder)[0]["proven"], true, "a target that is away keeps no backup from being made");
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    // As if there had been no room for it.
    change_record(&folder, |record| record["verifications"] = json!([]));
    let daemon = daemon(&folder, &target);
    let status = wait(&daemon, |status| status["targets"][0]["copies"] == 1 && is_idle(status));
    assert_eq!((&status["state"], &status["last_run"]["ok"], &status["backups"]["all"]), (&json!("ok"), &json!(true), &json!(1)));
    assert_eq!(list(&folder)[0]["proven"], true);
}

#[test]
fn a_drill_goes_with_its_daemon() {
    let check = |signal: Signal| {
        let (folder, _server, _) = site();
        let pid = folder.path("server.pid");
        program(&folder, &format!("echo $$ >{0}.new; mv {0}.new {0}; exec /bin/sleep 600", pid.display()));
        let daemon = daemon(&folder, "drill_program = \"server.sh\"\n");
        let until = |what: &str, is: &dyn Fn() -> bool| {
            let started = Instant::now();
            while !is() {
                assert!(started.elapsed() < Duration::from_secs(60), "{signal:?}: {what}");
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        until("the drill", &|| pid.exists());
        let server = format!("/proc/{}/cmdline", std::fs::read_to_string(&pid).unwrap().trim());
        daemon.signal(signal);
        daemon.wait();
        until("its end", &|| !std::fs::read_to_string(&server).is_ok_and(|text| text.contains("sleep")));
        folder.run_backupd(&["verify"]).check_done();
        let left: Vec<_> = std::fs::read_dir(folder.path("data/backups/.partial")).unwrap().flatten().map(|entry| entry.path()).collect();
        assert!(left.is_empty(), "{signal:?}: {left:?}");
    };
    check(Signal::TERM);
    check(Signal::KILL);
}

#[test]
fn somebody_elsewhere_is_told_and_is_not_needed() {
    let (folder, _server, _) = site();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ping/uuid", listener.local_addr().unwrap());
    let settings = |url: &str, more: &str| {
        folder.settings(&format!(
            "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[backup]\nping_url = \"{url}\"\n{more}"
        ));
    };
    settings(&url, "config_files = [\"gone.env\"]\n");
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        while heard.len() < 2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            // The head and the body may come apart.
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            while let Ok(more @ 1..) = stream.read(&mut request[length..]) {
                length += more;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nOK").unwrap();
            heard.push(String::from_utf8_lossy(&request[..length]).into_owned());
        }
        heard
    });
    folder.run_backupd(&["once"]).check_refused(&["gone.env"]);
    let heard = heard.join().unwrap();
    assert!(heard[0].starts_with("POST /ping/uuid/start "), "{heard:?}");
    assert!(heard[1].starts_with("POST /ping/uuid/fail ") && heard[1].contains("gone.env"), "{heard:?}");

    // Nobody is there any more.
    settings(&url, "");
    let alone = folder.run_backupd(&["once"]);
    alone.check_done();
    assert!(alone.stderr.contains("the ping was not sent") && !alone.stderr.contains("uuid"), "{alone:?}");
}

#[test]
fn other_machines_need_the_token() {
    let folder = Folder::new();
    folder.run(&["migrate"], "").check_done();
    let open = daemon(&folder, "host = \"0.0.0.0\"\n");
    let get = |authorization: &str| {
        let port = open.address.rsplit_once(':').unwrap().1;
        let request = agent().get(format!("http://127.0.0.1:{port}/status")).header("Authorization", authorization);
        request.call().unwrap().status().as_u16()
    };
    assert_eq!(get("Bearer wrong"), 401);
    assert_eq!(get(&format!("Bearer {TOKEN}")), 200);
    // What a browser sends for the password "a-token-that-nobody-guesses".
    assert_eq!(get("Basic Om5vdCB0aGUgdG9rZW4="), 401);
    assert_eq!(get("Basic YW5hOmEtdG9rZW4tdGhhdC1ub2JvZHktZ3Vlc3Nlcw=="), 200);

    folder.settings("[server]\npublic_url = \"https://magnetiq.test\"\n[auth]\nsecret_key = \"mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C\"\n[backup]\nhost = \"0.0.0.0\"\n");
    folder.run_backupd(&["run"]).check_refused(&["backup.token"]);
}
