//! `healthd` beside a real site: what it sees, what it says, and how it ends.

use std::net::TcpListener;

use magnetiq_tests::{Ended, Folder, Server};
use serde_json::Value;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A server whose tree of checks wants a token, and the settings of a watcher elsewhere.
fn site() -> (Folder, Server) {
    let folder = Folder::new();
    folder.settings(&format!("profile = 'development'\n[server]\nport = 0\n[health]\ntoken = '{TOKEN}'\n[log]\nformat = 'json'\n"));
    let server = Server::start_new(&folder);
    (folder, server)
}

/// Settings that watch the site `main` in these ways.
fn watch(folder: &Folder, keys: &str) {
    std::fs::write(folder.path("watch.toml"), format!("profile = 'development'\n[healthd.sites.main]\n{keys}\n")).unwrap();
}

fn check(folder: &Folder) -> Ended {
    folder.run_healthd(&["check", "--config", "watch.toml"])
}

/// It ended with this code, and its tree has each of these lines, whatever comes after them.
#[track_caller]
fn ended(ended: &Ended, code: i32, lines: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    for line in lines {
        let there = ended.stdout.lines().any(|said| said.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(line));
        assert!(there, "no line begins with {line:?} in:\n{}", ended.stdout);
    }
}

#[test]
fn a_site_and_what_becomes_of_it() {
    let (folder, server) = site();
    let (url, data) = (format!("http://{}", server.address), folder.path("data"));
    watch(&folder, &format!("url = '{url}'\npage_url = '{url}'\ntoken = '{TOKEN}'\ndata_folder = '{}'", data.display()));
    let looked = check(&folder);
    assert!(looked.code == Some(0) || looked.code == Some(1), "{looked:?}");
    ended(&looked, looked.code.unwrap(), &["pass http-api-main: ", "pass http-page-main: "]);
    assert!(!looked.stdout.contains(TOKEN) && !looked.stdout.contains("401"), "{looked:?}");

    server.kill();
    let looked = check(&folder);
    let lines = [
        "fail Site main",
        "fail http-api-main: ",
        "fail http-health-main, because of http-api-main: ",
        "fail http-page-main, because of http-api-main: ",
    ];
    ended(&looked, 2, &lines);

    let json = folder.run_healthd(&["check", "--config", "watch.toml", "--json"]);
    assert_eq!(json.code, Some(2), "{json:?}");
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["status"], &json["state"]), (&"fail".into(), &"fail".into()));
    assert_eq!(json["checks"]["http-health-main"][0]["state"], "suppressed");
    let output = json["output"].as_str().unwrap();
    assert!(output.contains("http-api-main") && !output.contains("http-page-main"), "only the cause is told first: {output}");
}

#[test]
fn who_has_another_token_is_told() {
    let (folder, server) = site();
    watch(&folder, &format!("url = 'http://{}'\ntoken = 'another-token-of-many-bytes'", server.address));
    let unknown =
        format!("unknown http-health-main: could not find out: http://{}/health answered 401: it does not take the token", server.address);
    ended(&check(&folder), 3, &["unknown Site main", "pass http-api-main: ", &unknown]);
}

#[test]
fn one_page_without_settings() {
    let (folder, server) = site();
    folder.settings("this is no settings file");
    let look = |path: &str| folder.run_healthd(&["check", "--timeout", "1", "--url", &format!("http://{}{path}", server.address)]);
    ended(&look("/readyz"), 0, &["pass http: "]);
    ended(&look("/livez"), 0, &[]);
    ended(&look("/api/v1/nothing"), 2, &["fail http: "]);

    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", hanging.local_addr().unwrap());
    ended(&folder.run_healthd(&["check", "--timeout", "1", "--url", &url]), 2, &["fail http: "]);
    drop(hanging);
    ended(&folder.run_healthd(&["check", "--url", &url]), 2, &["fail http: "]);
}

#[test]
fn folders_that_are_gone() {
    let folder = Folder::new();
    let (data, gone) = (folder.path(""), folder.path("gone"));
    watch(&folder, &format!("data_folder = '{}'\nbackup_folder = '{}'", data.display(), gone.display()));
    ended(&check(&folder), 1, &["warn Backup", "fail backup-main (optional): there is no backup folder"]);
    watch(&folder, &format!("data_folder = '{}'\nbackup_folder = '{}'", gone.display(), gone.join("backups").display()));
    ended(&check(&folder), 2, &["fail disk-data-main: there is no folder", "fail backup-main (optional), because of disk-data-main: "]);
}

