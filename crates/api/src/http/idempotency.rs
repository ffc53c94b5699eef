//! `Idempotency-Key`: a program that got no answer sends its POST again, and what it asked for is done once.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use magnetiq_storage::{
    Tx,
    rusqlite::{OptionalExtension, named_params, params},
};
use sha2::{Digest, Sha256};

use crate::{
    auth::{Caller, keys::Use},
    clock::Time,
    error::Error,
    http::problem,
    state::AppState,
};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of the first time.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEY_MAX: usize = 255;
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Larger answers are none that a program needs twice.
const ANSWER_MAX: u64 = 4 << 20;
/// What belongs to an answer besides its body.
const HEADERS: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

/// What is known of a key.
enum Known {
    /// Nothing: it is noted now, and the request is done.
    New,
    Answered(Kept),
    /// It runs, or nobody knows what became of it.
    Open,
    /// It was sent with another request.
    Other,
}

/// An answer that is kept.
#[derive(Debug)]
struct Kept {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Middleware, within the guard: does each POST with a key once, for 24 hours and for each account.
///
/// What is answered under `/auth` is shown once and not kept, nor is what is held about people; uploads are known by their content; forms have
/// their token.
pub(crate) async fn once<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some((key, caller)) = wanted(&request) else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let state = request.app_data::<Data<AppState>>().expect("the application is built with its state").clone();
    let key = match key.to_str() {
        Ok(text) if (1..=KEY_MAX).contains(&text.len()) => state.keys.hash(Use::Idempotency, &format!("{}/{text}", caller.account.id)),
        _ => {
            return Ok(
                request.error_response(Error::BadRequest { detail: format!("Idempotency-Key has 1 to {KEY_MAX} visible characters.") })
            );
        }
    };
    let body = match request.extract::<Bytes>().await {
        Ok(body) => body,
        Err(error) => return Ok(request.error_response(error)),
    };
    let fingerprint = fingerprint(&request, &body);
    request.set_payload(Payload::from(body));
    let (now, noted) = (state.clock.now(), key.clone());
    let known = state.write(move |tx| note(tx, &noted, &fingerprint, now)).await;
    match known {
        Ok(Known::New) => {}
        Ok(Known::Answered(kept)) => return Ok(replay(request, kept)),
        Ok(Known::Open) => return Ok(request.error_response(Error::IdempotencyOpen)),
        Ok(Known::Other) => return Ok(request.error_response(Error::IdempotencyReused)),
        Err(error) => return Ok(request.error_response(error)),
    }
    let answered = next.call(request).await;
    let answered = match answered {
        Ok(answered) => answered.map_into_boxed_body(),
        Err(error) => {
            forget(&state, key).await;
            return Err(error);
        }
    };
    keep(&state, key, answered).await
}

fn wanted(request: &ServiceRequest) -> Option<(HeaderValue, Caller)> {
    let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    if request.method() != Method::POST || is_form || !is_kept(request.match_info().as_str()) {
        return None;
    }
    Some((request.headers().get(HEADER)?.clone(), request.extensions().get::<Caller>()?.clone()))
}

/// Whether answers of an address may be kept.
pub(crate) fn is_kept(path: &str) -> bool {
    !["/api/v1/auth/", "/api/v1/admin/people/"].iter().any(|secret| path.starts_with(secret))
}

fn fingerprint(request: &ServiceRequest, body: &[u8]) -> String {
    let head = format!("{} {}\n", request.method(), request.uri());
    hex::encode(Sha256::new().chain_update(head).chain_update(body).finalize())
}

fn replay(request: ServiceRequest, kept: Kept) -> ServiceResponse<BoxBody> {
    let mut response = HttpResponse::build(StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK));
    for (name, value) in kept.headers {
        response.insert_header((name, value));
    }
    response.insert_header((REPLAYED, "true"));
    request.into_response(response.body(kept.body))
}

fn note(tx: &Tx, key: &str, fingerprint: &str, now: Time) -> Result<Known, Error> {
    tx.prepare_cached("DELETE FROM idempotency WHERE created_at < ?")?.execute([now.minus(KEPT)])?;
    let row = tx
        .prepare_cached("SELECT fingerprint, status, headers, body FROM idempotency WHERE key_hash = ?")?
        .query_row([key], |row| {
            let first: String = row.get(0)?;
            Ok((first, row.get::<_, Option<u16>>(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, Option<Vec<u8>>>(3)?))
        })
        .optional()?;
    Ok(match row {
        None => {
            let sql = "INSERT INTO idempotency (key_hash, fingerprint, created_at) VALUES (?, ?, ?)";
            tx.prepare_cached(sql)?.execute(params![key, fingerprint, now])?;
            Known::New
        }
        Some((first, ..)) if first != fingerprint => Known::Other,
        Some((_, Some(status), headers, body)) => {
            let headers = serde_json::from_str(&headers.unwrap_or_default()).map_err(|source| Error::Json { source })?;
            Known::Answered(Kept { status, headers, body: body.unwrap_or_default() })
        }
        Some(_) => Known::Open,
    })
}

/// Keeps an answer. One that says that the server could not do it is forgotten: the next attempt may succeed.
async fn keep(state: &AppState, key: String, answered: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if answered.status().is_server_error() || answered.status().is_client_error() {
        forget(state, key).await;
        return Ok(answered);
    }
    let is_small = matches!(answered.response().body().size(), BodySize::None | BodySize::Sized(0..=ANSWER_MAX));
    if !is_small {
        // The key stays open: it was done, and is not done again.
        return Ok(answered);
    }
    let (request, response) = answered.into_parts();
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await?;
    let of = |name: &HeaderName| Some((name.to_string(), head.headers().get(name)?.to_str().ok()?.to_owned()));
    let headers: BTreeMap<String, String> = HEADERS.iter().filter_map(of).collect();
    let headers = serde_json::to_string(&headers).map_err(|source| Error::Json { source })?;
    let (status, copy) = (head.status().as_u16(), body.clone());
    let kept = state.write_if_possible(move |tx| {
        let sql = "UPDATE idempotency SET status = :status, headers = :headers, body = :body WHERE key_hash = :key";
        tx.prepare_cached(sql)?.execute(named_params! { ":status": status, ":headers": headers, ":body": &copy[..], ":key": key })?;
        Ok(())
    });
    if let Err(error) = kept.await {
        tracing::warn!(cause = %problem::chain(&error), "an answer was not kept for its Idempotency-Key");
    }
    Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(body))))
}

async fn forget(state: &AppState, key: String) {
    let forgotten = state.write_if_possible(move |tx| {
        tx.prepare_cached("DELETE FROM idempotency WHERE key_hash = ?")?.execute([key])?;
        Ok(())
    });
    if let Err(error) = forgotten.await {
        tracing::warn!(cause = %problem::chain(&error), "an Idempotency-Key stays open");
    }
}
