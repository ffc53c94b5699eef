//! `healthd rules`

use magnetiq_service::print;

use crate::{alerts, dashboard};

/// Print the alert rules for Prometheus, or the dashboard for Grafana, made from the list of checks
#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    #[arg(value_enum)]
    what: What,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// YAML for `rule_files` of Prometheus
    Alerts,
    /// JSON to import into Grafana
    Dashboard,
}

impl Rules {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let text = match self.what {
            What::Alerts => alerts::yaml(),
            What::Dashboard => dashboard::json(),
        };
        print(text)
    }
}

#[cfg(test)]
mod tests;
