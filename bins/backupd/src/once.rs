//! `backupd once`

use std::path::Path;

use anyhow::bail;
use magnetiq_backup::{MediaMode, Reason, Request};
use magnetiq_config::Settings;
use magnetiq_service::{ResultExt, print};

use crate::memory::Memory;
use crate::progress::Shown;
use crate::schedule::Schedule;
use crate::status::{Known, LastRun, Status};
use crate::work::{Work, in_words};
use crate::{list, metrics, open, textfile};

/// Make a backup now and prove it, for cron and for Kubernetes' CronJob
///
/// Creates the archive, restores it to scratch and compares, copies it to the targets, removes what the retention does not keep, verifies
/// old archives and holds a restore drill when they are due, sends the ping and writes the textfile: all that `backupd run` does at its hour.
///
/// Exit codes: 0 the backup is made and proven, and copied wherever it should be; 1 it failed, or something is not in it (what there is was
/// stored and is marked partial), or it cannot be proven, as with backup.recipients and no backup.identity_files; 2 wrong command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Once {
    /// Why: it decides how long the backup is kept
    #[arg(long, value_enum, default_value = "schedule")]
    reason: Why,
    /// Keep it whatever the retention says
    #[arg(long)]
    pin: bool,
    /// Put all media into this archive, whatever backup.media says
    #[arg(long)]
    full: bool,
    /// It is meant that there are no media any more, or less than half of the rows: without this, such a backup is partial and the run fails, each time
    #[arg(long)]
    accept: bool,
    /// Only the archive and its proof, where people wait for it: what is copied, removed and verified besides is left to the next run
    #[arg(long)]
    alone: bool,
    /// For programs: the result as a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Why {
    Schedule,
    Manual,
    PreMigration,
    PreDeploy,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Schedule => Self::Schedule,
            Why::Manual => Self::Manual,
            Why::PreMigration => Self::PreMigration,
            Why::PreDeploy => Self::PreDeploy,
        }
    }
}

impl Once {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::log(settings)?;
        let work = Work::new(settings.clone())?;
        let mut request = Request::new(self.reason.into()).pinned(self.pin).accept_emptied(self.accept);
        if self.full {
            request = request.media(MediaMode::Full);
        } else {
            open::require_sealed(settings)?;
        }
        let mut shown = Shown::new();
        let mut report = |progress| shown.report(progress);
        let run = if self.alone { work.run_alone(&request, &mut report) } else { work.run(&request, &mut report) };
        shown.done();
        if let Some(path) = &settings.backup.textfile {
            write_metrics(&work, &run, path)?;
        }
        match self.json {
            true => print(format_args!("{:#}", serde_json::to_value(&run)?))?,
            false if run.ok => print(in_words(&run))?,
            false => {}
        }
        if !run.ok {
            bail!("{}", in_words(&run));
        }
        Ok(())
    }
}

fn write_metrics(work: &Work, run: &LastRun, path: &Path) -> anyhow::Result<()> {
    let schedule = Schedule::parse(&work.settings.backup.schedule)?;
    let now = work.clock.now();
    let known = Known {
        schedule: schedule.text().to_owned(),
        next_run_at: schedule.next(now),
        // Where the folder takes no more, what it remembers is the run before.
        memory: Memory { last_run: Some(run.clone()), ..work.memory() },
        targets: work.target_names(),
        ..Known::default()
    };
    let text = metrics::text(&Status::of(&list::entries(&work.backups)?, known, now));
    textfile::write(path, &text).map_err(anyhow::Error::from).hint(format!("check backup.textfile, {}", path.display()))
}
