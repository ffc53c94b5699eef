//! `/api/v1/auth/passkeys`: the own passkeys.

use actix_web::{
    HttpRequest, HttpResponse, get, post, put,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Passkey, PasskeyOptions, rows, tell};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, account, own::prove, own_factor::Proof, second_factor, session},
    error::Error,
    http::problem::Problem,
    id::PasskeyPath,
    state::AppState,
};

/// A passkey that a device made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyRequest {
    /// What to call it.
    #[schema(examples("Ana's phone"), min_length = 1, max_length = 100)]
    name: String,
    /// `toJSON()` of the credential that the browser made.
    #[schema(value_type = Object)]
    credential: serde_json::Value,
}

/// A passkey that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshPasskey {
    #[serde(flatten)]
    passkey: Passkey,
    /// With the first second factor of an account: codes for the day on which it is lost, each for one sign-in. They are shown this once.
    recovery_codes: Option<Vec<String>>,
}

/// What to call a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyName {
    /// The new name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// The own passkeys, the newest first.
#[utoipa::path(operation_id = "list_passkeys", tag = "auth", responses(
    (status = 200, body = Vec<Passkey>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/auth/passkeys")]
pub(crate) async fn list(caller: Caller, state: Data<AppState>) -> Result<Json<Vec<Passkey>>, Error> {
    let id = caller.account.id;
    Ok(Json(state.read(move |conn| rows::list(conn, id)).await?))
}

/// What an attempt of a session is for.
fn owner(caller: &Caller) -> Result<String, Error> {
    Ok(format!("register/{}", caller.session()?))
}

/// Begin to make a passkey. The attempt belongs to this session and browser, and ends after five minutes.
#[utoipa::path(operation_id = "offer_passkey", tag = "auth", responses(
    (status = 200, body = PasskeyOptions),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 409, body = Problem, description = "`no-passkeys`: the site's address has no host name"),
    (status = 422, body = Problem, description = "`invalid`: the password is wrong, or there are 20 passkeys already"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/passkeys/options")]
pub(crate) async fn options(caller: Caller, state: Data<AppState>, Json(proof): Json<Proof>) -> Result<HttpResponse, Error> {
    let ceremonies = state.passkeys()?;
    prove(&state, &caller, proof.password, "/password").await?;
    let id = caller.account.id;
    let known = state.read(move |conn| rows::known(conn, id)).await?;
    let (options, cookie) = ceremonies.offer(&owner(&caller)?, &caller.account, known, state.clock.now())?;
    Ok(HttpResponse::Ok().cookie(cookie).json(PasskeyOptions { options }))
}

/// Keep the passkey that a device made. The first second factor of an account ends its other sessions; this one goes on with another cookie.
#[utoipa::path(operation_id = "create_passkey", tag = "auth", responses(
    (status = 201, body = FreshPasskey),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 409, body = Problem, description = "`no-passkeys`: the site's address has no host name"),
    (status = 422, body = Problem, description = "`invalid`: the name, or what the device answered, can't be taken"),
))]
#[post("/auth/passkeys")]
pub(crate) async fn create(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    Json(wanted): Json<PasskeyRequest>,
) -> Result<HttpResponse, Error> {
    if let Some(problem) = account::name_problem(&wanted.name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (ceremonies, now) = (state.passkeys()?, state.clock.now());
    let attempt = ceremonies.attempts.of(&request, &owner(&caller)?, now).ok_or_else(|| refused("no attempt of this session"))?;
    let new = ceremonies.register(&attempt, &wanted.credential).map_err(|why| refused(&why))?;
    let codes = if caller.account.second_factor { None } else { Some(second_factor::new_codes()?) };
    let (kept, keys, shown) = (caller.session()?, state.keys.clone(), codes.clone());
    let (cookie, token_hash) = state.sessions.fresh()?;
    let idle = state.sessions.idle();
    let created = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let account = &caller.account;
        if !attempt.take(tx, now)? {
            return Err(refused("the attempt was answered already"));
        }
        let passkey = rows::create(tx, account.id, &wanted.name, &new, now)?;
        if let Some(codes) = codes {
            second_factor::keep_codes(tx, &keys, account.id, &codes)?;
            session::end_others(tx, account.id, Some(kept))?;
        }
        session::rotate(tx, kept, &token_hash)?;
        tell(tx, account, &passkey, true, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("passkey.create", passkey.id, &passkey.name).to(&passkey)?, now)?;
        Ok(passkey)
    });
    let passkey = created.await?;
    state.outbox.wake();
    let answer = FreshPasskey { passkey, recovery_codes: shown };
    Ok(HttpResponse::Created().cookie(cookie).cookie(ceremonies.attempts.removal()).json(answer))
}

fn refused(why: &str) -> Error {
    tracing::info!(%why, "a new passkey was refused");
    Error::invalid("/credential", "What the device answered can't be taken, or it took longer than five minutes. Try again.")
}

/// Rename a passkey.
#[utoipa::path(operation_id = "rename_passkey", tag = "auth", params(PasskeyPath), responses(
    (status = 200, body = Passkey),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[put("/auth/passkeys/{id}")]
pub(crate) async fn rename(
    caller: Caller,
    state: Data<AppState>,
    path: Path<PasskeyPath>,
    Json(PasskeyName { name }): Json<PasskeyName>,
) -> Result<Json<Passkey>, Error> {
    if let Some(problem) = account::name_problem(&name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let now = state.clock.now();
    let renamed = state.write(move |tx| {
        let (before, after) = rows::rename(tx, caller.account.id, path.id, &name)?;
        let change = Change::of("passkey.update", after.id, &after.name).from(&before)?.to(&after)?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(after)
    });
    Ok(Json(renamed.await?))
}

/// Remove a passkey, with the own password. After the last one, without an authenticator app, the password alone signs in again.
#[utoipa::path(operation_id = "remove_passkey", tag = "auth", params(PasskeyPath), responses(
    (status = 204, description = "Removed"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 422, body = Problem, description = "`invalid`: the password is wrong"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/passkeys/{id}/remove")]
pub(crate) async fn remove(
    caller: Caller,
    state: Data<AppState>,
    path: Path<PasskeyPath>,
    Json(proof): Json<Proof>,
) -> Result<HttpResponse, Error> {
    prove(&state, &caller, proof.password, "/password").await?;
    let (now, kept, idle) = (state.clock.now(), caller.session()?, state.sessions.idle());
    let (cookie, token_hash) = state.sessions.fresh()?;
    let removed = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let passkey = rows::remove(tx, caller.account.id, path.id)?;
        session::rotate(tx, kept, &token_hash)?;
        tell(tx, &caller.account, &passkey, false, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("passkey.remove", passkey.id, &passkey.name).from(&passkey)?, now)
    });
    removed.await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}
