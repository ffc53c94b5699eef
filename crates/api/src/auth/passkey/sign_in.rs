//! `/api/v1/auth/passkey`: sign in with a passkey, without address and password.

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Json},
};

use super::{
    PasskeyAnswer, PasskeyOptions,
    attempt::Attempt,
    ceremony::{Assertion, Stored, Used},
    rows,
};
use crate::{
    auth::{
        Account,
        account::{self, State},
        routes::begin,
    },
    blocking,
    error::Error,
    http::{address, problem::Problem},
    state::AppState,
};

/// What the attempts are for.
const OWNER: &str = "sign-in";

/// Begin to sign in with a passkey. The attempt belongs to this browser, by a cookie, and ends after five minutes.
#[utoipa::path(operation_id = "offer_passkey_sign_in", tag = "auth", responses(
    (status = 200, body = PasskeyOptions),
    (status = 409, body = Problem, description = "`no-passkeys`: the site's address has no host name"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/passkey/options")]
pub(crate) async fn options(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    state.throttle.ask_from(address)?;
    let (options, cookie) = state.passkeys()?.ask(OWNER, state.clock.now())?;
    Ok(HttpResponse::Ok().cookie(cookie).json(PasskeyOptions { options }))
}

/// Sign in with what the device signed. The device has asked for a finger, a face or a PIN: nothing else is needed.
#[utoipa::path(operation_id = "sign_in_with_passkey", tag = "auth", responses(
    (status = 200, body = Account, description = "Signed in; the cookie carries the session"),
    (status = 401, body = Problem, description = "`passkey-refused`"),
    (status = 409, body = Problem, description = "`no-passkeys`: the site's address has no host name"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/passkey")]
pub(crate) async fn sign_in(request: HttpRequest, state: Data<AppState>, Json(answer): Json<PasskeyAnswer>) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    state.throttle.ask_from(address)?;
    let now = state.clock.now();
    let removal = state.passkeys()?.attempts.removal();
    let attempt = state.passkeys()?.attempts.of(&request, OWNER, now).ok_or_else(|| refused("this browser began no attempt"))?;
    let (stored, used) = prove(&state, attempt.clone(), &answer).await?;
    let id = stored.account;
    let account = state.read(move |conn| account::get(conn, id)).await?;
    let account = account.filter(|account| account.state == State::Active).ok_or_else(|| refused("the account can't sign in"))?;
    let from = address.to_string();
    let mut answer = begin(&request, &state, account, now, move |tx| {
        if !attempt.take(tx, now)? {
            return Err(refused("this attempt was answered already"));
        }
        if !rows::note_use(tx, &stored, used, &from, now)? {
            return Err(refused("it was used or removed at the same time"));
        }
        Ok(())
    })
    .await?;
    // Nobody could use the cookie again, and nobody needs it.
    let _ = answer.add_cookie(&removal);
    Ok(answer)
}

/// Whose passkey it is, and that its device signed.
async fn prove(state: &Data<AppState>, attempt: Attempt, answer: &PasskeyAnswer) -> Result<(Stored, Used), Error> {
    let assertion = Assertion::read(&answer.credential).map_err(refused)?;
    let credential_id = assertion.credential_id();
    let stored = state.read(move |conn| rows::find(conn, &credential_id)).await?.ok_or_else(|| refused("it is not known"))?;
    let state = state.clone();
    blocking::run(move || {
        let used = state.passkeys()?.verify(&attempt, &assertion, &stored).map_err(refused)?;
        Ok((stored, used))
    })
    .await?
}

fn refused(why: impl Into<String>) -> Error {
    let detail = why.into();
    tracing::info!(why = %detail, "a passkey was refused");
    Error::PasskeyRefused { detail }
}
