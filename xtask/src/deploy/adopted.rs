//! What runs although no record says that it passed: it is gone back to all the same, and its data are backed up first.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use magnetiq_manifests::Image;
use serde_json::Value;

use super::facts::Tools;
use super::plan::compose::{SITE, asks_schema, release_image};
use super::release::{BY_HAND, Outcome, RECORD, Release};
use super::{clock, folder, release, schema, server, store};

const COMPOSE_FILE: &str = "compose.yaml";
/// When Docker says that what was only made was started.
const NEVER: &str = "0001-01-01T00:00:00Z";
/// The files that a site is started with. Secrets stay where they are.
const FILES: [&str; 4] = [COMPOSE_FILE, "certbot.sh", "secrets.sh", "nginx"];

/// The version that runs, where no record says that it passed: one whose deployment was given up, or a first one that failed, if it is well
/// and the proxy lets people in; or, where nothing ever passed, one that somebody started by hand. Other failures stay for whoever looks
/// into them, and the next deployment replaces them. `is_left`: somebody goes back, which leaves the version that runs, well or not.
///
/// # Errors
///
/// Where the target cannot be asked, or the disk says no.
pub(super) fn adopted(
    tools: &Tools,
    name: &str,
    known: &[Release],
    folder: &Path,
    is_left: bool,
    only_look: bool,
) -> Result<Option<Release>> {
    let passed = release::live(known);
    let Some((server, seen)) = server(tools, name)? else { return refuse_unknown(known, passed.filter(|_| is_left)) };
    let image = text(&seen["Config"]["Image"]);
    // Other data, and what was gone back from, brought no version: the images are those of one that ran before.
    let brought = known.iter().filter(|release| !release.other_data && release.outcome != Outcome::RolledBack);
    let ours = brought.into_iter().find(|release| release.images.get(Image::Backend.name()) == Some(&image));
    if let Some(ours) = ours {
        if passed.is_some_and(|passed| ours.number <= passed.number) {
            return refuse_unknown(known, passed.filter(|_| is_left && !runs(&seen)));
        }
        let (proxy, is_well) = (container(name, Image::Proxy), |seen: &Value| seen["State"]["Health"]["Status"] == "healthy");
        // A proxy that waits for its first certificate runs, too, and lets nobody in.
        let stays = is_well(&seen) && store::has_container(tools, &proxy)? && is_well(&store::inspected(tools, &proxy)?);
        return match passed.filter(|_| is_left) {
            _ if stays => passes(tools, &server, ours).map(Some),
            Some(before) => left(tools, ours, before, &folder.join("releases")).map(Some),
            None => Ok(None),
        };
    }
    if passed.is_some() {
        return Ok(None);
    }
    let files = tempfile::tempdir().context("make a folder")?;
    fetch(tools, name, &text(&seen["Image"]), files.path())?;
    by_hand(tools, name, files.path(), folder, only_look).map(Some)
}

/// Counts it as live, so that it can be gone back to. Its server tells the schema, because it may have been recorded before its migration
/// was tried.
fn passes(tools: &Tools, server: &str, ours: &Release) -> Result<Release> {
    let asked = store::docker(tools).with(["container", "exec", server, "/usr/local/bin/api-server", "migrate", "--json"]);
    let schema = if ours.schema.is_some() { ours.schema } else { schema::told(&asked)? };
    Ok(Release { outcome: Outcome::Live, ended_at: None, schema, ..ours.clone() })
}

/// Counts it as stuck, with the schema that it leaves. Its program says which that is, on a copy of the data; if it cannot, the program of
/// the version before does, which refuses any schema newer than its own.
fn left(tools: &Tools, ours: &Release, before: &Release, releases: &Path) -> Result<Release> {
    let mut said = String::new();
    for release in [ours, before] {
        let question = asks_schema(tools, releases, release.number);
        match schema::found(&question)? {
            Ok(schema) => return Ok(Release { outcome: Outcome::Stuck, ended_at: None, schema: Some(schema), ..ours.clone() }),
            Err(words) => said.push_str(&format!("\n    {question}\n        {words}")),
        }
    }
    bail!("{}. What was asked, and what it said:{said}", unknown("did not pass, is not well", ours, before))
}

/// Refuses to go back where a later deployment was given up and nothing tells which schema it left. `passed`: what passed last, where
/// somebody goes back.
fn refuse_unknown(known: &[Release], passed: Option<&Release>) -> Result<Option<Release>> {
    let Some(passed) = passed else { return Ok(None) };
    let is_given_up = |release: &&Release| {
        matches!(release.outcome, Outcome::Deploying | Outcome::Broken) && release.number > passed.number && !release.other_data
    };
    let Some(given_up) = known.iter().find(is_given_up) else { return Ok(None) };
    bail!("{}", unknown("did not pass, no server runs", given_up, passed))
}

fn unknown(how: &str, given_up: &Release, before: &Release) -> String {
    format!(
        "deployment {} of {} {how}, and nobody says which schema it left, so {} may refuse that. Deploy {}, or what mends it: that is tried on a copy \
         of the data first",
        given_up.number, given_up.version, before.version, before.version
    )
}

