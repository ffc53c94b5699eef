//! The facts of a new deployment: from `deploy.toml`, the command line, this machine and the target.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use magnetiq_manifests::{Deployment, Image};

use super::facts::{Carried, Facts, Gate, Hooks, Site, Target, Tools};
use super::line::Line;
use super::plan::compose::asks_closed;
use super::release::{self, Release};
use super::{How, Where, adopted, clock, gather_cluster, store};
use crate::manifests;
use crate::tools;

/// What somebody asks for.
pub(crate) enum Wanted<'a> {
    /// A new version.
    Version,
    /// One that ran before: the last, or one that is named.
    Back(Option<&'a str>),
    /// Other data for the version that runs.
    Data {
        /// Where they lie here.
        folder: PathBuf,
        /// `backupd` of this checkout.
        program: PathBuf,
    },
}

impl Wanted<'_> {
    /// What somebody types for it, with what makes it another one: it goes on by the same words, and by no others.
    pub(crate) fn words(&self, given: &[(String, String)]) -> Vec<String> {
        let words = match self {
            Self::Version => vec!["deploy"],
            Self::Back(name) => ["rollback"].into_iter().chain(*name).collect(),
            Self::Data { .. } => vec!["data", "push"],
        };
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if let Self::Data { folder, .. } = self {
            words.extend(["--data".to_owned(), folder.display().to_string()]);
        }
        words.extend(given.iter().flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]));
        words
    }
}

/// What a deployment or a rollback follows from.
///
/// # Errors
///
/// When something cannot be read or asked, and when there is nothing to go back to.
pub(crate) fn facts(place: &Where, how: &How, wanted: &Wanted<'_>) -> Result<Facts> {
    // Only with --images must images.lock fit the manifests: a build writes it anew, and a rollback takes the names from the record of the
    // release.
    let is_built = how.images && matches!(wanted, Wanted::Version);
    let read =
        || if is_built { manifests::read(&place.deploy, None, &place.set) } else { manifests::read_to_build(&place.deploy, &place.set) };
    let deployment = read()?;
    if place.target != Target::Compose {
        return gather_cluster::facts(place, how, wanted, &deployment);
    }
    let environment = magnetiq_config::environment();
    let (out, folder) = (absolute(&place.out)?, folder(place, &deployment)?);
    let tools = tools_of(&deployment, place.target, &out, &environment)?;
    let mut releases = store::history(&tools, &deployment.name, &folder.join("releases"))?;
    if let Some(runs) = adopted::adopted(&tools, &deployment.name, &releases, &folder, matches!(wanted, Wanted::Back(_)), how.plan)? {
        releases.retain(|release| release.number != runs.number);
        releases.push(runs);
        releases.sort_by_key(|release| Reverse(release.number));
    }
    let previous = release::live(&releases).cloned();
    let of = match wanted {
        Wanted::Version => None,
        Wanted::Back(name) => Some(found(&releases, *name)?.clone()),
        Wanted::Data { .. } => Some(previous.clone().context("nothing runs there that data could be brought to: cargo xtask deploy")?),
    };
    let is_back = matches!(wanted, Wanted::Back(_));
    let between = of.as_ref().filter(|_| is_back).and_then(|of| release::between(&releases, of));
    if let Some(of) = of.as_ref().filter(|_| is_back && between.is_none()) {
        release::refuse_two_migrations(&releases, of, &place.words())?;
    }
    if how.skip_backup.is_some() {
        bail!("--skip-backup is for clusters: with Docker the backup is made by a container of its own, whatever runs or not");
    }
    let closed_before = previous.is_some() && asks_closed(&tools, &deployment.name).output()?.status.success();
    let number = releases.iter().map(|release| release.number).max().unwrap_or(0) + 1;
    let now = clock::now();
    let images: BTreeMap<String, String> =
        Image::ALL.iter().map(|image| (image.name().to_owned(), deployment.images.reference(*image))).collect();
    Ok(Facts {
        target: place.target,
        number,
        release: release_name(number, now)?,
        version: of.as_ref().map_or_else(|| deployment.images.tag.clone(), |of| of.version.clone()),
        name: deployment.name.clone(),
        who: who(&environment),
        why: how.why.clone(),
        begun_at: now,
        deploy: absolute(&place.deploy)?,
        given: place.set.clone(),
        hooks: hooks(&place.deploy, &deployment.deploy.hooks)?,
        words: wanted.words(&place.set),
        place: place.words(),
        images: of.as_ref().map_or(images, |of| of.images.clone()),
        needless: release::needless(&releases, deployment.deploy.keep, of.as_ref()),
        previous,
        closed_before,
        of,
        between,
        discard: how.discard_writes,
        skip_tests: how.skip_tests.clone(),
        skip_backup: how.skip_backup.clone(),
        build: !how.images && matches!(wanted, Wanted::Version),
        pull: how.pull,
        allow_dirty: how.allow_dirty,
        registry: deployment.images.registry.clone(),
        data: match wanted {
            Wanted::Data { folder: from, program } => {
                Some(Carried { folder: from.clone(), program: program.clone(), archive: folder.join(format!("data/{number}.tar.gz")) })
            }
            _ => None,
        },
        site: site(&deployment),
        gate: Gate {
            ready_answers: deployment.deploy.ready_answers,
            ready_timeout_s: deployment.deploy.ready_timeout_s,
            watch_s: deployment.deploy.watch_s,
            errors_percent_max: deployment.deploy.errors_percent_max,
        },
        keep: deployment.deploy.keep,
        tools,
        cluster: None,
        out,
        folder,
    })
}

