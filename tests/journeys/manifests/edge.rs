//! The proxy and the page on real nginx, before the real server: as Compose has them, but for ports and folders.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magnetiq_manifests::Files;
use magnetiq_tests::{Folder, Server, free_port};

use super::{SITE, deployment, rendered};

pub(super) const DOMAIN: &str = "www.example.org";

/// A site behind its proxy; what was started ends when it is dropped.
pub(super) struct Edge {
    pub(super) domain: String,
    pub(super) folder: Folder,
    pub(super) server: Option<Server>,
    pub(super) page: Nginx,
    pub(super) proxy: Nginx,
    pub(super) http: u16,
    pub(super) https: u16,
    /// Of the page's nginx, which comes first in a cluster.
    pub(super) under: u16,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The values of a header, one for each time that it is there.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header that is there once; empty without it.
    pub(super) fn header(&self, name: &str) -> &str {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} is there several times: {all:?}");
        all.first().copied().unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A running nginx.
pub(super) struct Nginx(pub(super) Child);

impl Nginx {
    fn start(program: &str, folder: &Folder, conf: &str) -> Self {
        let tested = Command::new(program).args(["-t", "-e", "stderr", "-c"]).arg(folder.path(conf)).output().unwrap();
        let said = String::from_utf8_lossy(&tested.stderr);
        assert!(tested.status.success() && !said.contains("[warn]"), "{conf}: {said}");
        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-g", "daemon off;", "-c"]).arg(folder.path(conf)).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    pub(super) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), signal).unwrap();
    }

