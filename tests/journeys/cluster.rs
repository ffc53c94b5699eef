//! `cargo xtask deploy` to a cluster: commits in a real repository that it follows, or what kubectl is told. The cluster is a stand-in.

mod back;
mod carried;
mod given_up;
mod killed;
mod told;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use magnetiq_tests::program;
use tempfile::TempDir;

const HELD_BY_BOB: &str =
    r#"{ "data": { "who": "bob", "since": "2026-11-26T02:00:00Z", "number": "2", "why": "a hotfix", "release": "2-abc" } }"#;

struct Site {
    target: &'static str,
    folder: TempDir,
    cluster: Child,
    xtask: PathBuf,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.cluster.kill();
        let _ = self.cluster.wait();
    }
}

#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Site {
    fn new(target: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("cluster.py"), include_str!("cluster/cluster.py")).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=site"]);
        done(openssl.arg("-keyout").arg(path("key.pem")).arg("-out").arg(path("certificate.pem")));
        done(Command::new("git").args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(path("site.git")));
        let work = path("work");
        let git = |words: &[&str]| done(identified(Command::new("git").arg("-C").arg(&work).args(words)));
        done(Command::new("git").args(["clone", "--quiet"]).arg(path("site.git")).arg(&work).stderr(Stdio::null()));
        fs::write(work.join("README.md"), "What runs.\n").unwrap();
        git(&["checkout", "--quiet", "-B", "main"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "A repository"]);
        git(&["push", "--quiet", "origin", "HEAD:main"]);
        fs::create_dir(path("bin")).unwrap();
        executable(&path("bin/kubectl"), &format!("#!/bin/sh\nexec python3 {} \"$@\"\n", path("cluster.py").display()));
        let mut cluster = Command::new("python3").arg(path("cluster.py")).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(cluster.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let deploy = format!(
            "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[images]\nregistry = \"registry.example.org/team\"\n[argocd]\n\
             repository = \"{}\"\nfolder = \"production\"\n[deploy]\naddress = \"127.0.0.1:{}\"\nready_timeout_s = 5\nwatch_s = 1\n",
            path("site.git").display(),
            port.trim()
        );
        fs::write(path("deploy.toml"), deploy).unwrap();
        Self { target, folder, cluster, xtask: program("xtask") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `cargo xtask images --push` would have written.
    fn built(&self, tag: &str) {
        let digit = format!("{:x}", tag.bytes().map(u32::from).sum::<u32>() % 16);
        let section = |image: &str| format!("[{image}]\ntag = \"{tag}\"\ndigest = \"sha256:{}\"\n", digit.repeat(64));
        fs::write(self.path("images.lock"), ["backend", "frontend", "proxy"].map(section).concat()).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.xtask);
        command.args(words).args(["--target", self.target]).current_dir(self.folder.path()).stdin(Stdio::null());
        let path = std::env::join_paths([self.path("bin"), "/usr/local/bin".into(), "/usr/bin".into(), "/bin".into()]).unwrap();
        identified(command.env("PATH", path));
        command
    }

    #[track_caller]
    fn run(&self, words: &[&str], code: i32) -> String {
        let output = self.command(words).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    #[track_caller]
    fn deploy(&self, tag: &str, code: i32) -> String {
        self.built(tag);
        self.run(&["deploy", "--images", "--skip-tests", "tests deploy"], code)
    }

    fn git(&self, words: &[&str]) -> String {
        done(Command::new("git").arg("--git-dir").arg(self.path("site.git")).args(words))
    }

    /// A program of the operator in the folder of hooks.
    fn hook(&self, name: &str, script: &str) {
        fs::create_dir_all(self.path("hooks")).unwrap();
        executable(&self.path("hooks").join(name), &format!("#!/bin/sh\n{script}\n"));
    }

    /// What this machine keeps of the deployment.
    fn kept(&self, name: &str) -> PathBuf {
        self.path(&format!("deploy/state/{}-magnetiq", self.target)).join(name)
    }

    fn journal(&self, number: u32) -> PathBuf {
        self.kept(&format!("journal/{number:05}.jsonl"))
    }

    /// Begins deployment `number` and kills it once it does `step`.
    fn killed(&self, words: &[&str], number: u32, step: &str) {
        let journal = || fs::read_to_string(self.journal(number)).unwrap_or_default();
        let begun = format!("\"event\":\"begun\",\"step\":\"{step}\"");
        let before = journal().matches(&begun).count();
        self.killed_once(words, || journal().matches(&begun).count() > before);
    }

    fn killed_once(&self, words: &[&str], is_time: impl Fn() -> bool) {
        let mut child = self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !is_time() {
            assert!(child.try_wait().unwrap().is_none(), "{words:?} came to its end");
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Somebody else commits a file of this name, and pushes it.
    fn others_commit(&self, name: &str, text: &str) {
        let work = self.path("work");
        let git = |words: &[&str]| done(identified(Command::new("git").arg("-C").arg(&work).args(words)));
        git(&["pull", "--quiet"]);
        fs::create_dir_all(work.join(name).parent().unwrap()).unwrap();
        fs::write(work.join(name), text).unwrap();
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "other"]);
        git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// What the branch says is to run, byte by byte.
    fn tree(&self) -> String {
        self.git(&["rev-parse", "main:production"])
    }
}

fn identified(command: &mut Command) -> &mut Command {
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Ana").env(format!("GIT_{role}_EMAIL"), "ana@example.org");
    }
    command
}

fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_cluster_that_follows_a_repository_goes_forward_and_back_by_commits() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    let first = site.tree();
    assert!(site.git(&["log", "-1", "--format=%B", "main"]).contains("Deployment: 1\n"));

    // Argo CD says that it is not well.
    let said = site.deploy("2.0.0-bad", 1);
    assert!(said.contains("is degraded: a pod does not start") && said.contains("runs, as before"), "{said}");
    assert_eq!(site.tree(), first, "the revert has what was there before");
    assert!(site.git(&["log", "-1", "--format=%s", "main"]).starts_with("Revert "));

    // It is well, and visitors see nothing.
    let said = site.deploy("3.0.0-lame", 1);
    assert!(said.contains("smoke: / answers 500") && said.contains("runs, as before"), "{said}");
    assert_eq!(site.tree(), first);

    let said = site.deploy("4.0.0", 0);
    assert!(said.contains("20261126T020000Z, proven"), "a backup comes first: {said}");
    assert_ne!(site.tree(), first);
    let said = site.run(&["rollback", "--images"], 0);
    assert!(said.contains("back to magnetiq 1.0.0"), "{said}");
    let differs = site.git(&["diff", "--name-only", first.trim(), site.tree().trim()]);
    assert!(differs.lines().all(|path| path.ends_with("secrets.yaml")), "{differs}");
    assert_eq!(site.git(&["rev-list", "--count", "main"]).trim(), "8", "nothing of it is rewritten");
}

