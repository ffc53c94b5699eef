//! What a plan follows from, and what is learned while it is carried out. Both stand in the journal.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::line::Line;
use super::release::Release;

/// Where a site runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// One machine with Docker
    Compose,
    /// A cluster, by kubectl
    K8s,
    /// A cluster that follows a repository, by a commit
    Gitops,
}

/// Everything that is known before the first step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) target: Target,
    /// Counted on the target.
    pub(crate) number: u32,
    /// The id that the new server answers with, unique on every target.
    pub(crate) release: String,
    /// The tag of the images.
    pub(crate) version: String,
    /// The name of the deployment: the Compose project, the namespace.
    pub(crate) name: String,
    pub(crate) who: String,
    pub(crate) why: Option<String>,
    pub(crate) begun_at: Timestamp,
    /// `deploy.toml`.
    pub(crate) deploy: PathBuf,
    /// Values that win over those of `deploy.toml`.
    pub(crate) given: Vec<(String, String)>,
    /// The folder of rendered files.
    pub(crate) out: PathBuf,
    /// What this machine keeps of this deployment: releases, journals, the clone that is committed in.
    pub(crate) folder: PathBuf,
    /// The words that began it, and that it goes on by: `rollback`, `3`.
    #[serde(default)]
    pub(crate) words: Vec<String>,
    /// The words that lead to it from where it was begun: `--target`, `k8s`.
    #[serde(default)]
    pub(crate) place: Vec<String>,
    /// What is there now.
    pub(crate) previous: Option<Release>,
    /// Whether visitors were kept out before this began: of what was given up then, nobody knows that they may come in.
    #[serde(default)]
    pub(crate) closed_before: bool,
    /// The release that is gone back to, where this is a rollback.
    pub(crate) of: Option<Release>,
    /// The schema between two migrations, where a rollback goes over both.
    #[serde(default)]
    pub(crate) between: Option<i64>,
    /// Go back although rows were written since.
    pub(crate) discard: bool,
    /// Why the tests are left out; `None`: they run.
    pub(crate) skip_tests: Option<String>,
    /// Why a cluster makes no backup first; `None`: it does.
    #[serde(default)]
    pub(crate) skip_backup: Option<String>,
    /// Whether images are built first.
    pub(crate) build: bool,
    /// Whether what they are built on is fetched anew.
    #[serde(default)]
    pub(crate) pull: bool,
    pub(crate) allow_dirty: bool,
    /// Whether images come from a registry.
    pub(crate) registry: Option<String>,
    /// What is deployed, as far as it is known before it is built: image and reference.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) site: Site,
    pub(crate) gate: Gate,
    /// Versions that are kept.
    pub(crate) keep: u32,
    /// Images of versions that nobody goes back to any more once this one is live.
    #[serde(default)]
    pub(crate) needless: Vec<String>,
    pub(crate) hooks: Hooks,
    pub(crate) tools: Tools,
    /// The cluster, where it is one.
    pub(crate) cluster: Option<Cluster>,
    /// What takes the place of the site's data, where they are what is new.
    #[serde(default)]
    pub(crate) data: Option<Carried>,
}

/// Data that go from this machine to the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carried {
    /// Where they lie here.
    pub(crate) folder: PathBuf,
    /// `backupd` of this checkout.
    pub(crate) program: PathBuf,
    /// What they travel as.
    pub(crate) archive: PathBuf,
}

/// A cluster, and the repository that it follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// The client, with its context.
    pub(crate) kubectl: Vec<String>,
    pub(crate) namespace: String,
    /// The revision of each workload that runs now: what is gone back to, however often that is begun.
    #[serde(default)]
    pub(crate) revisions: BTreeMap<String, u64>,
    /// The revision of each workload that is gone back to, where this is a rollback.
    #[serde(default)]
    pub(crate) back_to: BTreeMap<String, u64>,
    /// `None`: it is told directly.
    pub(crate) repository: Option<Repository>,
}

/// What Argo CD follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repository {
    /// The branch.
    pub(crate) revision: String,
    /// The folder of the rendered files in it.
    pub(crate) folder: Option<String>,
    /// The clone on this machine, which nobody else works in.
    pub(crate) clone: PathBuf,
    pub(crate) argocd_namespace: String,
}

