//! `api-server config`

use comfy_table::{ContentArrangement, Table, presets};
use magnetiq_config::Settings;
use magnetiq_service::print;

/// Show what file and environment set, and where each value came from; secrets are hidden
///
/// What administrators changed in the admin area is not among it.
#[derive(Debug, clap::Args)]
pub(crate) struct Config {
    /// For programs: a JSON array of objects with key, value and origin
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        if self.json {
            let entry = |setting: &magnetiq_config::Effective| serde_json::json!({ "key": setting.key, "value": setting.value, "origin": setting.origin });
            print(format_args!("{:#}", settings.explain().iter().map(entry).collect::<serde_json::Value>()))?;
            return Ok(());
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(["setting", "value", "origin"]);
        for setting in settings.explain() {
            table.add_row([&setting.key, &setting.value, &setting.origin]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        print(table.trim_fmt())?;
        Ok(())
    }
}