/// The container of the server, and what is said of it: the one that runs; where none does, the one that was started last.
fn server(tools: &Tools, name: &str) -> Result<Option<(String, Value)>> {
    let (next, stays) = (server::next_of(name), container(name, Image::Backend));
    let mut servers = Vec::new();
    for server in [next, stays.clone()] {
        if store::has_container(tools, &server)? {
            let seen = store::inspected(tools, &server)?;
            // The next one may have been made, and not come to its turn.
            if server == stays || seen["State"]["StartedAt"] != NEVER {
                servers.push((server, seen));
            }
        }
    }
    let started_at = |seen: &Value| text(&seen["State"]["StartedAt"]);
    Ok(servers.into_iter().max_by_key(|(_, seen)| (runs(seen), started_at(seen))))
}

fn runs(seen: &Value) -> bool {
    seen["State"]["Running"] == true
}

/// The files that it was started with: of another machine, through a container that never runs.
fn fetch(tools: &Tools, name: &str, image: &str, to: &Path) -> Result<()> {
    let folder = tools.project.display().to_string();
    let unknown = || {
        format!(
            "{} runs, no deployment is known there, and {folder} has no compose.yaml of it, or no nginx beside it: what runs could neither be backed up nor gone back to. Put \
             the files there that it was started with (docker inspect names their folder: com.docker.compose.project.working_dir), or \
             render them: cargo xtask manifests --target compose, with images.tag of what runs",
            container(name, Image::Backend)
        )
    };
    if !tools.remote {
        folder::copy_some(&tools.project, to, &FILES)?;
        return if to.join(COMPOSE_FILE).is_file() { Ok(()) } else { bail!(unknown()) };
    }
    let look = format!("{name}-deploy-look-{}", std::process::id());
    let mount = format!("type=bind,source={folder},target={SITE},readonly");
    store::docker(tools).with(["container", "create", "--name", &look, "--mount", &mount, image, "true"]).run().with_context(unknown)?;
    let copied = FILES.map(|file| {
        store::docker(tools).with(["container", "cp", &format!("{look}:{SITE}/{file}"), &to.join(file).display().to_string()]).run()
    });
    store::docker(tools).with(["container", "rm", "--force", &look]).run()?;
    // Of the scripts, a site may have none; without what its proxy is told, another one would be gone back to.
    let [compose, _, _, nginx] = copied;
    compose.and(nginx).map(|_| ()).with_context(unknown)
}

/// So that it can be gone back to, its images get names that do not move, and its files are kept as they are.
fn by_hand(tools: &Tools, name: &str, files: &Path, folder: &Path, only_look: bool) -> Result<Release> {
    let file = files.join(COMPOSE_FILE);
    let mut compose = std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let (mut images, mut tags, mut version) = (BTreeMap::new(), Vec::new(), "unknown".to_owned());
    for image in Image::ALL {
        let seen = store::inspected(tools, &container(name, image))?;
        let (id, reference) = (text(&seen["Image"]), text(&seen["Config"]["Image"]));
        let ours = release_image(name, image.name(), &BY_HAND.to_string());
        let (before, after) = (format!("image: {reference}\n"), format!("image: {ours}\n"));
        let tag = tag(&reference);
        if !compose.contains(&before) {
            bail!(
                "{} was not started by {}/{COMPOSE_FILE}: it runs {reference}, and the file names another image, so going back would start that. \
                 Render the file as it was (without an images.lock of others), and deploy again:\n    \
                 cargo xtask manifests --target compose --out OUT --set images.tag={}",
                container(name, image),
                tools.project.display(),
                tag.unwrap_or("TAG")
            );
        }
        if image == Image::Backend {
            version = tag.unwrap_or("unknown").to_owned();
        }
        compose = compose.replace(&before, &after);
        tags.push(store::docker(tools).with(["image", "tag", &id, &ours]));
        images.insert(image.name().to_owned(), ours);
    }
    let release = Release {
        number: BY_HAND,
        release: None,
        version,
        revision: None,
        images,
        who: "by hand".to_owned(),
        why: None,
        begun_at: clock::now(),
        ended_at: None,
        outcome: Outcome::Live,
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
    };
    if !only_look {
        tags.iter().try_for_each(|tag| tag.run().map(|_| ()))?;
        let to = folder.join("releases").join(BY_HAND.to_string());
        folder::copy(files, &to.join("compose"))?;
        folder::put(&to.join("compose").join(COMPOSE_FILE), &compose)?;
        folder::put(&to.join(RECORD), &serde_json::to_string_pretty(&release)?)?;
    }
    Ok(release)
}

/// The tag of a reference, which may have a port before it and a digest behind it.
fn tag(reference: &str) -> Option<&str> {
    let (_, tag) = reference.split('@').next()?.rsplit_once(':')?;
    (!tag.contains('/')).then_some(tag)
}

fn container(name: &str, image: Image) -> String {
    format!("{name}-{}-1", image.name())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
