//! `backupd verify`

use anyhow::bail;
use magnetiq_backup::{Backups, Depth, Entry, Outcome};
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::progress::Shown;
use crate::{drill, list, open, text};

/// Prove a backup by restoring it to a scratch folder
///
/// Every hash is checked, the database is checked and compared with what was in it. The result is recorded beside the archive.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// How its id begins, latest, proven, or the path of an archive
    #[arg(value_name = "ID", default_value = "latest")]
    which: String,
    /// All backups, the oldest proof first
    #[arg(long, conflicts_with = "which")]
    all: bool,
    /// Compare indexes with their tables, too (integrity_check): several times as long
    #[arg(long)]
    integrity: bool,
    /// Start a server on the restored data, too, and ask it for a page
    #[arg(long)]
    drill: bool,
}

impl Verify {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::backups(settings)?;
        let entries = if self.all {
            let mut entries = list::entries(&backups)?;
            entries.sort_by_key(|entry| entry.record.last_proof().map(|proof| proof.at));
            entries
        } else {
            vec![open::hinted(backups.find(&open::which(&self.which)))?]
        };
        let depth = if self.integrity { Depth::Integrity } else { Depth::Restore };
        let (mut failed, mut untried) = (Vec::new(), None);
        for entry in &entries {
            match one(&backups, entry, depth).and_then(|proven| Ok(proven && (!self.drill || drilled(settings, &backups, entry)?))) {
                Ok(true) => {}
                Ok(false) => failed.push(entry.id.as_str()),
                // The others may be tried all the same.
                Err(error) if self.all => {
                    tracing::error!("{} could not be verified: {error:#}", entry.id);
                    untried = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match (failed.as_slice(), untried) {
            ([], None) => Ok(()),
            ([], Some(error)) => Err(error.context("not all backups could be verified")),
            (failed, _) => bail!("{} of {} backups do not restore: {}", failed.len(), entries.len(), failed.join(", ")),
        }
    }
}

fn one(backups: &Backups, entry: &Entry, depth: Depth) -> anyhow::Result<bool> {
    let mut shown = Shown::new();
    let verified = backups.verify(entry, depth, &mut |progress| shown.report(progress));
    shown.done();
    let proof = open::hinted(verified)?;
    let took = text::duration(std::time::Duration::from_millis(proof.duration_ms));
    match proof.outcome {
        Outcome::Proven => {
            print(format_args!(
                "{} proven in {took}: {} rows, {} media files",
                entry.id, entry.record.summary.rows, entry.record.summary.media_files
            ))?;
        }
        _ => print(format_args!("{} FAILED: {}", entry.id, proof.problem.as_deref().unwrap_or("no reason given")))?,
    }
    Ok(proof.outcome == Outcome::Proven)
}

fn drilled(settings: &Settings, backups: &Backups, entry: &Entry) -> anyhow::Result<bool> {
    let mut shown = Shown::new();
    let proof = drill::run(settings, backups, entry, &mut |progress| shown.report(progress));
    shown.done();
    let proof = proof?;
    match (proof.outcome, &proof.problem) {
        (Outcome::Proven, _) => print(format_args!("{} carried a server that answered", entry.id))?,
        (_, problem) => print(format_args!("{} carried no server: {}", entry.id, problem.as_deref().unwrap_or("no reason given")))?,
    }
    Ok(proof.outcome == Outcome::Proven)
}
