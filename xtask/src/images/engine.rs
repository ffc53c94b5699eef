//! Docker or Podman, whichever is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::output;
use crate::tools;

/// Docker Hub, in the names of its images, and in the settings of who is signed in there.
const HUB: &str = "docker.io";
const HUB_LOGIN: &str = "index.docker.io";

/// How it is told to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Builder {
    /// `docker buildx build --load`
    Buildx,
    /// `docker build` of a Docker before 23, which has BuildKit within it.
    BuildKit,
    Podman,
}

/// Somebody who builds images.
#[derive(Debug)]
pub(crate) struct Engine {
    program: PathBuf,
    builder: Builder,
}

/// An image as the engine has it.
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) size_bytes: u64,
}

impl Engine {
    /// The first in PATH that answers and can build.
    ///
    /// # Errors
    ///
    /// When there is none, with what each one that is there said.
    pub(super) fn find(environment: &BTreeMap<String, String>) -> Result<Self> {
        let mut said = Vec::new();
        if let Some(engine) = Self::find_docker(environment, &mut said) {
            return Ok(engine);
        }
        for program in tools::find_each("podman", environment) {
            match output(Command::new(&program).args(["info", "--format", "{{.Version.Version}}"])) {
                Ok(_) => return Ok(Self { program, builder: Builder::Podman }),
                Err(error) => said.push(format!("{error:#}")),
            }
        }
        if said.is_empty() {
            bail!("neither docker nor podman is in PATH; on Debian: sudo apt-get install docker.io, or podman");
        }
        bail!("no engine builds images here:\n    {}", said.join("\n    "))
    }

    /// The first Docker in PATH whose engine answers and that can build; what the others said goes to `said`.
    pub(crate) fn find_docker(environment: &BTreeMap<String, String>, said: &mut Vec<String>) -> Option<Self> {
        tools::find_each("docker", environment).find_map(|program| match docker(&program) {
            Ok(builder) => Some(Self { program, builder }),
            Err(error) => {
                said.push(format!("{}: {error:#}", program.display()));
                None
            }
        })
    }

    /// The client that talks to it.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn name(&self) -> &'static str {
        match self.builder {
            Builder::Buildx => "docker buildx",
            Builder::BuildKit => "docker",
            Builder::Podman => "podman",
        }
    }

    /// A build of something that was written at `time_s`, in seconds since 1970. Podman gives this time to everything; a Docker from 23 on
    /// (BuildKit 0.11) to the image itself, an older one says when it was built.
    pub(super) fn build(&self, time_s: u64) -> Command {
        let mut command = Command::new(&self.program);
        match self.builder {
            Builder::Buildx => command.args(["buildx", "build", "--load", "--provenance=false"]),
            Builder::BuildKit => command.arg("build").env("DOCKER_BUILDKIT", "1"),
            Builder::Podman => command.args(["build", "--format", "docker", "--timestamp", &time_s.to_string()]),
        };
        command.args(["--build-arg", &format!("SOURCE_DATE_EPOCH={time_s}")]);
        command
    }

    /// Fetches an image as its registry has it now. Builds of later take it, too, whoever builds.
    ///
    /// # Errors
    ///
    /// When the registry doesn't give it.
    pub(super) fn pull(&self, image: &str, platform: Option<&str>) -> Result<()> {
        let mut pull = Command::new(&self.program);
        pull.arg("pull").args(platform.map(|platform| format!("--platform={platform}")));
        // As Docker does: a registry on this machine needs no certificate.
        pull.args((self.builder == Builder::Podman && is_here(host(image))).then_some("--tls-verify=false"));
        let status = pull.arg(image).status().with_context(|| format!("start {}", self.name()))?;
        if !status.success() {
            bail!("{image} was not fetched: {status}; what is only on this machine is built from without --pull");
        }
        Ok(())
    }

    /// What an image is, and how large.
    ///
    /// # Errors
    ///
    /// When the engine does not have it.
    pub(super) fn inspect(&self, image: &str) -> Result<Seen> {
        let seen = self.look_at(image)?;
        let id = seen["Id"].as_str().with_context(|| format!("the engine says no id of {image}"))?;
        let id = if id.starts_with("sha256:") { id.to_owned() } else { format!("sha256:{id}") };
        Ok(Seen { id, size_bytes: seen["Size"].as_u64().with_context(|| format!("the engine says no size of {image}"))? })
    }

    /// Sends an image to its registry and gives the digest that it has there.
    ///
    /// # Errors
    ///
    /// When the registry doesn't take it.
    pub(super) fn push(&self, image: &str) -> Result<String> {
        let host = host(image);
        // What Podman has is packed anew on its way, so only the push knows the digest.
        let said = NamedTempFile::new().context("make a file for the digest")?;
        let mut push = Command::new(&self.program);
        push.arg("push");
        if self.builder == Builder::Podman {
            push.arg("--digestfile").arg(said.path());
            // As Docker does: a registry on this machine needs no certificate.
            push.args(is_here(host).then_some("--tls-verify=false"));
        }
        let status = push.arg(image).status().with_context(|| format!("start {}", self.name()))?;
        if !status.success() {
            bail!(
                "{image} was not pushed: {status}; is the account of `{} login {host}` one that may write there?",
                self.program.display()
            );
        }
        if self.builder == Builder::Podman {
            let digest = fs::read_to_string(said.path()).with_context(|| format!("read {}", said.path().display()))?;
            return Ok(digest.trim().to_owned());
        }
        let (repository, _) = image.rsplit_once(':').context("an image has a tag")?;
        let seen = self.look_at(image)?;
        let references = seen["RepoDigests"].as_array().cloned().unwrap_or_default();
        let digest = references.iter().filter_map(Value::as_str).find_map(|reference| digest_in(reference, repository));
        digest.map(ToOwned::to_owned).with_context(|| format!("the engine knows no digest of {image} after the push"))
    }

    fn look_at(&self, image: &str) -> Result<Value> {
        let text = output(Command::new(&self.program).args(["image", "inspect", image]))?;
        let seen: Value = serde_json::from_str(&text).context("read what the engine says about an image")?;
        seen.get(0).cloned().with_context(|| format!("the engine does not have {image}"))
    }

    /// Before a build of many minutes: whether a push to `registry` can come to anything.
    ///
    /// # Errors
    ///
    /// When nobody has signed in there. A registry on this machine needs no sign-in.
    pub(super) fn refuse_without_login(&self, registry: &str, environment: &BTreeMap<String, String>) -> Result<()> {
        let host = host(registry);
        if is_here(host) {
            return Ok(());
        }
        let refused = || anyhow!("nobody is signed in to {host}: {} login {host}", self.program.display());
        if self.builder == Builder::Podman {
            return output(Command::new(&self.program).args(["login", "--get-login", host])).ok().map(|_| ()).ok_or_else(refused);
        }
        let home = || environment.get("HOME").map(|home| Path::new(home).join(".docker"));
        let folder = environment.get("DOCKER_CONFIG").map(PathBuf::from).or_else(home).context("neither DOCKER_CONFIG nor HOME is set")?;
        if is_signed_in(&fs::read_to_string(folder.join("config.json")).unwrap_or_default(), host) {
            return Ok(());
        }
        Err(refused())
    }
}

