//! `backupd pin ID` and `backupd unpin ID`

use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::open;

/// Keep a backup whatever the retention says
#[derive(Debug, clap::Args)]
pub(crate) struct Pin {
    /// How its id begins, latest, or proven
    #[arg(value_name = "ID")]
    which: String,
}

/// Leave a backup to the retention again
#[derive(Debug, clap::Args)]
pub(crate) struct Unpin {
    /// How its id begins, latest, or proven
    #[arg(value_name = "ID")]
    which: String,
}

impl Pin {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        pin(settings, &self.which, true)
    }
}

impl Unpin {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        pin(settings, &self.which, false)
    }
}

fn pin(settings: &Settings, which: &str, pinned: bool) -> anyhow::Result<()> {
    let _log = open::quiet_log()?;
    let backups = open::backups(settings)?;
    let entry = open::hinted(backups.find(&open::which(which)))?;
    let entry = open::hinted(backups.pin(&entry.id, pinned))?;
    print(format_args!("{} is {}", entry.id, if pinned { "kept until you unpin it" } else { "left to the retention" }))?;
    Ok(())
}
