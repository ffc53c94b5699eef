//! `api-server export DIR`

use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use magnetiq_api::{AppState, Clock};
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::open;

/// Export the site as a folder of Markdown files with front matter, and its pictures and other files
///
/// The folder is what `import` takes: imported into an empty site it makes the same pages, addresses and redirects, languages, drafts,
/// schedules, menus and media. Export again into the same folder to bring it up to date: what did not change is left alone, what is gone is removed,
/// and what somebody changed there is never overwritten. It is no backup: accounts, revisions, leads and settings are not in it. Beside a
/// running server use the download in the admin area.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The folder: a new or empty one, or one with an earlier export
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Export {
    #[expect(clippy::print_stderr, reason = "what was left alone, beside the answer")]
    pub(crate) fn run(self, settings: Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let store = open::store(&settings)?;
        let state = AppState::new(settings, store.clone(), Clock::system())?;
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{pos} {msg}").context("progress style")?);
        let exported = magnetiq_api::export::export(&state, &self.folder, |progress| {
            bar.set_position(progress.done as u64);
            bar.set_message(progress.file.display().to_string());
        });
        bar.finish_and_clear();
        let report = exported.with_context(|| format!("the export into {} stopped early; run it again to go on", self.folder.display()))?;
        drop(state);
        store.close()?;
        for (file, why) in &report.refused {
            eprintln!("{}: {why}", file.display());
        }
        print(format_args!(
            "{} files written, {} unchanged, {} removed; {} left alone",
            report.written,
            report.unchanged,
            report.removed,
            report.refused.len()
        ))?;
        if !report.refused.is_empty() {
            bail!("{} files are not as the site has them; each is named above", report.refused.len());
        }
        Ok(())
    }
}
