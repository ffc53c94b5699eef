//! What runs although no record says that it passed: it is gone back to all the same, and its data are backed up first.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use magnetiq_manifests::Image;
use serde_json::Value;

use super::facts::Tools;
use super::plan::compose::release_image;
use super::release::{BY_HAND, Outcome, RECORD, Release};
use super::{clock, folder, store};

/// What a first deployment started that came to nothing, where it is well and people come to it; or what somebody started by hand. What a first
/// deployment started otherwise is left for whoever looks into it, and the next one takes its place.
///
/// # Errors
///
/// Where the target cannot be asked, or the disk says no.
pub(super) fn adopted(tools: &Tools, name: &str, known: &[Release], folder: &Path, only_look: bool) -> Result<Option<Release>> {
    let server = container(name, Image::Backend);
    if !store::has_container(tools, &server)? {
        return Ok(None);
    }
    let seen = inspected(tools, &server)?;
    let image = text(&seen["Config"]["Image"]);
    let ours = known.iter().find(|release| release.images.get(Image::Backend.name()) == Some(&image));
    if let Some(ours) = ours {
        let proxy = container(name, Image::Proxy);
        let is_open =
            || Ok::<_, anyhow::Error>(store::has_container(tools, &proxy)? && inspected(tools, &proxy)?["State"]["Status"] == "running");
        let stays = seen["State"]["Health"]["Status"] == "healthy" && is_open()?;
        return Ok(stays.then(|| Release { outcome: Outcome::Live, ..ours.clone() }));
    }
    if tools.remote || !tools.project.join("compose.yaml").is_file() {
        return Ok(None);
    }
    by_hand(tools, name, folder, only_look).map(Some)
}

/// So that it can be gone back to, its images get names that do not move, and its files are kept as they are.
fn by_hand(tools: &Tools, name: &str, folder: &Path, only_look: bool) -> Result<Release> {
    let mut images = BTreeMap::new();
    let mut renamed = Vec::new();
    for image in Image::ALL {
        let seen = inspected(tools, &container(name, image))?;
        let (id, reference) = (text(&seen["Image"]), text(&seen["Config"]["Image"]));
        let ours = release_image(name, image.name(), &BY_HAND.to_string());
        if !only_look {
            store::docker(tools).with(["image", "tag", &id, &ours]).run()?;
        }
        renamed.push((format!("image: {reference}\n"), format!("image: {ours}\n")));
        images.insert(image.name().to_owned(), ours);
    }
    let version =
        images.values().next().and(renamed.first()).and_then(|(before, _)| before.trim().rsplit_once(':')).map(|(_, tag)| tag.to_owned());
    let release = Release {
        number: BY_HAND,
        release: None,
        version: version.unwrap_or_else(|| "unknown".to_owned()),
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
        other_data: false,
        backup: None,
        schema_from: None,
        schema: None,
        downtime_ms: None,
        readers_away_ms: None,
    };
    if !only_look {
        let to = folder.join("releases").join(BY_HAND.to_string());
        folder::copy_some(&tools.project, &to.join("compose"), &["compose.yaml", "certbot.sh", "secrets.sh", "nginx"])?;
        let copy = to.join("compose/compose.yaml");
        let text = std::fs::read_to_string(&copy).with_context(|| format!("read {}", copy.display()))?;
        folder::put(&copy, &renamed.iter().fold(text, |text, (before, after)| text.replace(before, after)))?;
        folder::put(&to.join(RECORD), &serde_json::to_string_pretty(&release)?)?;
    }
    Ok(release)
}

fn container(name: &str, image: Image) -> String {
    format!("{name}-{}-1", image.name())
}

fn inspected(tools: &Tools, container: &str) -> Result<Value> {
    let seen = store::docker(tools).with(["container", "inspect", container]).run()?;
    let seen: Value = serde_json::from_str(&seen).context("understand what Docker says about a container")?;
    Ok(seen[0].clone())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
