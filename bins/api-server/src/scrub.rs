//! `api-server scrub`

use std::path::PathBuf;

use anyhow::{Context, bail};
use magnetiq_api::{Without, scrub};
use magnetiq_config::Settings;

use crate::open;

/// Take secrets, and what is about people, out of a copy of the database
///
/// For those who work on the program: `backupd export --scrub` makes such a copy, and puts it into an archive. People get other names and
/// addresses, the same ones each time; their sessions, tokens, letters and answers go. What is published stays, and so does what is written in it.
#[derive(Debug, clap::Args)]
pub(crate) struct Scrub {
    /// The copy, which nobody has open. Never the database itself
    copy: PathBuf,
    /// Leave what is about people as it is, and take only secrets out
    #[arg(long)]
    only_secrets: bool,
}

impl Scrub {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let copy = self.copy.canonicalize().with_context(|| format!("failed to find {}", self.copy.display()))?;
        if settings.database.path.canonicalize().is_ok_and(|own| own == copy) {
            bail!("{} is the database of the site: copy it first, as `backupd export --scrub` does", copy.display());
        }
        let without = if self.only_secrets { Without::Secrets } else { Without::People };
        scrub(&copy, without).with_context(|| format!("failed to scrub {}, which is best removed", copy.display()))
    }
}
