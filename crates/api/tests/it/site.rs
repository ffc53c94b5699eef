//! A whole site for one test: a store in a temporary folder, a listener on a free port, a clock that the test moves.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread::JoinHandle,
};

use actix_web::web::Data;
use magnetiq_api::{AppState, Clock, Error, Role, Time, commands, export, import, schema};
use magnetiq_config::{Settings, Sources};
use magnetiq_storage::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::{
    Agent, Body,
    http::{Method, Response},
};

pub(crate) const EMAIL: &str = "ana@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const START: i64 = 1_763_916_300_000;

pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) agent: Agent,
    now: Arc<AtomicI64>,
    state: Data<AppState>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    pub(crate) store: Store,
    environment: BTreeMap<String, String>,
}

fn load(environment: &BTreeMap<String, String>, variables: &[(&str, &str)]) -> Settings {
    let mut environment = environment.clone();
    environment.extend(variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Settings::load(Sources { file: None, environment }).unwrap()
}

fn clock(now: &Arc<AtomicI64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || Time::from_millis(now.load(Ordering::Relaxed)))
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With these settings besides the usual ones, as environment variables write them.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self::prepared(variables, |store, clock| {
            commands::create_account(store, clock, EMAIL, "Ana", Role::Admin, &PASSWORD.to_owned().into()).unwrap();
        })
    }

    /// With what `prepare` writes before the server starts, and nothing else.
    pub(crate) fn prepared(variables: &[(&str, &str)], prepare: impl FnOnce(&Store, &Clock)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut environment = BTreeMap::from([
            ("MAGNETIQ__PROFILE".to_owned(), "development".to_owned()),
            ("MAGNETIQ__DATABASE__PATH".to_owned(), path("magnetiq.sqlite3")),
            ("MAGNETIQ__MEDIA__FOLDER".to_owned(), path("media")),
            ("MAGNETIQ__MAIL__FOLDER".to_owned(), path("mail")),
            ("MAGNETIQ__SERVER__WORKERS".to_owned(), "2".to_owned()),
        ]);
        environment.extend(variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let settings = load(&environment, &[]);
        let store = Store::open(&settings.database.path, settings.database.options()).unwrap();
        schema::migrate(&store).unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let clock = clock(&now);
        prepare(&store, &clock);
        let state = Data::new(AppState::new(settings, store.clone(), clock).unwrap());
        let address = ([127, 0, 0, 1], 0).into();
        Self { folder, address, agent: agent(), now, state, stop: None, server: None, store, environment }.serving()
    }

    fn serving(mut self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        self.address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let state = self.state.clone();
        let server = std::thread::spawn(move || {
            let stop = async {
                let _ = stopped.await;
            };
            actix_rt::System::new().block_on(magnetiq_api::serve(listener, state, stop)).unwrap();
        });
        (self.stop, self.server) = (Some(stop), Some(server));
        self
    }

    /// The state that a start with these variables besides those from the beginning would have.
    pub(crate) fn try_restart(&self, variables: &[(&str, &str)]) -> Result<AppState, Error> {
        AppState::new(load(&self.environment, variables), self.store.clone(), clock(&self.now))
    }

    /// The same site with its server down.
    pub(crate) fn stopped(mut self) -> Self {
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(server) = self.server.take() {
            server.join().unwrap();
        }
        self
    }

    /// The same site, started again.
    pub(crate) fn restarted(self, variables: &[(&str, &str)]) -> Self {
        let mut site = self.stopped();
        site.state = Data::new(site.try_restart(variables).unwrap());
        site.serving()
    }

    /// The same site, started again after what `meanwhile` does to its folder, with somebody signed in.
    pub(crate) fn restarted_after(self, variables: &[(&str, &str)], meanwhile: impl FnOnce(&std::path::Path)) -> Self {
        let site = self.stopped();
        meanwhile(site.folder.path());
        let site = site.restarted(variables);
        site.sign_in();
        site
    }

    /// Tells the server to stop, and goes on.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// A site with somebody signed in.
    pub(crate) fn signed_in() -> Self {
        let site = Self::start();
        site.sign_in();
        site
    }

    pub(crate) fn sign_in(&self) {
        let answer = self.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// The clock that the test moves.
    pub(crate) fn clock(&self) -> Clock {
        clock(&self.now)
    }

    pub(crate) fn pass_time(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
    }

    pub(crate) fn put(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.request(Method::PUT, path, &[("content-type", "application/json"), ("if-match", etag)], Some(body.to_string().as_bytes()))
    }

    /// Whatever is there.
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, &[("if-match", "*")], None)
    }

    /// A page from the trash, whatever became of it.
    pub(crate) fn restore(&self, id: &Value, wanted: &Value) -> Answer {
        let path = format!("/api/v1/admin/trash/{}/restore", id.as_str().unwrap());
        let headers = [("content-type", "application/json"), ("if-match", "*")];
        self.request(Method::POST, &path, &headers, Some(wanted.to_string().as_bytes()))
    }

    pub(crate) fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        Answer::read(response.unwrap_or_else(|error| panic!("{path}: {error}")))
    }

    pub(crate) fn upload(&self, name: &str, content: &[u8]) -> Answer {
        self.send_file(Method::POST, "/api/v1/admin/media", &[], name, content)
    }

    /// A file in a form.
    pub(crate) fn send_file(&self, method: Method, path: &str, headers: &[(&str, &str)], name: &str, content: &[u8]) -> Answer {
        let mut body = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let headers = [headers, &[("content-type", "multipart/form-data; boundary=edge")]].concat();
        self.request(method, path, &headers, Some(&body))
    }

    pub(crate) fn create_page(&self, title: &str, body: &str) -> Value {
        let answer = self.post("/api/v1/admin/pages", &json!({ "title": title, "body": body }));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    pub(crate) fn publish(&self, page: &Value) -> Value {
        let path = format!("/api/v1/admin/pages/{}/publish", page["id"].as_str().unwrap());
        let answer = self.request(Method::POST, &path, &[("if-match", &etag(page))], None);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) fn import(&self, folder: &std::path::Path) -> import::Report {
        self.try_import(folder).unwrap()
    }

    pub(crate) fn try_import(&self, from: &std::path::Path) -> Result<import::Report, Error> {
        import::import(&self.state, from, |_| {})
    }

    pub(crate) fn export(&self, folder: &std::path::Path) -> Result<export::Report, magnetiq_api::Error> {
        export::export(&self.state, folder, |_| {})
    }

    /// Every file in the media folder, but for the smaller pictures, which come when they come.
    pub(crate) fn media_files(&self) -> Vec<PathBuf> {
        let mut files = files(&self.folder.path().join("media"));
        files.retain(|path| !path.starts_with(self.folder.path().join("media/variants")));
        files
    }

    /// Every smaller picture.
    pub(crate) fn variant_files(&self) -> Vec<PathBuf> {
        files(&self.folder.path().join("media/variants"))
    }
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(server) = self.server.take() {
            let ended = server.join();
            if !std::thread::panicking() {
                ended.unwrap();
                self.store.close().unwrap();
            }
        }
    }
}

pub(crate) fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

pub(crate) fn etag(page: &Value) -> String {
    format!("\"{}\"", page["revision"])
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn read(response: Response<Body>) -> Self {
        let (head, mut body) = response.into_parts();
        let body = body.with_config().limit(100 << 20).read_to_vec().unwrap();
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// It is a problem with this status and code; gives its detail.
    #[track_caller]
    pub(crate) fn check_problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("urn:magnetiq:problem:{code}"), "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        problem["detail"].as_str().unwrap().to_owned()
    }
}
