//! A deployment in a folder of its own, on ports of this machine that nobody else has.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use magnetiq_tests::free_port;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::authority;
use crate::engine::{Engine, done, root, said, unique_name, until, xtask};

const DOMAIN: &str = "www.example.org";
/// Everything that is started again when it ends.
pub(crate) const SERVICES: [&str; 6] = ["backend", "backupd", "frontend", "proxy", "certbot", "healthd"];
const IMAGES: [&str; 3] = ["backend", "frontend", "proxy"];

pub(crate) struct Site {
    folder: TempDir,
    engine: Engine,
    /// Of the images, and part of all names.
    tag: String,
    http: u16,
    https: u16,
}

/// What the proxy answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn created(&self) -> Value {
        assert_eq!(self.status, 201, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Site {
    /// Images and files.
    pub(crate) fn build(engine: &Engine) -> Self {
        let page = root().join("crates/web/ui/dist");
        assert!(page.join("index.html").is_file(), "the page is not built: npm run build in crates/web/ui");
        let (http, https) = (free_port(), free_port());
        let site = Self { folder: tempfile::tempdir().unwrap(), engine: engine.clone(), tag: unique_name(), http, https };
        // What is built here already, without what only a debugger reads: to compile it again in a container takes longer than all of this.
        let programs = site.path("programs");
        fs::create_dir(&programs).unwrap();
        let program = magnetiq_tests::program("magnetiq");
        done(Command::new("objcopy").arg("--strip-debug").arg(program).arg(programs.join("magnetiq")));
        let (tag, base, network) = (&site.tag, &engine.base, std::process::id() % 250);
        let deploy = format!(
            "name = \"{tag}\"\ndomain = \"{DOMAIN}\"\ncontact = \"ops@example.org\"\n[images]\ntag = \"{tag}\"\n[images.base]\n\
             rust = \"{base}\"\nnode = \"{base}\"\nruntime = \"{base}\"\nnginx = \"{base}\"\ncertbot = \"{base}\"\n[proxy]\nversion = \"1.22\"\n\
             [compose]\naddress = \"127.0.0.1\"\nhttp_port = {http}\nhttps_port = {https}\nnetwork = \"10.213.{network}.0/24\"\n\
             acme_server = \"{}\"\nlog_mib = 1\nlog_files = 2\n",
            authority::DIRECTORY
        );
        fs::write(site.path("deploy.toml"), deploy).unwrap();
        let deploy = site.path("deploy.toml");
        let mut images = xtask(&["images", "--allow-dirty"]);
        done(images.arg("--deploy").arg(&deploy).arg("--programs").arg(programs).arg("--page").arg(page));
        done(xtask(&["manifests", "--target", "compose"]).arg("--deploy").arg(&deploy).arg("--out").arg(site.folder.path()));
        fs::write(site.path("more.yaml"), authority::prepare(&site.path("authority"), base, DOMAIN)).unwrap();
        done(Command::new("sh").arg(site.path("compose/secrets.sh")));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.engine.compose(&["--file"]);
        command.arg(self.path("compose/compose.yaml")).arg("--file").arg(self.path("more.yaml"));
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    pub(crate) fn up(&self) {
        let ended = self.compose(&["up", "--detach", "--wait", "--wait-timeout", "300"]).output().unwrap();
        assert!(ended.status.success(), "{}\n{}", said(&ended), self.log("backend"));
    }

    /// All of it at once, as after a restart of the machine.
    pub(crate) fn restart(&self) {
        done(&mut self.compose(&["restart", "--timeout", "45"]));
    }

    /// `cargo xtask cert status`, as somebody types it who trusts the authority, or who does not.
    pub(crate) fn certificate_status(&self, trusts: bool) -> (Option<i32>, String) {
        let root = self.path("root.pem");
        if !root.is_file() {
            fs::write(&root, self.exec("proxy", &["curl", "--silent", "--show-error", "--insecure", authority::ROOT])).unwrap();
        }
        let mut status = xtask(&["cert", "status", "--deploy"]);
        status.arg(self.path("deploy.toml")).arg("--out").arg(self.folder.path());
        let path = self.engine.programs().into_iter().chain(std::env::split_paths("/usr/local/bin:/usr/bin:/bin"));
        status.env("PATH", std::env::join_paths(path).unwrap());
        if trusts {
            status.env("SSL_CERT_FILE", root);
        }
        let output = status.output().unwrap();
        (output.status.code(), said(&output))
    }

    pub(crate) fn log(&self, service: &str) -> String {
        said(&self.compose(&["logs", "--no-color", "--no-log-prefix", service]).output().unwrap())
    }

    pub(crate) fn image(&self, image: &str) -> Value {
        self.engine.inspect(&format!("magnetiq-{image}:{}", self.tag))
    }

    /// Files that run as somebody else, folders that everybody writes to, sources, keys.
    pub(crate) fn suspicious_files(&self, image: &str) -> String {
        self.suspicious(&format!("magnetiq-{image}:{}", self.tag))
    }

    pub(crate) fn suspicious_files_of_base(&self) -> String {
        self.suspicious(&self.engine.base)
    }

    fn suspicious(&self, image: &str) -> String {
        let find = "find / -xdev \\( -type f -perm /6000 -o -type d -perm -0002 ! -perm -1000 -o -name '*.rs' -o -name .git -o -name '.env*' \
                    -o -name '*.key' -o -name '*.sqlite3*' -o -name node_modules -o -name cargo \\) | sort";
        done(&mut self.engine.docker(&["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "sh", image, "-c", find]))
    }

    pub(crate) fn exec(&self, service: &str, command: &[&str]) -> String {
        done(self.compose(&["exec", "--no-TTY", service]).args(command))
    }

    /// What it says, however it ends.
    pub(crate) fn says(&self, service: &str, command: &[&str]) -> String {
        said(&self.compose(&["exec", "--no-TTY", service]).args(command).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn fails_in(&self, service: &str, command: &[&str]) {
        let ended = self.compose(&["exec", "--no-TTY", service]).args(command).output().unwrap();
        assert!(!ended.status.success(), "{service} may {command:?}: {}", said(&ended));
    }

    #[track_caller]
    pub(crate) fn inspect(&self, service: &str) -> Value {
        let id = done(&mut self.compose(&["ps", "--all", "--quiet", service]));
        self.engine.inspect(id.trim())
    }

    /// Kills its first process. `docker kill` would not do: the engine takes that for a wish, and does not start it again.
    pub(crate) fn kill(&self, service: &str) {
        let pid = self.inspect(service)["State"]["Pid"].as_i64().unwrap();
        kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
        self.wait(service, |seen| seen["State"]["Pid"].as_i64().is_some_and(|now| now != pid && now != 0));
    }

    pub(crate) fn stop(&self, service: &str) {
        done(&mut self.compose(&["stop", "--timeout", "10", service]));
    }

    pub(crate) fn wait_until_healthy(&self, service: &str) {
        self.wait(service, |seen| seen["State"]["Health"]["Status"] == "healthy");
    }

    fn wait(&self, service: &str, is_so: impl Fn(&Value) -> bool) {
        until(|| {
            let seen = self.inspect(service);
            if is_so(&seen) { Ok(()) } else { Err(format!("{service}: {}\n{}", seen["State"], self.log(service))) }
        });
    }

    /// Issuer and number of the certificate that visitors get.
    pub(crate) fn certificate(&self) -> String {
        let address = format!("127.0.0.1:{}", self.https);
        let mut client = Command::new("openssl");
        client.args(["s_client", "-connect", &address, "-servername", DOMAIN]).stdin(Stdio::null()).stderr(Stdio::null());
        let mut shown = client.stdout(Stdio::piped()).spawn().unwrap();
        let mut reader = Command::new("openssl");
        let read = reader.args(["x509", "-noout", "-issuer", "-serial"]).stdin(shown.stdout.take().unwrap()).output().unwrap();
        let _ = shown.wait();
        said(&read)
    }

    /// Asks until the answer has this status: what was killed comes back.
    #[track_caller]
    pub(crate) fn until(&self, path: &str, status: u16) -> Answer {
        until(|| {
            let answer = self.api("GET", path, None);
            if answer.status == status { Ok(answer) } else { Err(format!("{path}: {answer:?}")) }
        })
    }

    pub(crate) fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.ask(method, path, &[], body)
    }

    /// Through the proxy, over TLS, with the cookies of the answers before.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let cookies = self.path("cookies");
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--include", "--insecure", "--max-time", "30", "--http1.1", "--noproxy", "*", "--request", method]);
        curl.arg("--cookie").arg(&cookies).arg("--cookie-jar").arg(&cookies);
        curl.args(["--resolve", &format!("{DOMAIN}:{}:127.0.0.1", self.https)]);
        for (name, value) in headers {
            curl.args(["--header", &format!("{name}: {value}")]);
        }
        if let Some(body) = body {
            curl.args(["--header", "Content-Type: application/json", "--data", &body.to_string()]);
        }
        curl.arg(format!("https://{DOMAIN}:{}{path}", self.https));
        answer(&mut curl)
    }

    /// Without TLS.
    pub(crate) fn plain(&self, path: &str) -> Answer {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--include", "--max-time", "30", "--noproxy", "*"]);
        curl.args(["--resolve", &format!("{DOMAIN}:{}:127.0.0.1", self.http)]);
        answer(curl.arg(format!("http://{DOMAIN}:{}{path}", self.http)))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.compose(&["down", "--volumes", "--timeout", "5"]).output();
        for image in IMAGES {
            let _ = self.engine.docker(&["image", "rm", &format!("magnetiq-{image}:{}", self.tag)]).output();
        }
    }
}

/// No answer has the status 0.
fn answer(curl: &mut Command) -> Answer {
    let output = curl.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, headers: head.to_lowercase(), body: body.to_owned() }
}