#[test]
fn somebody_elses_push_is_not_overwritten() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    // Between the commit and the push.
    let work = site.path("work");
    let script =
        "#!/bin/sh\ncd \"$1\"\ngit pull --quiet\ndate > other\ngit add --all\ngit commit --quiet --message other\ngit push --quiet\n";
    executable(&site.path("push.sh"), script);
    let hook = site.kept("repository/.git/hooks/post-commit");
    executable(&hook, &format!("#!/bin/sh\nunset GIT_DIR GIT_INDEX_FILE\nexec {} {}\n", site.path("push.sh").display(), work.display()));
    let said = site.deploy("2.0.0", 1);
    assert!(said.contains("push: git") && said.contains("rejected"), "{said}");
    assert!(said.contains("nothing was changed: its commit was never pushed") && !said.contains("back-sync"), "{said}");
    assert_eq!(site.git(&["log", "-1", "--format=%s", "main"]).trim(), "other");
    fs::remove_file(hook).unwrap();
    site.deploy("2.0.0", 0);
    assert!(site.git(&["show", "main:other"]).contains(':'), "what others pushed is there");
}

#[test]
fn going_back_takes_nothing_of_others_back() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    let first = site.git(&["rev-parse", "main:production/k8s/configmap.yaml"]);
    site.deploy("2.0.0", 0);
    site.others_commit("production/notes.md", "a runbook");
    site.others_commit("production/k8s/secrets.yaml", "sealed anew");
    assert_ne!(site.git(&["rev-parse", "main:production/k8s/configmap.yaml"]), first);
    site.run(&["rollback"], 0);
    assert_eq!(site.git(&["rev-parse", "main:production/k8s/configmap.yaml"]), first, "it is the version before");
    for (file, text) in [("notes.md", "a runbook"), ("k8s/secrets.yaml", "sealed anew")] {
        assert_eq!(site.git(&["show", &format!("main:production/{file}")]), text, "{file}");
    }
}

