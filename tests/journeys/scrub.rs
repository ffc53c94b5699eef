//! A copy of a site for those who work on the program: nothing of its secrets and its people is in it, and it is a site all the same.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::Command,
    time::Duration,
};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Server};
use serde_json::{Value, json};

use crate::backup::{stop, write};

/// What people are called here, what they wrote and where they were, and so it must be nowhere.
const PEOPLE: [&str; 9] = [
    "zaphod@heart-of-gold.example",
    "Zaphod Beeblebrox",
    "Trillians laptop",
    "Paranoid-Android/42",
    "marvin@sirius.example",
    "arthur@earth.example",
    "Arthur Dent",
    "The answer is forty-two",
    "Call him on 555 0142",
];

#[track_caller]
fn made(answer: Result<(u16, Value), ureq::Error>) -> Value {
    let (status, body) = answer.unwrap();
    assert!((200..300).contains(&status), "{status} {body}");
    body
}

/// Everything that a site remembers about people; gives secrets that it hands out, too.
fn lived_in(server: &Server, ana: &Client) -> Vec<String> {
    let new = json!({ "email": PEOPLE[0], "name": PEOPLE[1], "role": "editor" });
    let zaphod = made(ana.post("/api/v1/admin/accounts", &new));
    let link = format!("/api/v1/admin/accounts/{}/link", zaphod["id"].as_str().unwrap());
    let (status, _, said) = ana.send("POST", &link, &[], b"").unwrap();
    assert!((200..300).contains(&status), "{said}");
    // On the real clock of this machine, and it ends within a year.
    let expires = tomorrow();
    let token = made(ana.post("/api/v1/auth/tokens", &json!({ "name": PEOPLE[2], "role": "viewer", "expires_at": expires })));
    let credentials = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let headers = [("content-type", "application/json"), ("user-agent", PEOPLE[3])];
    assert_eq!(server.client().send("POST", "/api/v1/auth/login", &headers, credentials.as_bytes()).unwrap().0, 200);
    let factor = made(ana.post("/api/v1/auth/second-factor", &json!({ "password": PASSWORD })));
    let fields = json!([{ "name": "name", "label": "Name", "kind": "text", "required": true },
                        { "name": "email", "label": "E-mail", "kind": "email", "required": true },
                        { "name": "text", "label": "Text", "kind": "long-text" }]);
    made(ana.post(
        "/api/v1/admin/forms",
        &json!({ "slug": "contact", "title": "Contact", "kind": "contact", "notify": [PEOPLE[4]], "double_opt_in": false, "thanks": "Thanks",
                 "kept_days": 30, "open": true, "fields": fields }),
    ));
    let visitor = server.client();
    let form = made(visitor.get("/api/v1/forms/contact"));
    // Nobody reads a form in less.
    std::thread::sleep(Duration::from_secs(4));
    let answers = json!({ "name": PEOPLE[6], "email": PEOPLE[5], "text": PEOPLE[7] });
    made(visitor.post("/api/v1/forms/contact/leads", &json!({ "token": form["token"], "answers": answers })));
    let leads = made(ana.get("/api/v1/admin/leads"));
    let lead = format!("/api/v1/admin/leads/{}", leads["items"][0]["id"].as_str().unwrap());
    let (_, head, _) = ana.send("GET", &lead, &[], b"").unwrap();
    let note = json!({ "state": "in-work", "note": PEOPLE[8] }).to_string();
    let headers = [("content-type", "application/json"), ("if-match", head["etag"].to_str().unwrap())];
    let (status, _, said) = ana.send("PUT", &lead, &headers, note.as_bytes()).unwrap();
    assert_eq!(status, 200, "{said}");
    vec![token["secret"].as_str().unwrap().to_owned(), factor["secret"].as_str().unwrap().to_owned()]
}

