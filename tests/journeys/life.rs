//! Start, work, stop, start again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use magnetiq_tests::{EMAIL, Folder, PASSWORD, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

#[test]
fn from_nothing_to_a_page_that_survives_a_restart() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    let (status, page) = ana.post("/api/v1/admin/pages", &json!({ "title": "Hello", "body": "first" })).unwrap();
    assert_eq!((status, &page["slug"]), (201, &json!("hello")));
    server.signal(Signal::TERM);
    let (ended, log) = server.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
    assert!(!folder.path("data/magnetiq.sqlite3-wal").exists(), "the write-ahead log went into the database");

    let server = Server::start(&folder);
    let (status, found) = server.sign_in().get(&format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())).unwrap();
    assert_eq!((status, &found["body"]), (200, &json!("first")));
}

#[test]
fn a_stop_finishes_what_runs() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    let (acknowledge, acknowledged) = std::sync::mpsc::channel();
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let (ana, acknowledge) = (ana.clone(), acknowledge.clone());
            std::thread::spawn(move || {
                let mut done = Vec::new();
                for n in 0.. {
                    let title = format!("Page {client}-{n}");
                    // refused or cut off before it was taken: the server is going
                    match ana.post("/api/v1/admin/pages", &json!({ "title": title })) {
                        Ok((201, page)) => {
                            done.push(page["id"].as_str().unwrap().to_owned());
                            let _ = acknowledge.send(());
                        }
                        Ok((status, answer)) => panic!("{status} {answer}"),
                        Err(_) => return done,
                    }
                }
                done
            })
        })
        .collect();
    // In the middle of it.
    (0..20).for_each(|_| acknowledged.recv().unwrap());
    let asked = Instant::now();
    server.signal(Signal::TERM);
    let (ended, log) = server.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
    assert!(asked.elapsed() < Duration::from_secs(60), "it gives up after its deadline of 10 s");
    let acknowledged: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    assert!(!acknowledged.is_empty());
    let server = Server::start(&folder);
    let ana = server.sign_in();
    for id in acknowledged {
        assert_eq!(ana.get(&format!("/api/v1/admin/pages/{id}")).unwrap().0, 200, "{id}");
    }
}

#[test]
fn a_stop_waits_for_whom_it_answers_and_for_nobody_else() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    // More than what lies on the way between the two.
    let content = "0123456789abcde\n".repeat(1 << 20);
    let (status, _, media) = server.sign_in().upload("large.txt", content.as_bytes()).unwrap();
    assert_eq!(status, 201, "{media}");
    let mut idle = ask(&server, "/livez");
    assert!(idle.read(&mut [0; 16 << 10]).unwrap() > 0, "it is answered, and the connection kept");
    let mut slow = ask(&server, media["url"].as_str().unwrap());
    slow.read_exact(&mut [0; 1]).unwrap();
    server.signal(Signal::TERM);
    assert_eq!(idle.read(&mut [0; 16]).unwrap(), 0, "closed, although the other one goes on");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with(&content), "whole, although nobody has read it before: {} bytes", answer.len());
    let (ended, log) = server.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
}

