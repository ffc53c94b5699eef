//! `healthd check`

use std::time::Duration;

use anyhow::Context;
use magnetiq_config::{Problems, Settings};
use magnetiq_health::render::{self, Identity};
use magnetiq_health::{Monitor, MonitorBuilder, Report, Status};
use magnetiq_service::{LogFormat, LogOptions, init_logging, print};

use crate::{limits, one_page, sites, watch};

/// Look at everything once, for cron, for a person, and as the health check of a container
///
/// Watches the sites of the settings ([healthd.sites.NAME]; without any, the one of these settings), or one page with --url and no settings
/// at all. Prints the tree with its causes; with --json the same as application/health+json.
///
/// Exit codes: 0 pass, 1 warn, 2 fail, 3 unknown or nothing could be looked at.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// For programs: application/health+json
    #[arg(long)]
    json: bool,
    /// Only this page: it should answer with 200 to 299. No settings are read
    #[arg(long, value_name = "URL", conflicts_with = "site")]
    url: Option<String>,
    /// Only this site
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Seconds that a look at one thing may take at most [default: healthd.timeout_ms; 5 with --url]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: Option<u64>,
}

/// A page that is asked for by itself is asked by something that has a deadline of its own.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);

/// Asking how far it is costs nothing; a person would not see more.
const POLL: Duration = Duration::from_millis(5);

impl Check {
    pub(crate) fn run(self, settings: impl FnOnce() -> Result<Settings, Problems>) -> anyhow::Result<Status> {
        // What checks see is in the tree already.
        let _log = init_logging(&LogOptions { format: LogFormat::Text, level: "off,healthd=warn".to_owned(), file: None, recent: None })?;
        let timeout = self.timeout.map(Duration::from_secs);
        let monitor = match &self.url {
            Some(url) => one_page::watched(url, timeout.unwrap_or(PAGE_TIMEOUT))?,
            None => {
                let settings = settings()?;
                let sites = sites::of(&settings, self.site.as_deref())?;
                let healthd = &settings.healthd;
                let monitor = watch::watched(&sites, timeout.unwrap_or(healthd.timeout), healthd.interval)?;
                limits::set(monitor, &healthd.limits, self.site.is_none())?
            }
        };
        let report = look(monitor)?;
        let text = if self.json { json(&report)? } else { render::text(&report) };
        // Who cannot be told does not change how the site is.
        let _ = print(text);
        Ok(report.status)
    }
}

/// Waits until every check has answered or its time is over, which the monitor sees to.
fn look(monitor: MonitorBuilder) -> anyhow::Result<Report> {
    let monitor: Monitor = monitor.tick(Duration::from_millis(100)).start().context("start the checks")?;
    while !monitor.report().settled {
        std::thread::sleep(POLL);
    }
    let report = monitor.report();
    // A check that hangs ends with the process.
    let _ = monitor.stop(Duration::ZERO);
    Ok(Report::clone(&report))
}

fn json(report: &Report) -> anyhow::Result<String> {
    let identity = Identity {
        release_id: Some(env!("CARGO_PKG_VERSION").to_owned()),
        service_id: Some("healthd".to_owned()),
        description: Some("Magnetiq, seen from outside".to_owned()),
        ..Identity::default()
    };
    let text = render::health_json(report, &identity)?;
    let value: serde_json::Value = serde_json::from_str(&text).context("read the report")?;
    Ok(format!("{value:#}\n"))
}
