//! Another machine, as people have it: it is reached by ssh alone, and nothing of its disk is seen from here.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use magnetiq_tests::free_port;
use tempfile::TempDir;

use crate::engine::{Engine, done, said, until};

/// An ssh server in a container, with the engine behind it.
pub(crate) struct Machine {
    engine: Engine,
    name: String,
    /// Keys, settings and the Docker context of who comes.
    own: TempDir,
    /// The folder of the site there. The engine has it, and who deploys does not.
    site: TempDir,
}

const SERVER: &str = "HostKey /keys/host\nAuthorizedKeysFile /keys/client.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
                      PermitRootLogin prohibit-password\n";

impl Machine {
    pub(crate) fn start(engine: &Engine) -> Self {
        let (port, name) = (free_port(), format!("mqfar-{}", std::process::id()));
        let machine = Self { engine: engine.clone(), name, own: TempDir::new().unwrap(), site: TempDir::new().unwrap() };
        let keys = machine.path("keys");
        fs::create_dir(&keys).unwrap();
        for key in ["host", "client"] {
            done(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(keys.join(key)));
        }
        fs::write(keys.join("settings"), SERVER).unwrap();
        let mount = |from: &Path, to: &str| format!("{}:{to}", from.display());
        let mut run = engine.docker(&["run", "--detach", "--name", &machine.name, "--publish", &format!("127.0.0.1:{port}:22")]);
        run.args(["--volume", &mount(&keys, "/keys:ro"), "--volume", &mount(&engine.socket(), "/var/run/docker.sock")]);
        run.args(["--volume", &mount(engine.client(), "/usr/local/bin/docker:ro"), &engine.base]);
        done(run.args(["sh", "-c", "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f /keys/settings"]));
        machine.who_comes_knows_it(&keys, port);
        until(|| {
            let asked = machine.through(&engine.docker(&["--context", &machine.name, "version"])).output().unwrap();
            if asked.status.success() { Ok(()) } else { Err(said(&asked)) }
        });
        machine
    }

    fn who_comes_knows_it(&self, keys: &Path, port: u16) {
        let host = fs::read_to_string(keys.join("host.pub")).unwrap();
        fs::write(self.path("known_hosts"), format!("[127.0.0.1]:{port} {host}")).unwrap();
        let known = self.path("known_hosts");
        let settings = format!(
            "IdentityFile {}\nIdentitiesOnly yes\nBatchMode yes\nUserKnownHostsFile {}\nStrictHostKeyChecking yes\n",
            keys.join("client").display(),
            known.display()
        );
        fs::write(self.path("ssh_config"), settings).unwrap();
        // Who has the home folder of a person has settings of ssh there, which are not for tests.
        let ssh = format!("#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n", self.path("ssh_config").display());
        fs::create_dir(self.path("bin")).unwrap();
        fs::write(self.path("bin/ssh"), ssh).unwrap();
        fs::set_permissions(self.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut create = self.engine.docker(&["context", "create", &self.name, "--docker", &format!("host=ssh://root@127.0.0.1:{port}")]);
        done(create.env("DOCKER_CONFIG", self.path("docker")));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.own.path().join(name)
    }

    /// The name of the Docker context.
    pub(crate) fn context(&self) -> &str {
        &self.name
    }

    pub(crate) fn folder(&self) -> &Path {
        self.site.path()
    }

    /// The same command, of somebody who has no other way there.
    pub(crate) fn through(&self, command: &Command) -> Command {
        let mut hidden = Command::new("unshare");
        hidden.args(["--mount", "--", "sh", "-ec", "mount -t tmpfs tmpfs \"$0\"; exec \"$@\""]).arg(self.folder());
        hidden.arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            hidden.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => hidden.env(name, value),
                None => hidden.env_remove(name),
            };
        }
        let path = command.get_envs().find_map(|(name, value)| value.filter(|_| name == "PATH"));
        let path = path.map_or_else(|| "/usr/local/bin:/usr/bin:/bin".into(), |path| path.display().to_string());
        hidden.env("PATH", format!("{}:{path}", self.path("bin").display()));
        hidden.env("DOCKER_CONFIG", self.path("docker")).env_remove("DOCKER_HOST");
        hidden
    }

    /// Every connection ends, and nobody answers a new one.
    pub(crate) fn cut(&self) {
        done(&mut self.engine.docker(&["kill", &self.name]));
    }

    pub(crate) fn open(&self) {
        done(&mut self.engine.docker(&["start", &self.name]));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.engine.docker(&["rm", "--force", &self.name]).output();
    }
}
