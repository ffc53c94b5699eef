//! A site that is deployed with `cargo xtask deploy`, and people who work on it meanwhile.

mod people;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, OnceLock, atomic::AtomicU32},
};

use magnetiq_tests::free_port;
use serde_json::Value;
use tempfile::TempDir;

use super::far::Machine;
use super::versions;
use crate::engine::{Engine, done, root, said, until, xtask};

const DOMAIN: &str = "www.example.org";
/// People who write at the same time, unless somebody says otherwise.
const WRITERS: usize = 50;

/// One site, and the folder that it is deployed from.
pub(crate) struct Site {
    folder: TempDir,
    engine: Engine,
    name: String,
    https: u16,
    /// Where it runs, when that is not here.
    far: Option<Machine>,
    /// How many write while something is done.
    pub(crate) writers: usize,
    written: Mutex<BTreeSet<String>>,
    titles: AtomicU32,
    /// Answers of a server that is broken, which people got.
    broken: AtomicU32,
}

impl Site {
    /// Version 1, built but not deployed.
    pub(crate) fn build(engine: &Engine) -> Self {
        Self::build_for(engine, None)
    }

    /// The same, to be deployed to another machine.
    pub(crate) fn build_far(engine: &Engine) -> Self {
        Self::build_for(engine, Some(Machine::start(engine)))
    }

