//! `backupd list`

use jiff::Timestamp;
use magnetiq_backup::{Backups, Clock, Entry, Outcome};
use magnetiq_config::Settings;
use magnetiq_service::print;
use serde_json::{Value, json};

use crate::{open, text};

/// Show the backups, the newest first
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// For programs: a JSON array
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let entries = entries(&open::backups(settings)?)?;
        if self.json {
            print(format_args!("{:#}", entries.iter().map(as_json).collect::<Value>()))?;
        } else if entries.is_empty() {
            print(format_args!("no backups in {}; `backupd once` makes one", settings.backup.folder.display()))?;
        } else {
            print(table(&entries, Clock::system().now()))?;
        }
        Ok(())
    }
}

/// A backup for programs: its record, and what follows from it.
pub(crate) fn as_json(entry: &Entry) -> Value {
    let mut value = json!({ "id": entry.id, "path": entry.path, "proven": entry.is_proven(), "partial": entry.is_partial() });
    if let (Value::Object(value), Ok(Value::Object(record))) = (&mut value, serde_json::to_value(&entry.record)) {
        value.extend(record);
    }
    value
}

/// All of them: what it is, whether it can be trusted, where it is.
pub(crate) fn table(entries: &[Entry], now: Timestamp) -> String {
    let header = ["id", "age", "size", "rows", "media", "why", "state", "proof", "also at"];
    text::table(&header, &[1, 2, 3, 4], entries.iter().map(|entry| row(entry, now)))
}

fn row(entry: &Entry, now: Timestamp) -> Vec<String> {
    let summary = &entry.record.summary;
    vec![
        entry.id.clone(),
        text::age(entry.created_at(), now),
        text::size(entry.size_bytes()),
        summary.rows.to_string(),
        summary.media_files.to_string(),
        summary.reason.to_string(),
        state(entry),
        proof(entry, now),
        places(entry),
    ]
}

pub(crate) fn state(entry: &Entry) -> String {
    let mut state = if entry.is_partial() { "partial" } else { "complete" }.to_owned();
    if entry.record.pinned {
        state.push_str(", pinned");
    }
    if entry.record.summary.encrypted {
        state.push_str(", encrypted");
    }
    state
}

/// What the newest result says, and how old it is.
pub(crate) fn proof(entry: &Entry, now: Timestamp) -> String {
    match entry.record.last_proof() {
        Some(proof) if proof.outcome == Outcome::Proven => format!("proven {} ago", text::age(proof.at, now)),
        Some(proof) => format!("FAILED {} ago", text::age(proof.at, now)),
        None => "not proven".to_owned(),
    }
}

fn places(entry: &Entry) -> String {
    entry.record.copies.iter().map(|copy| copy.target.as_str()).collect::<Vec<_>>().join(", ")
}

/// All of them, from a folder that can be read.
pub(crate) fn entries(backups: &Backups) -> anyhow::Result<Vec<Entry>> {
    open::hinted(backups.list())
}
