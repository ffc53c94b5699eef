//! What operators see and start in the admin area.

use magnetiq_api::Role;
use magnetiq_backup::{Backups, Depth, Entry, MediaMode, Options, Reason, Request};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Site, agent},
};

const PATH: &str = "/api/v1/admin/operations";

/// A site with a backup folder of its own, and nobody who makes backups.
fn site() -> Site {
    // A port that nothing listens on: the listener that had it is gone.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let backups = tempfile::tempdir().unwrap().keep();
    let site = Site::with(&[
        ("MAGNETIQ__BACKUP__FOLDER", &backups.display().to_string()),
        ("MAGNETIQ__BACKUP__URL", &format!("http://127.0.0.1:{port}/")),
    ]);
    site.sign_in();
    site
}

#[track_caller]
fn part(site: &Site, name: &str) -> Value {
    let answer = site.get(&format!("{PATH}/{name}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// A backup of the site, as backupd makes them.
fn backup(site: &Site) -> (Backups, Entry) {
    let folder = part(site, "backups")["folder"].as_str().unwrap().to_owned();
    let options = Options::new(folder).store(site.store.clone()).media(site.folder.path().join("media"), MediaMode::Linked);
    let backups = Backups::new(options).unwrap();
    let entry = backups.create(&Request::new(Reason::Manual), &mut |_| ()).unwrap();
    (backups, entry)
}

#[test]
fn the_tree_says_what_is_checked_what_it_means_and_what_to_do() {
    let site = site();
    let tree = part(&site, "health");
    assert_eq!((&tree["nodes"][0]["id"], &tree["nodes"][0]["depth"]), (&json!(""), &json!(0)));
    let nodes: Vec<&str> = tree["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    for check in tree["checks"].as_array().unwrap() {
        assert!(nodes.contains(&check["node"].as_str().unwrap()), "{check}");
        for text in ["title", "means", "look_at", "fix"] {
            assert!(!check[text].as_str().unwrap().is_empty(), "{text} of {check}");
        }
    }
    let backup = tree["checks"].as_array().unwrap().iter().find(|check| check["id"] == "backup").unwrap();
    assert_eq!(backup["critical"], json!(false));
    assert!(tree["features"].as_array().unwrap().iter().any(|feature| feature["id"] == "editing"));
}

#[test]
fn traffic_is_counted_by_the_minute() {
    let site = site();
    for _ in 0..3 {
        site.get("/livez");
    }
    let chart = part(&site, "traffic");
    let points = chart["points"].as_array().unwrap();
    assert_eq!((points.len(), &chart["point_seconds"]), (60, &json!(60)));
    let last = &points[59];
    assert!(last["requests"].as_u64().unwrap() >= 4, "{last}");
    assert!(last["p50_ms"].as_f64().unwrap() <= last["p99_ms"].as_f64().unwrap(), "{last}");
    site.pass_time(120);
    let chart = part(&site, "traffic?span=hour");
    // The request for the chart is in it by now.
    let requests = last["requests"].as_u64().unwrap() + 1;
    assert_eq!((&chart["points"][57]["requests"], &chart["points"][58]["p50_ms"]), (&json!(requests), &Value::Null));
    let day = part(&site, "traffic?span=day");
    assert_eq!((day["points"].as_array().unwrap().len(), &day["point_seconds"]), (96, &json!(900)));
    site.get(&format!("{PATH}/traffic?span=year")).check_problem(400, "bad-request");
}

#[test]
fn the_database_tells_its_size_and_its_schema() {
    let site = site();
    let facts = part(&site, "database");
    assert!(facts["path"].as_str().unwrap().ends_with("magnetiq.sqlite3"));
    assert!(facts["size_bytes"].as_u64().unwrap() > 0 && facts["commits"].as_u64().unwrap() > 0, "{facts}");
    let migrations = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().count();
    assert_eq!(facts["schema_version"], json!(migrations));
}

#[test]
fn a_site_without_https_has_no_certificate_to_look_at() {
    let seen = part(&site(), "certificate");
    assert_eq!(seen, json!({ "at": null, "says": null, "valid_seconds": null, "problems": [] }));
}

#[test]
fn a_certificate_that_cannot_be_seen_is_said_so() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let site = site();
    let token = json!({ "name": "script", "role": "admin", "expires_at": "2025-12-23T00:00:00Z" });
    let secret = site.post("/api/v1/auth/tokens", &token).json()["secret"].as_str().unwrap().to_owned();
    let mut site = site.restarted(&[("MAGNETIQ__SERVER__PUBLIC_URL", &format!("https://localhost:{port}"))]);
    // The session's cookie is of the address before.
    site.agent = agent();
    let authorization = format!("Bearer {secret}");
    let seen = site.request(Method::GET, &format!("{PATH}/certificate"), &[("authorization", &authorization)], None).json();
    assert_eq!(seen["at"], json!(format!("localhost:{port}")));
    assert!(seen["problems"][0].as_str().unwrap().contains("does not answer"), "{seen}");
}

#[test]
fn backups_with_their_proof() {
    let site = site();
    let none = part(&site, "backups");
    assert_eq!((&none["backups"], &none["newest_proven_at"]), (&json!([]), &Value::Null));
    assert_eq!(none["daemon"]["answers"], json!(false));
    assert!(!none["daemon"]["problem"].as_str().unwrap().is_empty());
    let (backups, entry) = backup(&site);
    let listed = part(&site, "backups");
    assert_eq!((&listed["backups"][0]["id"], &listed["backups"][0]["proven"]), (&json!(entry.id), &json!(false)));
    assert_eq!((&listed["backups"][0]["proof"], &listed["newest_proven_at"]), (&Value::Null, &Value::Null));
    backups.verify(&entry, Depth::Restore, &mut |_| ()).unwrap();
    let listed = part(&site, "backups");
    let proof = &listed["backups"][0]["proof"];
    assert_eq!((&proof["outcome"], &proof["depth"], &proof["problem"]), (&json!("proven"), &json!("restore"), &Value::Null));
    assert_eq!(listed["newest_proven_at"], listed["backups"][0]["created_at"]);
}

#[test]
fn a_backup_can_be_taken_home_and_that_is_noted() {
    let site = site();
    let (_, entry) = backup(&site);
    let archive = std::fs::read(&entry.path).unwrap();
    let path = format!("{PATH}/backups/{}/archive", entry.id);
    let answer = site.get(&path);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    assert!(answer.header("content-disposition").contains(&entry.record.archive.file), "{answer:?}");
    assert!(answer.body == archive, "the archive, byte by byte");
    let audit = site.get("/api/v1/admin/audit").json();
    assert_eq!(audit["items"][0]["action"], json!("backup.download"), "{audit}");
    for id in ["20200101T000000Z", &entry.id[..8], "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd"] {
        let answer = site.get(&format!("{PATH}/backups/{id}/archive"));
        assert_eq!(answer.status, 404, "{id}: {answer:?}");
    }
    std::fs::remove_file(&entry.path).unwrap();
    assert_eq!(site.get(&path).status, 404);
}

#[test]
fn a_restore_is_planned_and_nothing_is_touched() {
    let site = site();
    let (_, entry) = backup(&site);
    site.create_page("New", "since the backup");
    let plan = part(&site, &format!("backups/{}/restore-plan", entry.id));
    let page = plan["tables"].as_array().unwrap().iter().find(|table| table["name"] == "page").unwrap();
    assert_eq!((&page["rows_now"], &page["rows_then"]), (&json!(1), &json!(0)));
    assert_eq!((&plan["has_room"], &plan["media_lost"]), (&json!(true), &json!(0)));
    assert!(plan["text"].as_str().unwrap().contains("NOT proven"), "{plan}");
    for way in plan["ways"].as_array().unwrap() {
        assert!(way["commands"][1].as_str().unwrap().ends_with(&format!("restore {}", entry.id)), "{way}");
    }
    // The server goes on, and still has the lock.
    assert_eq!(site.create_page("Newer", "after the plan")["title"], "Newer");
    site.get(&format!("{PATH}/backups/20200101T000000Z/restore-plan")).check_problem(404, "backup-not-found");
}

#[test]
fn without_a_daemon_no_backup_starts() {
    let site = site();
    site.post(&format!("{PATH}/backups"), &json!({})).check_problem(503, "no-backup-daemon");
}

#[test]
fn the_log_without_somebody_who_keeps_it() {
    let tail = part(&site(), "log?problems=true");
    assert_eq!(tail["lines"], json!([]));
}

#[test]
fn editors_see_traffic_and_nothing_else() {
    let site = site();
    add_account(&site, "ed@example.com", Role::Editor);
    sign_in(&site, "ed@example.com");
    assert_eq!(site.get(&format!("{PATH}/traffic")).status, 200);
    for part in ["health", "database", "log", "certificate", "backups", "backups/x/archive", "backups/x/restore-plan"] {
        site.get(&format!("{PATH}/{part}")).check_problem(403, "role-too-low");
    }
}