/// How the site is reached from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Site {
    pub(crate) domain: String,
    pub(crate) port: u16,
    /// The host that is asked with the name of the domain; with a port where that is another one.
    pub(crate) address: String,
}

impl Site {
    /// Who is asked, as `host:port`.
    pub(crate) fn peer(&self) -> String {
        let (address, port) = (&self.address, self.port);
        match address.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]:{port}"),
            Err(_) if address.contains(':') && !address.ends_with(']') => address.clone(),
            Err(_) => format!("{address}:{port}"),
        }
    }
}

/// What a version must show before it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gate {
    pub(crate) ready_answers: u32,
    pub(crate) ready_timeout_s: u32,
    pub(crate) watch_s: u32,
    pub(crate) errors_percent_max: u32,
}

/// Programs of the operator that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hooks {
    pub(crate) before: Option<PathBuf>,
    pub(crate) after: Option<PathBuf>,
    pub(crate) failed: Option<PathBuf>,
}

/// Programs that are run, and what they work on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tools {
    /// The Docker client, with its context.
    pub(crate) docker: Vec<String>,
    /// Compose: `docker compose`, or a program of its own, with the context.
    pub(crate) compose: Vec<String>,
    /// What stands before programs that use Docker themselves: `env -u DOCKER_HOST DOCKER_CONTEXT=…`, or nothing.
    pub(crate) environment: Vec<String>,
    /// The folder that the files of the site lie in, on the machine that runs it.
    pub(crate) project: PathBuf,
    /// Whether that is another machine.
    pub(crate) remote: bool,
}

impl Tools {
    /// A command of one of the clients. Of another machine it is asked meanwhile whether it is still there.
    pub(crate) fn line(&self, client: &[String]) -> Line {
        let line = Line::new(client);
        if self.remote { line.asking(self.version()) } else { line }
    }

    /// The question that every engine answers.
    pub(crate) fn version(&self) -> Line {
        Line::new(&self.docker).with(["version", "--format", "{{.Client.Version}} {{.Server.Version}}"])
    }
}

impl Cluster {
    /// A command about the namespace of the site.
    pub(crate) fn line<const N: usize>(&self, words: [&str; N]) -> Line {
        self.line_in(&self.namespace, words)
    }

    /// A command about a namespace. The cluster is asked meanwhile whether it is still there.
    pub(crate) fn line_in<const N: usize>(&self, namespace: &str, words: [&str; N]) -> Line {
        Line::new(&self.kubectl).asking(self.version()).with(["--namespace", namespace]).with(words)
    }

    /// The question that every cluster answers.
    pub(crate) fn version(&self) -> Line {
        Line::new(&self.kubectl).with(["version"])
    }
}

impl Repository {
    /// A command in the clone. Where it is a clone of is asked meanwhile whether it is still there.
    pub(crate) fn git<const N: usize>(&self, words: [&str; N]) -> Line {
        self.here().asking(self.reach()).with(words)
    }

    /// The question that every repository answers.
    pub(crate) fn reach(&self) -> Line {
        self.here().with(["ls-remote", "--quiet", "origin", "HEAD"])
    }

    fn here(&self) -> Line {
        Line::new(["git", "-C", &self.clone.display().to_string()])
    }
}

impl Target {
    /// As it is typed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::K8s => "k8s",
            Self::Gitops => "gitops",
        }
    }
}

impl Facts {
    /// Whether data and a version to go back to are there.
    pub(crate) fn is_first(&self) -> bool {
        self.previous.is_none()
    }

    /// What runs well although no record says that it passed: it was started by hand, or given up.
    pub(crate) fn unrecorded(&self) -> Option<&Release> {
        self.previous.as_ref().filter(|previous| previous.ended_at.is_none() && !previous.is_unwell())
    }

    pub(crate) fn releases(&self) -> PathBuf {
        self.folder.join("releases")
    }

    /// Whether other data take the place of the site's before the new server starts: what the site has is backed up once nobody writes, then.
    pub(crate) fn replaces_data(&self) -> bool {
        self.data.is_some() || self.schema_back().is_some()
    }

