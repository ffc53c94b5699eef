//! `/api/v1/auth/second-factor`: two-step sign-in to the own account.

use actix_web::{
    HttpResponse, post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, account, own::prove, routes::CODE_MAX, second_factor, session};
use crate::{
    audit::{self, Actor, Change},
    error::Error,
    http::problem::Problem,
    state::AppState,
};

/// The own password, again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// The password of the account.
    #[schema(value_type = String, format = Password)]
    pub(super) password: SecretString,
}

/// What an authenticator app is given. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondFactorOffer {
    /// Base32, to be typed where nothing can be scanned.
    secret: String,
    /// The same with the names of site and account, for apps on the same device.
    #[schema(examples("otpauth://totp/Magnetiq:ana%40example.com?secret=JBSWY3DPEHPK3PXP"))]
    url: String,
    /// The same as a QR code: an SVG picture.
    picture: String,
}

/// A code that the app shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// Six digits.
    #[schema(max_length = 50)]
    code: String,
}

/// Codes for the day on which the app is gone; each signs in once. They are shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Ten of them.
    recovery_codes: Vec<String>,
}

/// Begin with a second factor. It is on when a code of it was confirmed.
#[utoipa::path(operation_id = "offer_second_factor", tag = "auth", responses(
    (status = 200, body = SecondFactorOffer),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: the password is wrong, or it is on already"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/second-factor")]
pub(crate) async fn offer(caller: Caller, state: Data<AppState>, Json(proof): Json<Proof>) -> Result<Json<SecondFactorOffer>, Error> {
    prove(&state, &caller, proof.password, "/password").await?;
    let id = caller.account.id;
    let (offer, sealed) = second_factor::offer(&state.keys, id, &caller.account.email, &state.live.current().settings.site.title)?;
    state.write(move |tx| second_factor::keep(tx, id, &sealed)).await?;
    let second_factor::Offer { secret, url, picture } = offer;
    Ok(Json(SecondFactorOffer { secret, url, picture }))
}

/// Turn the second factor on with a code of it. Every other session ends; this one goes on with another cookie.
#[utoipa::path(operation_id = "confirm_second_factor", tag = "auth", responses(
    (status = 200, body = RecoveryCodes),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: the code is wrong"),
))]
#[post("/auth/second-factor/confirm")]
pub(crate) async fn confirm(caller: Caller, state: Data<AppState>, Json(Code { code }): Json<Code>) -> Result<HttpResponse, Error> {
    if code.len() > CODE_MAX {
        return Err(Error::invalid("/code", "A code has six digits."));
    }
    let codes = second_factor::new_codes()?;
    let (kept, keys, now, shown) = (caller.session()?, state.keys.clone(), state.clock.now(), codes.clone());
    let (idle, (cookie, token_hash)) = (state.sessions.idle(), state.sessions.fresh()?);
    let confirmed = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        second_factor::confirm(tx, &keys, caller.account.id, &code, now)?;
        second_factor::keep_codes(tx, &keys, caller.account.id, &codes)?;
        session::end_others(tx, caller.account.id, Some(kept))?;
        session::rotate(tx, kept, &token_hash)?;
        note(tx, &caller, true, now)
    });
    confirmed.await?;
    state.outbox.wake();
    Ok(HttpResponse::Ok().cookie(cookie).json(RecoveryCodes { recovery_codes: shown }))
}

fn note(tx: &magnetiq_storage::Tx, caller: &Caller, on: bool, now: crate::clock::Time) -> Result<(), Error> {
    let account = account::required(tx, caller.account.id)?;
    second_factor::tell(tx, &account, on, now)?;
    let change = Change::of("account.second-factor", account.id, &account.email).from(&caller.account)?.to(&account)?;
    audit::record(tx, &Actor::from(caller), change, now)
}

/// New recovery codes, in the place of those before.
#[utoipa::path(operation_id = "renew_recovery_codes", tag = "auth", responses(
    (status = 200, body = RecoveryCodes),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: the password is wrong, or there is no second factor"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/second-factor/recovery-codes")]
pub(crate) async fn renew_codes(caller: Caller, state: Data<AppState>, Json(proof): Json<Proof>) -> Result<Json<RecoveryCodes>, Error> {
    if !caller.account.second_factor {
        return Err(Error::invalid("/password", "There is no second factor that codes could replace."));
    }
    prove(&state, &caller, proof.password, "/password").await?;
    let codes = second_factor::new_codes()?;
    let (keys, now, shown, idle) = (state.keys.clone(), state.clock.now(), codes.clone(), state.sessions.idle());
    let renewed = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        second_factor::keep_codes(tx, &keys, caller.account.id, &codes)?;
        let change = Change::of("account.recovery-codes", caller.account.id, &caller.account.email);
        audit::record(tx, &Actor::from(&caller), change, now)
    });
    renewed.await?;
    Ok(Json(RecoveryCodes { recovery_codes: shown }))
}

/// Turn the second factor off. The session goes on with another cookie.
#[utoipa::path(operation_id = "remove_second_factor", tag = "auth", responses(
    (status = 204, description = "Off, or was off"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: the password is wrong"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/second-factor/remove")]
pub(crate) async fn remove(caller: Caller, state: Data<AppState>, Json(proof): Json<Proof>) -> Result<HttpResponse, Error> {
    prove(&state, &caller, proof.password, "/password").await?;
    let (now, kept, idle) = (state.clock.now(), caller.session()?, state.sessions.idle());
    let (cookie, token_hash) = state.sessions.fresh()?;
    let removed = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        second_factor::remove(tx, caller.account.id)?;
        session::rotate(tx, kept, &token_hash)?;
        if caller.account.authenticator_app { note(tx, &caller, false, now) } else { Ok(()) }
    });
    removed.await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}
