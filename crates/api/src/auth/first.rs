//! `/api/v1/auth/first`: the first administrator of a site that has no account, by a link in the server's log.

use std::sync::{Mutex, PoisonError};

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::{
    Account, NewAccount, Role, account,
    password::{self, Owner},
    session,
    throttle::Attempt,
};
use crate::{
    audit::{self, Actor, Change},
    error::Error,
    http::{address, problem::Problem},
    state::AppState,
};

/// The link of this run of the server, while the site has no account.
#[derive(Debug, Default)]
pub(crate) struct FirstAdmin(Mutex<Option<String>>);

impl FirstAdmin {
    /// Opens the way, and gives what stands in the link.
    fn open(&self) -> Result<String, Error> {
        let token = session::new_token()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    fn fits(&self, token: &str) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().is_some_and(|open| open.as_bytes().ct_eq(token.as_bytes()).into())
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// At the start: on a site without accounts, says in the log how to make the first. Who reads the log of a server may administer it.
pub(crate) async fn invite(state: &AppState) -> Result<(), Error> {
    if state.read(account::is_any).await? {
        return Ok(());
    }
    let token = state.first_admin.open()?;
    let link = format!("{}admin/first#{token}", state.settings.server.public_url);
    tracing::warn!(%link, "there is no account yet: open this link to make the first one (it holds until the server stops)");
    Ok(())
}

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstAccount {
    /// What stands behind the `#` of the link in the log.
    #[schema(max_length = 200)]
    token: String,
    /// The address to sign in with.
    #[schema(examples("admin@example.com"), max_length = 254)]
    email: String,
    /// The name that pages show as author.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// A password of at least 12 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Make the first account, an administrator's, with the link that the server writes to its log while there is none.
#[utoipa::path(operation_id = "create_first_account", tag = "auth", responses(
    (status = 201, body = Account, description = "Made; sign in with it"),
    (status = 410, body = Problem, description = "`link-gone`: there is an account, or this is not the link of this run of the server"),
    (status = 422, body = Problem, description = "`invalid`"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/first")]
pub(crate) async fn create(request: HttpRequest, state: Data<AppState>, Json(first): Json<FirstAccount>) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    state.throttle.ask(&Attempt { address, email: String::new(), is_known: false })?;
    if !state.first_admin.fits(&first.token) {
        return Err(Error::LinkGone);
    }
    let (email, name) = (first.email.trim().to_owned(), first.name);
    let mut problems = account::problems(&email, &name);
    problems
        .extend(password::problem(&first.password, Owner { email: &email, name: &name, site: &state.live.current().settings.site.title }));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let new = first.password;
    let hash = state.hashing.run(move || password::hash(&new)).await??;
    let now = state.clock.now();
    let created = state.write(move |tx| {
        if account::is_any(tx)? {
            return Err(Error::LinkGone);
        }
        let account = account::create(tx, &NewAccount { email, name, role: Role::Admin, password_hash: Some(hash) }, now)?;
        let actor = Actor::link(&account, address.to_string());
        audit::record(tx, &actor, Change::of("account.create", account.id, &account.email).to(&account)?, now)?;
        Ok(account)
    });
    let account = created.await?;
    state.first_admin.close();
    Ok(HttpResponse::Created().json(account))
}
