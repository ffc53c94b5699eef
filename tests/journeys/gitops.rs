//! `cargo xtask deploy --target gitops`: commits in a real repository, and a stand-in for the cluster that follows it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use magnetiq_tests::program;
use tempfile::TempDir;

struct Site {
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
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("cluster.py"), include_str!("gitops/cluster.py")).unwrap();
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
        Self { folder, cluster, xtask: program("xtask") }
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

    #[track_caller]
    fn run(&self, words: &[&str], code: i32) -> String {
        let mut command = Command::new(&self.xtask);
        command.args(words).args(["--target", "gitops"]).current_dir(self.folder.path()).stdin(Stdio::null());
        let path = std::env::join_paths([self.path("bin"), "/usr/local/bin".into(), "/usr/bin".into(), "/bin".into()]).unwrap();
        let output = identified(command.env("PATH", path)).output().unwrap();
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
    let site = Site::new();
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
    assert_eq!(site.tree(), first);
    assert_eq!(site.git(&["rev-list", "--count", "main"]).trim(), "8", "nothing of it is rewritten");
}

#[test]
fn somebody_elses_push_is_not_overwritten() {
    let site = Site::new();
    site.deploy("1.0.0", 0);
    // Between the commit and the push.
    fs::create_dir(site.path("hooks")).unwrap();
    let work = site.path("work");
    let script =
        "#!/bin/sh\ncd \"$1\"\ngit pull --quiet\ndate > other\ngit add --all\ngit commit --quiet --message other\ngit push --quiet\n";
    executable(&site.path("push.sh"), script);
    let hook = site.path("deploy/repository/.git/hooks/post-commit");
    executable(&hook, &format!("#!/bin/sh\nunset GIT_DIR GIT_INDEX_FILE\nexec {} {}\n", site.path("push.sh").display(), work.display()));
    let said = site.deploy("2.0.0", 1);
    assert!(said.contains("push: git") && said.contains("rejected"), "{said}");
    assert_eq!(site.git(&["log", "-1", "--format=%s", "main"]).trim(), "other");
    fs::remove_file(hook).unwrap();
    site.deploy("2.0.0", 0);
    assert!(site.git(&["show", "main:other"]).contains(':'), "what others pushed is there");
}
