//! The facts of a deployment to a cluster: what runs is told by its repository, or by what is written on the Deployment of the server.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use jiff::Timestamp;
use magnetiq_config::variable;
use magnetiq_manifests::{Deployment, Image};
use serde_json::Value;

use super::cluster_record::{self, ReplicaSets};
use super::facts::{Cluster, Facts, Gate, Repository, Site, Target, Tools};
use super::gather::Wanted;
use super::line::Line;
use super::plan::{by_hand, k8s as plan};
use super::release::{self, BY_HAND, Outcome, Release};
use super::{How, Where, clock, gate, gather, schema};
use crate::{manifests, tools};

/// # Errors
///
/// When something cannot be read or asked, and when there is nothing to go back to.
pub(super) fn facts(place: &Where, how: &How, wanted: &Wanted<'_>, deployment: &Deployment) -> Result<Facts> {
    let environment = magnetiq_config::environment();
    let (out, folder) = (gather::absolute(&place.out)?, gather::folder(place, deployment)?);
    let mut cluster = cluster(deployment, place.target, &folder, &environment)?;
    let mut releases = releases(deployment, &cluster)?;
    let mut previous = release::live(&releases).cloned();
    if let Some(previous) = &mut previous {
        let mut told = schema::told(&plan::schema_told(&cluster))?;
        // A rollback may leave a server that does not even start: then the log of its migration says which schema there is.
        if told.is_none() && matches!(wanted, Wanted::Back(_)) {
            told = schema::told(&plan::migration_told(&cluster))?;
        }
        previous.schema = told.or(previous.schema);
        releases.iter_mut().filter(|release| release.number == previous.number).for_each(|release| release.schema = previous.schema);
    }
    if previous.is_some() && cluster.repository.is_none() {
        cluster.revisions = revisions(&cluster)?;
    }
    let of = match wanted {
        Wanted::Version | Wanted::Data { .. } => None,
        Wanted::Back(name) => {
            let of = found(&releases, *name, &cluster)?;
            release::refuse_two_migrations(&releases, &of, &place.words())?;
            Some(of)
        }
    };
    if let Some(of) = of.as_ref().filter(|_| cluster.repository.is_none()) {
        let sets = ReplicaSets::read(&plan::replicasets(&deployment.name, &cluster))?;
        cluster.back_to = sets.revisions(of).map_err(|gone| anyhow!("{gone}. {}", of.anew(&place.words())))?;
    }
    let number = releases.iter().map(|release| release.number).max().unwrap_or(0) + 1;
    let now = clock::now();
    let images: BTreeMap<String, String> =
        Image::ALL.iter().map(|image| (image.name().to_owned(), deployment.images.reference(*image))).collect();
    let settings = &deployment.deploy;
    let facts = Facts {
        target: place.target,
        number,
        release: gather::release_name(number, now)?,
        version: of.as_ref().map_or_else(|| deployment.images.tag.clone(), |of| of.version.clone()),
        name: deployment.name.clone(),
        who: gather::who(&environment),
        why: how.why.clone(),
        begun_at: now,
        deploy: gather::absolute(&place.deploy)?,
        given: place.set.clone(),
        hooks: gather::hooks(&place.deploy, &settings.hooks)?,
        out,
        folder,
        words: wanted.words(&place.set),
        place: place.words(),
        images: of.as_ref().map_or(images, |of| of.images.clone()),
        previous,
        closed_before: false,
        discard: how.discard_writes,
        skip_tests: how.skip_tests.clone(),
        skip_backup: how.skip_backup.clone(),
        build: !how.images && of.is_none(),
        pull: how.pull,
        of,
        between: None,
        allow_dirty: how.allow_dirty,
        registry: deployment.images.registry.clone(),
        site: site(deployment),
        gate: Gate {
            ready_answers: settings.ready_answers,
            ready_timeout_s: settings.ready_timeout_s,
            watch_s: settings.watch_s,
            errors_percent_max: settings.errors_percent_max,
        },
        keep: settings.keep,
        needless: Vec::new(),
        tools: Tools::default(),
        data: None,
        cluster: Some(cluster),
    };
    refuse_migration(&facts)?;
    Ok(facts)
}

