//! The HTTP server: middleware around the routes, a listener and a shutdown that come from outside.

use std::{future::Future, io, net::TcpListener, time::Duration};

use actix_multipart::MultipartConfig;
use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    middleware::{Compress, Condition, from_fn},
    web::{self, Data, JsonConfig, PathConfig, PayloadConfig, QueryConfig},
};
use socket2::SockRef;
use tokio::{sync::oneshot, task::JoinHandle};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    auth::{first, guard},
    blocking,
    error::Error,
    health::{Phase, requests, views, watch},
    http::{
        compression,
        connections::Connections,
        cors, encoding, head, headers, idempotency, origin, panics,
        problem::{self, Position},
        request_log, slow_body,
    },
    leads::retention,
    media::{deleted, uploads::sweep, variants::worker},
    outbox::dispatch,
    page,
    pages::{schedule, search_index},
    routes,
    state::{AppState, UPLOADS_AT_ONCE},
    upkeep,
};

/// How long a letter that is being sent may take when the server stops.
const SENDING_WAIT: Duration = Duration::from_secs(5);
/// Of a file that comes as a form: in memory between its connection and its thread, some times.
const FORM_PART_BYTES: usize = 16 << 10;
/// Threads of each worker for work that is no SQL, besides those of uploads, which may all be one worker's and take as long as their clients:
/// hashes, pictures, files that are put in their places. Each keeps 200 KB, and there would be as many as there ever was work at once.
const SHORT_WORK: usize = 8;

/// Serves until `shutdown` ends: then `/readyz` says no, for `server.drain_ms` requests are still taken, no connection is accepted any more,
/// what runs is finished (10 s by default, `server.shutdown_timeout_ms`), and the store is still open: the caller closes it. The checks run
/// meanwhile.
///
/// # Errors
///
/// When the checks cannot be started, or the listener or a worker fails.
pub async fn serve(listener: TcpListener, state: Data<AppState>, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let server = state.settings.server.clone();
    watch::start(&state).map_err(io::Error::other)?;
    first::invite(&state).await.map_err(io::Error::other)?;
    let metrics = metrics_listener(&state)?;
    // Connections have it from the listener: who reads nothing of an answer holds it for no longer.
    SockRef::from(&listener).set_tcp_user_timeout(Some(server.write_timeout))?;
    let (app_state, connections) = (state.clone(), Connections::new());
    let http = HttpServer::new(move || {
        let settings = &app_state.settings.server;
        let limit_bytes = settings.json_limit_bytes;
        let debug = settings.debug;
        App::new()
            .app_data(app_state.clone())
            .app_data(json_config(limit_bytes))
            .app_data(PayloadConfig::new(limit_bytes))
            .app_data(MultipartConfig::default().buffer_limit(FORM_PART_BYTES))
            .app_data(QueryConfig::default().error_handler(|error, _| bad_request(&error)))
            .app_data(PathConfig::default().error_handler(|_, _| Error::NotFound { what: "address" }.into()))
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(guard::check))
            .wrap(from_fn(slow_body::limit))
            .wrap(from_fn(encoding::refuse))
            .wrap(from_fn(origin::check))
            .wrap(Condition::new(!settings.cors_origins.is_empty(), cors::allow(&settings.cors_origins)))
            .wrap(from_fn(compression::choose))
            .wrap(Compress::default())
            .wrap(from_fn(problem::render))
            .wrap(from_fn(headers::secure))
            .wrap(from_fn(head::answer))
            .wrap(from_fn(panics::catch))
            .wrap(from_fn(requests::measure))
            .wrap(from_fn(request_log::record))
            .configure(routes::configure)
            .configure(|config| describe(config, debug))
            .default_service(web::to(page::serve))
    });
    let http = http
        .workers(server.workers)
        .worker_max_blocking_threads(UPLOADS_AT_ONCE + SHORT_WORK)
        .max_connections(server.connections_max)
        .shutdown_timeout(server.shutdown_timeout.as_secs().max(1))
        .client_request_timeout(server.request_timeout)
        .keep_alive(Duration::from_secs(75))
        .on_connect(connections.count())
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = http.handle();
    let mut running = actix_web::rt::spawn(http);
    let metrics = metrics.map(|listener| serve_metrics(listener, state.clone())).transpose()?;
    let (stop_sending, stopped) = oneshot::channel();
    let mut sending = actix_web::rt::spawn(dispatch::run(state.clone(), stopped));
    let removing = deleted::keep_removing(state.clone());
    let making = worker::keep_making(state.clone());
    let sweeping = sweep::keep_sweeping(state.clone());
    let scheduling = schedule::keep_up(state.clone());
    let indexing = search_index::keep_up(state.clone());
    let purging = retention::keep_purging(state.clone());
    let upkeep = upkeep::keep_up(state.clone());
    state.health.enter(Phase::Serving);
    tokio::select! {
        ended = &mut running => return ended.map_err(io::Error::other)?.and(Err(io::Error::other("it stopped by itself"))),
        () = shutdown => {}
    }
    watch::stopping(&state);
    state.health.enter(Phase::Draining);
    tokio::time::sleep(server.drain).await;
    tracing::info!("shutting down: finishing what runs");
    // They would run for as long as somebody listens.
    state.streams.stop();
    let ended = stop(&handle, running, &connections).await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    // Nobody listens any more where it has ended by itself.
    let _ = stop_sending.send(());
    if tokio::time::timeout(SENDING_WAIT, &mut sending).await.is_err() {
        // The letter stays in the outbox and is sent at the next start.
        sending.abort();
    }
    removing.abort();
    making.abort();
    sweeping.abort();
    purging.abort();
    scheduling.abort();
    upkeep.abort();
    indexing.abort();
    let stopped = state.clone();
    // A check may take its time.
    let _ = blocking::run(move || stopped.health.stop()).await;
    ended
}

