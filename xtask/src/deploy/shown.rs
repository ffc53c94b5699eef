//! What runs, what ran, and who deploys.

use std::cmp::Reverse;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::{Table, presets::ASCII_MARKDOWN};

use super::cluster_lock::{by_whom, release_of};
use super::facts::Target;
use super::journal::{Alone, Journal, SHORT_PATIENCE};
use super::line::Line;
use super::plan::compose::asks_closed;
use super::plan::k8s::lock_lines;
use super::release::{self, Outcome, Release};
use super::standing::Standing;
use super::store::Held;
use super::{
    GIVEN_UP, Where, ask, attempts, carry, clock, cluster_lock, forget_images, gather, gather_cluster, lost_its_lock, may_go_on, runs,
    still_running, store,
};
use crate::manifests;
use crate::output::plain;

/// What is known of a deployment.
struct Told {
    name: String,
    /// What this machine keeps of it.
    folder: PathBuf,
    releases: Vec<Release>,
    /// Whose the lock is, for people.
    held: Option<String>,
}

fn told(place: &Where) -> Result<Told> {
    if place.target != Target::Compose {
        let (name, folder, releases) = gather_cluster::told(place)?;
        return Ok(Told { name, folder, releases, held: held(place)?.map(|held| held.said) });
    }
    let site = Standing::of(place)?;
    let (releases, held) = releases(&site)?;
    Ok(Told { name: site.name, folder: site.folder, releases, held: held.map(|held| held.to_string()) })
}

/// All of them, and who deploys: what nobody goes on with is told as what it is.
fn releases(site: &Standing) -> Result<(Vec<Release>, Option<Held>)> {
    let mut releases = store::history(&site.tools, &site.name, &site.folder.join("releases"))?;
    let held = store::lock_of(&site.tools, &site.name)?;
    let deploys = held.as_ref().map(|held| held.number.clone());
    for release in releases.iter_mut().filter(|release| release.outcome == Outcome::Deploying) {
        if deploys.as_ref() != Some(&release.number.to_string()) {
            release.outcome = Outcome::GivenUp;
        }
    }
    Ok((releases, held))
}

