//! `api-server routes`

use comfy_table::{ContentArrangement, Table, presets};
use magnetiq_api::{Body, RULES, Rule};
use magnetiq_config::Settings;
use magnetiq_service::print;
use serde_json::json;

/// Show every route: who may call it, how much it reads, how many requests a minute it answers
#[derive(Debug, clap::Args)]
pub(crate) struct Routes {
    /// For programs: a JSON array of objects with method, path, who, body_limit_bytes, rate_limit and per_minute
    #[arg(long)]
    json: bool,
}

impl Routes {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        if self.json {
            return print(format_args!("{:#}", RULES.iter().map(|rule| entry(rule, settings)).collect::<serde_json::Value>()));
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["method", "path", "who", "body up to", "requests a minute"]);
        for rule in RULES {
            let body = body_limit_bytes(rule, settings).map_or_else(String::new, |bytes| format!("{bytes} bytes"));
            let limit = rule.limit();
            let requests = limit.per_minute(&settings.server.rate_limits);
            let requests = requests.map_or_else(|| "no limit".to_owned(), |per_minute| format!("{per_minute} ({})", limit.as_str()));
            table.add_row([rule.method, rule.path, &rule.access.to_string(), &body, &requests]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        print(table.trim_fmt())
    }
}

fn entry(rule: &Rule, settings: &Settings) -> serde_json::Value {
    json!({
        "method": rule.method,
        "path": rule.path,
        "who": rule.access.to_string(),
        "body_limit_bytes": body_limit_bytes(rule, settings),
        "rate_limit": rule.limit().as_str(),
        "per_minute": rule.limit().per_minute(&settings.server.rate_limits),
    })
}

fn body_limit_bytes(rule: &Rule, settings: &Settings) -> Option<u64> {
    match rule.body {
        Body::Empty => None,
        Body::Json => Some(settings.server.json_limit_bytes as u64),
        Body::File => Some(settings.media.upload_limit_bytes),
        Body::Part => Some(settings.media.resumable_limit_bytes),
    }
}