fn tomorrow() -> String {
    let output = Command::new("date").args(["-u", "-d", "tomorrow", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The database in an archive, byte by byte.
fn exported(folder: &Folder, flag: &str) -> Vec<u8> {
    let archive = folder.path(&format!("{}.tar.gz", flag.trim_start_matches('-')));
    folder.run_backupd(&["export", flag, "--output", &archive.display().to_string()]).check_done();
    let opened = folder.path(&format!("opened{flag}"));
    fs::create_dir(&opened).unwrap();
    assert!(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&opened).status().unwrap().success());
    let settings: Vec<_> = fs::read_dir(&opened).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!settings.iter().any(|name| name.to_string_lossy().contains("config")), "settings have secrets in them: {settings:?}");
    fs::read(opened.join("database.sqlite3")).unwrap()
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
}

fn text(conn: &Connection, sql: &str) -> String {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn nothing_about_people_is_in_a_scrubbed_export_and_it_is_a_site() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    write(&ana, "A page of the site");
    let secrets = lived_in(&server, &ana);
    let live: Vec<u8> =
        ["", "-wal"].iter().flat_map(|end| fs::read(format!("{}{end}", folder.database().display())).unwrap_or_default()).collect();
    for text in PEOPLE {
        assert!(has(&live, text), "{text} is in the database, or this test proves nothing");
    }

    let scrubbed = exported(&folder, "--scrub");
    for text in PEOPLE.into_iter().chain([EMAIL, "127.0.0.1"]) {
        assert!(!has(&scrubbed, text), "{text}");
    }
    let conn = Connection::open(folder.path("opened--scrub/database.sqlite3")).unwrap();
    let hashes = "SELECT token_hash || (SELECT token_hash FROM api_token) || (SELECT hex(secret) FROM account_totp) FROM account_session";
    let hashes = text(&Connection::open(folder.database()).unwrap(), hashes);
    for flag in ["--scrub", "--without-secrets"] {
        let bytes = if flag == "--scrub" { scrubbed.clone() } else { exported(&folder, flag) };
        assert!(has(&bytes, "A page of the site") && !secrets.iter().any(|secret| has(&bytes, secret)), "{flag}");
        assert!(!has(&bytes, &hashes[..64]), "{flag}");
        let conn = Connection::open(folder.path(&format!("opened{flag}/database.sqlite3"))).unwrap();
        let left = "SELECT count(*) || '' FROM (SELECT 1 FROM account_session UNION ALL SELECT 1 FROM api_token UNION ALL SELECT 1 FROM account_totp
                    UNION ALL SELECT 1 FROM account_link UNION ALL SELECT 1 FROM outbox UNION ALL SELECT 1 FROM setting WHERE sealed IS NOT NULL)";
        assert_eq!(text(&conn, left), "0", "{flag}");
        assert_eq!(text(&conn, "SELECT count(DISTINCT password_hash) || '' FROM account"), "1", "{flag}");
        assert_eq!(text(&conn, "PRAGMA integrity_check"), "ok", "{flag}");
        assert!(has(&bytes, PEOPLE[0]) != (flag == "--scrub"), "{flag}");
    }
    // The same people, under the same other names; and the log is as final as before.
    let again = text(&conn, "SELECT group_concat(email) FROM (SELECT email FROM account ORDER BY id)");
    fs::remove_dir_all(folder.path("opened--scrub")).unwrap();
    fs::remove_file(folder.path("scrub.tar.gz")).unwrap();
    drop(conn);
    exported(&folder, "--scrub");
    let conn = Connection::open(folder.path("opened--scrub/database.sqlite3")).unwrap();
    assert_eq!(text(&conn, "SELECT group_concat(email) FROM (SELECT email FROM account ORDER BY id)"), again);
    assert!(conn.execute("DELETE FROM audit_entry", []).unwrap_err().to_string().contains("append-only"));
    stop(server);

    // A developer takes it in, and works with it.
    let desk = Folder::new();
    fs::copy(folder.path("scrub.tar.gz"), desk.path("site.tar.gz")).unwrap();
    desk.run_backupd(&["import", "site.tar.gz"]).check_done();
    let server = Server::start_new(&desk);
    let (_, pages) = server.sign_in().get("/api/v1/admin/pages").unwrap();
    assert_eq!(pages["items"][0]["title"], "A page of the site");
}

#[test]
fn what_administrators_set_counts_after_a_login_went() {
    let folder = Folder::new();
    folder.run(&["migrate"], "").check_done();
    let copy = folder.path("copy.sqlite3");
    fs::copy(folder.database(), &copy).unwrap();
    let settings = "INSERT INTO setting (name, value, sealed, updated_at) VALUES ('site.title', 'Kept', NULL, 0),
                    ('mail.smtp_host', 'mail.example.com', NULL, 0), ('mail.smtp_user', 'site', NULL, 0), ('mail.smtp_password', NULL, x'00', 0)";
    Connection::open(&copy).unwrap().execute_batch(settings).unwrap();
    folder.run(&["scrub", "copy.sqlite3"], "").check_done();
    assert_eq!(text(&Connection::open(&copy).unwrap(), "SELECT group_concat(name || '=' || value) FROM setting"), "site.title=Kept");
}

#[test]
fn the_database_of_a_site_is_not_scrubbed() {
    let folder = Folder::new();
    folder.run(&["migrate"], "").check_done();
    let database = folder.database().display().to_string();
    folder.run(&["scrub", &database], "").check_refused(&["is the database of the site"]);
    let copy = folder.path("copy.sqlite3");
    fs::copy(folder.database(), &copy).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    folder.run(&["scrub", "copy.sqlite3"], "").check_done();
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600, "nobody else may read it now");
    Connection::open(&copy).unwrap().execute_batch("CREATE TABLE visitor (name TEXT)").unwrap();
    folder.run(&["scrub", "copy.sqlite3"], "").check_refused(&["the table visitor is not known"]);
}
