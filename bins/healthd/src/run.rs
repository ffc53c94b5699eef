//! `healthd run`

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::Context;
use magnetiq_config::{HealthdSite, LogFormat, Settings};
use magnetiq_health::{Clock, Maintenance, Monitor, MonitorBuilder};
use magnetiq_service::{LogGuard, LogOptions, ResultExt, Signals, init_logging, port};
use magnetiq_storage::Store;
use tokio::net::TcpListener;

use crate::access::Access;
use crate::alert::Alerts;
use crate::keeper::Keeper;
use crate::shared::{Board, Shared, Site};
use crate::{history, http, limits, sites, watch};

/// Watch the sites until SIGTERM or Ctrl-C: keep history and incidents, tell people, serve the status page and metrics
///
/// Incidents are written down before anybody is told of them, so none is lost when the machine goes down in the middle; those that are open
/// are taken up again by the next start.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {}

/// How long checks get to come back after the signal to stop. One that hangs ends with the process.
const CHECKS_LIMIT: Duration = Duration::from_secs(2);
/// How long the last write gets.
const KEEPER_LIMIT: Duration = Duration::from_secs(2);

impl Run {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = log(settings)?;
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(settings))
    }
}

async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let signals = Signals::catch().context("failed to catch signals")?;
    let healthd = &settings.healthd;
    let address = SocketAddr::new(healthd.host, healthd.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address} (healthd.host, healthd.port)"))
        .hint("another healthd may run already; one is enough, another one needs a port and a healthd.database of its own")?;
    let store = history::open(&healthd.database)?;
    let watched = sites::of(settings, None)?;
    let clock = Clock::system();
    let alerts = Alerts::new(settings, &store, &clock)?;
    let shared = Arc::new(start(settings, &watched, store, clock, &alerts)?);
    let keeper = Keeper::new(shared.clone(), alerts, healthd.raw_kept).context("read the history")?;
    let keeper = std::thread::Builder::new().name("keeper".to_owned()).spawn(move || keeper.work()).context("start the keeper")?;
    let address = listener.local_addr()?;
    tracing::info!(%address, sites = shared.sites.len(), checks = shared.monitor.tree().checks().count(), version = env!("CARGO_PKG_VERSION"), "listening");
    let served = tokio::spawn(port::serve(listener, http::router(shared.clone(), Access::of(settings))));
    let signal = signals.stop().await;
    tracing::info!(signal, "stopping");
    served.abort();
    if let Err(error) = shared.monitor.stop(CHECKS_LIMIT) {
        tracing::warn!(error = &error as &dyn std::error::Error, "not waited for");
    }
    let asked = tokio::time::Instant::now();
    while !keeper.is_finished() && asked.elapsed() < KEEPER_LIMIT {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    if keeper.is_finished() {
        shared.store.close().context("close the history")?;
    } else {
        tracing::warn!("the history did not take the last entries in time");
    }
    tracing::info!("stopped");
    Ok(())
}

fn start(settings: &Settings, watched: &[HealthdSite], store: Store, clock: Clock, alerts: &Alerts) -> anyhow::Result<Shared> {
    let healthd = &settings.healthd;
    let now = clock.now().wall;
    let windows = store.read(move |conn| history::windows(conn, now)).wait().context("read the history")?;
    let monitor = watch::watched(watched, healthd.timeout, healthd.interval)?.clock(clock.clone());
    let monitor = limits::set(monitor, &healthd.limits, true)?;
    let monitor = started(alerts.watched(monitor)?, windows).context("start the checks")?;
    let sites =
        watched.iter().map(|site| Site { name: site.name.clone(), title: title(settings, site), node: watch::node(site) }).collect();
    Ok(Shared {
        monitor,
        store,
        sites,
        title: healthd.page_title.clone(),
        interval: healthd.interval,
        clock,
        started_at: now,
        board: RwLock::new(Arc::new(Board::default())),
    })
}

/// With the windows of maintenance that were known before; those of what is not watched any more are left out.
fn started(monitor: MonitorBuilder, windows: Vec<Maintenance>) -> Result<Monitor, magnetiq_health::Error> {
    let monitor = monitor.start()?;
    for window in windows {
        if let Err(error) = monitor.maintain(window) {
            tracing::warn!(error = &error as &dyn std::error::Error, "a maintenance window is left out");
        }
    }
    Ok(monitor)
}

/// What visitors of the status page read.
fn title(settings: &Settings, site: &HealthdSite) -> String {
    if !site.name.is_empty() {
        return site.name.clone();
    }
    settings.server.public_url.host_str().unwrap_or("The site").to_owned()
}

fn log(settings: &Settings) -> anyhow::Result<LogGuard> {
    let log = &settings.log;
    let is_json = log.format == LogFormat::Json;
    init_logging(&LogOptions::of_daemon("healthd", is_json, &log.level, log.folder.as_deref(), log.file_limit_bytes, log.files_kept))
}
