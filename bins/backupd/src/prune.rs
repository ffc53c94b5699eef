//! `backupd prune`

use magnetiq_backup::{Backups, Clock, PrunePlan};
use magnetiq_config::Settings;
use serde_json::{Value, json};

use crate::{open, text};

/// Remove the backups that the retention does not keep
///
/// The newest backup, the newest proven one and pinned ones always stay.
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
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::backups(settings)?;
        let plan = open::hinted(backups.plan_prune(Clock::system().now()))?;
        println!("{}", if self.json { format!("{:#}", as_json(&plan)) } else { table(&plan) });
        if self.dry_run {
            return Ok(());
        }
        let said = apply(&backups, &plan)?;
        if !self.json {
            println!("{said}");
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

fn as_json(plan: &PrunePlan) -> Value {
    plan.items.iter().map(|item| json!({ "id": item.entry.id, "keep": item.keep, "reasons": reasons(item) })).collect()
}

fn reasons(item: &magnetiq_backup::PruneItem) -> String {
    item.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