fn docker(program: &Path) -> Result<Builder> {
    let asked = output(Command::new(program).args(["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]));
    let versions = asked.context("its engine does not answer (sudo systemctl start docker; may this account use it?)")?;
    if output(Command::new(program).args(["buildx", "version"])).is_ok() {
        return Ok(Builder::Buildx);
    }
    let major = versions.split('.').next().and_then(|major| major.trim().parse::<u32>().ok());
    if major.is_some_and(|major| (19..23).contains(&major)) {
        return Ok(Builder::BuildKit);
    }
    bail!("it needs its plugin buildx (the package docker-buildx-plugin, or docker-buildx)")
}

/// The registry of an image or of a folder of images. What names none is Docker Hub's.
fn host(image: &str) -> &str {
    let first = image.split('/').next().unwrap_or(image);
    if first.contains(['.', ':']) || first == "localhost" { first } else { HUB }
}

/// The digest in a reference to an image of `repository`; the engine leaves the name of Docker Hub out.
fn digest_in<'a>(reference: &'a str, repository: &str) -> Option<&'a str> {
    let short = repository.strip_prefix(HUB).and_then(|rest| rest.strip_prefix('/')).unwrap_or(repository);
    let digest = |name: &str| reference.strip_prefix(name)?.strip_prefix('@');
    digest(repository).or_else(|| digest(short))
}

/// Whether a registry is on this machine.
fn is_here(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    name == "localhost" || name.starts_with("127.")
}

/// Whether Docker's settings have credentials for `host`, or know who has them.
fn is_signed_in(settings: &str, host: &str) -> bool {
    let Ok(settings) = serde_json::from_str::<Value>(settings) else { return false };
    let host = if host == HUB { HUB_LOGIN } else { host };
    let is_host = |key: &String| key == host || key.split("//").last().and_then(|rest| rest.split('/').next()) == Some(host);
    let has = |section: &str| settings[section].as_object().is_some_and(|entries| entries.keys().any(is_host));
    has("auths") || has("credHelpers") || settings["credsStore"].is_string()
}

#[cfg(test)]
mod tests {
    use super::{digest_in, host, is_signed_in};

    #[test]
    fn settings_of_docker_tell_who_is_signed_in() {
        for (settings, expected) in [
            ("", false),
            ("{}", false),
            (r#"{"auths":{"registry.example.org":{}}}"#, true),
            (r#"{"auths":{"https://registry.example.org/v1/":{}}}"#, true),
            (r#"{"auths":{"other.example.org":{}}}"#, false),
            (r#"{"credHelpers":{"registry.example.org":"pass"}}"#, true),
            (r#"{"credsStore":"desktop"}"#, true),
        ] {
            assert_eq!(is_signed_in(settings, "registry.example.org"), expected, "{settings}");
        }
        let hub = r#"{"auths":{"https://index.docker.io/v1/":{}}}"#;
        assert!(is_signed_in(hub, host("docker.io/team")) && is_signed_in(hub, host("team")) && !is_signed_in(hub, "example.org"));
    }

    #[test]
    fn a_registry_is_what_stands_before_the_first_slash() {
        for (image, expected) in [
            ("registry.example.org:5000/team/magnetiq-backend:1", "registry.example.org:5000"),
            ("localhost/magnetiq-backend", "localhost"),
            ("team/magnetiq-backend", "docker.io"),
        ] {
            assert_eq!(host(image), expected, "{image}");
        }
    }

    #[test]
    fn the_engine_leaves_the_name_of_docker_hub_out() {
        for (reference, repository, expected) in [
            ("registry.example.org/team/a@sha256:1", "registry.example.org/team/a", Some("sha256:1")),
            ("team/a@sha256:1", "docker.io/team/a", Some("sha256:1")),
            ("docker.io/team/a@sha256:1", "docker.io/team/a", Some("sha256:1")),
            ("team/ab@sha256:1", "docker.io/team/a", None),
            ("team/a@sha256:1", "registry.example.org/team/a", None),
        ] {
            assert_eq!(digest_in(reference, repository), expected, "{reference}");
        }
    }
}
