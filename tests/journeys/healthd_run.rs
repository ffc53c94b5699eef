//! `healthd run`: what it keeps, what it shows to whom, and what a kill takes away: nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_tests::{Folder, Random, Server, check_text_format, healthd};
use rustix::process::Signal;
use serde_json::{Value, json};
use ureq::Agent;

const TOKEN: &str = "a-token-that-nobody-guesses";

/// A site that answers with what it is told to.
struct Site {
    address: SocketAddr,
    code: Arc<AtomicU16>,
    ended: Arc<AtomicBool>,
}

/// Takes a request and says nothing.
const HANGS: u16 = 0;

impl Site {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site =
            Self { address: listener.local_addr().unwrap(), code: Arc::new(AtomicU16::new(200)), ended: Arc::new(AtomicBool::new(false)) };
        let (code, ended) = (site.code.clone(), site.ended.clone());
        std::thread::spawn(move || {
            let mut hanging = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let code = code.load(Ordering::Relaxed);
                if code == HANGS {
                    hanging.push(stream);
                    continue;
                }
                // What it asks for does not matter, and who hangs up need not be told.
                let _ = stream.read(&mut [0; 2048]);
                let _ = write!(stream, "HTTP/1.1 {code} Told\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            }
        });
        site
    }

    fn answers(&self, code: u16) {
        self.code.store(code, Ordering::Relaxed);
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes it up.
        let _ = std::net::TcpStream::connect(self.address);
    }
}

/// A daemon that watches the page `site` under the name `main`.
fn daemon(folder: &Folder, site: &Site, more: &str) -> Server {
    settings(folder, site, 0, more);
    Server::listening(folder.command_of(healthd(), &["run"]))
}

fn settings(folder: &Folder, site: &Site, port: u16, more: &str) {
    folder.settings(&format!(
        "profile = 'development'\n[log]\nformat = 'json'\n[healthd]\nport = {port}\ninterval_s = 1\ntimeout_ms = 1000\ntoken = '{TOKEN}'\n\
        page_title = 'Ana & <b>Bob</b>'\n{more}\n[healthd.sites.main]\npage_url = 'http://{}/'\n",
        site.address
    ));
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).build().into()
}

