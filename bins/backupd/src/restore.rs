//! `backupd restore`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use magnetiq_backup::remote::Target;
use magnetiq_backup::{Backups, Entry, Progress, RestorePlan, RestoreRequest, Restored, What};
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::confirm::confirm;
use crate::drill::Site;
use crate::progress::Shown;
use crate::source::Source;
use crate::{adopt, open, source};

/// Put a backup back in place, or into a folder beside it
///
/// Shows what would be replaced, how old it is and what would be lost, and asks. Then it takes the lock of the database (a running server is
/// named, and nothing happens), unpacks beside, verifies, and swaps by rename. What it replaced is kept: --undo puts it back.
///
/// A target that a site is restored from belongs to this backup folder afterwards, and the machine that copied there before is refused. With
/// --to it stays with the one it belongs to.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// How its id begins, latest, proven, the path of an archive, or its address at a target: s3://bucket/folder/magnetiq-….tar.gz
    #[arg(value_name = "BACKUP", required_unless_present = "undo")]
    which: Option<String>,
    /// Fetch it from this target of the settings
    #[arg(long, value_name = "TARGET", conflicts_with = "undo")]
    from: Option<String>,
    /// Unpack into this folder, which is empty or not there, and leave the site alone
    #[arg(long, value_name = "DIR", conflicts_with = "undo")]
    to: Option<PathBuf>,
    /// Only this part; may be given several times. Settings files come back only when they are named here, or with --to
    #[arg(long, value_enum, value_name = "PART", conflicts_with = "undo")]
    only: Vec<Part>,
    /// Only show what would happen
    #[arg(long)]
    plan: bool,
    /// Take a backup in which something is missing, too: files that were not read or are lost, a database that had faults before
    #[arg(long, conflicts_with = "undo")]
    allow_partial: bool,
    /// Put back what the last restore replaced
    #[arg(long, conflicts_with = "which")]
    undo: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    Database,
    Media,
    Config,
}

impl From<Part> for What {
    fn from(part: Part) -> Self {
        match part {
            Part::Database => Self::Database,
            Part::Media => Self::Media,
            Part::Config => Self::Config,
        }
    }
}

impl Restore {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        if self.undo {
            return undo(settings, self.yes);
        }
        let text = self.which.as_deref().context("no backup was named")?;
        let mut shown = Shown::new();
        let source = source::find(settings, text, self.from.as_deref(), &mut |progress| shown.report(progress));
        shown.done();
        let source = source?;
        // What a plan compares with is the whole site; --plan and --to change nothing of it.
        if !self.plan && self.to.is_none() {
            open::hinted(source.backups.repair())?;
        }
        let plan = open::hinted(source.backups.plan_restore(&source.which, self.request()))?;
        self.carry_out(settings, &source, &plan)
    }

    fn request(&self) -> RestoreRequest {
        let mut request = RestoreRequest::new().allow_partial(self.allow_partial);
        if let Some(folder) = &self.to {
            request = request.to(folder);
        }
        self.only.iter().fold(request, |request, part| request.only((*part).into()))
    }

    fn carry_out(&self, settings: &Settings, source: &Source, plan: &RestorePlan) -> anyhow::Result<()> {
        let Source { backups, target, .. } = source;
        let target = target.as_ref().filter(|_| plan.request.to.is_none() && plan.what.contains(&What::Database));
        print(format_args!("{plan}{}", target.map(|target| taken_over(target, backups)).unwrap_or_default()))?;
        if self.plan {
            return Ok(());
        }
        let harmless = plan.replaced.is_empty() || self.to.is_some();
        if !harmless && !confirm("Replace it?", self.yes)? {
            bail!("nothing was changed");
        }
        let mut shown = Shown::new();
        let restored = backups.restore(plan, &mut |progress| shown.report(progress));
        shown.done();
        let told = print(said(&open::hinted(restored)?));
        if let Some(target) = target {
            adopt::after_restore(settings, backups, target)?;
        }
        told
    }
}

/// What a restore from there changes at the target. Where it can't be asked, nothing keeps the site from coming back.
fn taken_over(target: &Target, backups: &Backups) -> String {
    match target.owner(backups) {
        Ok(Some(owner)) => format!("takes {} over from {owner}: that one can copy there no more\n", target.name()),
        _ => String::new(),
    }
}

/// What was done, and the way back.
pub(crate) fn said(restored: &Restored) -> String {
    let what: Vec<_> = restored.what.iter().map(ToString::to_string).collect();
    let mut text =
        format!("restored {} ({}): {} rows, {} media files\n", restored.id, what.join(", "), restored.rows, restored.media_files);
    if let Some(folder) = &restored.to {
        text.push_str(&format!("it lies in {}\n", folder.display()));
    }
    if let Some(kept) = &restored.kept {
        let kept = kept.display();
        text.push_str(&format!(
            "what was there before is kept in {kept}\nto take it back: backupd restore --undo; when it is no longer wanted: rm -r {kept}\n"
        ));
    }
    text
}

fn undo(settings: &Settings, yes: bool) -> anyhow::Result<()> {
    let backups = open::backups(settings)?;
    if !confirm("Put back what the last restore replaced?", yes)? {
        bail!("nothing was changed");
    }
    let undone = open::hinted(backups.undo())?;
    let what: Vec<_> = undone.what.iter().map(ToString::to_string).collect();
    print(format_args!("put back what was there before {} was restored ({})", undone.id, what.join(", ")))?;
    print(format_args!("what was in place until now is kept in {0}; when it is no longer wanted: rm -r {0}", undone.kept.display()))?;
    Ok(())
}

/// A backup in a scratch folder, for a drill.
pub(crate) fn to_scratch(backups: &Backups, entry: &Entry, folder: &Path, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Site> {
    let which = magnetiq_backup::Which::File(entry.path.clone());
    let request = RestoreRequest::new().to(folder).only(What::Database).only(What::Media).allow_partial(true);
    let plan = backups.plan_restore(&which, request)?;
    backups.restore(&plan, report)?;
    // A site without media has no folder of them, and a server makes its own.
    Ok(Site { database: folder.join("database.sqlite3"), media: folder.join("media") })
}