    fn build_for(engine: &Engine, far: Option<Machine>) -> Self {
        let page = root().join("crates/web/ui/dist");
        assert!(page.join("index.html").is_file(), "the page is not built: npm run build in crates/web/ui");
        let (https, number) = (free_port(), std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let site = Self {
            folder,
            engine: engine.clone(),
            name: format!("mqdep-{number}"),
            https,
            far,
            writers: WRITERS,
            written: Mutex::default(),
            titles: AtomicU32::default(),
            broken: AtomicU32::default(),
        };
        let (base, network, http) = (&engine.base, number % 250, free_port());
        let folder_there = |far: &Machine| format!("context = \"{}\"\nfolder = \"{}\"\n", far.context(), far.folder().display());
        let there = site.far.as_ref().map(folder_there).unwrap_or_default();
        let deploy = format!(
            "name = \"{}\"\ndomain = \"{DOMAIN}\"\ncontact = \"ops@example.org\"\n[images.base]\nrust = \"{base}\"\nnode = \"{base}\"\n\
             runtime = \"{base}\"\nnginx = \"{base}\"\ncertbot = \"{base}\"\n[proxy]\nversion = \"1.22\"\napi_per_second = 1000\napi_burst = 1000\n\
             [compose]\naddress = \"127.0.0.1\"\nhttp_port = {http}\nhttps_port = {https}\nnetwork = \"10.214.{network}.0/24\"\n\
             acme_server = \"https://authority.invalid/directory\"\n{there}[deploy]\naddress = \"127.0.0.1\"\nready_timeout_s = 120\nwatch_s = 8\n\
             [settings]\nserver.rate_limits.api_per_minute = 0\n",
            site.name
        );
        fs::write(site.path("deploy.toml"), deploy).unwrap();
        let programs = site.path("programs");
        versions::without_debugging(&magnetiq_tests::program("magnetiq"), &programs.join("magnetiq"));
        let mut images = xtask(&["images", "--allow-dirty", "--tag", &site.version(1)]);
        done(images.arg("--deploy").arg(site.path("deploy.toml")).arg("--programs").arg(programs).arg("--page").arg(page));
        fs::remove_file(site.path("images.lock")).unwrap();
        let mut manifests = xtask(&["manifests", "--target", "compose"]);
        done(manifests.arg("--deploy").arg(site.path("deploy.toml")).arg("--out").arg(site.path("deploy")));
        site.make_secrets();
        site
    }

    /// Where it runs, as a person would do it there.
    fn make_secrets(&self) {
        let mut script = self.path("deploy/compose/secrets.sh");
        if let Some(far) = &self.far {
            let there = far.folder().join("secrets.sh");
            fs::copy(script, &there).unwrap();
            script = there;
        }
        done(Command::new("sh").arg(script));
    }

    /// The tag of a version: nobody else on this machine has it.
    pub(crate) fn version(&self, number: u32) -> String {
        format!("{number}.0.0-{}", std::process::id())
    }

    pub(crate) fn journals(&self) -> PathBuf {
        let context = self.far.as_ref().map(|far| format!("-{}", far.context())).unwrap_or_default();
        self.path("deploy/state").join(format!("compose-{}{context}", self.name)).join("journal")
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The machine where it runs, which is not this one.
    pub(crate) fn far(&self) -> &Machine {
        self.far.as_ref().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command as a person would type it in the folder of the site.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        // Built once: it is started dozens of times, and a kill should meet it and not Cargo.
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        let mut command = Command::new(PROGRAM.get_or_init(|| magnetiq_tests::program("xtask")));
        command.args(words);
        // Data are carried by programs of this checkout, which are built first.
        let cargo = magnetiq_tests::cargo();
        for (name, _) in cargo.get_envs() {
            command.env_remove(name);
        }
        let tools = self.engine.programs().into_iter().chain(Path::new(cargo.get_program()).parent().map(Path::to_owned));
        let path = std::env::join_paths(tools.chain(std::env::split_paths("/usr/local/bin:/usr/bin:/bin"))).unwrap();
        command.current_dir(self.folder.path()).env("PATH", path);
        if let Some(far) = &self.far {
            command = far.through(&command);
        }
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn deploy(&self, version: u32) -> Command {
        let mut command = self.command(&["deploy", "--images", "--skip-tests", "tests deploy", "--set"]);
        command.arg(format!("images.tag={}", self.version(version)));
        command
    }

    /// Starts it, to be killed.
    pub(crate) fn spawn(&self, command: &mut Command) -> Child {
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs it, and gives what it said; it must end with `code`.
    #[track_caller]
    pub(crate) fn ends(&self, command: &mut Command, code: i32) -> String {
        let output: Output = command.output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(code), "{command:?}\n{text}\n{}", self.log());
        println!("{text}");
        text
    }

    fn log(&self) -> String {
        said(&self.engine.docker(&["logs", "--tail", "20", &self.container("backend")]).output().unwrap())
    }

    pub(crate) fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.name)
    }

    pub(crate) fn lock(&self) -> String {
        format!("{}-deploy-lock", self.name)
    }

    /// The volume with the history.
    pub(crate) fn releases(&self) -> String {
        format!("{}_releases", self.name)
    }

    pub(crate) fn exec(&self, service: &str, command: &[&str]) -> String {
        done(self.engine.docker(&["exec", &self.container(service)]).args(command))
    }

    /// Before anything is started: the backups get a disk of their own, in memory.
    pub(crate) fn small_disk_for_backups(&self) {
        let name = format!("{}_backups", self.name);
        let mut volume = self.engine.docker(&["volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs"]);
        volume.args(["--opt", "o=size=256m,uid=65532,gid=65532,mode=0700", "--label", "com.docker.compose.volume=backups", "--label"]);
        done(volume.arg(format!("com.docker.compose.project={}", self.name)).arg(name));
    }

    /// Every attempt, the newest first.
    pub(crate) fn history(&self) -> Vec<Value> {
        let text = done(&mut self.command(&["deploy", "history", "--json"]));
        serde_json::from_str(&text).unwrap()
    }

    /// How the last attempt ended.
    #[track_caller]
    pub(crate) fn check_ended(&self, outcome: &str) -> Value {
        let last = self.history().remove(0);
        assert_eq!(last["outcome"], outcome, "{last:#}");
        last
    }

    /// What the server says that it is.
    pub(crate) fn release(&self) -> Value {
        until(|| {
            let answer = self.ask("GET", "/readyz", None);
            serde_json::from_str::<Value>(&answer.1).map(|told| told["releaseId"].clone()).map_err(|error| format!("{error}: {answer:?}"))
        })
    }

    /// Compose, in the folder where it runs.
    fn there(&self, words: &[&str]) -> Command {
        let folder = self.far.as_ref().map_or_else(|| self.path("deploy/compose"), |far| far.folder().to_owned());
        let mut compose = self.engine.compose(words);
        compose.current_dir(folder);
        compose
    }

    /// What the backups say of the data: restored and compared.
    pub(crate) fn data_are_whole(&self) {
        let said = self.exec("backupd", &["/usr/local/bin/backupd", "once"]);
        assert!(said.to_lowercase().contains("proven"), "{said}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.there(&["down", "--volumes", "--timeout", "2"]).output();
        let _ = self.engine.docker(&["rm", "--force", &self.lock()]).output();
        let _ = self.engine.docker(&["volume", "rm", &self.releases()]).output();
        let ours = [format!("reference=release.invalid/{}-*", self.name), format!("reference=magnetiq-*:*-{}", std::process::id())];
        for filter in ours {
            let listed =
                self.engine.docker(&["image", "ls", "--filter", &filter, "--format", "{{.Repository}}:{{.Tag}}"]).output().unwrap();
            for image in String::from_utf8_lossy(&listed.stdout).lines() {
                let _ = self.engine.docker(&["image", "rm", image]).output();
            }
        }
    }
}
