//! What the server gives up when something is wrong, and what it keeps: with real disks that are full, and real locks.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Server, api_server};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::proof::skip;

const TOKEN: &str = "b6f0c2d1e4a3958776655443";
const MIB: usize = 1 << 20;

/// Quick to notice, and small enough for a disk in memory.
fn settings(folder: &Folder, more: &str) {
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\ndrain_ms = 2000\n[log]\nformat = \"json\"\n[database]\nbusy_timeout_ms = 500\n[health]\n\
         token = \"{TOKEN}\"\ndisk_interval_ms = 200\nuploads_min_free_bytes = {}\nwrites_min_free_bytes = {}\nwriter_stalled_ms = 300\n{more}",
        24 * MIB,
        8 * MIB
    ));
}

/// A command in a mount namespace of its own, which goes with the process; `None` where that cannot be had.
fn mounted(folder: &Folder, script: &str) -> Option<Command> {
    let mut namespace = vec!["--mount"];
    if !rustix::process::geteuid().is_root() {
        namespace.extend(["--user", "--map-root-user"]);
    }
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.current_dir(folder.path("")).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(&namespace).args(["sh", "-ec", script]).arg(api_server());
        command
    };
    fs::create_dir_all(folder.path("data/media")).unwrap();
    if !unshare("mount -t tmpfs -o size=1m magnetiq data").status().is_ok_and(|status| status.success()) {
        skip("a small file system cannot be mounted here (it needs root, or user namespaces)");
        return None;
    }
    Some(unshare(script))
}

fn create_admin() -> String {
    format!("printf '%s' '{PASSWORD}' | \"$0\" admin create --email {EMAIL} --name Ana --password-stdin >/dev/null")
}

/// A place as a server sees it that has mounts of its own.
fn inside(server: &Server, folder: &Folder, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}", server.pid(), folder.path(name).display()))
}

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}: it never came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
fn until_feature(client: &Client, id: &str, availability: &str) {
    until(&format!("{id} {availability}"), || {
        let (_, features) = client.get("/health/features").ok()?;
        let feature = features["features"].as_array()?.iter().find(|feature| feature["id"] == id)?;
        (feature["availability"] == availability).then_some(())
    });
}

fn write(client: &Client, title: &str) -> (u16, String, Value) {
    let body = json!({ "title": title, "body": "text" }).to_string();
    let (status, headers, text) =
        client.send("POST", "/api/v1/admin/pages", &[("content-type", "application/json")], body.as_bytes()).unwrap();
    let retry = headers.get("retry-after").map_or("", |value| value.to_str().unwrap()).to_owned();
    (status, retry, serde_json::from_str(&text).unwrap())
}

fn tree(client: &Client) -> String {
    client.send("GET", "/health", &[("authorization", &format!("Bearer {TOKEN}"))], b"").unwrap().2
}

/// All but so many bytes of the file system at `folder` are taken by a file.
fn fill(folder: &std::path::Path, leave_bytes: usize) {
    let stat = rustix::fs::statvfs(folder).unwrap();
    let free = usize::try_from(stat.f_bavail * stat.f_frsize).unwrap();
    fs::write(folder.join("fill"), vec![1; free.saturating_sub(leave_bytes)]).unwrap();
}

