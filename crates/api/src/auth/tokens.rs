//! `/api/v1/auth/tokens`: the own tokens for programs.

use std::time::Duration;

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Caller, Role, account,
    area::Area,
    keys::Use,
    token::{self, ApiToken, NewToken},
};
use crate::{
    audit::{self, Actor, Change},
    clock::Time,
    error::Error,
    http::problem::{FieldProblem, Problem},
    id::TokenPath,
    state::AppState,
};

/// A token that never ends is one that nobody remembers.
const LASTS_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// As many as there are.
const AREAS_MAX: usize = 5;

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    /// What it is for.
    #[schema(examples("deploy script"), min_length = 1, max_length = 100)]
    name: String,
    /// What it may do at most; never more than its account.
    role: Role,
    /// The parts of the admin area that it is for; all when not given.
    #[schema(min_items = 1, max_items = 5)]
    areas: Option<Vec<Area>>,
    /// When it ends, at most 366 days from now.
    expires_at: Time,
}

/// A token, with what signs in with it. That is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshToken {
    #[serde(flatten)]
    token: ApiToken,
    /// To be sent as `Authorization: Bearer …`.
    #[schema(examples("mgt_3q2-7wAAAAD"))]
    secret: String,
}

/// The own tokens, the newest first.
#[utoipa::path(operation_id = "list_tokens", tag = "auth", responses(
    (status = 200, body = Vec<ApiToken>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/auth/tokens")]
pub(crate) async fn list(caller: Caller, state: Data<AppState>) -> Result<Json<Vec<ApiToken>>, Error> {
    let id = caller.account.id;
    Ok(Json(state.read(move |conn| token::list(conn, id)).await?))
}

/// Make a token for a program.
#[utoipa::path(operation_id = "create_token", tag = "auth", responses(
    (status = 201, body = FreshToken),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/auth/tokens")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(wanted): Json<TokenRequest>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let mut problems: Vec<FieldProblem> = account::name_problem(&wanted.name).into_iter().collect();
    if wanted.role > caller.account.role {
        problems.push(FieldProblem { pointer: "/role".into(), detail: format!("Your account is {} itself.", caller.account.role) });
    }
    if wanted.expires_at <= now || wanted.expires_at > now.plus(LASTS_MAX) {
        problems.push(FieldProblem { pointer: "/expires_at".into(), detail: "A token ends in the future, within 366 days.".into() });
    }
    if wanted.areas.as_ref().is_some_and(|areas| areas.is_empty() || areas.len() > AREAS_MAX) {
        problems.push(FieldProblem {
            pointer: "/areas".into(),
            detail: "Name the areas, each once, or leave them out for all of them.".into(),
        });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let secret = token::new_text()?;
    let hash = state.keys.hash(Use::ApiToken, &secret);
    let new = NewToken { name: wanted.name.trim().to_owned(), role: wanted.role, areas: wanted.areas, expires_at: wanted.expires_at };
    let idle = state.sessions.idle();
    let created = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let token = token::create(tx, caller.account.id, new, &hash, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("token.create", token.id, &token.name).to(&token)?, now)?;
        Ok(token)
    });
    Ok(HttpResponse::Created().json(FreshToken { token: created.await?, secret }))
}

/// Revoke a token: from now on it is refused.
#[utoipa::path(operation_id = "revoke_token", tag = "auth", params(TokenPath), responses(
    (status = 204, description = "Revoked"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/auth/tokens/{id}")]
pub(crate) async fn revoke(caller: Caller, state: Data<AppState>, path: Path<TokenPath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let revoked = state.write_if_possible(move |tx| {
        let token = token::revoke(tx, caller.account.id, path.id)?;
        audit::record(tx, &Actor::from(&caller), Change::of("token.revoke", token.id, &token.name).from(&token)?, now)
    });
    revoked.await?;
    Ok(HttpResponse::NoContent().finish())
}
