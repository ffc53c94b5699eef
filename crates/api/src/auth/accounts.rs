//! `/api/v1/admin/accounts`: the team.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post, put,
    web::{Data, Json, Path},
};
use magnetiq_storage::Tx;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, Caller, NewAccount, Role,
    account::{self, Edit, State},
    link,
    passkey::{self, Passkey},
    password::{self, Owner},
    second_factor,
    session::{self, Session},
    token::{self, ApiToken},
};
use crate::{
    audit::{self, Actor, Change},
    clock::Time,
    error::Error,
    http::{etag, problem::Problem},
    id::{AccountId, AccountPath},
    outbox::{self, template::Template},
    state::AppState,
};

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRequest {
    /// The address to sign in with.
    #[schema(examples("bo@example.com"), max_length = 254)]
    email: String,
    /// The name that pages show as author.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do.
    role: Role,
    /// Its password. Without one a letter invites them to choose it themselves, which is better.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

/// An account as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountUpdate {
    /// The address to sign in with.
    #[schema(examples("bo@example.com"), max_length = 254)]
    email: String,
    /// The name that pages show as author.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do.
    role: Role,
    /// Whether it can't sign in; its sessions end, its tokens are refused.
    disabled: bool,
}

/// An account, with what signs in to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountDetail {
    #[serde(flatten)]
    account: Account,
    sessions: Vec<Session>,
    tokens: Vec<ApiToken>,
    passkeys: Vec<Passkey>,
}

/// Everybody who may sign in, by address.
#[utoipa::path(operation_id = "list_accounts", tag = "admin", responses(
    (status = 200, body = Vec<Account>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/accounts")]
pub(crate) async fn list(state: Data<AppState>) -> Result<Json<Vec<Account>>, Error> {
    Ok(Json(state.read(account::list).await?))
}

/// Make an account. Without a password a letter is sent with a link to choose one, which holds for 7 days.
#[utoipa::path(operation_id = "create_account", tag = "admin", responses(
    (status = 201, body = Account),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/accounts")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(wanted): Json<AccountRequest>) -> Result<HttpResponse, Error> {
    let (email, name, role) = (wanted.email.trim().to_owned(), wanted.name, wanted.role);
    let mut problems = account::problems(&email, &name);
    let owner = Owner { email: &email, name: &name, site: &state.live.current().settings.site.title };
    problems.extend(wanted.password.as_ref().and_then(|password| password::problem(password, owner)));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let password_hash = match wanted.password {
        Some(password) => Some(state.hashing.run(move || password::hash(&password)).await??),
        None => None,
    };
    let (now, idle) = (state.clock.now(), state.sessions.idle());
    let created = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let account = account::create(tx, &NewAccount { email, name, role, password_hash }, now)?;
        if account.state == State::Invited {
            invite(tx, &account, &caller.account.name, now)?;
        }
        audit::record(tx, &Actor::from(&caller), Change::of("account.create", account.id, &account.email).to(&account)?, now)?;
        Ok(account)
    });
    let account = created.await?;
    state.outbox.wake();
    Ok(HttpResponse::Created().insert_header(etag::of_revision(account.revision)).json(account))
}

fn invite(tx: &Tx, account: &Account, by: &str, now: Time) -> Result<(), Error> {
    let link = link::create(tx, account.id, link::INVITATION_LASTS, now)?;
    let until = now.plus(link::INVITATION_LASTS);
    let letter = Template::Invitation { name: account.name.clone(), by: by.to_owned(), link, until };
    outbox::rows::enqueue(tx, &account.email, &letter, &format!("invitation/{link}"), now)
}

/// One account, with its sessions, tokens and passkeys.
#[utoipa::path(operation_id = "get_account", tag = "admin", params(AccountPath), responses(
    (status = 200, body = AccountDetail, description = "With an ETag for If-Match"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[get("/admin/accounts/{id}")]
pub(crate) async fn get(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    let (now, lasts, current) = (state.clock.now(), state.sessions.idle(), caller.session().ok());
    let detail = state.read(move |conn| {
        let account = account::required(conn, path.id)?;
        let sessions = session::list(conn, path.id, current, lasts, now)?;
        Ok(AccountDetail { account, sessions, tokens: token::list(conn, path.id)?, passkeys: passkey::rows::list(conn, path.id)? })
    });
    let detail = detail.await?;
    Ok(HttpResponse::Ok().insert_header(etag::of_revision(detail.account.revision)).json(detail))
}

/// Change an account: at once, for its sessions too. The address before is told of a new one.
#[utoipa::path(operation_id = "update_account", tag = "admin", params(AccountPath, ("If-Match" = String, Header, description = "The ETag that was seen")), responses(
    (status = 200, body = Account),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 409, body = Problem, description = "`last-admin`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/accounts/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<AccountPath>,
    Json(wanted): Json<AccountUpdate>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let edit = Edit { email: wanted.email.trim().to_owned(), name: wanted.name, role: wanted.role, disabled: wanted.disabled };
    let problems = account::problems(&edit.email, &edit.name);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let (now, idle) = (state.clock.now(), state.sessions.idle());
    let updated = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let (before, after) = account::update(tx, path.id, &edit, seen, now)?;
        if !before.email.eq_ignore_ascii_case(&after.email) {
            let letter = Template::AddressChanged { name: after.name.clone(), email: after.email.clone(), at: now };
            outbox::rows::enqueue(tx, &before.email, &letter, &format!("address-changed/{}/{}", after.id, now.as_millis()), now)?;
            link::end_all(tx, after.id)?;
        }
        let change = Change::of("account.update", after.id, &before.email).from(&before)?.to(&after)?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(after)
    });
    let account = updated.await?;
    state.outbox.wake();
    Ok(HttpResponse::Ok().insert_header(etag::of_revision(account.revision)).json(account))
}