#[test]
fn a_disk_that_fills_up_loses_uploads_then_writes_and_never_reads() {
    let folder = Folder::new();
    settings(&folder, "");
    let script = format!("mount -t tmpfs -o size=80m magnetiq data; {}; exec \"$0\" serve", create_admin());
    let Some(command) = mounted(&folder, &script) else { return };
    let server = Server::listening(command);
    let data = inside(&server, &folder, "data");
    let client = server.sign_in();
    let (status, _, page) = write(&client, "Before");
    assert_eq!(status, 201, "{page}");
    let (status, _, media) = client.upload("a.txt", b"some text").unwrap();
    assert_eq!(status, 201, "{media}");

    fill(&data, 16 * MIB);
    until_feature(&client, "media-upload", "unavailable");
    let (status, _, problem) = client.upload("b.txt", b"other text").unwrap();
    assert_eq!((status, &problem["code"]), (507, &json!("disk-low")), "{problem}");
    assert_eq!(write(&client, "Between").0, 201, "pages are still written");

    fs::remove_file(data.join("fill")).unwrap();
    fill(&data, 6 * MIB);
    until_feature(&client, "editing", "unavailable");
    let (status, retry, problem) = write(&client, "After");
    assert_eq!((status, retry.as_str(), &problem["code"]), (503, "30", &json!("read-only")), "{problem}");
    assert_eq!(client.get(&format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())).unwrap().0, 200);
    assert_eq!(client.get(media["url"].as_str().unwrap()).unwrap().0, 200);
    assert!(tree(&client).contains("nothing is saved, because the disk is nearly full"));
    assert_eq!(client.get("/readyz").unwrap().0, 200, "who reads is served");
    server.sign_in();
    let path = format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap());
    assert_eq!(client.send("DELETE", &path, &[], b"").unwrap().0, 204, "what frees space is done");

    fs::remove_file(data.join("fill")).unwrap();
    until_feature(&client, "media-upload", "available");
    assert_eq!(write(&client, "After").0, 201);
    assert_eq!(client.upload("b.txt", b"other text").unwrap().0, 201);
}

#[test]
fn a_server_on_a_full_disk_comes_up_read_only_and_says_so() {
    let folder = Folder::new();
    settings(&folder, "");
    let script = format!(
        "mount -t tmpfs -o size=48m magnetiq data; {}
         \"$0\" serve 2>/dev/null & pid=$!
         while [ ! -s data/magnetiq.sqlite3.reserve ]; do sleep 0.1; done
         kill -TERM $pid; wait $pid
         dd if=/dev/zero of=data/fill bs=4k 2>/dev/null || true
         [ \"$(df --output=avail data | tail -1)\" -eq 0 ]
         exec \"$0\" serve",
        create_admin()
    );
    let Some(command) = mounted(&folder, &script) else { return };
    let server = Server::listening(command);
    let data = inside(&server, &folder, "data");
    assert!(!data.join("magnetiq.sqlite3.reserve").exists(), "the space that was kept is given up");
    let client = server.client();
    until("ready", || (client.get("/readyz").ok()?.0 == 200).then_some(()));
    let client = server.sign_in();
    assert_eq!(client.get("/api/v1/pages").unwrap().0, 200);
    let (status, _, problem) = write(&client, "No");
    assert_eq!((status, &problem["code"]), (503, &json!("read-only")), "{problem}");
    assert_eq!(client.upload("a.txt", b"x").unwrap().0, 503);
    assert_eq!(client.get("/health").unwrap(), (503, json!({ "status": "fail" })));
    assert!(tree(&client).contains("nothing is saved, because the disk is nearly full"));

    fs::remove_file(data.join("fill")).unwrap();
    until_feature(&client, "editing", "available");
    assert_eq!(write(&client, "Yes").0, 201);
    until("the reserve", || data.join("magnetiq.sqlite3.reserve").exists().then_some(()));
}

#[test]
fn a_database_that_another_program_holds_is_read_and_not_written() {
    let folder = Folder::new();
    settings(&folder, "");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    assert_eq!(write(&client, "Before").0, 201);
    let other = Connection::open(folder.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, retry, problem) = write(&client, "Held");
    assert_eq!((status, retry.as_str(), &problem["code"]), (503, "1", &json!("busy")), "{problem}");
    until("not ready", || (client.get("/readyz").unwrap().0 == 503).then_some(()));
    assert_eq!(client.get("/health").unwrap(), (503, json!({ "status": "fail" })));
    assert_eq!((client.get("/livez").unwrap().0, client.get("/api/v1/pages").unwrap().0), (200, 200));
    until_feature(&client, "editing", "unavailable");
    until_feature(&client, "pages", "available");
    other.execute_batch("ROLLBACK").unwrap();
    until("ready", || (client.get("/readyz").unwrap().0 == 200).then_some(()));
    assert_eq!(write(&client, "Held").0, 201);
}

#[test]
fn a_media_folder_that_is_read_only_takes_uploads_along_and_nothing_else() {
    let folder = Folder::new();
    settings(&folder, "");
    let script = format!(
        "mount -t tmpfs -o size=80m magnetiq data; mkdir data/media; mount -t tmpfs -o size=40m media data/media; {}; exec \"$0\" serve",
        create_admin()
    );
    let Some(command) = mounted(&folder, &script) else { return };
    let server = Server::listening(command);
    let client = server.sign_in();
    let (status, _, media) = client.upload("a.txt", b"some text").unwrap();
    assert_eq!(status, 201, "{media}");
    let remounted = Command::new("nsenter")
        .args(["--mount", "--target", &server.pid().to_string(), "mount", "-o", "remount,ro"])
        .arg(folder.path("data/media"))
        .status();
    assert!(remounted.is_ok_and(|status| status.success()));
    let (status, headers, problem) = client.upload("b.txt", b"other text").unwrap();
    assert_eq!((status, &problem["code"]), (503, &json!("media-read-only")), "{problem}");
    assert!(headers.contains_key("retry-after"));
    until_feature(&client, "media-upload", "unavailable");
    assert_eq!(write(&client, "Page").0, 201);
    assert_eq!(client.get(media["url"].as_str().unwrap()).unwrap().0, 200);
    assert!(tree(&client).contains("mounted read-only"));
    drop(server);

    let script = format!(
        "mount -t tmpfs -o size=80m magnetiq data; mkdir data/media; mount -t tmpfs -o ro media data/media; {}; exec \"$0\" serve",
        create_admin()
    );
    let Some(command) = mounted(&folder, &script) else { return };
    let server = Server::listening(command);
    let client = server.sign_in();
    assert_eq!(write(&client, "Page").0, 201, "read-only at the start, too");
    assert_eq!(client.upload("a.txt", b"some text").unwrap().0, 503);
}

#[test]
fn a_server_that_is_told_to_stop_takes_what_still_comes() {
    let folder = Folder::new();
    settings(&folder, "");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    server.signal(Signal::TERM);
    until("draining", || (client.get("/readyz").unwrap().0 == 503).then_some(()));
    assert_eq!(client.get("/livez").unwrap().0, 200);
    assert_eq!(write(&client, "Last").0, 201);
    let (status, log) = server.wait();
    assert!(status.success(), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("left behind")), "{log:#?}");
}

