//! The HTTP server: middleware around the routes, a listener and a shutdown that come from outside.

use std::{future::Future, io, net::TcpListener, time::Duration};

use actix_cors::Cors;
use actix_web::{
    App, HttpResponse, HttpServer,
    http::header,
    middleware::{Compress, from_fn},
    web::{self, Data, JsonConfig, PathConfig, QueryConfig},
};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    error::Error,
    http::{headers, origin, problem, request_log},
    page, routes,
    state::AppState,
};

/// Serves until `shutdown` ends: then no connection is accepted, what runs is finished (10 s by default, `server.shutdown_timeout_ms`),
/// and the store is still open: the caller closes it.
///
/// # Errors
///
/// When the listener or a worker fails.
pub async fn serve(listener: TcpListener, state: Data<AppState>, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let server = state.settings.server.clone();
    let app_state = state.clone();
    let document = routes::openapi();
    let http = HttpServer::new(move || {
        let settings = &app_state.settings.server;
        let https = settings.public_url.scheme() == "https";
        let limit_bytes = settings.json_limit_bytes;
        let debug = settings.debug;
        App::new()
            .app_data(app_state.clone())
            .app_data(json_config(limit_bytes))
            .app_data(QueryConfig::default().error_handler(|error, _| bad_request(&error)))
            .app_data(PathConfig::default().error_handler(|_, _| Error::NotFound { what: "address" }.into()))
            .wrap(from_fn(origin::check))
            .wrap(cors(&settings.cors_origins))
            .wrap(Compress::default())
            .wrap(from_fn(problem::render))
            .wrap(headers::security(https))
            .wrap(from_fn(request_log::record))
            .into_utoipa_app()
            .configure(routes::configure)
            .into_app()
            .configure(|config| describe(config, document.clone(), debug))
            .default_service(web::to(page::serve))
    });
    let http = http
        .workers(server.workers)
        .shutdown_timeout(server.shutdown_timeout.as_secs().max(1))
        .client_request_timeout(server.request_timeout)
        .keep_alive(Duration::from_secs(75))
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = http.handle();
    let mut running = actix_web::rt::spawn(http);
    tokio::select! {
        ended = &mut running => return ended.map_err(io::Error::other)?.and(Err(io::Error::other("it stopped by itself"))),
        () = shutdown => {}
    }
    tracing::info!("shutting down: finishing what runs");
    handle.stop(true).await;
    running.await.map_err(io::Error::other)?
}

/// `/api/openapi.json` always; Swagger UI in development.
fn describe(config: &mut web::ServiceConfig, document: utoipa::openapi::OpenApi, debug: bool) {
    if debug {
        config.service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", document));
    } else {
        let json = document.to_json().unwrap_or_default();
        let answer = move || {
            let json = json.clone();
            async { HttpResponse::Ok().content_type("application/json").body(json) }
        };
        config.route("/api/openapi.json", web::get().to(answer));
    }
}

fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| match origin.as_str() {
            "*" => cors.allow_any_origin(),
            origin => cors.allowed_origin(origin).supports_credentials(),
        })
        .allowed_methods(["GET", "POST", "PUT", "DELETE"])
        .allowed_headers([header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(3600)
}

fn json_config(limit_bytes: usize) -> JsonConfig {
    JsonConfig::default().limit(limit_bytes).error_handler(move |error, _| {
        use actix_web::error::JsonPayloadError as E;
        match error {
            E::OverflowKnownLength { .. } | E::Overflow { .. } => Error::TooLarge { limit_bytes: limit_bytes as u64 }.into(),
            E::ContentType => Error::UnsupportedMedia { detail: "send application/json".into() }.into(),
            error => bad_request(&error),
        }
    })
}

fn bad_request(error: &dyn std::error::Error) -> actix_web::Error {
    Error::BadRequest { detail: format!("{error}.") }.into()
}
