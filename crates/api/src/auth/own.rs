//! `/api/v1/auth`: what people do with their own account.

use actix_web::{
    HttpResponse, delete, get, put,
    web::{Data, Json, Path},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Account, Caller, account,
    password::{self, Owner},
    session::{self, Session},
    throttle::Attempt,
};
use crate::{
    audit::{self, Actor, Change},
    error::Error,
    http::problem::Problem,
    id::SessionPath,
    outbox::{self, template::Template},
    state::AppState,
};

/// What people change of their account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnEdit {
    /// The name that pages show as author.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The password until now.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// The new one, at least 12 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Change the own name.
#[utoipa::path(operation_id = "rename_me", tag = "auth", responses(
    (status = 200, body = Account),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[put("/auth/me")]
pub(crate) async fn rename(caller: Caller, state: Data<AppState>, Json(edit): Json<OwnEdit>) -> Result<Json<Account>, Error> {
    if let Some(problem) = account::name_problem(&edit.name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (actor, now, before) = (Actor::from(&caller), state.clock.now(), caller.account);
    let renamed = state.write(move |tx| {
        let after = account::rename(tx, before.id, &edit.name)?;
        audit::record(tx, &actor, Change::of("account.update", after.id, &after.email).from(&before)?.to(&after)?, now)?;
        Ok(after)
    });
    Ok(Json(renamed.await?))
}

/// That the caller knows the account's password: who finds an open browser does not.
pub(super) async fn prove(state: &AppState, caller: &Caller, password: SecretString, pointer: &str) -> Result<(), Error> {
    let attempt = Attempt { address: caller.address, email: caller.account.email.clone(), is_known: true };
    state.throttle.admit(&attempt, state.clock.now())?;
    let id = caller.account.id;
    let hash = state.read(move |conn| account::password_hash(conn, id)).await?;
    if !password::verify(&state.hashing, password, hash).await? {
        return Err(Error::invalid(pointer, "The password is wrong."));
    }
    state.throttle.passed(&attempt);
    Ok(())
}

/// Change the own password. Every other session ends; this one goes on with another cookie.
#[utoipa::path(operation_id = "change_password", tag = "auth", responses(
    (status = 204, description = "Changed"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: the current password is wrong, or the new one can't be taken"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[put("/auth/password")]
pub(crate) async fn change_password(
    caller: Caller,
    state: Data<AppState>,
    Json(change): Json<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let owner = Owner { email: &caller.account.email, name: &caller.account.name, site: &state.live.current().settings.site.title };
    if let Some(problem) = password::problem(&change.password, owner) {
        return Err(Error::Invalid(vec![problem]));
    }
    prove(&state, &caller, change.current_password, "/current_password").await?;
    let new = change.password;
    let hash = state.hashing.run(move || password::hash(&new)).await??;
    let (now, kept, idle) = (state.clock.now(), caller.session()?, state.sessions.idle());
    let (cookie, token_hash) = state.sessions.fresh()?;
    let changed = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let account = &caller.account;
        account::set_password(tx, account.id, &hash, Some(kept), now)?;
        session::rotate(tx, kept, &token_hash)?;
        let letter = Template::PasswordChanged { name: account.name.clone(), at: now };
        outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-changed/{}/{}", account.id, now.as_millis()), now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("account.password", account.id, &account.email), now)
    });
    changed.await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

/// The own sessions.
#[utoipa::path(operation_id = "list_sessions", tag = "auth", responses(
    (status = 200, body = Vec<Session>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/auth/sessions")]
pub(crate) async fn sessions(caller: Caller, state: Data<AppState>) -> Result<Json<Vec<Session>>, Error> {
    let (current, id, now, lasts) = (caller.session()?, caller.account.id, state.clock.now(), state.sessions.idle());
    Ok(Json(state.read(move |conn| session::list(conn, id, Some(current), lasts, now)).await?))
}

/// End every own session but this one.
#[utoipa::path(operation_id = "end_other_sessions", tag = "auth", responses(
    (status = 204, description = "Ended"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[delete("/auth/sessions")]
pub(crate) async fn end_others(caller: Caller, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let (kept, now) = (caller.session()?, state.clock.now());
    let ended = state.write_if_possible(move |tx| {
        let account = &caller.account;
        if session::end_others(tx, account.id, Some(kept))? > 0 {
            audit::record(tx, &Actor::from(&caller), Change::of("account.end-sessions", account.id, &account.email), now)?;
        }
        Ok(())
    });
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End one of the own sessions.
#[utoipa::path(operation_id = "end_session", tag = "auth", params(SessionPath), responses(
    (status = 204, description = "Ended"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/auth/sessions/{id}")]
pub(crate) async fn end_session(caller: Caller, state: Data<AppState>, path: Path<SessionPath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let ended = state.write_if_possible(move |tx| {
        let account = &caller.account;
        session::end_one(tx, account.id, path.id)?;
        audit::record(tx, &Actor::from(&caller), Change::of("account.end-session", account.id, &account.email), now)
    });
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}
