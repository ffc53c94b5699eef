//! `backupd prune`

use std::fmt::Write as _;

use jiff::Timestamp;
use magnetiq_backup::{Backups, Clock, KeptSite, PrunePlan};
use magnetiq_config::Settings;
use magnetiq_service::print;
use serde_json::{Value, json};

use crate::{open, text};

/// Remove the backups that the retention does not keep
///
/// The newest backup, the newest proven one and pinned ones always stay. What restores replaced is shown and never removed: it is the way back.
#[derive(Debug, clap::Args)]
pub(crate) struct Prune {
    /// Only show what would be removed, and the reason for each
    #[arg(long)]
    dry_run: bool,
    /// For programs: a JSON array
    #[arg(long)]
    json: bool,
}

impl Prune {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::backups(settings)?;
        let plan = open::hinted(backups.plan_prune(Clock::system().now()))?;
        if self.json {
            print(format_args!("{:#}", as_json(&plan)))?;
        } else {
            print(table(&plan))?;
            print(kept(&open::hinted(backups.kept_sites())?, plan.at))?;
        }
        if self.dry_run {
            return Ok(());
        }
        let said = apply(&backups, &plan)?;
        if !self.json {
            print(said)?;
        }
        Ok(())
    }
}

/// Does it, and says what was done.
fn apply(backups: &Backups, plan: &PrunePlan) -> anyhow::Result<String> {
    let pruned = open::hinted(backups.prune(plan))?;
    Ok(format!(
        "removed {} backups ({}) and {} media files ({}) that no backup names any more",
        pruned.removed.len(),
        text::size(pruned.freed_bytes),
        pruned.media_files,
        text::size(pruned.media_bytes)
    ))
}

fn table(plan: &PrunePlan) -> String {
    let rows = plan.items.iter().map(|item| {
        vec![
            item.entry.id.clone(),
            text::age(item.entry.created_at(), plan.at),
            text::size(item.entry.size_bytes()),
            if item.keep { "keep" } else { "REMOVE" }.to_owned(),
            reasons(item),
        ]
    });
    text::table(&["id", "age", "size", "", "because"], &[1, 2], rows)
}

/// What restores replaced: only people can tell when they no longer want it back.
fn kept(sites: &[KeptSite], now: Timestamp) -> String {
    let mut said = String::new();
    for site in sites {
        let (age, size) = (text::age(site.at, now), text::size(site.bytes));
        let _ = writeln!(said, "kept since a restore {age} ago, {size}; when it is no longer wanted: rm -r {}", site.path.display());
    }
    said
}

fn as_json(plan: &PrunePlan) -> Value {
    plan.items.iter().map(|item| json!({ "id": item.entry.id, "keep": item.keep, "reasons": reasons(item) })).collect()
}

fn reasons(item: &magnetiq_backup::PruneItem) -> String {
    item.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