/// Delete an account that the client has seen, with its sessions and tokens. Its pages stay, without an author.
#[utoipa::path(operation_id = "delete_account", tag = "admin", params(AccountPath, ("If-Match" = String, Header, description = "The ETag that was seen")), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 409, body = Problem, description = "`last-admin`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/accounts/{id}")]
pub(crate) async fn delete(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<AccountPath>,
) -> Result<HttpResponse, Error> {
    let (seen, now) = (etag::required_revision(&request)?, state.clock.now());
    let deleted = state.write_if_possible(move |tx| {
        let account = account::delete(tx, path.id, seen)?;
        audit::record(tx, &Actor::from(&caller), Change::of("account.delete", account.id, &account.email).from(&account)?, now)
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Send a link to choose a password: to somebody invited once more, for 7 days; to others for 30 minutes. Links before it end.
#[utoipa::path(operation_id = "send_account_link", tag = "admin", params(AccountPath), responses(
    (status = 202, description = "It is in the outbox"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`: there is no such account, or it is disabled"),
))]
#[post("/admin/accounts/{id}/link")]
pub(crate) async fn send_link(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let sent = state.write(move |tx| {
        let account = account::required(tx, path.id)?;
        link::end_all(tx, account.id)?;
        match account.state {
            State::Disabled => return Err(Error::NotFound { what: "account" }),
            State::Invited => invite(tx, &account, &caller.account.name, now)?,
            State::Active => {
                let link = link::create(tx, account.id, link::RESET_LASTS, now)?;
                let letter = Template::PasswordLink { name: account.name.clone(), link, until: now.plus(link::RESET_LASTS) };
                outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-link/{link}"), now)?;
            }
        }
        audit::record(tx, &Actor::from(&caller), Change::of("account.link", account.id, &account.email), now)
    });
    sent.await?;
    state.outbox.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// End every session of an account.
#[utoipa::path(operation_id = "end_account_sessions", tag = "admin", params(AccountPath), responses(
    (status = 204, description = "Ended"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/admin/accounts/{id}/sessions")]
pub(crate) async fn end_sessions(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    change(caller, &state, move |tx, actor, now| {
        noted(tx, actor, path.id, "account.end-sessions", now, |account| session::end_others(tx, account.id, None).map(drop))
    })
    .await
}

/// Revoke every token of an account.
#[utoipa::path(operation_id = "revoke_account_tokens", tag = "admin", params(AccountPath), responses(
    (status = 204, description = "Revoked"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/admin/accounts/{id}/tokens")]
pub(crate) async fn revoke_tokens(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    change(caller, &state, move |tx, actor, now| {
        noted(tx, actor, path.id, "account.revoke-tokens", now, |account| token::revoke_all(tx, account.id).map(drop))
    })
    .await
}

/// Turn off the authenticator app of somebody who lost theirs.
#[utoipa::path(operation_id = "remove_account_second_factor", tag = "admin", params(AccountPath), responses(
    (status = 204, description = "Off"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/admin/accounts/{id}/second-factor")]
pub(crate) async fn remove_factor(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    change(caller, &state, move |tx, actor, now| end_app(tx, actor, path.id, now)).await
}

/// Remove every passkey of somebody who lost theirs.
#[utoipa::path(operation_id = "remove_account_passkeys", tag = "admin", params(AccountPath), responses(
    (status = 204, description = "Removed"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/admin/accounts/{id}/passkeys")]
pub(crate) async fn remove_passkeys(caller: Caller, state: Data<AppState>, path: Path<AccountPath>) -> Result<HttpResponse, Error> {
    change(caller, &state, move |tx, actor, now| end_passkeys(tx, actor, path.id, now)).await
}

async fn change(
    caller: Caller,
    state: &AppState,
    apply: impl FnOnce(&Tx, &Actor, Time) -> Result<(), Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    state.write_if_possible(move |tx| apply(tx, &Actor::from(&caller), now)).await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().finish())
}

/// Takes no code of an authenticator app for an account any more, and writes to its owner.
pub(crate) fn end_app(tx: &Tx, actor: &Actor, id: AccountId, now: Time) -> Result<(), Error> {
    noted(tx, actor, id, "account.second-factor", now, |account| {
        second_factor::remove(tx, id)?;
        second_factor::tell(tx, account, false, now)
    })
}

/// Removes every passkey of an account, and writes to its owner.
pub(crate) fn end_passkeys(tx: &Tx, actor: &Actor, id: AccountId, now: Time) -> Result<(), Error> {
    noted(tx, actor, id, "account.passkeys", now, |account| {
        passkey::rows::remove_all(tx, id)?.iter().try_for_each(|passkey| passkey::tell(tx, account, passkey, false, now))
    })
}

/// Does something to an account, which is given as it was, and notes what differs then.
fn noted(
    tx: &Tx,
    actor: &Actor,
    id: AccountId,
    action: &'static str,
    now: Time,
    apply: impl FnOnce(&Account) -> Result<(), Error>,
) -> Result<(), Error> {
    let before = account::required(tx, id)?;
    apply(&before)?;
    let change = Change::of(action, id, &before.email).from(&before)?.to(&account::required(tx, id)?)?;
    audit::record(tx, actor, change, now)
}
