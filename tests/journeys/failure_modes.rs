//! Rows of `docs/failure-modes.md` that no other test asserts, and the promise that each row has a test.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use magnetiq_tests::{Client, Fault, Folder, Server};
use serde_json::json;

use crate::proof::{preload, skip};

const TOKEN: &str = "b6f0c2d1e4a3958776655443";

#[track_caller]
fn until(what: &str, mut look: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !look() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}: it never came");
        thread::sleep(Duration::from_millis(50));
    }
}

fn availability(client: &Client, feature: &str) -> Option<String> {
    let (_, features) = client.get("/health/features").ok()?;
    let feature = features["features"].as_array()?.iter().find(|found| found["id"] == feature)?.clone();
    Some(feature["availability"].as_str()?.to_owned())
}

#[test]
fn a_disk_that_hangs_is_seen_though_nobody_writes() {
    let folder = Folder::new();
    folder.settings(&format!(
        "profile = 'development'\n[server]\nport = 0\n[log]\nformat = 'json'\n[health]\ntoken = '{TOKEN}'\ndisk_interval_ms = 200\nwriter_stalled_ms = 500\n"
    ));
    folder
        .run(&["admin", "create", "--email", magnetiq_tests::EMAIL, "--name", "Ana", "--password-stdin"], magnetiq_tests::PASSWORD)
        .check_done();
    let hang = folder.path("hang");
    let mut command = folder.command(&["serve"]);
    if !preload(Some(&Fault::HangingDisk { root: folder.path("data"), hang: hang.clone() }), &mut command) {
        return;
    }
    let server = Server::listening(command);
    let client = server.sign_in();
    let page = json!({ "title": "Before", "body": "text" });
    assert_eq!(client.post("/api/v1/admin/pages", &page).unwrap().0, 201);
    until("editing", || availability(&client, "editing").as_deref() == Some("available"));

    fs::write(&hang, "").unwrap();
    until("health says so", || client.get("/health").unwrap() == (503, json!({ "status": "fail" })));
    let tree = || client.send("GET", "/health", &[("authorization", &format!("Bearer {TOKEN}"))], b"").unwrap().2;
    assert!(tree().contains("disk-sync"), "{}", tree());
    assert_eq!(availability(&client, "editing").as_deref(), Some("unavailable"));
    assert_eq!(client.get("/livez").unwrap().0, 200, "nobody restarts a server because of its disk");
    // What comes all the same waits, and holds nobody up who asks how things are.
    let waiting = thread::spawn({
        let client = client.clone();
        move || client.post("/api/v1/admin/pages", &json!({ "title": "Meanwhile", "body": "text" }))
    });
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let client = server.client();
            thread::spawn(move || (0..250).all(|_| client.get("/health").unwrap() == (503, json!({ "status": "fail" }))))
        })
        .collect();
    assert!(asking.into_iter().all(|asks| asks.join().unwrap()), "many who ask are told the truth, too");

    fs::remove_file(&hang).unwrap();
    let (status, answer) = waiting.join().unwrap().unwrap();
    assert!(status == 201 || status == 503, "{status} {answer}");
    until("ready", || client.get("/readyz").unwrap().0 == 200);
    until("editing", || availability(&client, "editing").as_deref() == Some("available"));
    let (_, pages) = client.get("/api/v1/admin/pages").unwrap();
    let meanwhile = pages["items"].as_array().unwrap().iter().any(|page| page["title"] == "Meanwhile");
    assert_eq!(meanwhile, status == 201, "what was answered is what happened: {pages}");
}

/// nginx before a server; it ends when this is dropped.
struct Nginx(Child);

impl Nginx {
    fn start(folder: &Folder, port: u16, upstream: &str) -> Option<Self> {
        let settings = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr warn;\nevents {{}}\nhttp {{\n access_log off; client_body_temp_path body; proxy_temp_path proxy;\n\
             fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n server {{ listen 127.0.0.1:{port}; location / {{ \
             proxy_pass http://{upstream}; }} }}\n}}\n"
        );
        fs::write(folder.path("nginx.conf"), settings).unwrap();
        let program = magnetiq_config::environment().get("MAGNETIQ_TEST_NGINX").map_or("nginx".to_owned(), Clone::clone);
        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-p"]).arg(folder.path("")).args(["-c", "nginx.conf"]);
        match command.spawn() {
            Ok(child) => Some(Self(child)),
            Err(error) => {
                skip(&format!("nginx cannot be started: {error}"));
                None
            }
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_proxy_that_is_gone_takes_the_page_along_and_not_the_server() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let port = magnetiq_tests::free_port();
    let address = server.address.clone();
    let start = || Nginx::start(&folder, port, &address);
    let Some(nginx) = start() else { return };
    let page = format!("http://127.0.0.1:{port}/");
    let look = || {
        fs::write(
            folder.path("watch.toml"),
            format!("profile = 'development'\n[healthd.sites.main]\nurl = 'http://{address}'\npage_url = '{page}'\n"),
        )
        .unwrap();
        folder.run_healthd(&["check", "--config", "watch.toml"])
    };
    let shows = |looked: &magnetiq_tests::Ended, line: &str| {
        looked.stdout.lines().any(|said| said.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(line))
    };
    let says =
        |looked: &magnetiq_tests::Ended, line: &str| assert!(shows(looked, line), "no line begins with {line:?} in:\n{}", looked.stdout);
    // No backup was made yet, which is a warning.
    until("nginx", || shows(&look(), "pass http-page-main: "));

    drop(nginx);
    let looked = look();
    assert_eq!(looked.code, Some(2), "{looked:?}");
    says(&looked, "pass http-api-main: ");
    says(&looked, "fail http-page-main: ");
    assert_eq!(server.client().get("/readyz").unwrap().0, 200);

    let nginx = start();
    until("nginx again", || shows(&look(), "pass http-page-main: "));
    server.kill();
    let looked = look();
    says(&looked, "fail http-api-main: ");
    assert!(looked.stdout.contains("http-page-main, because of http-api-main"), "one cause, one alert: {}", looked.stdout);
    drop(nginx);
}

/// Each row names tests that exist, each heading of the text below is a row's.
#[test]
fn each_row_of_the_table_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("docs/failure-modes.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| [")).collect();
    assert!(rows.len() >= 12, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        let anchor = cells[0].split_once("](#").unwrap().1.trim_end_matches(')');
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let anchors: Vec<String> = headings.map(|heading| heading.to_lowercase().replace(' ', "-").replace(['\'', ','], "")).collect();
        assert!(anchors.iter().any(|found| found == anchor), "no section {anchor}: {anchors:?}");
    }
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    for section in sections {
        let title = section.lines().next().unwrap();
        let proofs: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("Proven by: ")).collect();
        assert_eq!(proofs.len(), 1, "{title}");
        for proof in proofs[0].split(", ") {
            let (file, name) = proof.trim_matches('`').split_once("::").unwrap_or_else(|| panic!("{title}: {proof}"));
            let source = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{title}: {file}: {error}"));
            assert!(source.contains(&format!("fn {name}(")), "{title}: {file} has no {name}");
        }
    }
}