#[test]
fn a_hook_that_is_told_how_it_ended_changes_nothing_of_that() {
    let site = Site::new("gitops");
    site.hook("after", "echo live > told; exit 1");
    site.hook("failed", "echo \"$MAGNETIQ_DEPLOY_REASON\" > told; exit 1");
    let said = site.deploy("1.0.0", 0);
    let first = site.tree();
    assert!(said.contains("it failed, and nothing is undone for it") && said.contains("magnetiq 1.0.0 runs"), "{said}");
    assert_eq!(fs::read_to_string(site.path("told")).unwrap(), "live\n");
    assert!(!site.git(&["log", "--format=%s", "main"]).contains("Revert "), "it stays");

    let said = site.deploy("2.0.0-bad", 1);
    assert!(said.contains("runs, as before") && said.contains("nothing is undone for it"), "{said}");
    assert!(fs::read_to_string(site.path("told")).unwrap().contains("is degraded"));
    assert_eq!(site.tree(), first);
}

/// Killed after the push, and once more where half a line is all that got to the disk.
#[test]
fn what_was_cut_off_goes_on_by_its_own_command_and_by_no_other() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    site.built("2.0.0");
    let words = ["deploy", "--images", "--skip-tests", "tests deploy"];
    // While the cluster is away nobody says that it has the commit.
    site.hook("before", "exit 0");
    executable(&site.kept("repository/.git/hooks/pre-push"), &format!("#!/bin/sh\ntouch {}\n", site.path("away").display()));
    site.killed(&words, 2, "sync");
    let mut file = fs::OpenOptions::new().append(true).open(site.journal(2)).unwrap();
    std::io::Write::write_all(&mut file, b"{\"at\":\"2026").unwrap();

    for other in [["rollback"].as_slice(), &["rollback", "--plan"], &["deploy", "--images", "--set", "images.tag=3.0.0"]] {
        fs::remove_file(site.path("away")).unwrap_or_default();
        let said = site.run(other, 1);
        assert!(said.contains("goes on by the command that began it:\n    cargo xtask deploy --target gitops\n"), "{said}");
        assert!(said.contains("cargo xtask deploy unlock --target gitops"), "{said}");
    }
    let said = site.run(&["deploy", "--images", "--plan"], 0);
    assert!(said.contains("done already: preflight, before, backup, commit, push"), "{said}");
    let said = site.run(&words, 0);
    assert!(said.contains("going on with deployment 2 of magnetiq 2.0.0"), "{said}");
    assert!(fs::read_to_string(site.journal(2)).unwrap().lines().last().unwrap().contains("\"outcome\":\"live\""));

    // Given up, the next one is another one.
    site.built("3.0.0");
    site.killed(&words, 3, "sync");
    let said = site.run(&["deploy", "unlock"], 0);
    assert!(said.contains("deployment 3 is given up"), "{said}");
    fs::remove_file(site.path("away")).unwrap();
    fs::remove_file(site.kept("repository/.git/hooks/pre-push")).unwrap();
    site.run(&["rollback"], 0);
}

/// Until then images, data and sources may become other ones.
#[test]
fn what_was_cut_off_before_anybody_knew_of_it_begins_anew() {
    let site = Site::new("gitops");
    site.hook("before", "touch begun; while [ -e slow ]; do sleep 0.1; done");
    fs::write(site.path("slow"), "").unwrap();
    site.built("1.0.0");
    site.killed_once(&["deploy", "--images", "--skip-tests", "tests deploy"], || site.path("begun").exists());
    for other in [["deploy", "--images", "--plan"].as_slice(), &["rollback", "--plan"]] {
        let said = site.run(other, 0);
        assert!(said.contains("deployment 1 of magnetiq 1.0.0 is running here, or a command that it left"), "{said}");
    }
    fs::remove_file(site.path("slow")).unwrap();
    let said = site.deploy("2.0.0", 0);
    assert!(said.contains("magnetiq 2.0.0 runs") && !said.contains("going on"), "{said}");
    assert!(fs::read_to_string(site.journal(1)).unwrap().contains("\"outcome\":\"given up\""));
}