    /// Whether what comes may migrate: a new version, or one that is gone back to of a newer schema than what runs.
    pub(crate) fn may_migrate(&self) -> bool {
        let Some(of) = &self.of else { return true };
        let schemas = of.schema.zip(self.previous.as_ref().and_then(|previous| previous.schema));
        schemas.is_some_and(|(of, now)| of > now)
    }

    /// What nobody wrote down of a version that a cluster goes back to, or says of the one that it leaves.
    pub(crate) fn not_known(&self) -> Option<String> {
        let of = self.of.as_ref().filter(|_| self.cluster.is_some())?;
        let unknown = match (of.schema, &self.previous) {
            (None, _) => format!("which schema {} works with was never recorded", of.version),
            (Some(_), Some(previous)) if previous.schema.is_none() => format!("nobody says which schema {} left", previous.version),
            _ => return None,
        };
        Some(format!("{unknown}: where {} refuses what is there, it does not start, and what runs now comes back", of.version))
    }

    /// A command about this deployment, as one would type it.
    pub(crate) fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Line {
        Line::new(["cargo", "xtask"]).with(words).with(self.place.iter().cloned())
    }

    /// The version of the schema that the release works with that is gone back to.
    pub(crate) fn schema_back(&self) -> Option<i64> {
        let now = self.previous.as_ref()?.schema?;
        self.of.as_ref()?.schema.filter(|schema| *schema < now)
    }
}

/// What steps found out, for those that come later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// The id of the backup that was made and proven.
    pub(crate) backup: Option<String>,
    /// The version of the schema before.
    pub(crate) schema_from: Option<i64>,
    /// The version of the schema that the new version works with.
    pub(crate) schema_to: Option<i64>,
    /// Whether the new version migrates.
    pub(crate) migrates: bool,
    /// What each service runs in the new version.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) revision: Option<String>,
    /// The commit of this deployment, in the repository that a cluster follows.
    #[serde(default)]
    pub(crate) commit: Option<String>,
    /// That commit was taken back before anybody saw it.
    #[serde(default)]
    pub(crate) never_pushed: bool,
    /// Since when visitors are kept out, while they are.
    #[serde(default)]
    pub(crate) closed_at: Option<Timestamp>,
    /// How long the server was away: seen from outside, or, of what was cut off meanwhile, how long visitors were kept out.
    pub(crate) downtime_ms: Option<u64>,
    /// How long readers got neither an answer of it nor a copy.
    pub(crate) readers_away_ms: Option<u64>,
}

impl Learned {
    /// Visitors come in again: how long they did not is added up, until something that has looked on all the time knows it better.
    pub(crate) fn opened(&mut self, now: Timestamp) {
        let Some(closed_at) = self.closed_at.take() else { return };
        let kept_out_ms = u64::try_from(now.duration_since(closed_at).as_millis()).unwrap_or_default();
        self.downtime_ms = Some(self.downtime_ms.unwrap_or_default() + kept_out_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::{Learned, Site};

    #[test]
    fn who_is_asked_may_have_a_port_of_its_own() {
        for (address, peer) in [
            ("203.0.113.5", "203.0.113.5:443"),
            ("proxy.internal:8443", "proxy.internal:8443"),
            ("2001:db8::5", "[2001:db8::5]:443"),
            ("[2001:db8::5]", "[2001:db8::5]:443"),
            ("[2001:db8::5]:8443", "[2001:db8::5]:8443"),
        ] {
            let site = Site { domain: "www.example.org".to_owned(), port: 443, address: address.to_owned() };
            assert_eq!(site.peer(), peer);
        }
    }

    #[test]
    fn the_times_that_visitors_were_kept_out_are_added_up() {
        let at = |time: &str| Some(format!("2026-11-26T03:00:{time}Z").parse().expect("a time"));
        let mut learned = Learned::default();
        for (closed, opened, all) in
            [(None, "01", None), (at("02"), "03.5", Some(1500)), (None, "09", Some(1500)), (at("10"), "12", Some(3500))]
        {
            learned.closed_at = closed;
            learned.opened(at(opened).expect("a time"));
            assert_eq!((learned.downtime_ms, learned.closed_at), (all, None), "{opened}");
        }
    }
}