/// The id that a server answers with and that a lock carries. Unique on every target, also for two deployments of one second, and says
/// nothing to strangers.
pub(super) fn release_name(number: u32, now: Timestamp) -> Result<String> {
    let random = getrandom::u32().context("ask for random bytes")?;
    Ok(format!("{number}-{:x}-{random:08x}", now.as_second()))
}

/// Where this machine keeps what it knows of a deployment. Two that have one `--out` have a folder each.
///
/// # Errors
///
/// When nobody can say where this is.
pub(crate) fn folder(place: &Where, deployment: &Deployment) -> Result<PathBuf> {
    let (namespace, context) = match place.target {
        Target::Compose => (&None, &deployment.compose.context),
        Target::K8s | Target::Gitops => (&deployment.kubernetes.namespace, &deployment.kubernetes.context),
    };
    let parts = [Some(&deployment.name), namespace.as_ref(), context.as_ref()];
    let name = parts.into_iter().flatten().fold(place.target.word().to_owned(), |name, part| format!("{name}-{part}"));
    // A context may be called anything.
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c), "_");
    Ok(absolute(&place.out)?.join("state").join(name))
}

pub(super) fn found<'a>(releases: &'a [Release], name: Option<&str>) -> Result<&'a Release> {
    let found = release::find(releases, name).filter(|found| release::live(releases).is_none_or(|live| live.number != found.number));
    found.with_context(|| match name {
        Some(name) => format!("{name} is no version that ran before what runs now; `cargo xtask deploy history` shows what there was"),
        None => "nothing ran there before what runs now".to_owned(),
    })
}

/// Programs, and the place of the site.
///
/// # Errors
///
/// Where there is no Docker or no Compose.
pub(crate) fn tools_of(deployment: &Deployment, target: Target, out: &Path, environment: &BTreeMap<String, String>) -> Result<Tools> {
    if target != Target::Compose {
        bail!("this is about one machine with Docker; a cluster is asked by kubectl, and by git log");
    }
    let compose = &deployment.compose;
    let Some(program) = tools::find("docker", environment) else {
        bail!("docker is not in PATH; on Debian: sudo apt-get install docker.io")
    };
    let mut docker = vec![program.display().to_string()];
    docker.extend(compose.context.iter().flat_map(|context| ["--context".to_owned(), context.clone()]));
    let context = compose.context.as_deref().map(with_context).unwrap_or_default();
    let plugin = [docker.clone(), vec!["compose".to_owned()]].concat();
    let by_itself = || Some([context.clone(), vec![tools::find("docker-compose", environment)?.display().to_string()]].concat());
    // Without the context: one that is not there, or does not answer, says nothing about the plugin.
    let has_plugin = Line::new([&docker[0]]).with(["compose", "version"]).output().is_ok_and(|output| output.status.success());
    Ok(Tools {
        compose: if has_plugin {
            plugin
        } else {
            by_itself()
                .context("neither `docker compose` nor docker-compose is there; docs.docker.com/compose/install says where to get it")?
        },
        docker,
        environment: context,
        project: compose.folder.as_ref().map_or_else(|| out.join("compose"), PathBuf::from),
        remote: compose.folder.is_some(),
    })
}

/// What makes programs use a Docker context that are not told it: `DOCKER_HOST`, where it is set, would win over it.
pub(super) fn with_context(context: &str) -> Vec<String> {
    ["env", "-u", "DOCKER_HOST"].map(str::to_owned).into_iter().chain([format!("DOCKER_CONTEXT={context}")]).collect()
}

/// The programs in the folder of hooks, beside `deploy.toml`.
pub(super) fn hooks(deploy: &Path, folder: &str) -> Result<Hooks> {
    let folder = absolute(&deploy.with_file_name(folder))?;
    let hook = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
    Ok(Hooks { before: hook("before"), after: hook("after"), failed: hook("failed") })
}

/// Whom to ask for the site: this machine where it runs here, by the address that it is published on.
pub(super) fn site(deployment: &Deployment) -> Site {
    let compose = &deployment.compose;
    let here = || compose.address.filter(|address| !address.is_unspecified()).unwrap_or(Ipv4Addr::LOCALHOST).to_string();
    let there = || if compose.folder.is_none() { here() } else { deployment.domain.clone() };
    let address = deployment.deploy.address.clone().unwrap_or_else(there);
    Site { domain: deployment.domain.clone(), port: compose.https_port, address }
}

pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("find {}", path.display()))
}

/// Whom others ask when they find the lock.
pub(super) fn who(environment: &BTreeMap<String, String>) -> String {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| environment.get(*name)).cloned().unwrap_or_else(|| "somebody".to_owned());
    let host = Line::new(["uname", "-n"]).run().unwrap_or_default();
    format!("{user}@{}", host.trim())
}