fn ask(server: &Server, path: &str) -> TcpStream {
    let mut connection = TcpStream::connect(&server.address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    connection
}

#[test]
fn accounts_are_made_on_the_command_line() {
    let folder = Folder::new();
    let create = ["admin", "create", "--email", EMAIL, "--name", "Ana", "--password-stdin"];
    assert_eq!(folder.run(&create, PASSWORD).check_done(), "created ana@example.com\n");
    folder.run(&create, PASSWORD).check_refused(&["There is an account for ana@example.com already"]);
    folder.run(&["admin", "create", "--email", "ana", "--name", " ", "--password-stdin"], "short").check_refused(&[
        "no e-mail address",
        "A name has 1 to 100",
        "at least 12 characters",
    ]);
    let list: serde_json::Value = serde_json::from_str(folder.run(&["admin", "list", "--json"], "").check_done()).unwrap();
    assert_eq!((&list[0]["email"], list.as_array().unwrap().len()), (&json!(EMAIL), 1));
    assert!(!list.to_string().contains("argon2"), "{list}");
    let reset = ["admin", "reset-password", "--email", EMAIL, "--password-stdin"];
    folder.run(&reset, "another horse battery").check_done();
    let without = [&reset[..], &["--without-second-factor"]].concat();
    assert_eq!(folder.run(&without, "another horse battery").check_done(), "ana@example.com has a new password; its sessions ended\n");
    let server = Server::start(&folder);
    let login = |password: &str| server.client().post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": password })).unwrap().0;
    assert_eq!((login(PASSWORD), login("another horse battery")), (401, 200));
    // the server alone writes its database, and others read it beside
    folder.run(&reset, PASSWORD).check_refused(&["is open in api-server"]);
    assert!(folder.run(&["admin", "list"], "").check_done().contains(EMAIL));
}

#[test]
fn a_folder_of_markdown_becomes_a_site() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("content")).unwrap();
    std::fs::write(folder.path("content/good.md"), "# Good\n\ntext").unwrap();
    assert!(folder.run(&["import", "content"], "").check_done().starts_with("1 pages created, 0 updated, 0 unchanged"));
    assert!(folder.run(&["import", "content"], "").check_done().starts_with("0 pages created, 0 updated, 1 unchanged"));
    std::fs::write(folder.path("content/bad.md"), "---\ntitle: [\n---\n").unwrap();
    folder.run(&["import", "content"], "").check_refused(&["bad.md:", "no YAML", "1 of 2 files did not go in"]);
    folder.run(&["import", "nowhere"], "").check_refused(&["nowhere is not there"]);
    let server = Server::start(&folder);
    assert_eq!(server.client().get("/api/v1/pages/good").unwrap().1["title"], "Good");
}

#[test]
fn the_settings_are_shown_with_their_origin_and_without_secrets() {
    let folder = Folder::new();
    folder.settings("profile = \"development\"\n[server]\nport = 4000\n");
    let secret = "an-own-secret-that-is-long-enough-to-be-one";
    let output = folder.command(&["config"]).env("SECRET_KEY", secret).env("MAGNETIQ__SITE__TITLE", "Mine").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |key: &str| text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().to_owned();
    assert!(line("server.port").contains("4000") && line("server.port").contains("magnetiq.toml:3"), "{text}");
    assert!(line("site.title").contains("Mine") && line("site.title").contains("MAGNETIQ__SITE__TITLE"), "{text}");
    assert!(line("auth.secret_key").contains("SECRET_KEY"), "{text}");
    assert!(line("log.level").contains("default"), "{text}");
    assert!(!text.contains(secret));
}

#[test]
fn the_commands_of_the_readme_start_a_production_site() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = Folder::new();
    let makes = |line: &&str| line.starts_with("printf ") || line.starts_with("[ -e secret-key ]");
    for line in readme.lines().filter(makes) {
        assert!(Command::new("sh").args(["-c", line]).current_dir(folder.path(".")).status().unwrap().success(), "{line}");
    }
    let exports: Vec<_> = readme.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('=')).collect();
    assert_eq!(exports, [("SECRET_KEY_FILE", "secret-key")]);
    let mut create = folder.command(&["admin", "create", "--email", EMAIL, "--name", "Ana", "--password-stdin"]);
    let mut child = create.envs(exports.clone()).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    // In the second terminal, which has none of these.
    folder.run_backupd(&["list"]).check_done();
    // What the file does not fix, administrators change.
    let settings = folder.command(&["config", "--json"]).envs(exports).output().unwrap();
    let settings: Value = serde_json::from_slice(&settings.stdout).unwrap();
    let fixed = settings.as_array().unwrap().iter().filter(|setting| setting["origin"].as_str().unwrap().contains("magnetiq.toml"));
    assert_eq!(fixed.map(|setting| setting["key"].as_str().unwrap()).collect::<Vec<_>>(), ["server.public_url"]);
}
