//! The site of Compose for those who work on it: the sources are mounted, and a change of them is seen.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use magnetiq_tests::free_port;
use rustix::process::{getgid, getuid};
use tempfile::TempDir;

use crate::engine::{Engine, done, root, said, unique_name, until, xtask};

/// A copy of the sources, which may be edited, and the containers that build them.
struct Workshop {
    folder: TempDir,
    engine: Engine,
    name: String,
    api: u16,
    page: u16,
}

impl Workshop {
    /// With images for these `parts`: backend, frontend.
    fn start(engine: &Engine, parts: &[&str]) -> Self {
        let name = unique_name();
        let workshop = Self { folder: tempfile::tempdir().unwrap(), engine: engine.clone(), name, api: free_port(), page: free_port() };
        let (base, sources) = (&engine.base, workshop.sources());
        fs::create_dir(&sources).unwrap();
        let copy = format!(
            "git ls-files -z --cached --others --exclude-standard | tar --null --files-from - --ignore-failed-read --create | tar --extract -C {}",
            sources.display()
        );
        done(Command::new("sh").args(["-c", &copy]).current_dir(root()));
        fs::create_dir_all(sources.join("crates/web/ui/node_modules")).unwrap();
        let deploy = format!(
            "name = \"{}\"\ndomain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[images.base]\nrust = \"{base}\"\nnode = \"{base}\"\n\
             runtime = \"{base}\"\nnginx = \"{base}\"\n",
            workshop.name
        );
        fs::write(sources.join("deploy.toml"), deploy).unwrap();
        let mut manifests = xtask(&["manifests", "--target", "docker,compose-dev"]);
        done(manifests.arg("--deploy").arg(sources.join("deploy.toml")).arg("--out").arg(sources.join("deploy")));
        fs::write(workshop.folder.path().join("more.yaml"), workshop.tools()).unwrap();
        // Compose 5 builds with a plugin that Debian 12 does not have; what it would build has these names.
        for part in parts {
            let mut build = workshop.engine.docker(&["build", "--target", "development", "--tag", &workshop.image(part)]);
            let file = sources.join(format!("deploy/docker/{part}.Dockerfile"));
            done(build.env("DOCKER_BUILDKIT", "1").arg("--file").arg(file).arg(&sources));
        }
        workshop
    }

    fn sources(&self) -> PathBuf {
        self.folder.path().join("sources")
    }

    fn image(&self, part: &str) -> String {
        format!("{}-dev-{part}", self.name)
    }

    /// Compilers and packages of this machine instead of those that images of Rust and Node bring; ports that are free. The engine's own first
    /// process lies in /usr, too, where this machine's is mounted.
    fn tools(&self) -> String {
        let told = |program: &str, arguments: &[&str]| done(Command::new(program).args(arguments).current_dir(root())).trim().to_owned();
        let toolchain = told("rustc", &["--print", "sysroot"]);
        let packages = magnetiq_config::environment();
        let home = packages.get("CARGO_HOME").cloned().unwrap_or_else(|| format!("{}/.cargo", packages["HOME"]));
        let modules = root().join("crates/web/ui/node_modules");
        let path = "/toolchain/bin:/usr/local/bin:/usr/bin:/bin";
        let shared = "\"/usr:/usr:ro\", \"/etc/alternatives:/etc/alternatives:ro\"";
        format!(
            "services:\n  backend:\n    init: false\n    environment: {{PATH: \"{path}\", CARGO_NET_OFFLINE: \"true\"}}\n    \
             ports: !override [\"127.0.0.1:{}:3036\"]\n    \
             volumes: [{shared}, \"{toolchain}:/toolchain:ro\", \"{home}/registry:/cache/cargo/registry\"]\n  \
             frontend:\n    init: false\n    ports: !override [\"127.0.0.1:{}:8036\"]\n    volumes: [{shared}, \"{}:/packages:ro\"]\n    \
             command: [sh, -c, \"cp -r /packages/. node_modules && exec npm run dev -- --host 0.0.0.0\"]\n",
            self.api,
            self.page,
            modules.display()
        )
    }

    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.engine.compose(&["--file"]);
        command.arg(self.sources().join("deploy/compose-dev/compose.yaml")).arg("--file").arg(self.folder.path().join("more.yaml"));
        command.args(arguments).env("MAGNETIQ_USER", format!("{}:{}", getuid().as_raw(), getgid().as_raw()));
        command
    }

    fn log(&self) -> String {
        said(&self.compose(&["logs", "--no-color", "--tail", "60"]).output().unwrap())
    }

    fn ask(&self, port: u16, path: &str, arguments: &[&str]) -> Result<String, String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "20"]).args(arguments);
        let asked = curl.arg(format!("http://localhost:{port}{path}")).output().unwrap();
        if asked.status.success() { Ok(said(&asked)) } else { Err(format!("{path}: {}\n{}", said(&asked), self.log())) }
    }

    /// Waits until what is served has `text` in it. A compiler may be at work before.
    #[track_caller]
    fn until(&self, port: u16, path: &str, text: &str) {
        for minute in 1.. {
            let begin = std::time::Instant::now();
            while begin.elapsed().as_secs() < 60 {
                if self.ask(port, path, &[]).is_ok_and(|body| body.contains(text)) {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(500));
            }
            assert!(minute < 90, "{path} has no {text:?}\n{}", self.log());
        }
    }

    #[track_caller]
    fn page_is_changed(&self) {
        self.until(self.page, "/", "/@vite/client");
        self.edit("crates/web/ui/src/main.tsx", "const root", "console.info('seen at once');\nconst root");
        self.until(self.page, "/src/main.tsx", "seen at once");
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let path: &Path = &self.sources().join(path);
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{} has no {from:?}", path.display());
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = self.compose(&["down", "--volumes", "--timeout", "5"]).output();
        for part in ["backend", "frontend"] {
            let _ = self.engine.docker(&["image", "rm", &self.image(part)]).output();
        }
    }
}

#[test]
fn whoever_changes_the_page_sees_it() {
    let Some(engine) = Engine::find() else { return };
    let workshop = Workshop::start(&engine, &["frontend"]);
    done(&mut workshop.compose(&["up", "--detach", "--no-build", "--no-deps", "frontend"]));
    workshop.page_is_changed();
}

/// Half an hour on two cores: `cargo xtask test --soak`, or by itself
/// `cargo nextest run --workspace --run-ignored only -E 'test(soak_whoever_changes_the_sources)'` with the variables that engine.rs reads.
#[test]
#[ignore = "compiles everything in a container: cargo xtask test --soak"]
fn soak_whoever_changes_the_sources_sees_it() {
    let Some(engine) = Engine::find() else { return };
    let workshop = Workshop::start(&engine, &["backend", "frontend"]);
    done(&mut workshop.compose(&["up", "--detach", "--no-build"]));
    workshop.page_is_changed();
    workshop.until(workshop.api, "/readyz", "");
    // What `cargo xtask dev` made, signed in to as a browser does.
    let page = format!("http://localhost:{}", workshop.page);
    let signed_in = ["--header", &format!("Origin: {page}"), "--header", "Content-Type: application/json", "--data"];
    let body = r#"{"email":"admin@example.com","password":"magnetiq-development"}"#;
    until(|| workshop.ask(workshop.page, "/api/v1/auth/login", &[&signed_in[..], &[body]].concat()));

    workshop.edit("crates/api/src/feeds/documents.rs", "Disallow: /admin", "Disallow: /changed");
    workshop.until(workshop.page, "/robots.txt", "Disallow: /changed");
}
