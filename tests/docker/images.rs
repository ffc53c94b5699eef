//! `cargo xtask images`: what it sends to a registry, and what it refuses.

use std::{fs, path::Path, process::Command};

use magnetiq_tests::free_port;

use crate::engine::{Engine, done, refused, unique_name, until, xtask};

const SMALLEST: &str = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n";

/// A registry on this machine, in a container of its own; it ends with this.
struct Registry {
    engine: Engine,
    name: String,
    /// Where images are sent.
    folder: String,
}

impl Registry {
    fn start(engine: &Engine, folder: &Path) -> Self {
        let (port, name) = (free_port(), format!("{}-registry", unique_name()));
        // Debian's own settings want a password.
        fs::write(
            folder.join("registry.yml"),
            "version: 0.1\nstorage: { filesystem: { rootdirectory: /var/lib/docker-registry } }\nhttp: { addr: \":5000\" }\n",
        )
        .unwrap();
        let (published, settings) =
            (format!("127.0.0.1:{port}:5000"), format!("{}:/etc/registry.yml:ro", folder.join("registry.yml").display()));
        let run =
            ["run", "--detach", "--name", &name, "--publish", &published, "--volume", &settings, "--volume", "/var/lib/docker-registry"];
        done(&mut engine.docker(&[&run[..], &[&engine.base, "docker-registry", "serve", "/etc/registry.yml"]].concat()));
        let registry = Self { engine: engine.clone(), name, folder: format!("127.0.0.1:{port}/team") };
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--fail", "--noproxy", "*", &format!("http://127.0.0.1:{port}/v2/")]);
        until(|| curl.output().unwrap().status.success().then_some(()).ok_or_else(|| "the registry does not answer".to_owned()));
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.engine.docker(&["rm", "--force", "--volumes", &self.name]).output();
    }
}

fn images(folder: &Path, deploy: &str, arguments: &[&str]) -> Command {
    let path = folder.join("deploy.toml");
    fs::write(&path, deploy).unwrap();
    let mut command = xtask(&["images"]);
    command.args(arguments).arg("--deploy").arg(path);
    command
}

#[test]
fn a_registry_says_what_was_sent_and_the_manifests_name_that() {
    let Some(engine) = Engine::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&engine, folder.path());
    let (base, to, tag) = (&engine.base, registry.folder.as_str(), unique_name());
    let deploy = format!("{SMALLEST}[images.base]\nnginx = \"{base}\"\nruntime = \"{base}\"\n[proxy]\nversion = \"1.22\"\n");
    let said = done(&mut images(folder.path(), &deploy, &["--only", "proxy", "--push", to, "--tag", &tag, "--allow-dirty"]));
    assert!(said.contains(&format!("{to}/magnetiq-proxy:{tag}")) && said.contains("over its base"), "{said}");
    let lock = fs::read_to_string(folder.path().join("images.lock")).unwrap();
    let digest = lock.lines().find_map(|line| line.strip_prefix("digest = \"")?.strip_suffix('"')).expect("the lock has a digest");

    // They are pulled from where they were sent.
    let mut manifests = xtask(&["manifests", "--target", "compose"]);
    done(manifests.arg("--deploy").arg(folder.path().join("deploy.toml")).arg("--out").arg(folder.path()));
    let reference = format!("{to}/magnetiq-proxy:{tag}@{digest}");
    assert!(fs::read_to_string(folder.path().join("compose/compose.yaml")).unwrap().contains(&reference), "{reference}");

    // As another machine would get it.
    let tagged = format!("{to}/magnetiq-proxy:{tag}");
    done(&mut engine.docker(&["image", "rm", &tagged]));
    done(&mut engine.docker(&["pull", "--quiet", &reference]));
    assert_eq!(engine.inspect(&reference)["Config"]["Labels"]["org.opencontainers.image.version"], tag.as_str());
    done(&mut engine.docker(&["image", "rm", &reference]));
}

#[test]
fn a_base_image_that_got_better_is_fetched_anew() {
    let Some(engine) = Engine::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&engine, folder.path());
    let (base, tag) = (format!("{}/base:1", registry.folder), unique_name());
    // This machine has fetched it once; since then its maker has mended it.
    let made = format!("{tag}-base");
    done(&mut engine.docker(&["create", "--name", &made, &engine.base, "true"]));
    done(&mut engine.docker(&["commit", "--change", "LABEL mended=yes", &made, &base]));
    done(&mut engine.docker(&["rm", &made]));
    done(&mut engine.docker(&["push", "--quiet", &base]));
    done(&mut engine.docker(&["tag", &engine.base, &base]));
    let deploy = format!("{SMALLEST}[images.base]\nnginx = \"{base}\"\n[proxy]\nversion = \"1.22\"\n");
    let built = format!("magnetiq-proxy:{tag}");
    for (pull, mended) in [(&[][..], false), (&["--pull"][..], true), (&[][..], true)] {
        let arguments = [&["--only", "proxy", "--tag", &tag, "--allow-dirty"], pull].concat();
        done(&mut images(folder.path(), &deploy, &arguments));
        assert_eq!(engine.inspect(&built)["Config"]["Labels"]["mended"] == "yes", mended, "{pull:?}");
    }
    done(&mut engine.docker(&["image", "rm", &built, &base]));

    // What nobody has is not fetched, and nothing is built on what was before.
    let deploy = deploy.replace("/base:1", "/none:1");
    let said = refused(&mut images(folder.path(), &deploy, &["--only", "proxy", "--tag", &tag, "--allow-dirty", "--pull"]));
    assert!(said.contains("/none:1 was not fetched") && said.contains("without --pull"), "{said}");
}

#[test]
fn what_could_not_be_built_again_or_sent_is_refused_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Without the list of what is committed, nothing is.
    let mut dirty = images(folder, SMALLEST, &[]);
    let said = refused(dirty.env("GIT_INDEX_FILE", folder.join("none")));
    assert!(said.contains("not committed") && said.contains("--allow-dirty"), "{said}");

    // Images run together: one of another version would take the others out of the lock.
    fs::write(folder.join("images.lock"), "[frontend]\ntag = \"2.0.0\"\nsize_bytes = 1\n").unwrap();
    let said = refused(&mut images(folder, SMALLEST, &["--only", "backend", "--tag", "2.1.0"]));
    assert!(said.contains("frontend as 2.0.0 of this machine") && said.contains("leave --only out"), "{said}");
    fs::remove_file(folder.join("images.lock")).unwrap();

    let git = magnetiq_config::environment()
        .get("PATH")
        .and_then(|path| std::env::split_paths(path).map(|folder| folder.join("git")).find(|path| path.is_file()));
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(git.expect("git is in PATH"), bin.join("git")).unwrap();
    let mut alone = images(folder, SMALLEST, &["--allow-dirty"]);
    let said = refused(alone.env("PATH", &bin));
    assert!(said.contains("neither docker nor podman is in PATH") && said.contains("apt-get install"), "{said}");

    let Some(_) = Engine::find() else { return };
    let mut stranger = images(folder, SMALLEST, &["--allow-dirty", "--push", "registry.example.org/team"]);
    let said = refused(stranger.env("DOCKER_CONFIG", folder));
    assert!(said.contains("nobody is signed in to registry.example.org") && said.contains("login registry.example.org"), "{said}");
}