/// The release that somebody means.
fn found(releases: &[Release], name: Option<&str>, cluster: &Cluster) -> Result<Release> {
    let found = gather::found(releases, name);
    if cluster.repository.is_some() || releases.len() > 1 {
        return found.cloned();
    }
    found.cloned().with_context(|| {
        let history = cluster.line(["rollout", "history", "deployment/backend"]);
        format!(
            "what ran before is recorded from the second deployment by this command on; what the cluster itself has of it:\n    {history}"
        )
    })
}

/// A version before a migration does not start on what that left, so nobody would be served.
fn refuse_migration(facts: &Facts) -> Result<()> {
    let Some(of) = &facts.of else { return Ok(()) };
    match of.schema.zip(facts.previous.as_ref().and_then(|previous| previous.schema)) {
        Some((wants, now)) if wants < now => bail!(
            "{} works with schema version {wants}, and refuses version {now}, which is there. By hand, which loses what was written since the migration, and one \
             migration at a time (docs/operations/deploy.md, \"Back over a migration, on a cluster\"):{}",
            facts.version,
            by_hand::over_migration(facts, Some(wants), &by_hand::version_wanted(facts))
        ),
        Some((wants, now)) if wants > now => bail!(
            "{} works with schema version {wants}, and version {now} is there: what migrates is a deployment, not a way back. {}",
            facts.version,
            of.anew(&facts.place)
        ),
        _ => Ok(()),
    }
}

/// What a repository knows of deployments, or a cluster that is told directly, the newest first.
fn releases(deployment: &Deployment, cluster: &Cluster) -> Result<Vec<Release>> {
    let Some(repository) = &cluster.repository else { return recorded(&deployment.name, cluster, &site(deployment)) };
    let address = deployment.argocd.repository.as_deref().context("argocd.repository says what Argo CD follows, and is missing")?;
    committed(address, repository)
}

/// How the site is reached from outside.
fn site(deployment: &Deployment) -> Site {
    let address = deployment.deploy.address.clone().unwrap_or_else(|| deployment.domain.clone());
    Site { domain: deployment.domain.clone(), port: 443, address }
}

/// What runs, and the records of what ran.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(super) fn recorded(name: &str, cluster: &Cluster, site: &Site) -> Result<Vec<Release>> {
    let said = asks(cluster).run()?;
    if said.trim().is_empty() {
        return Ok(Vec::new());
    }
    let deployment: Value = serde_json::from_str(&said).context("understand what the cluster says about the server")?;
    let mut records = cluster_record::read(&plan::records_there(name, cluster))?;
    let mut runs = annotated(&deployment);
    let is_it = |record: &Release, runs: &Release| record.number == runs.number && record.release == runs.release;
    let told = gate::release_told(&gate::ask(site, "/readyz"))?;
    let is_another = match (&told, records.iter().find(|record| is_it(record, &runs))) {
        (Some(_), _) => told != runs.release,
        // What does not answer is known by its pods.
        (None, Some(record)) => ReplicaSets::read(&plan::replicasets(name, cluster))?.is_another(record),
        // What was started by hand is named by nothing; a first deployment that never ran is none that anybody goes back to.
        (None, None) => {
            let is_away = deployment["status"]["availableReplicas"].as_u64().unwrap_or(0) == 0;
            runs.number == BY_HAND && is_away && names_release(cluster, &deployment)?
        }
    };
    if is_another {
        // Who was killed between the two has recorded it, and named it nowhere.
        let named = runs.number;
        let of_it = |record: &&Release| record.number > named && told.is_some() && record.release == told;
        let last = records.iter().map(|record| record.number).fold(named, u32::max);
        runs = records.iter().find(of_it).cloned().unwrap_or_else(|| unrecorded(last + 1, told.clone(), &deployment));
    }
    if !records.iter().any(|record| is_it(record, &runs)) {
        records.retain(|record| record.number != runs.number);
        records.push(runs.clone());
        records.sort_by_key(|record| Reverse(record.number));
    }
    cluster_record::went_back(&mut records, runs.number);
    Ok(records)
}