#[test]
fn what_is_built_need_not_be_what_was_built() {
    let site = Site::new("gitops");
    site.built("1.0.0");
    let said = site.run(&["deploy", "--plan", "--set", "images.tag=2.0.0"], 0);
    assert!(said.contains("--push registry.example.org/team --set images.tag=2.0.0"), "{said}");
    let said = site.run(&["deploy", "--plan", "--images", "--set", "images.tag=2.0.0"], 1);
    assert!(said.contains("images.lock is about the images 1.0.0"), "{said}");
    // Where they are pushed may be told by what was pushed before.
    let deploy = fs::read_to_string(site.path("deploy.toml")).unwrap();
    fs::write(site.path("deploy.toml"), deploy.replace("[images]\nregistry = \"registry.example.org/team\"\n", "")).unwrap();
    let lock = fs::read_to_string(site.path("images.lock")).unwrap();
    fs::write(site.path("images.lock"), lock.replace("digest", "registry = \"registry.example.org/web\"\ndigest")).unwrap();
    let said = site.run(&["deploy", "--plan", "--set", "images.tag=2.0.0"], 0);
    assert!(said.contains("--push registry.example.org/web --set images.tag=2.0.0"), "{said}");
}

#[test]
fn a_cluster_that_is_told_directly_is_deployed_to_under_its_own_lock() {
    let site = Site::new("k8s");
    let words = ["deploy", "--images", "--skip-tests", "tests deploy"];
    // A connection that breaks while it is waited for the pods says nothing about them.
    fs::write(site.path("breaks"), "2").unwrap();
    site.deploy("1.0.0", 0);

    // Somebody takes the lock away from what was cut off: it does not go on.
    site.built("2.0.0");
    fs::write(site.path("breaks"), "99").unwrap();
    site.killed(&words, 2, "rollout");
    fs::remove_file(site.path("lock.json")).unwrap();
    let said = site.run(&words, 1);
    assert!(said.contains("was taken away since, so it is given up"), "{said}");
    fs::remove_file(site.path("breaks")).unwrap();

    // Nobody deploys under the lock of another, until it is taken away.
    fs::write(site.path("lock.json"), HELD_BY_BOB).unwrap();
    let said = site.run(&words, 1);
    assert!(said.contains("bob deploys there since 2026-11-26T02:00:00Z (deployment 2: a hotfix)"), "{said}");
    assert!(said.contains("cargo xtask deploy unlock --target k8s") && said.contains("kubectl --namespace magnetiq delete"), "{said}");
    let said = site.run(&["deploy", "unlock"], 0);
    assert!(said.contains("bob deploys there") && said.contains("the lock is gone"), "{said}");

    // Out of reach, it is neither good nor bad, and its own command goes on.
    site.hook("before", "touch away");
    let said = site.run(&words, 1);
    assert!(said.contains("the target is out of reach") && said.contains("goes on where it was"), "{said}");
    fs::remove_file(site.path("away")).unwrap();
    let said = site.run(&["deploy", "--images", "--set", "images.tag=2.0.0"], 1);
    assert!(said.contains("goes on by the command that began it"), "{said}");
    let said = site.run(&words, 0);
    assert!(said.contains("going on with deployment 3 of magnetiq 2.0.0") && said.contains("magnetiq 2.0.0 runs"), "{said}");
    assert!(!site.path("lock.json").exists(), "others may deploy");
}

#[test]
fn who_gives_up_what_was_cut_off_here_takes_nobody_elses_lock() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    site.built("2.0.0");
    let given_up = ["deployment 2 is given up", "the lock is another one's, and stays: cargo xtask deploy unlock --target k8s"];
    // What was given up runs, and has its number.
    for (number, words, code, expected) in [
        (2, ["deploy", "unlock"].as_slice(), 0, given_up.as_slice()),
        (3, &["deploy", "--images", "--set", "images.tag=2.0.0"], 1, &["was taken away since, so it is given up"]),
    ] {
        fs::write(site.path("breaks"), "99").unwrap();
        site.killed(&["deploy", "--images", "--skip-tests", "tests deploy"], number, "rollout");
        fs::write(site.path("lock.json"), HELD_BY_BOB).unwrap();
        let said = site.run(words, code);
        assert!(expected.iter().all(|part| said.contains(part)), "{said}");
        assert_eq!(fs::read_to_string(site.path("lock.json")).unwrap(), HELD_BY_BOB);
        let said = site.run(&["deploy", "unlock"], 0);
        assert!(said.contains("bob deploys there") && said.contains("the lock is gone"), "{said}");
    }
}
