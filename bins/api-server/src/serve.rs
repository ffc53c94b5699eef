//! `api-server serve`

use std::net::{SocketAddr, TcpListener};

use actix_web::web::Data;
use anyhow::Context;
use magnetiq_api::{AppState, Clock};
use magnetiq_config::{Log, LogFormat, Profile, Settings};
use magnetiq_service::{LogOptions, RecentLines, ResultExt, Signals, init_logging};

use crate::open;

/// Serve the site until SIGTERM or Ctrl-C
///
/// Then no connection is accepted any more, what runs is finished, the database is checkpointed and closed.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) fn run(self, settings: Settings) -> anyhow::Result<()> {
        let recent = RecentLines::default();
        let _log = init_logging(&log_options(&settings.log, recent.clone()))?;
        actix_web::rt::System::new().block_on(serve(settings, recent))
    }
}

fn log_options(log: &Log, recent: RecentLines) -> LogOptions {
    let is_json = log.format == LogFormat::Json;
    let options = LogOptions::of_daemon("api-server", is_json, &log.level, log.folder.as_deref(), log.file_limit_bytes, log.files_kept);
    LogOptions { recent: Some(recent), ..options }
}

async fn serve(settings: Settings, recent: RecentLines) -> anyhow::Result<()> {
    let address = SocketAddr::new(settings.server.host, settings.server.port);
    // The port first: a second server is told so at once, before it waits for anything.
    let listener = TcpListener::bind(address).with_context(|| format!("failed to listen on {address} (server.host, server.port)"))?;
    let store = open::store(&settings)?;
    // Until here a signal ends the program at once: the store may wait for another process, or migrate, and both survive that.
    let signals = Signals::catch().context("failed to catch signals")?;
    // In development Vite serves the page.
    if !magnetiq_web::is_built() && settings.profile == Profile::Production {
        tracing::warn!("this program was built without its page; pages have no style, and there is no admin area");
    }
    let profile = settings.profile;
    let state = AppState::new(settings, store.clone(), Clock::system());
    let state = match state {
        Err(error @ magnetiq_api::Error::Unreadable { .. }) => Err(error).hint(
            "SECRET_KEY is another one than before: set the old one again, or beside it as SECRET_KEY_PREVIOUS and run api-server secrets rotate",
        ),
        other => other.map_err(anyhow::Error::from),
    }?;
    let state = Data::new(state.with_log(Box::new(move |problems| recent.get(problems))));
    tracing::info!(address = %listener.local_addr()?, ?profile, version = env!("CARGO_PKG_VERSION"), "listening");
    let stop = async {
        let signal = signals.stop().await;
        tracing::info!(signal, "stopping");
    };
    let served = magnetiq_api::serve(listener, state, stop).await;
    store.close().context("the database was not closed cleanly; it repairs itself at the next start")?;
    served.context("the server failed")?;
    tracing::info!("stopped");
    Ok(())
}
