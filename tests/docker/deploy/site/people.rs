//! People who read the site and write to it meanwhile.

use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use super::{DOMAIN, Site};
use crate::engine::{done, said, until};

const PASSWORD: &str = "correct horse battery";
/// What who writes takes to think: as many as are on a site of this size, and not as many as a machine can bear.
const THINKING: Duration = Duration::from_secs(5);
/// What who reads takes for an answer.
const READING: Duration = Duration::from_millis(100);
/// A picture of one pixel.
const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

impl Site {
    pub(crate) fn first_administrator(&self) {
        let logs = || said(&self.engine.docker(&["logs", &self.container("backend")]).output().unwrap());
        let token = until(|| {
            let log = logs();
            let token = log.split("admin/first#").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
            token.ok_or(log)
        });
        let first = json!({ "token": token, "email": "ana@example.com", "name": "Ana", "password": PASSWORD });
        let made = self.ask("POST", "/api/v1/auth/first", Some(&first));
        assert!([200, 201].contains(&made.0), "{made:?}");
        self.sign_in();
    }

    fn sign_in(&self) {
        let signed_in = self.ask("POST", "/api/v1/auth/login", Some(&json!({ "email": "ana@example.com", "password": PASSWORD })));
        assert_eq!(signed_in.0, 200, "{signed_in:?}");
    }

    /// As docs/operations/data.md says, on the machine where it runs.
    pub(crate) fn sign_in_with_a_new_password(&self) {
        done(&mut self.there(&["stop", "backend"]));
        let mut reset = self.there(&["run", "--rm", "--no-deps", "--no-TTY", "backend", "admin", "reset-password", "--password-stdin"]);
        fs::write(self.path("password"), PASSWORD).unwrap();
        done(reset.args(["--email", "ana@example.com"]).stdin(fs::File::open(self.path("password")).unwrap()));
        done(&mut self.there(&["restart", "backend"]));
        until(|| Some(self.ask("GET", "/readyz", None)).filter(|answer| answer.0 == 200).ok_or_else(|| self.log()));
        self.sign_in();
    }

    /// A page of this title; its id where it was acknowledged.
    pub(crate) fn write(&self, title: &str) -> Option<String> {
        // Two pages may have one title, and each has its own address.
        let slug = format!("page-{}", self.titles.fetch_add(1, Ordering::Relaxed));
        let (status, body) = self.ask("POST", "/api/v1/admin/pages", Some(&json!({ "title": title, "slug": slug })));
        if status == 500 {
            self.broken.fetch_add(1, Ordering::Relaxed);
        }
        // Nobody there, nobody who takes it in time, or the word that the site is being worked on.
        assert!([0, 201, 408, 500, 502, 503, 504].contains(&status), "{status} {body}");
        (status == 201).then(|| serde_json::from_str::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned())
    }

    pub(crate) fn has(&self, page: &str) -> bool {
        self.ask("GET", &format!("/api/v1/admin/pages/{page}"), None).0 == 200
    }

    pub(crate) fn rename(&self, id: &str, title: &str) {
        let address = format!("/api/v1/admin/pages/{id}");
        let page: Value = serde_json::from_str(&self.ask("GET", &address, None).1).unwrap();
        let change = json!({ "title": title, "slug": page["slug"], "summary": "", "body": "" });
        let changed = self.ask_with("PUT", &address, &[&format!("If-Match: \"{}\"", page["revision"])], Some(&change));
        assert_eq!(changed.0, 200, "{changed:?}");
    }

