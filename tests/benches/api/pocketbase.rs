//! PocketBase as it is installed: its pages are a collection that everybody may read and who is signed in may write.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use magnetiq_storage::rusqlite::{Connection, params};
use magnetiq_tests::{EMAIL, PASSWORD};
use serde_json::{Value, json};
use ureq::Agent;

use crate::work::{PAGES, Requests, Server, body};

pub(crate) struct PocketBase {
    server: Child,
    base: String,
    token: String,
}

/// Of the record that is read.
const RECORD: &str = "000000000000077";

impl PocketBase {
    pub(crate) fn start(program: &Path, folder: &Path) -> Self {
        let data = folder.join("pocketbase");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let command = |words: &[&str]| {
            let mut command = Command::new(program);
            command.args(words).arg("--dir").arg(&data).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        assert!(command(&["superuser", "upsert", EMAIL, PASSWORD]).status().unwrap().success());
        let address = format!("127.0.0.1:{port}");
        let serve = || command(&["serve", "--http", &address]).spawn().unwrap();
        let mut this = Self { server: serve(), base: format!("http://{address}"), token: String::new() };
        this.wait();
        let answer = this.post("/api/collections/_superusers/auth-with-password", &json!({ "identity": EMAIL, "password": PASSWORD }));
        answer["token"].as_str().unwrap().clone_into(&mut this.token);
        this.post("/api/collections", &pages());
        this.post("/api/collections", &files());
        this.post("/api/collections/users/records", &json!({ "email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD }));
        this.end();
        fill(&data);
        this.server = serve();
        this.wait();
        // A user of the site and no superuser, for whom rules do not count.
        let answer = this.post("/api/collections/users/auth-with-password", &json!({ "identity": EMAIL, "password": PASSWORD }));
        answer["token"].as_str().unwrap().clone_into(&mut this.token);
        this
    }

    fn wait(&self) {
        for _ in 0..600 {
            if ureq::get(format!("{}/api/health", self.base)).call().is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("PocketBase does not answer");
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.post(format!("{}{path}", self.base)).header("Authorization", &self.token).send_json(body).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(answer.status().is_success(), "{path}: {} {text}", answer.status());
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn end(&mut self) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.server), rustix::process::Signal::TERM);
        let _ = self.server.wait();
    }
}

fn pages() -> Value {
    let text = |name: &str| json!({ "name": name, "type": "text", "max": 100_000 });
    json!({
        "name": "pages", "type": "base", "listRule": "", "viewRule": "", "createRule": "@request.auth.id != ''",
        "fields": [text("slug"), text("title"), text("summary"), text("body"), { "name": "made", "type": "autodate", "onCreate": true }],
        "indexes": ["CREATE UNIQUE INDEX pages_by_slug ON pages (slug)", "CREATE INDEX pages_by_made ON pages (made)"],
    })
}

fn files() -> Value {
    json!({
        "name": "files", "type": "base", "createRule": "@request.auth.id != ''",
        "fields": [{ "name": "file", "type": "file", "maxSelect": 1, "maxSize": 10_000_000 }],
    })
}

/// Rows straight into its database.
fn fill(data: &Path) {
    let mut conn = Connection::open(data.join("data.db")).unwrap();
    let tx = conn.transaction().unwrap();
    for number in 0..PAGES {
        tx.prepare_cached("INSERT INTO pages (id, slug, title, summary, body, made) VALUES (printf('%015d', ?1), ?2, ?3, '', ?4, '2026-01-01 00:00:00.000Z')")
            .unwrap()
            .execute(params![number, format!("page-{number}"), format!("Page {number}"), body(number)])
            .unwrap();
    }
    tx.commit().unwrap();
}

impl Server for PocketBase {
    fn base(&self) -> String {
        self.base.clone()
    }

    fn requests(&self) -> Requests {
        Requests {
            health: "/api/health".to_owned(),
            record: format!("/api/collections/pages/records/{RECORD}"),
            // The newest first, as ours; without the total, which it does not want to count.
            list: "/api/collections/pages/records?perPage=20&skipTotal=1&sort=-made&fields=id,slug,title,summary,made".to_owned(),
            create: "/api/collections/pages/records".to_owned(),
            upload: "/api/collections/files/records".to_owned(),
            page: r#"'{"title":"New ' .. n .. '","slug":"new-' .. n .. '","summary":"","body":"' .. body .. '"}'"#.to_owned(),
            who: ("Authorization".to_owned(), self.token.clone()),
        }
    }

    fn pid(&self) -> u32 {
        self.server.id()
    }

    fn durability(&self) -> &'static str {
        "a crash of the program: synchronous=NORMAL, synced at checkpoints, so that a power cut may take acknowledged records back"
    }
}

impl Drop for PocketBase {
    fn drop(&mut self) {
        self.end();
    }
}
