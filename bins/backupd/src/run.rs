//! `backupd run`

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use magnetiq_backup::Reason;
use magnetiq_config::Settings;
use magnetiq_service::{Signals, port};
use tokio::net::TcpListener;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::runner::Runner;
use crate::schedule::Schedule;
use crate::work::Work;
use crate::{http, open};

/// Make backups by the schedule until SIGTERM or Ctrl-C; serve status and metrics
///
/// A run that was missed, because the machine was off or asleep, is made up for at once; at the first start that means a backup right away. The
/// signal gives up a run at its next step, cleans up after it, and ends with code 0.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {}

/// How often what should have happened is compared with what has.
const WATCH: Duration = Duration::from_secs(15);
/// How long a run gets to come to its next step after the signal to stop.
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Run {
    pub(crate) fn run(self, settings: Settings) -> anyhow::Result<()> {
        let _log = open::log(&settings)?;
        open::require_sealed(&settings)?;
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(settings))
    }
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let signals = Signals::catch().context("failed to catch signals")?;
    let address = SocketAddr::new(settings.backup.host, settings.backup.port);
    let listener = TcpListener::bind(address).await.with_context(|| format!("failed to listen on {address} (backup.host, backup.port)"))?;
    let schedule = Schedule::parse(&settings.backup.schedule)?;
    let access = http::Access::of(&settings.backup);
    let jitter = settings.backup.jitter;
    let (runner, thread) = Runner::start(Work::new(settings)?, schedule.clone()).context("failed to start the runner")?;
    tracing::info!(address = %listener.local_addr()?, schedule = schedule.text(), version = env!("CARGO_PKG_VERSION"), "listening");
    let mut scheduler = scheduled(&runner, &schedule, jitter).await.context("failed to start the scheduler")?;
    let served = tokio::spawn(port::serve(listener, http::router(runner.clone(), access)));
    let mut watch = tokio::time::interval(WATCH);
    let stop = signals.stop();
    tokio::pin!(stop);
    let signal = loop {
        tokio::select! {
            signal = &mut stop => break signal,
            _ = watch.tick() => runner.watch(),
        }
    };
    tracing::info!(signal, "stopping");
    served.abort();
    let _ = scheduler.shutdown().await;
    runner.stop();
    let asked = tokio::time::Instant::now();
    while !thread.is_finished() && asked.elapsed() < STOP_LIMIT {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if !thread.is_finished() {
        tracing::warn!("a backup did not come to its next step in time; the next run removes what it left");
    }
    tracing::info!("stopped");
    Ok(())
}

/// The job only orders: what runs, and that it runs alone, is the runner's affair.
async fn scheduled(runner: &Runner, schedule: &Schedule, jitter: Duration) -> anyhow::Result<JobScheduler> {
    let scheduler = JobScheduler::new().await?;
    let runner = runner.clone();
    let job = Job::new_async(schedule.with_seconds(), move |_, _| {
        let runner = runner.clone();
        Box::pin(async move {
            if runner.order(Reason::Schedule, within(jitter)).is_err() {
                tracing::warn!("it is time for a backup, and the one before still runs: this one is left out");
            }
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// A moment left to chance.
fn within(jitter: Duration) -> Duration {
    let chance = getrandom::u32().map_or(0.0, |bits| f64::from(bits) / f64::from(u32::MAX));
    jitter.mul_f64(chance)
}
