//! Our server, as production runs it: `synchronous=FULL`, each request in a log file, a token for operators. Who has none asks `/health` for the
//! verdict of all checks alone, which is what a balancer wants.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use magnetiq_tests::{EMAIL, PASSWORD};
use serde_json::json;
use ureq::Agent;

use crate::work::{PAGES, Requests, Server, body};

const TOKEN: &str = "only-for-this-bench-0123456789";

pub(crate) struct Magnetiq {
    server: Child,
    base: String,
    cookie: String,
}

impl Magnetiq {
    /// A site with the pages, and somebody who is signed in.
    pub(crate) fn start(program: &Path, folder: &Path) -> Self {
        let folder = folder.join("magnetiq");
        let pages = folder.join("pages");
        fs::create_dir_all(&pages).unwrap();
        for number in 0..PAGES {
            let text = format!("---\ntitle: Page {number}\n---\n{}", body(number));
            fs::write(pages.join(format!("page-{number}.md")), text).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "profile = 'development'\n[server]\nport = {port}\n[health]\ntoken = '{TOKEN}'\n[log]\nformat = 'json'\nfolder = 'logs'\n"
        );
        fs::write(folder.join("magnetiq.toml"), settings).unwrap();
        let command = |words: &[&str]| {
            let mut command = Command::new(program);
            command.args(words).current_dir(&folder).env_clear().stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let mut admin =
            command(&["admin", "create", "--email", EMAIL, "--name", "Ana", "--password-stdin"]).stdin(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut admin.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
        assert!(admin.wait().unwrap().success());
        assert!(command(&["import", "pages"]).status().unwrap().success());
        let server = command(&["serve"]).spawn().unwrap();
        let mut this = Self { server, base: format!("http://127.0.0.1:{port}"), cookie: String::new() };
        this.wait();
        this.cookie = this.sign_in();
        this
    }

    fn wait(&self) {
        for _ in 0..600 {
            if ureq::get(format!("{}/readyz", self.base)).call().is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the server is not ready");
    }

    fn sign_in(&self) -> String {
        let agent: Agent = Agent::config_builder().build().into();
        let answer = agent.post(format!("{}/api/v1/auth/login", self.base)).send_json(json!({ "email": EMAIL, "password": PASSWORD }));
        let answer = answer.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl Server for Magnetiq {
    fn base(&self) -> String {
        self.base.clone()
    }

    fn requests(&self) -> Requests {
        Requests {
            health: "/health".to_owned(),
            record: "/api/v1/pages/page-77".to_owned(),
            list: "/api/v1/pages?limit=20".to_owned(),
            create: "/api/v1/admin/pages".to_owned(),
            upload: "/api/v1/admin/media".to_owned(),
            page: r#"'{"title":"New ' .. n .. '","slug":"new-' .. n .. '","summary":"","body":"' .. body .. '"}'"#.to_owned(),
            who: ("Cookie".to_owned(), self.cookie.clone()),
        }
    }

    fn pid(&self) -> u32 {
        self.server.id()
    }

    fn durability(&self) -> &'static str {
        "a power cut: synchronous=FULL, each answer after the sync of its commit, which those share that wait together"
    }
}

impl Drop for Magnetiq {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