    /// People write while `work` is done; what was acknowledged is remembered. Nobody proves anything where nothing was.
    #[track_caller]
    pub(crate) fn under_writers<T>(&self, work: impl FnOnce() -> T) -> T {
        let (done, before) = (AtomicBool::new(false), self.ledger().len());
        let (done, site) = (&done, self);
        let write = move || {
            while !done.load(Ordering::Relaxed) {
                let number = site.titles.fetch_add(1, Ordering::Relaxed);
                if let Some(id) = site.write(&format!("Page {number}")) {
                    site.remember(id);
                }
                std::thread::sleep(THINKING);
            }
        };
        let result = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..self.writers).map(|_| scope.spawn(write)).collect();
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            done.store(true, Ordering::Relaxed);
            drop(writers);
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let acknowledged = self.ledger().len() - before;
        println!("{acknowledged} pages were acknowledged meanwhile");
        assert!(acknowledged > 0, "nobody could write");
        result
    }

    pub(crate) fn broken_answers(&self) -> u32 {
        self.broken.load(Ordering::Relaxed)
    }

    /// What came later was given up on purpose.
    pub(crate) fn forget_all_but(&self, before: &BTreeSet<String>) {
        self.written.lock().unwrap().retain(|id| before.contains(id));
    }

    pub(crate) fn remember(&self, page: String) {
        self.written.lock().unwrap().insert(page);
    }

    pub(crate) fn ledger(&self) -> BTreeSet<String> {
        self.written.lock().unwrap().clone()
    }

    /// Every page that was acknowledged is there.
    #[track_caller]
    pub(crate) fn nothing_is_lost(&self) {
        let (mut there, mut next) = (BTreeSet::new(), Some(String::new()));
        while let Some(cursor) = next {
            let (status, body) = self.ask("GET", &format!("/api/v1/admin/pages?limit=100{cursor}"), None);
            assert_eq!(status, 200, "{body}");
            let list: Value = serde_json::from_str(&body).unwrap();
            there.extend(list["items"].as_array().unwrap().iter().map(|page| page["id"].as_str().unwrap().to_owned()));
            next = list["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
        }
        let lost: Vec<_> = self.ledger().difference(&there).cloned().collect();
        assert!(lost.is_empty(), "{} of {} acknowledged pages are gone: {lost:?}", lost.len(), self.ledger().len());
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        self.ask_with(method, path, &[], body)
    }

    /// With the cookie of who signed in.
    fn ask_with(&self, method: &str, path: &str, headers: &[&str], body: Option<&Value>) -> (u16, String) {
        let mut curl = self.signed_in(path);
        curl.args(["--request", method]);
        if path.ends_with("/login") {
            curl.arg("--cookie-jar").arg(self.path("cookies"));
        }
        for header in headers {
            curl.args(["--header", header]);
        }
        if let Some(body) = body {
            curl.args(["--header", "Content-Type: application/json", "--data", &body.to_string()]);
        }
        answer(&mut curl)
    }

    fn signed_in(&self, path: &str) -> Command {
        let mut curl = self.visit(path);
        curl.arg("--cookie").arg(self.path("cookies"));
        curl
    }

    /// Through the proxy, over TLS, as nobody in particular.
    fn visit(&self, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--insecure", "--max-time", "30", "--http1.1", "--noproxy", "*", "--write-out", "\n%{http_code}"]);
        curl.args(["--resolve", &format!("{DOMAIN}:{}:127.0.0.1", self.https)]);
        curl.arg(format!("https://{DOMAIN}:{}{path}", self.https));
        curl
    }

    /// A published page, what programs are told of it, and a picture: their addresses, and that of the site.
    pub(crate) fn publish(&self, title: &str) -> [String; 4] {
        let id = self.write(title).unwrap();
        let page = format!("/api/v1/admin/pages/{id}");
        let seen: Value = serde_json::from_str(&self.ask("GET", &page, None).1).unwrap();
        let published = self.ask_with("POST", &format!("{page}/publish"), &[&format!("If-Match: \"{}\"", seen["revision"])], None);
        assert_eq!(published.0, 200, "{published:?}");
        self.remember(id);
        fs::write(self.path("dot.gif"), DOT).unwrap();
        let mut upload = self.signed_in("/api/v1/admin/media");
        let (status, media) = answer(upload.arg("--form").arg(format!("file=@{}", self.path("dot.gif").display())));
        // The same file again is the same.
        assert!([200, 201].contains(&status), "{status} {media}");
        let media: Value = serde_json::from_str(&media).unwrap();
        let slug = seen["slug"].as_str().unwrap();
        ["/".to_owned(), format!("/{slug}"), format!("/api/v1/pages/{slug}"), media["url"].as_str().unwrap().to_owned()]
    }

    /// Somebody who may write here, too.
    pub(crate) fn invite(&self, email: &str, name: &str) {
        let invited = self.ask("POST", "/api/v1/admin/accounts", Some(&json!({ "email": email, "name": name, "role": "editor" })));
        assert_eq!(invited.0, 201, "{invited:?}");
    }

    /// Nobody in particular reads there.
    #[track_caller]
    pub(crate) fn read(&self, address: &str) {
        let read = answer(&mut self.visit(address));
        assert_eq!(read.0, 200, "{address}: {read:?}");
    }

    /// Somebody reads at each of these addresses while `work` is done, and nobody of them may get anything but what is there.
    #[track_caller]
    pub(crate) fn under_readers<T>(&self, addresses: &[String], work: impl FnOnce() -> T) -> T {
        let done = AtomicBool::new(false);
        let read = |address: &String| {
            let (mut answers, mut wrong) = (0, Vec::new());
            while !done.load(Ordering::Relaxed) {
                let (status, body) = answer(&mut self.visit(address));
                answers += 1;
                if status != 200 {
                    wrong.push(format!("{address}: {status} {body}"));
                }
                std::thread::sleep(READING);
            }
            (answers, wrong)
        };
        // What nobody has read yet, nobody has a copy of.
        addresses.iter().for_each(|address| self.read(address));
        let (result, answers, wrong) = std::thread::scope(|scope| {
            let readers: Vec<_> = addresses.iter().map(|address| scope.spawn(|| read(address))).collect();
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            done.store(true, Ordering::Relaxed);
            let read: Vec<(u32, Vec<String>)> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
            let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (
                result,
                read.iter().map(|(answers, _)| answers).sum::<u32>(),
                read.into_iter().flat_map(|(_, wrong)| wrong).collect::<Vec<_>>(),
            )
        });
        println!("{answers} answers were read meanwhile");
        assert!(wrong.is_empty(), "{} of {answers}: {wrong:#?}", wrong.len());
        result
    }
}

/// What came back; without an answer the status is 0.
fn answer(curl: &mut Command) -> (u16, String) {
    let text = String::from_utf8_lossy(&curl.output().unwrap().stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap_or(("", "0"));
    (status.parse().unwrap_or(0), body.to_owned())
}