/// The name of a deployment, where this machine keeps what it knows of it, and what the target knows.
///
/// # Errors
///
/// When the deployment cannot be read, or the target cannot be asked.
pub(super) fn told(place: &Where) -> Result<(String, PathBuf, Vec<Release>)> {
    let deployment = manifests::read_unlocked(&place.deploy, &place.set)?;
    let folder = gather::folder(place, &deployment)?;
    let cluster = cluster(&deployment, place.target, &folder, &magnetiq_config::environment())?;
    let releases = releases(&deployment, &cluster)?;
    Ok((deployment.name, folder, releases))
}

/// A cluster that a site runs on, for commands that look at it.
///
/// # Errors
///
/// When the deployment cannot be read, or there is no kubectl.
pub(super) fn standing(place: &Where) -> Result<(String, Cluster)> {
    let deployment = manifests::read_unlocked(&place.deploy, &place.set)?;
    let folder = gather::folder(place, &deployment)?;
    let cluster = cluster(&deployment, place.target, &folder, &magnetiq_config::environment())?;
    Ok((deployment.name, cluster))
}

fn cluster(deployment: &Deployment, target: Target, folder: &Path, environment: &BTreeMap<String, String>) -> Result<Cluster> {
    let Some(kubectl) = tools::find("kubectl", environment) else {
        bail!("kubectl is not in PATH; kubernetes.io/docs/tasks/tools says where to get it")
    };
    let mut kubectl = vec![kubectl.display().to_string()];
    kubectl.extend(deployment.kubernetes.context.iter().flat_map(|context| ["--context".to_owned(), context.clone()]));
    let repository = (target == Target::Gitops).then(|| Repository {
        revision: deployment.argocd.revision.clone(),
        folder: deployment.argocd.folder.clone(),
        clone: folder.join("repository"),
        argocd_namespace: deployment.argocd.namespace.clone(),
    });
    let namespace = deployment.kubernetes.namespace.clone().unwrap_or_else(|| deployment.name.clone());
    Ok(Cluster { kubectl, namespace, revisions: BTreeMap::new(), back_to: BTreeMap::new(), repository })
}

/// What the workloads run now: Kubernetes counts what they ran.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(super) fn revisions(cluster: &Cluster) -> Result<BTreeMap<String, u64>> {
    let asked = cluster.line(["get", "deployments", "--output", "json"]);
    let told: Value = serde_json::from_str(&asked.run()?).context("understand what the cluster runs")?;
    let revision = |workload: &Value| {
        let about = &workload["metadata"];
        let revision = about["annotations"]["deployment.kubernetes.io/revision"].as_str()?.parse().ok()?;
        Some((about["name"].as_str()?.to_owned(), revision))
    };
    let all = told["items"].as_array().into_iter().flatten().filter_map(revision);
    Ok(all.filter(|(name, _)| plan::WORKLOADS.contains(&name.as_str())).collect())
}

/// Every deployment that the repository knows of, the newest first. A revert takes its commit out of what ran.
fn committed(address: &str, repository: &Repository) -> Result<Vec<Release>> {
    let clone = repository.clone.display().to_string();
    if !repository.clone.join(".git").is_dir() {
        let question = Line::new(["git", "ls-remote", "--quiet", address, "HEAD"]);
        Line::new(["git", "clone", "--quiet", "--branch", &repository.revision, address, &clone]).asking(question).run()?;
    }
    repository.git(["fetch", "--quiet", "origin", &repository.revision]).run()?;
    let log = repository.git(["log", "--format=%H%x1f%aI%x1f%B%x1e", "FETCH_HEAD"]).run()?;
    let entries: Vec<Vec<&str>> = log.split('\u{1e}').map(|entry| entry.trim().split('\u{1f}').collect()).collect();
    let reverted: Vec<&str> =
        entries.iter().filter_map(|entry| entry.get(2)?.split_once("This reverts commit ")?.1.split('.').next()).collect();
    let mut releases: Vec<Release> = entries.iter().filter_map(|entry| of_commit(entry, &reverted)).collect();
    // What a version works with is what the next attempt found; of versions before that was written down, nobody knows.
    let found: Vec<Option<i64>> = releases.iter().map(|release| release.schema_from).collect();
    for (release, found) in releases.iter_mut().skip(1).zip(found) {
        release.schema = found;
    }
    Ok(releases)
}