#[test]
fn the_token_opens_the_tree_and_the_metrics() {
    let folder = Folder::new();
    settings(&folder, "");
    let server = Server::start_new(&folder);
    let client = server.client();
    let get = |path: &str, token: Option<&str>| {
        let bearer = format!("Bearer {}", token.unwrap_or_default());
        let headers: &[_] = if token.is_some() { &[("authorization", &*bearer)] } else { &[] };
        let (status, _, text) = client.send("GET", path, headers, b"").unwrap();
        (status, text)
    };
    assert_eq!(get("/metrics", None).0, 401);
    assert_eq!(get("/metrics", Some("wrong")).0, 401);
    assert_eq!(get("/health", Some("wrong")).0, 401);
    assert!(!get("/health", None).1.contains("checks"));
    assert!(get("/health", Some(TOKEN)).1.contains("disk-data:free"));
    let metrics = get("/metrics", Some(TOKEN)).1;
    for name in ["magnetiq_http_requests_total", "magnetiq_store_commits_total", "magnetiq_health_check_status", "magnetiq_build_info"] {
        assert!(metrics.contains(name), "{name}");
    }
    let (status, headers, body) = client.send("HEAD", "/api/v1/site", &[], b"").unwrap();
    assert_eq!((status, body.as_str()), (200, ""));
    assert_eq!(headers["content-type"], "application/json");
}

#[test]
fn starts_that_somebody_asked_for_are_no_restarts() {
    let folder = Folder::new();
    settings(&folder, "");
    let seen = || folder.run(&["doctor"], "").stdout;
    let mut server = Server::start_new(&folder);
    // Deployments.
    for _ in 0..3 {
        server.signal(Signal::TERM);
        assert!(server.wait().0.success());
        server = Server::start(&folder);
    }
    assert!(seen().contains("0 starts in the last hour that nobody asked for"), "{}", seen());
    server.kill();
    let _server = Server::start(&folder);
    assert!(seen().contains("1 start in the last hour that nobody asked for"), "{}", seen());
}