/// Connections on which nothing runs are closed at once, the others after their answer. The server itself would look only once a second whether
/// they are.
async fn stop(handle: &ServerHandle, mut running: JoinHandle<io::Result<()>>, connections: &Connections) -> io::Result<()> {
    // Told now, whoever waits for it or not.
    drop(handle.stop(true));
    tokio::select! {
        ended = &mut running => ended.map_err(io::Error::other)?,
        () = connections.all_closed() => {
            running.abort();
            match running.await {
                Ok(ended) => ended,
                Err(error) if error.is_cancelled() => Ok(()),
                Err(error) => Err(io::Error::other(error)),
            }
        }
    }
}

fn metrics_listener(state: &AppState) -> io::Result<Option<TcpListener>> {
    let health = &state.settings.health;
    let Some(port) = health.metrics_port else { return Ok(None) };
    let listener = TcpListener::bind((health.metrics_host, port));
    let at = || format!("failed to listen on {}:{port} (health.metrics_host, health.metrics_port)", health.metrics_host);
    listener.map(Some).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", at())))
}

/// `/metrics` and nothing else, on a port that need not be reached from where visitors come.
fn serve_metrics(listener: TcpListener, state: Data<AppState>) -> io::Result<ServerHandle> {
    tracing::info!(address = %listener.local_addr()?, "metrics");
    let http = HttpServer::new(move || {
        let app = App::new()
            .app_data(state.clone())
            .wrap(from_fn(problem::render))
            .wrap(from_fn(headers::secure))
            .wrap(from_fn(request_log::record));
        app.route("/metrics", web::get().to(views::own_metrics))
    });
    let http = http.workers(1).shutdown_timeout(1).disable_signals().listen(listener)?.run();
    let handle = http.handle();
    actix_web::rt::spawn(http);
    Ok(handle)
}

/// `/api/openapi.json` always; Swagger UI in development.
fn describe(config: &mut web::ServiceConfig, debug: bool) {
    const PATH: &str = "/api/openapi.json";
    config.route(PATH, web::get().to(async || HttpResponse::Ok().content_type("application/json").body(routes::DESCRIPTION)));
    if debug {
        config.service(SwaggerUi::new("/api/docs/{_:.*}").config(utoipa_swagger_ui::Config::from(PATH)));
    }
}

fn json_config(limit_bytes: usize) -> JsonConfig {
    JsonConfig::default().limit(limit_bytes).error_handler(move |error, _| {
        use actix_web::error::JsonPayloadError as E;
        match error {
            E::OverflowKnownLength { .. } | E::Overflow { .. } => Error::TooLarge { limit_bytes: limit_bytes as u64 }.into(),
            E::ContentType => Error::UnsupportedMedia { detail: "send application/json".into() }.into(),
            E::Payload(error) if slow_body::is_over(&error) => Error::SlowBody.into(),
            E::Deserialize(error) => {
                let position = Position { line: error.line(), column: error.column() };
                Error::Malformed { detail: error.to_string(), position }.into()
            }
            error => bad_request(&error),
        }
    })
}

fn bad_request(error: &dyn std::error::Error) -> actix_web::Error {
    Error::BadRequest { detail: format!("{error}.") }.into()
}
