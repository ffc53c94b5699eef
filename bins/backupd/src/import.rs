//! `backupd import FILE`

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use anyhow::{Context, bail};
use magnetiq_backup::RestoreRequest;
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::confirm::confirm;
use crate::progress::Shown;
use crate::{open, restore};

/// Put a site in place that `backupd export` wrote, and verify it here
///
/// The server must not be running. What is replaced is kept: `backupd restore --undo` puts it back. Where there is a database already, it asks;
/// from a pipe it needs --yes.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The archive, or - for standard input
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// Take an archive in which something is missing, too
    #[arg(long)]
    allow_partial: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Import {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::site(settings)?;
        let from_pipe = self.from.as_os_str() == "-";
        let input: Box<dyn Read> = if from_pipe {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(&self.from).with_context(|| format!("failed to open {}", self.from.display()))?)
        };
        let database = &settings.database.path;
        let question = format!("Replace {}?", database.display());
        if database.exists() && !confirm(&question, self.yes)? {
            bail!("nothing was changed");
        }
        let mut shown = Shown::new();
        let imported =
            backups.import(input, &RestoreRequest::new().allow_partial(self.allow_partial), &mut |progress| shown.report(progress));
        shown.done();
        let imported = open::hinted(imported).with_context(|| format!("failed to import {}", self.from.display()))?;
        print(restore::said(&imported))?;
        Ok(())
    }
}