pub(super) fn status(place: &Where) -> Result<ExitCode> {
    let Told { name, folder, releases, held } = told(place)?;
    match release::live(&releases) {
        Some(live) => {
            // Of what a cluster has no record of, nobody knows since when.
            let since = match (place.target, live.ended_at) {
                (Target::K8s, None) => String::new(),
                (_, ended_at) => format!(", since {}", ended_at.unwrap_or(live.begun_at)),
            };
            plain(&format!("{name} {}, deployment {} by {}{since}", live.version, live.number, live.who));
            if live.outcome == Outcome::Stuck {
                let why = live.reason.as_ref().and_then(|reason| reason.lines().next());
                plain(&why.map_or_else(
                    || "    no record tells of it, and its server tells no release".to_owned(),
                    |why| format!("    it did not pass, and stayed, since going back would lose what was written or find no schema to start on: {why}"),
                ));
            }
            for (service, image) in &live.images {
                plain(&format!("    {service:<10} {image}"));
            }
        }
        None => plain(&format!("nothing was deployed as {name} yet")),
    }
    match held {
        Some(held) => plain(&held),
        None if place.target == Target::Gitops => {}
        None => {
            plain("nobody deploys");
            tell_who_is_kept_out(place)?;
        }
    }
    let journals = folder.join("journal");
    if let Some((journal, facts)) = Journal::unfinished(&journals, clock::now)? {
        let cut_off = || {
            let goes_on = facts.command(facts.words.iter().map(String::as_str));
            let how = if journal.is_known() { "goes on" } else { "begins anew" };
            format!("deployment {} was cut off ({}), and {how} by: {goes_on}", facts.number, journal.path().display())
        };
        plain(&match Alone::tried(&journals)? {
            None => runs(&facts),
            Some(_) if may_go_on(&journal, &facts)? => cut_off(),
            Some(_) => lost_its_lock(&facts),
        });
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn history(place: &Where, json: bool) -> Result<ExitCode> {
    let told = told(place)?;
    let mut releases = told.releases;
    if place.target == Target::K8s {
        // What came to nothing is known to the machine that tried it, and so is what was deployed before there were records.
        let mut tried = attempts::of(&told.folder.join("journal"))?;
        let is_same =
            |one: &Release, other: &Release| one.number == other.number && (one.begun_at == other.begun_at || one.release == other.release);
        releases.retain(|known| !known.workloads.is_empty() || !tried.iter().any(|tried| is_same(known, tried)));
        tried.retain(|tried| !releases.iter().any(|known| is_same(known, tried)));
        releases.extend(tried);
        releases.sort_by_key(|release| Reverse((release.number, release.begun_at)));
    }
    if json {
        plain(&serde_json::to_string_pretty(&releases)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["number", "version", "how it ended", "when", "who", "away", "for readers", "why"]);
    for release in &releases {
        let away = |ms: Option<u64>| ms.map_or_else(String::new, |ms| format!("{ms} ms"));
        let why = release.reason.as_ref().and_then(|reason| reason.lines().next()).or(release.why.as_deref()).unwrap_or_default();
        let short: String = why.chars().take(60).collect();
        table.add_row([
            release.number.to_string(),
            match release.of {
                _ if release.other_data => format!("{} (other data)", release.version),
                Some(of) => format!("{} (back to {of})", release.version),
                None => release.version.clone(),
            },
            release.outcome.word().to_owned(),
            release.begun_at.strftime("%Y-%m-%d %H:%M").to_string(),
            release.who.clone(),
            away(release.downtime_ms),
            away(release.readers_away_ms),
            short,
        ]);
    }
    plain(&table.to_string());
    if place.target == Target::K8s {
        plain("a cluster has records of what ran, and of what came to nothing this machine knows what it tried itself");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn unlock(place: &Where) -> Result<ExitCode> {
    let deployment = manifests::read_unlocked(&place.deploy, &place.set)?;
    let journals = gather::folder(place, &deployment)?.join("journal");
    let _alone = Alone::take(&journals, SHORT_PATIENCE, still_running)?;
    let unfinished = Journal::unfinished(&journals, clock::now)?;
    let held = held(place)?;
    if held.is_none() && unfinished.is_none() {
        plain("there is no lock");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(held) = &held {
        plain(&held.said);
    }
    if let Some((journal, facts)) = &unfinished {
        plain(&format!("deployment {} of {} was cut off here: {}", facts.number, facts.version, journal.path().display()));
    }
    // Who gives up what was cut off here says nothing about what another one began since.
    let (ours, others) = match (held, &unfinished) {
        (Some(held), Some((_, facts))) if held.release != facts.release => (None, Some(held)),
        (held, _) => (held, None),
    };
    let take_away = if ours.is_some() { ", and take the lock away" } else { "" };
    let question = format!("Is that over? Type the name of the deployment to give it up{take_away}:");
    if ask::is_there() && !ask::typed(&question, &deployment.name)? {
        bail!("nothing was changed");
    }
    if let Some(held) = ours {
        held.take_away.run()?;
        plain("the lock is gone");
        // What another machine left, or what ended badly, no journal here tells.
        if unfinished.is_none() {
            tell_who_is_kept_out(place)?;
        }
    }
    if let Some((mut journal, facts)) = unfinished {
        forget_images(&journal, &facts);
        carry::finish(&facts, &mut journal, GIVEN_UP)?;
        plain(&format!("deployment {} is given up; nothing of what it did was undone", facts.number));
        carry::kept_out(&facts, &journal).iter().for_each(|said| plain(said));
        if others.is_some() {
            plain(&format!("the lock is another one's, and stays: {} takes it away, too", facts.command(["deploy", "unlock"])));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_who_is_kept_out(place: &Where) -> Result<()> {
    if place.target == Target::Compose {
        let Standing { tools, name, .. } = Standing::of(place)?;
        if asks_closed(&tools, &name).output()?.status.success() {
            plain(&carry::still_kept_out(&tools, &name));
        }
    }
    Ok(())
}

/// A lock that somebody has.
struct Taken {
    /// Whose it is, for people.
    said: String,
    /// Of which deployment.
    release: String,
    take_away: Line,
}

/// Who has the lock, and what takes it away. Of a repository there is none: Git refuses whoever comes second.
fn held(place: &Where) -> Result<Option<Taken>> {
    match place.target {
        Target::Compose => {
            let site = Standing::of(place)?;
            let take_away = store::unlock(&site.tools, &site.name);
            let held = store::lock_of(&site.tools, &site.name)?;
            Ok(held.map(|held| Taken { said: held.to_string(), release: held.release, take_away }))
        }
        Target::K8s => {
            let (name, cluster) = gather_cluster::standing(place)?;
            let [look, take_away] = lock_lines(&name, &cluster);
            let held = cluster_lock::held(&look)?;
            Ok(held.map(|held| Taken { said: by_whom(&held), release: release_of(&held).to_owned(), take_away }))
        }
        Target::Gitops => Ok(None),
    }
}
