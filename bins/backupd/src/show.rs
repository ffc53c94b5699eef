//! `backupd show ID`

use std::fmt::Write as _;

use jiff::Timestamp;
use magnetiq_backup::{Clock, Depth, Entry, Outcome};
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::{list, open, text};

/// Show one backup: what is in it, what is missing, every attempt to restore it, where copies are
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// How its id begins, latest, proven, or the path of an archive
    #[arg(value_name = "ID", default_value = "latest")]
    which: String,
    /// For programs: a JSON object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let entry = open::hinted(open::backups(settings)?.find(&open::which(&self.which)))?;
        if self.json {
            print(format_args!("{:#}", list::as_json(&entry)))?;
        } else {
            print(described(&entry, Clock::system().now()))?;
        }
        Ok(())
    }
}

fn described(entry: &Entry, now: Timestamp) -> String {
    let record = &entry.record;
    let summary = &record.summary;
    let mut lines = vec![
        vec!["archive".to_owned(), entry.path.display().to_string()],
        vec!["made".to_owned(), format!("{}, {} ago", text::moment(entry.created_at()), text::age(entry.created_at(), now))],
        vec!["why".to_owned(), format!("{}, by {} {}", summary.reason, summary.program, summary.program_version)],
        vec!["size".to_owned(), text::size(entry.size_bytes())],
        vec!["sha-256".to_owned(), record.archive.sha256.clone()],
        vec!["database".to_owned(), database(entry)],
        vec!["media".to_owned(), format!("{} files, {}", summary.media_files, text::size(summary.media_bytes))],
        vec!["settings".to_owned(), format!("{} files", summary.config_files)],
        vec!["state".to_owned(), list::state(entry)],
    ];
    for proof in record.verifications.iter().rev() {
        let outcome = match proof.outcome {
            Outcome::Proven => "proven",
            Outcome::Failed => "FAILED",
            _ => "could not be tried",
        };
        let depth = match proof.depth {
            Depth::Restore => "restored and compared",
            Depth::Integrity => "restored, compared, integrity_check",
            _ => "restore drill",
        };
        let took = text::duration(std::time::Duration::from_millis(proof.duration_ms));
        let problem = proof.problem.as_deref().map_or(String::new(), |problem| format!(": {problem}"));
        lines.push(vec!["proof".to_owned(), format!("{}: {outcome}, {depth}, in {took}{problem}", text::moment(proof.at))]);
    }
    for copy in &record.copies {
        let verified = if copy.verified { "read back and compared" } else { "not read back" };
        lines.push(vec!["copy".to_owned(), format!("{} since {}, {verified}", copy.target, text::moment(copy.at))]);
    }
    let mut said = text::table(&[], &[], lines);
    said.push('\n');
    for problem in &record.problems {
        let _ = writeln!(said, "missing: {}: {}", problem.path, problem.problem);
    }
    for path in &record.vanished {
        let _ = writeln!(said, "deleted by somebody while the backup was made: {path}");
    }
    said
}

fn database(entry: &Entry) -> String {
    let summary = &entry.record.summary;
    let schema = summary.schema_version.map_or(String::new(), |version| format!(", schema version {version}"));
    format!("{}, {} rows in {} tables{schema}", text::size(summary.database_bytes), summary.rows, summary.tables)
}
