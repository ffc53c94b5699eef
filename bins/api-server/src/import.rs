//! `api-server import FROM`

use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use magnetiq_api::{AppState, Clock};
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::open;

/// Import a folder of Markdown files with front matter (YAML or TOML) and pictures
///
/// Files become pages, the pictures and files that they link to become media, links among them keep working. Import the folder again after
/// a change: what did not change is left alone, and so is a page that was edited on the site since. A file with a mistake is reported with its
/// line, the rest goes in, and the exit code is 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The folder, or a .tar.gz with one as the download of an export is; folders whose names begin with a dot, and node_modules, are passed over
    #[arg(value_name = "FROM")]
    from: PathBuf,
}

impl Import {
    #[expect(clippy::print_stderr, reason = "findings beside the answer")]
    pub(crate) fn run(self, settings: Settings) -> anyhow::Result<()> {
        if !self.from.exists() {
            bail!("{} is not there; name a folder, or a .tar.gz with one", self.from.display());
        }
        let _log = open::quiet_log()?;
        let store = open::store(&settings)?;
        let state = AppState::new(settings, store.clone(), Clock::system())?;
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").context("progress style")?);
        let imported = magnetiq_api::import::import(&state, &self.from, |progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.file.display().to_string());
        });
        bar.finish_and_clear();
        let report = imported.with_context(|| {
            format!("the import of {} stopped; what it brought in stays, and running it again goes on", self.from.display())
        })?;
        drop(state);
        store.close()?;
        for finding in &report.findings {
            eprintln!("{finding}");
        }
        print(format_args!(
            "{} pages created, {} updated, {} unchanged; {} files and {} menus brought in; {} files failed",
            report.created,
            report.updated,
            report.unchanged,
            report.media,
            report.menus,
            report.failed()
        ))?;
        if report.failed() > 0 {
            bail!(
                "{} of {} files did not go in; each is named above",
                report.failed(),
                report.failed() + report.created + report.updated + report.unchanged
            );
        }
        Ok(())
    }
}
