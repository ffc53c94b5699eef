//! `/api/v1/auth`: sign in, sign out, who am I.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Data, Json},
};
use magnetiq_storage::Tx;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SignedIn, account, account::State, password, second_factor, session, throttle::Attempt};
use crate::{
    auth::Account,
    clock::Time,
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
    /// With a second factor: the code that the app shows, or a recovery code.
    #[schema(max_length = 50)]
    code: Option<String>,
}

/// Characters of a code, with room for spaces.
pub(super) const CODE_MAX: usize = 50;

/// Sign in. The answer takes the same time whether the address is known or not.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = Account, description = "Signed in; the cookie carries the session"),
    (status = 401, body = Problem, description = "`wrong-credentials`, `second-factor-required`, `wrong-code`"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After: the delay grows with each failure"),
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
    let wanted = email.clone();
    let found = state.read(move |conn| {
        let Some((account, hash)) = account::find(conn, &wanted)? else { return Ok(None) };
        let is_known = account::knows_address(conn, account.id, &address.to_string())?;
        Ok(Some((account, hash, is_known)))
    });
    let found = found.await?;
    let attempt = Attempt { address, email, is_known: found.as_ref().is_some_and(|(_, _, is_known)| *is_known) };
    state.throttle.admit(&attempt, state.clock.now())?;
    let (account, hash) = found.map(|(account, hash, _)| (account, hash)).unzip();
    if !password::verify(&state.hashing, credentials.password, hash).await? {
        return Err(Error::WrongCredentials);
    }
    let account = account.filter(|account| account.state == State::Active).ok_or(Error::WrongCredentials)?;
    let code = match credentials.code {
        Some(code) if code.len() > CODE_MAX => return Err(Error::WrongCode),
        None if account.second_factor => {
            state.throttle.was_no_failure(&attempt);
            return Err(Error::SecondFactorRequired);
        }
        code => code.filter(|_| account.second_factor),
    };
    let (id, now, keys) = (account.id, state.clock.now(), state.keys.clone());
    if code.is_some() {
        // The password was right, however the code is.
        state.throttle.admit_code(id, &attempt, now).inspect_err(|_too_many| state.throttle.was_no_failure(&attempt))?;
    }
    let answer = begin(&request, &state, account, now, move |tx| match code {
        Some(code) => second_factor::take(tx, &keys, id, &code, now),
        None => Ok(()),
    });
    let answer = answer.await?;
    state.throttle.passed(&attempt);
    state.throttle.code_passed(id, &attempt);
    Ok(answer)
}

/// Starts a session of somebody who showed who they are; `proof` is what remains to be used up for it, in the same transaction.
pub(super) async fn begin(
    request: &HttpRequest,
    state: &AppState,
    account: Account,
    now: Time,
    proof: impl FnOnce(&Tx) -> Result<(), Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let (cookie, token_hash) = state.sessions.fresh()?;
    let new = session::NewSession {
        token_hash,
        replaced: state.sessions.token(request).map(|token| state.sessions.hashes(&token)),
        account: account.id,
        address: address::client(request, &state.settings.server.trusted_proxies).to_string(),
        agent: session::agent(request),
        lasts: state.sessions.max(),
    };
    let started = state.write_if_possible(move |tx| {
        // A password that was changed, a second factor that was turned on, an account that was disabled, while the password was looked at.
        if account::get(tx, account.id)?.is_none_or(|now| now.revision != account.revision) {
            return Err(Error::WrongCredentials);
        }
        proof(tx)?;
        session::start(tx, &new, now)?;
        let letter = Template::SignIn { name: account.name, at: now };
        outbox::rows::enqueue(tx, &account.email, &letter, &format!("sign-in/{}/{}", account.id, now.as_millis()), now)?;
        account::required(tx, account.id)
    });
    let account = started.await?;
    state.outbox.wake();
    Ok(HttpResponse::Ok().cookie(cookie).json(account))
}

/// Sign out: the session ends here and in the browser.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Signed out, or was not signed in")))]
#[post("/auth/logout")]
pub(crate) async fn logout(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    if let Some(token) = state.sessions.token(&request) {
        let hash = state.sessions.hashes(&token);
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
