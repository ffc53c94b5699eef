//! The engine that the tests deploy to, and programs that are run to their end.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Containers start one after the other, on a machine that may have two cores for everything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Docker, Compose, and an image of Debian with what is needed.
#[derive(Clone)]
pub(crate) struct Engine {
    docker: PathBuf,
    compose: PathBuf,
    pub(crate) base: String,
}

impl Engine {
    /// `None`, said aloud, where there is none.
    #[expect(clippy::disallowed_methods, reason = "a harness is told by its environment where its programs are")]
    pub(crate) fn find() -> Option<Self> {
        let told = |name: &str| std::env::var(name).ok().map(PathBuf::from);
        let found = || {
            let (docker, compose) = (told("MAGNETIQ_TEST_DOCKER")?, told("MAGNETIQ_TEST_COMPOSE")?);
            Some(Self { docker, compose, base: told("MAGNETIQ_TEST_BASE_IMAGE")?.display().to_string() })
        };
        let engine = found();
        if engine.is_none() {
            magnetiq_tests::skip("no Docker engine; cargo xtask test finds or starts one, with all that is needed");
        }
        engine
    }

    pub(crate) fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.docker);
        command.args(arguments);
        command
    }

    pub(crate) fn client(&self) -> &Path {
        &self.docker
    }

    /// Where the engine listens on this machine.
    pub(crate) fn socket(&self) -> PathBuf {
        let address = done(&mut self.docker(&["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]));
        PathBuf::from(address.trim().strip_prefix("unix://").expect("the engine is on this machine"))
    }

    /// The folders of Docker and Compose, for PATH.
    pub(crate) fn programs(&self) -> [PathBuf; 2] {
        [&self.compose, &self.docker].map(|program| program.parent().unwrap().to_owned())
    }

    pub(crate) fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.compose);
        command.args(arguments);
        command
    }

    /// What the engine knows of a container or an image.
    #[track_caller]
    pub(crate) fn inspect(&self, name: &str) -> Value {
        let seen = done(&mut self.docker(&["inspect", name]));
        serde_json::from_str::<Value>(&seen).unwrap()[0].clone()
    }
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(crate) fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(magnetiq_tests::program("xtask"));
    command.current_dir(root()).args(arguments);
    command
}

/// What it wrote to standard output.
#[track_caller]
pub(crate) fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it said about why it failed.
#[track_caller]
pub(crate) fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}\n{}", said(&output));
    said(&output)
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn until<T>(mut ask: impl FnMut() -> Result<T, String>) -> T {
    let begin = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(instead) => assert!(begin.elapsed() < PATIENCE, "{instead}"),
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Of what this test puts into the engine, which others may use at the same time.
pub(crate) fn unique_name() -> String {
    format!("mqimg-{}", std::process::id())
}