/// A commit that a deployment made; others are none.
fn of_commit(entry: &[&str], reverted: &[&str]) -> Option<Release> {
    let [commit, at, body] = entry else { return None };
    let field = |name: &str| body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned);
    if body.contains("This reverts commit ") {
        return None;
    }
    let outcome = if reverted.contains(commit) { Outcome::RolledBack } else { Outcome::Live };
    let mut release = empty(field("Deployment")?.parse().ok()?, field("Version")?, outcome, at.parse().ok()?);
    (release.release, release.commit) = (field("Release"), Some((*commit).to_owned()));
    release.schema_from = field("Schema-before").and_then(|version| version.parse().ok());
    (release.who, release.why) = (field("Deployed-by").unwrap_or_default(), field("Reason"));
    Some(release)
}

/// What says what runs.
pub(super) fn asks(cluster: &Cluster) -> Line {
    cluster.line(["get", "deployment", "backend", "--ignore-not-found", "--output", "json"])
}

/// What `live` wrote on the Deployment of the server.
fn annotated(deployment: &Value) -> Release {
    let text = |name: &str| deployment["metadata"]["annotations"][format!("org.magnetiq/{name}")].as_str().map(str::to_owned);
    let number = text("number").and_then(|number| number.parse().ok()).unwrap_or(BY_HAND);
    let version = text("version").unwrap_or_else(|| labelled(deployment));
    let mut release = empty(number, version, Outcome::Live, since(deployment));
    release.release = text("release");
    release.who = text("who").unwrap_or_else(|| "by hand".to_owned());
    release
}

/// A version that runs although it was given up, or was the first and failed: the annotations are still those of the version before. It may
/// be gone back to only if it answers.
fn unrecorded(number: u32, told: Option<String>, deployment: &Value) -> Release {
    let outcome = if told.is_some() { Outcome::Live } else { Outcome::Stuck };
    let mut release = empty(number, labelled(deployment), outcome, since(deployment));
    (release.release, release.who) = (told, "somebody".to_owned());
    release
}

/// Whether its settings say which release it is: those of a deployment by this command do, and those that somebody applied by hand do not.
fn names_release(cluster: &Cluster, deployment: &Value) -> Result<bool> {
    let containers = deployment["spec"]["template"]["spec"]["containers"].as_array();
    let settings = containers.into_iter().flatten().find_map(|container| container["envFrom"][0]["configMapRef"]["name"].as_str());
    let Some(name) = settings else { return Ok(false) };
    let said = cluster.line(["get", "configmap", name, "--ignore-not-found", "--output", "json"]).run()?;
    Ok(said.contains(&variable("server.release")))
}

/// The version that its pods are labelled with.
fn labelled(deployment: &Value) -> String {
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    labels["app.kubernetes.io/version"].as_str().unwrap_or("unknown").to_owned()
}

fn since(deployment: &Value) -> Timestamp {
    let conditions = deployment["status"]["conditions"].as_array();
    let progress = conditions.into_iter().flatten().find(|condition| condition["type"] == "Progressing");
    progress.and_then(|progress| progress["lastUpdateTime"].as_str()?.parse().ok()).unwrap_or_else(clock::now)
}

fn empty(number: u32, version: String, outcome: Outcome, begun_at: Timestamp) -> Release {
    Release {
        number,
        release: None,
        version,
        revision: None,
        images: BTreeMap::new(),
        who: String::new(),
        why: None,
        begun_at,
        ended_at: None,
        outcome,
        reason: None,
        commit: None,
        of: None,
        workloads: BTreeMap::new(),
        other_data: false,
        backup: None,
        schema_from: None,
        schema: None,
        downtime_ms: None,
        readers_away_ms: None,
    }
}
