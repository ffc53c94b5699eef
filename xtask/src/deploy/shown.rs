//! What runs, what ran, and who deploys.

use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::{Table, presets::ASCII_MARKDOWN};

use super::journal::Journal;
use super::release::{self, Release};
use super::standing::Standing;
use super::{Where, ask, clock, store};
use crate::output::plain;

fn releases(site: &Standing) -> Result<Vec<Release>> {
    store::history(&site.tools, &site.name, &site.out.join("releases"))
}

pub(super) fn status(place: &Where) -> Result<ExitCode> {
    let site = Standing::of(place)?;
    let releases = releases(&site)?;
    match release::live(&releases) {
        Some(live) => {
            plain(&format!(
                "{} {}, deployment {} by {}, since {}",
                site.name,
                live.version,
                live.number,
                live.who,
                live.ended_at.unwrap_or(live.begun_at)
            ));
            for (service, image) in &live.images {
                plain(&format!("    {service:<10} {image}"));
            }
        }
        None => plain(&format!("nothing was deployed as {} yet", site.name)),
    }
    match store::lock_of(&site.tools, &site.name)? {
        Some(held) => plain(&held.to_string()),
        None => plain("nobody deploys"),
    }
    if let Some((journal, facts)) = Journal::unfinished(&place.out.join("journal"), clock::now)? {
        plain(&format!("deployment {} was cut off ({}): the same command goes on with it", facts.number, journal.path().display()));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn history(place: &Where, json: bool) -> Result<ExitCode> {
    let site = Standing::of(place)?;
    let releases = releases(&site)?;
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
    Ok(ExitCode::SUCCESS)
}

pub(super) fn unlock(place: &Where) -> Result<ExitCode> {
    let Standing { name, tools, .. } = Standing::of(place)?;
    let Some(held) = store::lock_of(&tools, &name)? else {
        plain("there is no lock");
        return Ok(ExitCode::SUCCESS);
    };
    plain(&format!("{} has it since {} (deployment {}: {})", held.who, held.since, held.number, held.why));
    if ask::is_there() && !ask::typed("Is that deployment over? Type the name of the deployment to take the lock away:", &name)? {
        bail!("nothing was changed");
    }
    store::unlock(&tools, &name)?;
    plain("the lock is gone");
    Ok(ExitCode::SUCCESS)
}
