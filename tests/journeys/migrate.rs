//! `api-server migrate` around a deployment: tried beside the server, and taken back.

use magnetiq_tests::{Folder, Server};
use serde_json::{Value, json};

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
