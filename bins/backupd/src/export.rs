//! `backupd export`

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use magnetiq_backup::Backups;
use magnetiq_config::Settings;
use magnetiq_service::ResultExt;
use tempfile::NamedTempFile;

use crate::progress::Shown;
use crate::{open, scrub};

/// Write the whole site as one archive to standard output, to carry it elsewhere
///
/// All media are in it, whatever backup.media says:  backupd export | ssh HOST backupd import - --yes
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// To this file instead, which must not be there yet
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// For those who work on the program: without secrets, which are password hashes, sessions, tokens, letters and settings files
    #[arg(long)]
    without_secrets: bool,
    /// The same, and people get other names and addresses; what they wrote to the site goes. What is published stays as it is
    #[arg(long)]
    scrub: bool,
}

impl Export {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::site(settings)?;
        let scrubbed = (self.scrub || self.without_secrets).then(|| scrub::site(settings, self.scrub)).transpose()?;
        let backups = scrubbed.as_ref().map_or(&backups, |scrubbed| &scrubbed.backups);
        match &self.output {
            Some(path) => to_file(backups, path),
            None if io::stdout().is_terminal() => {
                Err(anyhow!("an archive is nothing for a terminal")).hint("write it to a file with --output FILE, or into a pipe")
            }
            None => write(backups, io::stdout()),
        }
    }
}

fn write(backups: &Backups, to: impl io::Write + Send) -> anyhow::Result<()> {
    let mut shown = Shown::new();
    let written = backups.export(to, &mut |progress| shown.report(progress));
    shown.done();
    let exported = open::hinted(written)?;
    for problem in &exported.problems {
        tracing::error!(path = problem.path, problem = problem.problem, "this file is not in the export");
    }
    match exported.problems.len() {
        0 => Ok(()),
        missing => bail!("the export is not whole: {missing} files could not be read"),
    }
}

/// Under its name only once it is whole and on the disk.
fn to_file(backups: &Backups, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("failed to write {}", path.display());
    if path.symlink_metadata().is_ok() {
        bail!("{} is there already", path.display());
    }
    let file = NamedTempFile::with_suffix_in(".partial", folder).with_context(failed)?;
    write(backups, file.as_file())?;
    file.as_file().sync_all().with_context(failed)?;
    file.persist_noclobber(path).map_err(|error| error.error).with_context(failed)?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)
}
