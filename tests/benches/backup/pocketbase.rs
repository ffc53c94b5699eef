//! PocketBase's own backup of a site of its own, with as many rows and files of the same sizes: it backs up no other.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use magnetiq_storage::rusqlite::{Connection, params};
use serde_json::{Value, json};
use ureq::Agent;

use crate::{
    measure::{Cost, size_bytes},
    site::Site,
};

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "correct horse battery";
const ADDRESS: &str = "127.0.0.1:38090";

/// A server with the content of the site.
#[derive(Debug)]
pub(crate) struct PocketBase {
    server: Child,
    data: PathBuf,
    agent: Agent,
    token: String,
}

impl PocketBase {
    /// Copies the site into `folder` and starts the server.
    pub(crate) fn start(program: &Path, folder: &Path, site: &Site) -> Self {
        let data = folder.join("pb_data");
        let pocketbase = |words: &[&str]| {
            let mut command = Command::new(program);
            command.args(words).arg("--dir").arg(&data).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        assert!(pocketbase(&["superuser", "upsert", EMAIL, PASSWORD]).status().unwrap().success());
        let mut this = Self {
            server: pocketbase(&["serve", "--http", ADDRESS]).spawn().unwrap(),
            data: data.clone(),
            agent: agent(),
            token: String::new(),
        };
        this.wait();
        let answer = this.post("/api/collections/_superusers/auth-with-password", &json!({ "identity": EMAIL, "password": PASSWORD }));
        this.token = answer["token"].as_str().unwrap().to_owned();
        let pages = this.post("/api/collections", &collection());
        this.end();
        fill(&data, pages["id"].as_str().unwrap(), site);
        this.server = pocketbase(&["serve", "--http", ADDRESS]).spawn().unwrap();
        this.wait();
        this
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data.join("data.db")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.data.join("backups/bench.zip")
    }

    /// One backup; the one before is gone.
    pub(crate) fn backup(&self) -> Cost {
        let _ = fs::remove_file(self.archive());
        // The highest so far, so that reading in does not count.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.server.id()), "5");
        let (began, cpu) = (Instant::now(), self.cpu());
        self.post("/api/backups", &json!({ "name": "bench.zip" }));
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak_kb: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        Cost { wall: began.elapsed(), cpu: self.cpu() - cpu, peak_rss_bytes: peak_kb * 1024 }
    }

    pub(crate) fn archive_bytes(&self) -> u64 {
        size_bytes(self.archive().parent().unwrap())
    }

    /// Processor time of the server so far; the system counts it in hundredths of a second.
    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.server.id())).unwrap();
        let fields: Vec<u64> = stat.rsplit(") ").next().unwrap().split(' ').map(|field| field.parse().unwrap_or(0)).collect();
        Duration::from_millis((fields[11] + fields[12]) * 10)
    }

    fn wait(&self) {
        for _ in 0..600 {
            if self.agent.get(format!("http://{ADDRESS}/api/health")).call().is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("PocketBase does not answer");
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut answer = self.agent.post(format!("http://{ADDRESS}{path}")).header("Authorization", &self.token).send_json(body).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(answer.status().is_success(), "{path}: {} {text}", answer.status());
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn end(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.server);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.server.wait();
    }
}

impl Drop for PocketBase {
    fn drop(&mut self) {
        self.end();
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(300))).build().into()
}

fn collection() -> Value {
    let text = |name: &str| json!({ "name": name, "type": "text", "max": 100_000 });
    let index = |name: &str, columns: &str| format!("CREATE INDEX {name} ON pages ({columns})");
    json!({
        "name": "pages", "type": "base",
        "fields": [text("slug"), text("title"), text("body"), text("status"), { "name": "author", "type": "number" },
            { "name": "made", "type": "number" }, { "name": "changed", "type": "number" },
            { "name": "file", "type": "file", "maxSelect": 1, "maxSize": 10_000_000 }],
        "indexes": [index("pages_by_slug", "slug"), index("pages_by_title", "title"), index("pages_by_author", "author, changed"),
            index("pages_by_status", "status, changed"), index("pages_by_made", "made")],
    })
}

/// Rows straight into its database, and the media as files of the first rows.
fn fill(data: &Path, collection: &str, site: &Site) {
    let conn = Connection::open(data.join("data.db")).unwrap();
    conn.execute("ATTACH ?1 AS site", [site.database().to_str().unwrap()]).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    conn.execute(
        "INSERT INTO pages (id, slug, title, body, status, author, made, changed, file)
         SELECT printf('%015d', page.id), slug, title, body, status, author_id, page.created_at, updated_at, coalesce(name, '')
         FROM site.page LEFT JOIN site.media ON media.id = page.id",
        [],
    )
    .unwrap();
    conn.execute_batch("PRAGMA wal_checkpoint (TRUNCATE)").unwrap();
    let mut files = conn.prepare("SELECT id, sha256, name FROM site.media").unwrap();
    let mut rows = files.query(params![]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, sha256, name): (u64, String, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let folder = data.join(format!("storage/{collection}/{id:015}"));
        fs::create_dir_all(&folder).unwrap();
        fs::copy(site.media().join(&sha256[..2]).join(&sha256[2..]), folder.join(name)).unwrap();
    }
}
