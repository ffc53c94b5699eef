//! `backupd diff A B`

use magnetiq_backup::{Difference, FileChange};
use magnetiq_config::Settings;
use magnetiq_service::print;
use serde_json::{Value, json};

use crate::{open, text};

/// Show what changed from one backup to another
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// How the id of the first begins, latest, proven, or the path of an archive
    #[arg(value_name = "A")]
    first: String,
    /// The same of the second
    #[arg(value_name = "B", default_value = "latest")]
    second: String,
    /// For programs: a JSON object
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::backups(settings)?;
        let first = open::hinted(backups.find(&open::which(&self.first)))?;
        let second = open::hinted(backups.find(&open::which(&self.second)))?;
        let difference = open::hinted(backups.diff(&first, &second))?;
        if self.json {
            print(format_args!("{:#}", as_json(&difference)))?;
        } else if difference.is_none() {
            print(format_args!("{} and {} hold the same", first.id, second.id))?;
        } else {
            print(table(&difference))?;
        }
        Ok(())
    }
}

fn table(difference: &Difference) -> String {
    let count = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    let bytes = |value: Option<u64>| value.map_or("-".to_owned(), text::size);
    let mut rows = Vec::new();
    if difference.schema {
        rows.push(vec!["schema".to_owned(), "changed".to_owned(), String::new(), String::new()]);
    }
    for table in &difference.tables {
        rows.push(vec!["rows".to_owned(), table.name.clone(), count(table.rows_before), count(table.rows_after)]);
    }
    let mut files = |kind: &str, changes: &[FileChange]| {
        for file in changes {
            rows.push(vec![kind.to_owned(), file.path.clone(), bytes(file.bytes_before), bytes(file.bytes_after)]);
        }
    };
    files("media", &difference.media);
    files("settings", &difference.config);
    text::table(&["what", "name", "before", "after"], &[2, 3], rows)
}

fn as_json(difference: &Difference) -> Value {
    let files = |changes: &[FileChange]| -> Value {
        let one = |file: &FileChange| json!({ "path": file.path, "bytes_before": file.bytes_before, "bytes_after": file.bytes_after });
        changes.iter().map(one).collect()
    };
    let tables: Value = difference
        .tables
        .iter()
        .map(|table| json!({ "name": table.name, "rows_before": table.rows_before, "rows_after": table.rows_after }))
        .collect();
    json!({ "schema": difference.schema, "tables": tables, "media": files(&difference.media), "config": files(&difference.config) })
}
