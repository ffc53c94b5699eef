//! The audit log.

use magnetiq_api::Role;
use serde_json::{Value, json};

use crate::{
    roles::{add_account, sign_in},
    site::{EMAIL, Site, agent, etag},
};

fn entries(site: &Site, query: &str) -> Vec<Value> {
    let answer = site.get(&format!("/api/v1/admin/audit{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

#[test]
fn who_what_before_and_after_and_from_where() {
    let site = Site::signed_in();
    let made = site.post("/api/v1/admin/accounts", &json!({ "email": "bo@example.com", "name": "Bo", "role": "editor" })).json();
    let path = format!("/api/v1/admin/accounts/{}", made["id"].as_str().unwrap());
    site.pass_time(60);
    site.put(&path, "\"1\"", &json!({ "email": "bo@example.com", "name": "Bo", "role": "viewer", "disabled": false }));
    let entry = &entries(&site, "?action=account.update")[0];
    assert_eq!(
        (&entry["actor"], &entry["via"], &entry["address"], &entry["subject"], &entry["subject_id"], &entry["at"]),
        (&json!(EMAIL), &json!("session"), &json!("127.0.0.1"), &json!("bo@example.com"), &made["id"], &json!("2025-11-23T16:46:00Z"))
    );
    assert_eq!(entry["before"], json!({ "role": "editor", "revision": 1 }));
    assert_eq!(entry["after"], json!({ "role": "viewer", "revision": 2 }));
    let first = entries(&site, "").pop().unwrap();
    assert_eq!((&first["via"], &first["action"], &first["actor_id"]), (&json!("command-line"), &json!("account.create"), &Value::Null));
    assert_eq!(entries(&site, "?q=BO@").len(), 2);
    assert_eq!(entries(&site, "?action=account").len(), 3);
    assert_eq!(entries(&site, "?since=2025-11-23T16:46:00Z").len(), 1);
    assert_eq!(entries(&site, "?until=2025-11-23T16:46:00Z").len(), 2);
    assert_eq!(entries(&site, &format!("?subject={}", made["id"].as_str().unwrap())).len(), 2);
    assert_eq!(entries(&site, &format!("?actor={}", entry["actor_id"].as_str().unwrap())).len(), 2);
    site.get(&format!("/api/v1/admin/audit?q={}", "x".repeat(201))).check_problem(400, "bad-request");
    site.create_page("Über uns", "text");
    assert_eq!(entries(&site, "?q=%C3%9CBER").len(), 1);
}

#[test]
fn what_is_refused_is_not_in_it() {
    let mut site = Site::signed_in();
    add_account(&site, "bo@example.com", Role::Editor);
    let id = site.get("/api/v1/auth/me").json()["id"].as_str().unwrap().to_owned();
    let count = entries(&site, "").len();
    site.delete(&format!("/api/v1/admin/accounts/{id}")).check_problem(409, "last-admin");
    assert_eq!(entries(&site, "").len(), count);
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    site.get("/api/v1/admin/audit").check_problem(403, "role-too-low");
    site.get("/api/v1/admin/audit.csv").check_problem(403, "role-too-low");
}

#[test]
fn it_only_grows() {
    let site = Site::signed_in();
    let replace = "INSERT OR REPLACE INTO audit_entry (number, at, actor, via, action, subject_kind, subject)
        VALUES (1, 1, 'somebody else', 'server', 'page.update', 'page', 'x')";
    for sql in ["UPDATE audit_entry SET actor = 'somebody else'", "DELETE FROM audit_entry", replace] {
        let error = site.store.write(move |tx| Ok(tx.execute(sql, [])?)).wait().unwrap_err();
        assert!(format!("{error:?}").contains("the audit log is append-only"), "{error:?}");
    }
    assert_eq!(entries(&site, "").len(), 1);
}

#[test]
fn a_long_one_comes_in_parts_and_as_a_table() {
    let site = Site::signed_in();
    let fill = "INSERT INTO audit_entry (at, actor, via, action, subject_kind, subject)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        SELECT i, '=cmd()', 'server', 'page.update', 'page', 'page ' || i FROM n";
    site.store.write(move |tx| Ok(tx.execute(fill, [])?)).wait().unwrap();
    let (mut seen, mut query) = (0, "?action=page&limit=100".to_owned());
    loop {
        let part = site.get(&format!("/api/v1/admin/audit{query}")).json();
        seen += part["items"].as_array().unwrap().len();
        match part["next_cursor"].as_str() {
            Some(cursor) => query = format!("?action=page&limit=100&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, 1200);
    let table = site.get("/api/v1/admin/audit.csv?action=page");
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let text = table.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (1201, "number,at,actor,via,address,action,subject_kind,subject_id,subject,before,after"));
    assert_eq!(lines[1], "1201,1970-01-01T00:00:01.2Z,'=cmd(),server,,page.update,page,,page 1200,,");
}

/// Each of these is a change that somebody may want to know of later.
#[test]
fn every_change_is_in_it() {
    let site = Site::signed_in();
    let page = site.create_page("First", "text");
    let path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    let edited = json!({ "title": "Second", "slug": "first", "summary": "", "body": "more text" });
    let page = site.put(&path, "\"1\"", &edited).json();
    site.put(&path, &etag(&page), &edited);
    let page = site.publish(&page);
    let restored = site.request("POST".parse().unwrap(), &format!("{path}/revisions/1/restore"), &[("if-match", &etag(&page))], None);
    let page = restored.json();
    let hidden = site.request("POST".parse().unwrap(), &format!("{path}/unpublish"), &[("if-match", &etag(&page))], None);
    assert_eq!(hidden.status, 200, "{hidden:?}");
    assert_eq!(site.request("DELETE".parse().unwrap(), &path, &[("if-match", "*")], None).status, 204);
    let media = site.upload("a.txt", b"some text").json();
    site.upload("again.txt", b"some text");
    assert_eq!(site.delete(&format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())).status, 204);
    let actions: Vec<String> = entries(&site, "?limit=100").iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        actions,
        [
            "media.delete",
            "media.create",
            "page.delete",
            "page.unpublish",
            "page.restore",
            "page.publish",
            "page.update",
            "page.create",
            "account.create"
        ]
    );
    let update = &entries(&site, "?action=page.update")[0];
    assert_eq!((&update["before"]["title"], &update["after"]["title"]), (&json!("First"), &json!("Second")));
}
