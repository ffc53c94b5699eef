//! `api-server migrate` around a deployment: tried beside the server, and taken back.

use std::thread::sleep;
use std::time::{Duration, Instant};

use magnetiq_storage::Fingerprint;
use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, Server};
use serde_json::{Value, json};

use crate::backup::{stop, write};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_migration_is_tried_beside_the_server_and_nothing_changes() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    let told = json(folder.run(&["migrate", "--rehearse", "--json"], "").check_done());
    let version = told["to"].as_i64().unwrap();
    assert_eq!((&told["from"], &told["pending"], &told["broken_keys"]), (&told["to"], &json!([]), &json!([])));
    assert_eq!(told["writes_wait_ms"], 0, "nobody waits for nothing");
    let (needed, free) = (&told["way_back"]["needed_bytes"], &told["way_back"]["free_bytes"]);
    assert!(needed.as_u64() > Some(0) && free.as_u64() > Some(0), "{told:#}");
    assert!(folder.run(&["migrate"], "").check_done().contains(&format!("is at schema version {version}")), "a server may run");
    let same = json(folder.run(&["migrate", "--rehearse", "--json"], "").check_done());
    assert_eq!(same["tables"], told["tables"]);
    assert_eq!(ana.post("/api/v1/admin/pages", &json!({ "title": "Written meanwhile" })).unwrap().0, 201);
    folder.run(&["migrate", "--back-to", "1"], "").check_refused(&["one program at a time writes a database"]);
}

#[test]
fn going_back_needs_the_copy_from_before() {
    let folder = Folder::new();
    let version = json(folder.run(&["migrate", "--json"], "").check_done())["to"].as_i64().unwrap();
    let back = |version: i64| folder.run(&["migrate", "--back-to", &version.to_string()], "");
    assert!(back(version).check_done().contains("is at schema version"), "there already");
    back(version - 1).check_refused(&[&format!("before-v{version}.sqlite3"), "restore a backup from before"]);
    back(version + 1).check_refused(&["which is before"]);
}

/// As the last migration leaves a site with content: a copy beside it, of the version before, and what it held afterwards.
fn migrated() -> (Folder, i64) {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    for title in ["One", "Two"] {
        write(&ana, title);
    }
    stop(server);
    let conn = Connection::open(folder.database()).unwrap();
    // So that the search index has something to catch up with.
    conn.execute("UPDATE page SET summary = 'found by searching'", []).unwrap();
    let version: i64 = conn.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0)).unwrap();
    let copy = folder.path(&format!("data/magnetiq.sqlite3.before-v{version}.sqlite3"));
    conn.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    Connection::open(&copy).unwrap().execute("DELETE FROM refinery_schema_history WHERE version = ?1", [version]).unwrap();
    std::fs::write(copy.with_extension("sqlite3.after"), Fingerprint::take(&conn).unwrap().to_string()).unwrap();
    (folder, version)
}

/// A server that starts after the migration catches up with its search index, which nobody wrote.
#[test]
fn what_the_server_derives_by_itself_is_no_loss() {
    let (folder, version) = migrated();
    let waiting = || -> i64 {
        let conn = Connection::open(folder.database()).unwrap();
        conn.query_row("SELECT count(*) FROM page_search_waiting", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(waiting(), 2);
    let server = Server::start(&folder);
    let deadline = Instant::now() + Duration::from_secs(60);
    while waiting() > 0 {
        assert!(Instant::now() < deadline, "the index does not catch up");
        sleep(Duration::from_millis(100));
    }
    stop(server);
    folder.run(&["migrate", "--back-to", &(version - 1).to_string()], "").check_done();
    assert_eq!(waiting(), 2);
}

#[test]
fn it_goes_back_over_more_than_one_migration_or_not_at_all() {
    let (folder, version) = migrated();
    let copy = |version: i64| folder.path(&format!("data/magnetiq.sqlite3.before-v{version}.sqlite3"));
    let (near, far) = (copy(version), copy(version - 1));
    let conn = Connection::open(&near).unwrap();
    conn.execute("VACUUM INTO ?1", [far.to_str().unwrap()]).unwrap();
    std::fs::write(far.with_extension("sqlite3.after"), Fingerprint::take(&conn).unwrap().to_string()).unwrap();
    Connection::open(&far).unwrap().execute("DELETE FROM refinery_schema_history WHERE version = ?1", [version - 1]).unwrap();
    let back = |more: &[&str]| folder.run(&[&["migrate", "--back-to", &(version - 2).to_string()], more].concat(), "");
    let stands_at = || -> (i64, i64) {
        let conn = Connection::open(folder.database()).unwrap();
        let sql = "SELECT max(version), (SELECT count(*) FROM page WHERE title = 'Between') FROM refinery_schema_history";
        conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };

    // Written between the two migrations, and known to the last one as what was there.
    let between = "UPDATE page SET title = 'Between' WHERE title = 'One'";
    conn.execute(between, []).unwrap();
    let now = Connection::open(folder.database()).unwrap();
    now.execute(between, []).unwrap();
    std::fs::write(near.with_extension("sqlite3.after"), Fingerprint::take(&now).unwrap().to_string()).unwrap();
    drop((conn, now));
    let refused = back(&[]);
    refused.check_refused(&["rows were written since the migration"]);
    assert!(refused.stdout.contains("page: 1 rows new or changed since"), "{refused:?}");
    assert_eq!(stands_at(), (version, 1), "all as it was");

    let aside = folder.path("aside");
    std::fs::rename(&far, &aside).unwrap();
    back(&["--discard"]).check_refused(&[&format!("before-v{}.sqlite3", version - 1), "restore a backup from before"]);
    assert_eq!(stands_at(), (version, 1), "nothing is begun where one is missing");
    std::fs::rename(&aside, &far).unwrap();
    back(&["--discard"]).check_done();
    assert_eq!(stands_at(), (version - 2, 0));
}

#[test]
fn going_back_says_what_it_would_lose_edits_too() {
    let (folder, version) = migrated();
    let change = |sql: &str| Connection::open(folder.database()).unwrap().execute_batch(sql).unwrap();
    let back = |more: &[&str]| folder.run(&[&["migrate", "--back-to", &(version - 1).to_string()], more].concat(), "");
    change("UPDATE page SET title = 'Edited' WHERE title = 'One'");
    let refused = back(&[]);
    refused.check_refused(&["rows were written since the migration", "--discard goes back all the same"]);
    assert!(refused.stdout.lines().any(|line| line == "page: 1 rows new or changed since; 2 in the copy, 2 now"), "{refused:?}");
    change("DELETE FROM page WHERE title = 'Two'; CREATE TABLE other (content TEXT); INSERT INTO other VALUES ('new')");
    let refused = back(&[]);
    for line in ["page: 1 rows new or changed since; 2 in the copy, 1 now", "other: not in the copy, 1 rows now", "(schema) was changed"] {
        assert!(refused.stdout.lines().any(|said| said == line), "{line}: {refused:?}");
    }
    let lost = json(&back(&["--json"]).stdout)["lost"].clone();
    assert!(lost.as_array().unwrap().contains(&json!({ "table": "page", "before": 2, "now": 1, "written": 1 })), "{lost:#}");
    back(&["--discard"]).check_done();
    let titles = Connection::open(folder.database()).unwrap();
    let titles: String =
        titles.query_row("SELECT group_concat(title) FROM (SELECT title FROM page ORDER BY title)", [], |row| row.get(0)).unwrap();
    assert_eq!(titles, "One,Two");
}