/// What a visitor gets, who came through a proxy; with the token what the operator gets.
fn get(daemon: &Server, path: &str, token: Option<&str>) -> (u16, String) {
    let mut request = agent().get(format!("http://{}{path}", daemon.address)).header("Host", "status.example.com");
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

fn status(daemon: &Server) -> Value {
    serde_json::from_str(&get(daemon, "/status.json", Some(TOKEN)).1).unwrap()
}

/// Waits until the status fits.
#[track_caller]
fn wait(daemon: &Server, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let status = status(daemon);
        if fits(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never {what}: {status:#}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn open(status: &Value) -> usize {
    status["incidents"].as_array().unwrap().iter().filter(|incident| incident["ended_at"].is_null()).count()
}

fn is_well(status: &Value) -> bool {
    status["settled"] == true && status["status"] == "pass" && open(status) == 0
}

fn history(folder: &Folder) -> Connection {
    Connection::open_with_flags(folder.path("data/healthd.sqlite3"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn count(history: &Connection, sql: &str) -> i64 {
    history.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn an_incident_from_its_beginning_to_its_end() {
    let (folder, site) = (Folder::new(), Site::start());
    let daemon = daemon(&folder, &site, "");
    // What lasts is added up each time that something is written down.
    let (up, down) = ("SELECT coalesce(sum(pass_ms), 0) FROM hour", "SELECT coalesce(sum(fail_ms), 0) FROM hour");
    wait(&daemon, "well", |status| is_well(status) && count(&history(&folder), up) > 0);
    site.answers(500);
    wait(&daemon, "down for some time", |status| open(status) == 1 && count(&history(&folder), down) > 0);
    let down = status(&daemon);
    let incident = &down["incidents"][0];
    assert_eq!((&incident["check"], &incident["worst"], &incident["site"]), (&json!("http-page-main"), &json!("fail"), &json!("main")));
    assert!(incident["says"].as_str().unwrap().contains("500"), "{incident:#}");
    let (_, page) = get(&daemon, "/", None);
    assert!(page.contains("Something is down") && page.contains("The page answers"), "{page}");
    site.answers(200);
    let well = wait(&daemon, "well again", is_well);
    assert_eq!(well["incidents"][0]["id"], incident["id"]);
    assert!(well["incidents"][0]["ended_at"].is_string(), "{well:#}");

    daemon.signal(Signal::TERM);
    let (ended, log) = daemon.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
    let history = history(&folder);
    assert_eq!(count(&history, "SELECT count(*) FROM incident WHERE ended_at IS NOT NULL AND unseen_end = 0"), 1);
    // Rows are named after when they are written down: once in an interval, and once more at the end, however soon that comes.
    let twice = "SELECT count(*) FROM sample a JOIN sample b USING (subject_id)
        WHERE b.at > a.at AND b.at < a.at + 500 AND b.at < (SELECT max(at) FROM sample)";
    assert_eq!(count(&history, twice), 0, "at most one row for each check and interval");
}

#[test]
fn who_may_see_what() {
    let (folder, site) = (Folder::new(), Site::start());
    site.answers(500);
    let daemon = daemon(&folder, &site, "");
    wait(&daemon, "down", |status| open(status) == 1);
    // Everybody: names and states, but no addresses and no causes.
    for path in ["/", "/status.json"] {
        let (code, text) = get(&daemon, path, None);
        assert_eq!(code, 200);
        for hidden in ["127.0.0.1", "500", "http-page", TOKEN] {
            assert!(!text.contains(hidden), "{path} has {hidden}: {text}");
        }
    }
    let (_, page) = get(&daemon, "/", None);
    assert!(page.contains("Ana &amp; &lt;b&gt;Bob&lt;/b&gt;") && !page.contains("<b>Bob") && !page.contains("<script"), "{page}");
    assert_eq!(page.matches("<rect ").count(), 90);
    assert!(!page.contains("style="), "the policy forbids it");
    // With the token: causes, with the way out.
    for path in ["/details", "/metrics", "/explain/http-page-main", "/maintenance"] {
        assert_eq!(get(&daemon, path, None).0, 401, "{path}");
        assert_eq!(get(&daemon, path, Some("another-token-of-many-bytes")).0, 401, "{path}");
        assert_eq!(get(&daemon, path, Some(TOKEN)).0, 200, "{path}");
    }
    assert_eq!(get(&daemon, &format!("/details?token={TOKEN}"), None).0, 401, "an address ends up in logs");
    wait(&daemon, "written down", |_| get(&daemon, "/details", Some(TOKEN)).1.contains("class=\"line\""));
    let (_, details) = get(&daemon, "/details", Some(TOKEN));
    for part in ["answered 500", "href=\"/explain/http-page-main\"", "No 1, "] {
        assert!(details.contains(part), "{part} is not in {details}");
    }
    assert!(get(&daemon, "/explain/http-page-main", Some(TOKEN)).1.contains("curl -sv"));
    let (_, metrics) = get(&daemon, "/metrics", Some(TOKEN));
    for line in [
        "magnetiq_health_check_status{check=\"http-page-main\"",
        "magnetiq_healthd_incidents_open{site=\"main\"} 1",
        "magnetiq_healthd_build_info{",
    ] {
        assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
    }
    assert!(!metrics.contains("EOF"), "{metrics}");
    check_text_format(&metrics);
    assert_eq!((get(&daemon, "/livez", None).0, get(&daemon, "/readyz", None).0, get(&daemon, "/elsewhere", None).0), (200, 200, 404));
    let answer = agent().get(format!("http://{}/", daemon.address)).call().unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    drop(daemon);

    let closed = self::daemon(&folder, &site, "public = false");
    assert_eq!((get(&closed, "/", None).0, get(&closed, "/status.json", None).0, get(&closed, "/", Some(TOKEN)).0), (401, 401, 200));
}

#[test]
fn maintenance_outlives_a_restart() {
    let (folder, site) = (Folder::new(), Site::start());
    let port = magnetiq_tests::free_port();
    settings(&folder, &site, port, "");
    let run = |arguments: &[&str]| folder.run_healthd(&[&["maintenance"], arguments].concat());
    run(&["list"]).check_refused(&[&format!("127.0.0.1:{port}"), "healthd run"]);
    let start = || Server::listening(folder.command_of(healthd(), &["run"]));
    let first = start();
    wait(&first, "well", is_well);
    assert_eq!(run(&["list"]).check_done(), "there is no maintenance\n");
    run(&["start", "--site", "mian", "a", "reason"]).check_refused(&["mian", "main"]);
    run(&["start", "--check", "no-such-check", "why"]).check_refused(&["no-such-check"]);
    let wrong = run(&["start", "--for", "400d", "why"]);
    assert!(wrong.code == Some(3) && wrong.stderr.contains("30 days"), "{wrong:?}");
    let began = run(&["start", "--site", "main", "--for", "2h", "a", "<new>", "disk"]);
    assert!(began.check_done().starts_with("now: site main, from "), "{began:?}");
    site.answers(500);
    wait(&first, "maintained", |status| status["checks"][0]["seen"] == "fail" && status["checks"][0]["status"] == "maintenance");
    first.kill();

    let second = start();
    let status = wait(&second, "maintained", |status| status["checks"][0]["seen"] == "fail");
    assert_eq!((&status["checks"][0]["status"], open(&status)), (&json!("maintenance"), 0), "{status:#}");
    assert!(get(&second, "/", None).1.contains("a &lt;new&gt; disk"));
    assert!(run(&["list"]).check_done().contains("a <new> disk"));
    run(&["end"]).check_refused(&["exactly this"]);
    run(&["end", "--site", "main"]).check_done();
    wait(&second, "an incident", |status| open(status) == 1);
    // Who can not name the token changes nothing.
    settings(&folder, &site, port, "");
    let text = std::fs::read_to_string(folder.path("magnetiq.toml")).unwrap();
    std::fs::write(folder.path("magnetiq.toml"), text.replace(TOKEN, "another-token-of-many-bytes")).unwrap();
    run(&["start", "why"]).check_refused(&["does not take the token"]);
}

#[test]
fn what_is_over_when_it_starts_again_is_closed() {
    let (folder, site) = (Folder::new(), Site::start());
    site.answers(500);
    let first = daemon(&folder, &site, "");
    let before = wait(&first, "down", |status| open(status) == 1);
    first.kill();
    let second = daemon(&folder, &site, "");
    let still = wait(&second, "seen again", |status| status["settled"] == true && status["checks"][0]["seen"] == "fail");
    assert_eq!((open(&still), &still["incidents"][0]["id"]), (1, &before["incidents"][0]["id"]), "the same goes on");
    second.kill();
    site.answers(200);
    let third = daemon(&folder, &site, "");
    let over = wait(&third, "well", is_well);
    assert_eq!((&over["incidents"][0]["id"], &over["incidents"][0]["unseen_end"]), (&before["incidents"][0]["id"], &json!(true)));
}

#[test]
fn a_check_that_hangs_keeps_nobody_from_stopping() {
    let (folder, site) = (Folder::new(), Site::start());
    site.answers(HANGS);
    let daemon = daemon(&folder, &site, "");
    wait(&daemon, "down", |status| open(status) == 1);
    let asked = Instant::now();
    daemon.signal(Signal::TERM);
    let (ended, log) = daemon.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
    assert!(asked.elapsed() < Duration::from_secs(30), "it is stuck");
    assert!(log.last().unwrap().contains("\"stopped\""), "{log:#?}");
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let (folder, site) = (Folder::new(), Site::start());
    let daemon = daemon(&folder, &site, "");
    wait(&daemon, "well", is_well);
    let other = Connection::open(folder.path("data/healthd.sqlite3")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    site.answers(500);
    let status = wait(&daemon, "stuck", |_| get(&daemon, "/readyz", None).0 == 503);
    assert_eq!((&status["status"], open(&status)), (&json!("fail"), 0), "what is not in the file is not shown as if it were: {status:#}");
    assert_eq!(get(&daemon, "/livez", None).0, 200);
    assert!(get(&daemon, "/details", Some(TOKEN)).1.contains("not written down"));
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    wait(&daemon, "written", |status| open(status) == 1 && get(&daemon, "/readyz", None).0 == 200);
}

#[test]
fn a_second_one_is_refused() {
    let (folder, site) = (Folder::new(), Site::start());
    let first = daemon(&folder, &site, "");
    folder.run_healthd(&["run"]).check_refused(&["another healthd runs", "hint: "]);
    let port = first.address.rsplit(':').next().unwrap();
    settings(&folder, &site, port.parse().unwrap(), "");
    folder.run_healthd(&["run"]).check_refused(&["failed to listen", "healthd.port", "hint: "]);
    for (more, parts) in [("interval_s = 0", ["healthd.interval_s", "1 to 3600"]), ("databse = 'x'", ["healthd.databse", "did you mean"])] {
        std::fs::write(folder.path("wrong.toml"), format!("profile = 'development'\n[healthd]\n{more}\n")).unwrap();
        folder.run_healthd(&["run", "--config", "wrong.toml"]).check_refused(&parts);
    }
}

#[test]
fn killed_at_random() {
    killed(10);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_at_random() {
    killed(100);
}

/// While a site comes and goes: what was shown is in the file, and never two incidents of one check are open.
fn killed(rounds: usize) {
    let seed = Random::seed();
    let mut random = Random::new(seed);
    let (folder, site) = (Folder::new(), Site::start());
    let mut shown: Vec<(i64, String)> = Vec::new();
    let mut most = 0;
    for round in 0..rounds {
        let daemon = daemon(&folder, &site, "");
        let lives = Duration::from_millis(500 + random.below(2500));
        let (started, mut flips_at) = (Instant::now(), Duration::ZERO);
        while started.elapsed() < lives {
            if started.elapsed() >= flips_at {
                site.answers(if random.below(2) == 0 { 200 } else { 500 });
                flips_at = started.elapsed() + Duration::from_millis(200 + random.below(1200));
            }
            for incident in status(&daemon)["incidents"].as_array().unwrap() {
                let known = (incident["id"].as_i64().unwrap(), incident["started_at"].as_str().unwrap().to_owned());
                if !shown.contains(&known) {
                    shown.push(known);
                }
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        daemon.kill();
        let history = history(&folder);
        for (id, started_at) in &shown {
            let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%f', started_at / 1000.0, 'unixepoch') FROM incident WHERE id = ?1";
            let kept: Option<String> = history.query_row(sql, [id], |row| row.get(0)).ok();
            let kept = kept.unwrap_or_else(|| panic!("seed {seed}, round {round}: incident {id} of {started_at} is lost"));
            assert_eq!(kept[..19], started_at[..19], "seed {seed}, round {round}");
        }
        most = most.max(count(
            &history,
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM incident WHERE ended_at IS NULL GROUP BY check_name)",
        ));
        assert_eq!(count(&history, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    }
    assert!(!shown.is_empty(), "seed {seed}: nothing happened");
    assert!(most <= 1, "seed {seed}");
    site.answers(200);
    let last = daemon(&folder, &site, "");
    wait(&last, "well", is_well);
    eprintln!("{} incidents in {rounds} kills", shown.len());
}