#[test]
fn limits_of_the_settings() {
    let folder = Folder::new();
    let data = folder.path("");
    let limited = |limit: &str| watch(&folder, &format!("data_folder = '{}'\n[healthd.limits.room]\n{limit}", data.display()));
    // Whatever is used of this disk is more than nothing, and less than all.
    for (limit, code, part) in [
        ("check = 'disk'\nmeasurement = 'used'\nwarn = 0.1", 1, "warn at or above 0.1 %"),
        ("check = 'disk-data-main'\nmeasurement = 'used'\nwarn = 0.1\nfail = 0.2", 2, "fail at or above 0.2 %"),
        ("check = 'disc'\nmeasurement = 'used'\nwarn = 1", 3, "hint: watched are: disk-data-main"),
        ("check = 'disk'\nmeasurement = 'usd'\nwarn = 1", 3, "hint: it has: "),
        (
            "check = 'disk'\nmeasurement = 'used'\nwarn = 99.9\nfail = 5",
            3,
            "warn (99.9) lies above fail (5), but large values are the bad ones",
        ),
    ] {
        limited(limit);
        let looked = check(&folder);
        assert_eq!(looked.code, Some(code), "{limit}: {looked:?}");
        assert!(format!("{}{}", looked.stdout, looked.stderr).contains(part), "{limit}: {looked:?}");
    }
}

/// It fails a week before anybody sees anything of it.
#[test]
fn a_certificate_is_no_outage_and_explains_none() {
    let folder = Folder::new();
    let port = magnetiq_tests::free_port();
    watch(&folder, &format!("page_url = 'https://127.0.0.1:{port}/'"));
    ended(&check(&folder), 2, &["fail certificate-served-main (optional): ", "fail http-page-main: "]);
}

#[test]
fn a_certificate_that_has_expired() {
    let folder = Folder::new();
    let write = |not_after: i32| {
        let mut parameters = rcgen::CertificateParams::new(vec!["www.example.com".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2000, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(not_after, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(folder.path("site.pem"), parameters.self_signed(&key).unwrap().pem()).unwrap();
    };
    watch(&folder, "certificate = 'site.pem'");
    write(4000);
    ended(&check(&folder), 0, &["pass certificate-file-main (optional): "]);
    write(2001);
    let looked = check(&folder);
    ended(&looked, 1, &["fail certificate-file-main (optional): "]);
    assert!(looked.stdout.contains("expired"), "{looked:?}");
}

#[test]
fn without_sites_it_is_the_one_of_the_settings() {
    let folder = Folder::new();
    let port = magnetiq_tests::free_port();
    folder.settings(&format!("profile = 'development'\n[server]\nhost = '0.0.0.0'\nport = {port}\n"));
    let looked = folder.run_healthd(&["check"]);
    ended(&looked, 2, &["fail disk-data: there is no folder", "fail http-api, because of disk-data: "]);
    assert!(looked.stdout.contains(&format!("http://127.0.0.1:{port}/readyz")), "{looked:?}");
}

#[test]
fn what_can_not_be_looked_at_is_unknown() {
    let folder = Folder::new();
    let refused = |settings: &str, arguments: &[&str], parts: &[&str]| {
        std::fs::write(folder.path("watch.toml"), format!("profile = 'development'\n{settings}\n")).unwrap();
        let ended = folder.run_healthd(&[&["--config", "watch.toml"], arguments].concat());
        assert_eq!(ended.code, Some(3), "neither warn nor fail: {ended:?}");
        for part in parts {
            assert!(ended.stderr.contains(part), "{part:?} is not in:\n{}", ended.stderr);
        }
    };
    refused("[healthd.sites.main]\nurll = 'http://127.0.0.1'", &["check"], &["healthd.sites.main.urll", "did you mean"]);
    refused("[healthd.sites.main]\nurl = 'http://127.0.0.1'", &["check", "--site", "mian"], &["mian", "main"]);
    refused("[server]\nport = 0", &["check"], &["server.port", "hint: "]);
    refused("", &["check", "--url", "ftp://127.0.0.1"], &["ftp://127.0.0.1"]);
    refused("", &["check", "--bogus"], &["--bogus"]);
}

#[test]
fn what_a_check_means_and_what_to_do() {
    let folder = Folder::new();
    let list = folder.run_healthd(&["explain"]);
    for line in list.check_done().lines() {
        let kind = line.split_whitespace().next().unwrap();
        let text = folder.run_healthd(&["explain", kind]);
        assert!(text.check_done().starts_with(&format!("{kind}: ")), "{text:?}");
    }
    let one = folder.run_healthd(&["explain", "disk-data-main"]);
    assert!(one.check_done().starts_with("disk: ") && one.stdout.contains("df -h"), "{one:?}");
    folder.run_healthd(&["explain", "dsik"]).check_refused(&["dsik", "did you mean disk?"]);
}

#[test]
fn the_rules_are_those_of_the_docs() {
    let folder = Folder::new();
    for (what, file) in [("alerts", "alerts.yml"), ("dashboard", "grafana.json")] {
        let printed = folder.run_healthd(&["rules", what]);
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/monitoring").join(file);
        assert!(printed.check_done() == std::fs::read_to_string(&file).unwrap(), "run `healthd rules {what} > {}`", file.display());
    }
}
