//! `/api/v1/auth`: sign in, sign out, who am I.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{account, password, session, session::SignedIn};
use crate::{
    auth::Account,
    error::Error,
    http::{address, problem::Problem},
    outbox::{self, template::Template},
    state::AppState,
};

/// What one signs in with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Address of the account.
    #[schema(examples("admin@example.com"))]
    email: String,
    /// Its password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Sign in. The answer takes the same time whether the address is known or not.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = Account, description = "Signed in; the cookie carries the session"),
    (status = 401, body = Problem, description = "`wrong-credentials`"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/login")]
pub(crate) async fn login(
    request: HttpRequest,
    state: Data<AppState>,
    Json(credentials): Json<Credentials>,
) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    let email = credentials.email.trim().to_owned();
    if email.len() > account::EMAIL_MAX {
        // No account has such an address, and the throttle would have to remember it.
        return Err(Error::WrongCredentials);
    }
    state.throttle.count(address, &email)?;
    let found = state.read(move |conn| account::find(conn, &email)).await?;
    let (account, hash) = found.unzip();
    if !password::verify(&state.hashing, credentials.password, hash).await? {
        return Err(Error::WrongCredentials);
    }
    let account = account.ok_or(Error::WrongCredentials)?;
    let token = session::new_token()?;
    let (new, old) = (state.sessions.hash(&token), state.sessions.token(&request).map(|token| state.sessions.hash(&token)));
    let (id, now, max) = (account.id, state.clock.now(), state.sessions.max());
    let (to, letter) = (account.email.clone(), Template::SignIn { name: account.name.clone(), at: now });
    let started = state.write_if_possible(move |tx| {
        session::start(tx, &new, old.as_deref(), id, now, max)?;
        outbox::rows::enqueue(tx, &to, &letter, &format!("sign-in/{id}/{}", now.as_millis()), now)
    });
    started.await?;
    state.outbox.wake();
    Ok(HttpResponse::Ok().cookie(state.sessions.cookie(&token)).json(account))
}

/// Sign out: the session ends here and in the browser.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Signed out, or was not signed in")))]
#[post("/auth/logout")]
pub(crate) async fn logout(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    if let Some(token) = state.sessions.token(&request) {
        let hash = state.sessions.hash(&token);
        state.write_if_possible(move |tx| session::end(tx, &hash)).await?;
    }
    Ok(HttpResponse::NoContent().cookie(state.sessions.removal()).finish())
}

/// The account of this session.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = Account),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/auth/me")]
pub(crate) async fn me(SignedIn(account): SignedIn) -> Json<Account> {
    Json(account)
}