    pub(super) fn end(&mut self) {
        self.signal(rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Gracefully: killed, it would leave its workers.
        if matches!(self.0.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// An nginx, and its version: HTTP/2 and the hosts behind are written in other words for a newer one.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) name: String,
    version: String,
}

impl Program {
    fn of(name: String) -> Self {
        let output = Command::new(&name).arg("-v").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let version = said.split('/').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        Self { name, version }
    }
}

/// The nginx of the distribution, and a newer one where the tests are told of one; none, said aloud, where something is missing.
fn programs() -> Vec<Program> {
    let environment = magnetiq_config::environment();
    let program = environment.get("MAGNETIQ_TEST_NGINX").map_or("nginx".to_owned(), Clone::clone);
    for (needed, argument) in [("curl", "--version"), ("openssl", "version"), (program.as_str(), "-v")] {
        if Command::new(needed).arg(argument).output().is_err() {
            crate::proof::skip(&format!("there is no {needed}"));
            return Vec::new();
        }
    }
    let newer = environment.get("MAGNETIQ_TEST_NGINX_NEWER").cloned();
    std::iter::once(program).chain(newer).map(Program::of).collect()
}

/// A certificate in `folder/tls/live`, as certbot's hook would put it there: by renaming. A newer nginx takes a file that was written over within the
/// same second for the one that it has.
pub(super) fn certificate(folder: &Folder) {
    let (live, new) = (folder.path("tls/live"), folder.path("tls/new"));
    for folder in [&live, &new] {
        fs::create_dir_all(folder).unwrap();
    }
    self_signed(&new, &["www.example.org", "example.org"], 30);
    for name in ["privkey.pem", "fullchain.pem"] {
        fs::rename(new.join(name), live.join(name)).unwrap();
    }
}

/// A key and a certificate for these hosts in `folder`, named as certbot names them.
pub(super) fn self_signed(folder: &Path, hosts: &[&str], days: u32) {
    let names = hosts.iter().map(|host| format!("DNS:{host}")).collect::<Vec<_>>().join(",");
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/O=test"]);
    openssl.args(["-days", &days.to_string(), "-addext", &format!("subjectAltName={names}"), "-keyout"]).arg(folder.join("privkey.pem"));
    let made = openssl.arg("-out").arg(folder.join("fullchain.pem")).output().unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// What openssl says about a certificate, such as its `-serial`.
pub(super) fn said_of(certificate: &Path, what: &str) -> String {
    let output = Command::new("openssl").args(["x509", "-noout", "-in"]).arg(certificate).args(what.split(' ')).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A server, a page and all the files, before there is a proxy.
pub(super) struct Place {
    domain: String,
    pub(super) folder: Folder,
    /// The nginx that is to be before it.
    pub(super) program: Program,
    /// Everything that is made from the deployment.
    pub(super) files: Files,
    server: Server,
    page: Nginx,
    pub(super) http: u16,
    pub(super) https: u16,
    under: u16,
}

impl Place {
    /// For the nginx of the distribution, on a port for http; `None`, said aloud, where there is no nginx.
    pub(super) fn first(domain: &str, http: u16) -> Option<Self> {
        programs().first().map(|program| Self::prepare(domain, program, program, http))
    }

    /// The newer nginx is built without a module that the page needs, so that is on the one of the distribution.
    fn prepare(domain: &str, before: &Program, under: &Program, http: u16) -> Self {
        let folder = Folder::new();
        let deploy = SITE.replace(DOMAIN, domain);
        folder.settings(&format!(
            "profile = \"production\"\n[server]\nport = {}\npublic_url = \"https://{domain}\"\njson_limit_bytes = 20_000\n[media]\nupload_limit_bytes = 200_000\n\
             [auth]\nsecret_key = \"f1d2d2f924e986ac86fdf7b36c94bcdf32beec15\"\nlogin_attempts_per_minute = 1000\n[health]\ntoken = \"f1d2d2f924e986ac86fd\"\n",
            free_port()
        ));
        let server = Server::start_new(&folder);
        let (https, page_port) = (free_port(), free_port());
        site(&folder);
        let parts = [("compose/nginx/proxy.conf", "proxy", before), ("compose/nginx/frontend.conf", "page", under)];
        for (conf, name, program) in parts {
            let files = rendered(&deployment(&deploy, &program.version));
            let scratch = folder.path(&format!("{name}-tmp"));
            fs::create_dir_all(&scratch).unwrap();
            // Before this test's own folders come in, which lie there, too.
            let text = files.get(conf).unwrap().replace("/tmp/", &format!("{}/", scratch.display()));
            fs::write(folder.path(&format!("{name}.conf")), placed(&text, &folder, &server.address, page_port, http, https)).unwrap();
        }
        let files = rendered(&deployment(&deploy, &before.version));
        for (path, text) in files.iter().filter_map(|(path, text)| Some((path.strip_prefix("nginx/pages/")?, text))) {
            fs::write(folder.path("pages").join(path), text).unwrap();
        }
        open(&folder.path(""));
        let page = Nginx::start(&under.name, &folder, "page.conf");
        Self { domain: domain.to_owned(), folder, program: before.clone(), files, server, page, http, https, under: page_port }
    }

    pub(super) fn behind(self, proxy: Nginx) -> Edge {
        let Self { domain, folder, server, page, http, https, under, .. } = self;
        Edge { domain, folder, server: Some(server), page, proxy, http, https, under }
    }
}

impl Edge {
    /// Does the same behind each nginx that there is.
    pub(super) fn each(test: impl Fn(Self)) {
        let programs = programs();
        for proxy in &programs {
            eprintln!("behind nginx {}", proxy.version);
            test(Self::start(proxy, &programs[0]));
        }
    }

    /// Starts everything, and waits until it answers.
    fn start(before: &Program, under: &Program) -> Self {
        let place = Place::prepare(DOMAIN, before, under, free_port());
        certificate(&place.folder);
        let proxy = Nginx::start(&before.name, &place.folder, "proxy.conf");
        let edge = place.behind(proxy);
        edge.until("the site answers", || edge.ask("/readyz", &[]).status == 200 && edge.ask("/assets/app-1.js", &[]).status == 200);
        edge
    }

    pub(super) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{what}: not after 30 s");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks for a path of the domain over TLS.
    pub(super) fn ask(&self, path: &str, arguments: &[&str]) -> Answer {
        self.curl(&format!("https://{}:{}{path}", self.domain, self.https), arguments).unwrap_or_else(|said| Answer {
            status: 0,
            version: said,
            headers: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Asks for a file as a visitor does who trusts anybody, and asks once more where a connection was closed before the request was taken up, as
    /// browsers do: HTTP/2 says that it was not, HTTP/1.1 has no words for it, so that nothing is excused there.
    pub(super) fn visit(&self, path: &str, version: &str) -> Answer {
        let answer = self.ask(path, &["--insecure", version]);
        if answer.version.starts_with("curl: (16)") { self.ask(path, &["--insecure", version]) } else { answer }
    }

    /// Asks for any address of the two hosts, or of one that is not ours. What curl says where there is no answer.
    pub(super) fn curl(&self, url: &str, arguments: &[&str]) -> Result<Answer, String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--max-time", "30", "--path-as-is", "--noproxy", "*"]);
        curl.arg("--cacert").arg(self.folder.path("tls/live/fullchain.pem"));
        for host in [self.domain.as_str(), "example.org", "other.example.net"] {
            for port in [self.http, self.https, self.under] {
                curl.args(["--resolve", &format!("{host}:{port}:127.0.0.1")]);
            }
        }
        let output = curl.args(arguments).arg(url).output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(parse(&output.stdout))
    }
}

/// The last answer of several (100 Continue comes before).
fn parse(mut bytes: &[u8]) -> Answer {
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let (version, status) = (first.next().unwrap().to_owned(), first.next().unwrap().parse().unwrap());
        bytes = &bytes[end + 4..];
        if status == 100 {
            continue;
        }
        let headers =
            lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        return Answer { status, version, headers, body: bytes.to_vec() };
    }
}

/// The page as a build leaves it: names with a hash, compressed where it is worth it.
fn site(folder: &Folder) {
    for name in ["page/assets", "pages", "acme/.well-known/acme-challenge", "state"] {
        fs::create_dir_all(folder.path(name)).unwrap();
    }
    let script = "console.log('the page');\n".repeat(200);
    fs::write(
        folder.path("page/index.html"),
        "<!doctype html><title>The page</title><script src=\"/assets/app-1.js\"></script>\n".repeat(40),
    )
    .unwrap();
    fs::write(folder.path("page/assets/app-1.js"), &script).unwrap();
    fs::write(folder.path("page/assets/dot-1.png"), [0x89, b'P', b'N', b'G'].repeat(1000)).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, script.as_bytes()).unwrap();
    fs::write(folder.path("page/assets/app-1.js.gz"), gzip.finish().unwrap()).unwrap();
    fs::write(folder.path("page/.env"), "secret\n").unwrap();
    fs::write(folder.path("acme/.well-known/acme-challenge/token"), "token.thumbprint").unwrap();
}

/// The rendered text with the ports and the folders of this test.
fn placed(text: &str, folder: &Folder, server: &str, page: u16, http: u16, https: u16) -> String {
    let path = |name: &str| folder.path(name).display().to_string();
    let replaced = [
        ("listen 8080", format!("listen 127.0.0.1:{http}")),
        ("listen 8443", format!("listen 127.0.0.1:{https}")),
        ("listen 8036", format!("listen 127.0.0.1:{page}")),
        ("backend:3036", server.to_owned()),
        ("frontend:8036", format!("127.0.0.1:{page}")),
        ("set_real_ip_from 172.30.36.0/24", "set_real_ip_from 127.0.0.0/8".to_owned()),
        ("/etc/magnetiq/tls", path("tls")),
        ("/var/lib/magnetiq/acme", path("acme")),
        ("/var/lib/magnetiq/proxy", path("state")),
        ("/var/cache/magnetiq", path("copies")),
        ("/srv/proxy", path("pages")),
        ("/srv/page", path("page")),
        ("/dev/stdout", path("access.log")),
        ("/dev/stderr", path("error.log")),
        ("worker_processes auto", "worker_processes 1".to_owned()),
    ];
    replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The workers of an nginx that root starts are somebody else.
pub(super) fn open(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() && entry.file_name() != "data" {
            open(&entry.path());
        }
    }
}
