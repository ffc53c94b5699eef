//! `/api/v1/auth`: a password for those who have none, or forgot it, by a link that is sent to the address of the account.

use actix_web::{
    HttpRequest, HttpResponse, post, rt,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    account::{self, State},
    link,
    password::{self, Owner},
    throttle::Attempt,
};
use crate::{
    audit::{self, Actor, Change},
    clock::Time,
    error::Error,
    http::{
        address,
        problem::{self, Problem},
    },
    outbox::{self, template::Template},
    state::AppState,
};

/// Who forgot a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgotten {
    /// Address of the account.
    #[schema(examples("ana@example.com"))]
    email: String,
}

/// A password, by a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChoice {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 200)]
    token: String,
    /// The new password, at least 12 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Ask for a link to choose a new password. The answer is the same, and comes as fast, whether there is such an account or not.
#[utoipa::path(operation_id = "forgot_password", tag = "auth", responses(
    (status = 202, description = "If there is such an account, a letter is on its way"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/forgotten")]
pub(crate) async fn forgotten(
    request: HttpRequest,
    state: Data<AppState>,
    Json(forgotten): Json<Forgotten>,
) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    let email = forgotten.email.trim().to_owned();
    if email.len() <= account::EMAIL_MAX {
        state.throttle.ask(&Attempt { address, email: email.clone(), is_known: false })?;
        // Nobody waits for it: the time of a write would tell that there is such an account.
        rt::spawn(async move {
            let now = state.clock.now();
            match state.write(move |tx| send(tx, &email, now)).await {
                Ok(()) => state.outbox.wake(),
                Err(error) => tracing::error!(cause = %problem::chain(&error), "a link to choose a password was not sent"),
            }
        });
    }
    Ok(HttpResponse::Accepted().finish())
}

fn send(tx: &magnetiq_storage::Tx, email: &str, now: Time) -> Result<(), Error> {
    let Some((account, _)) = account::find(tx, email)? else { return Ok(()) };
    if account.state == State::Disabled || !link::is_due(tx, account.id, now)? {
        return Ok(());
    }
    let link = link::create(tx, account.id, link::RESET_LASTS, now)?;
    let letter = Template::PasswordLink { name: account.name, link, until: now.plus(link::RESET_LASTS) };
    outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-link/{link}"), now)
}

/// Choose a password by a link. The link and every session of the account end; sign in with the new password then.
#[utoipa::path(operation_id = "choose_password", tag = "auth", responses(
    (status = 204, description = "Chosen"),
    (status = 410, body = Problem, description = "`link-gone`: it was used, or has ended"),
    (status = 422, body = Problem, description = "`invalid`: the password can't be taken"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/auth/password-link")]
pub(crate) async fn choose(request: HttpRequest, state: Data<AppState>, Json(choice): Json<PasswordChoice>) -> Result<HttpResponse, Error> {
    let address = address::client(&request, &state.settings.server.trusted_proxies);
    state.throttle.ask(&Attempt { address, email: String::new(), is_known: false })?;
    let (keys, now, token) = (state.keys.clone(), state.clock.now(), choice.token);
    let account = {
        let (keys, token) = (keys.clone(), token.clone());
        state.read(move |conn| link::account(conn, &keys, &token, now)).await?
    };
    let owner = Owner { email: &account.email, name: &account.name, site: &state.live.current().settings.site.title };
    if let Some(problem) = password::problem(&choice.password, owner) {
        return Err(Error::Invalid(vec![problem]));
    }
    let new = choice.password;
    let hash = state.hashing.run(move || password::hash(&new)).await??;
    let chosen = state.write(move |tx| {
        // Again, in the transaction that uses it up: of two at once one is too late.
        let account = link::account(tx, &keys, &token, now)?;
        account::set_password(tx, account.id, &hash, None, now)?;
        let letter = Template::PasswordChanged { name: account.name.clone(), at: now };
        outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-changed/{}/{}", account.id, now.as_millis()), now)?;
        let actor = Actor::link(&account, address.to_string());
        audit::record(tx, &actor, Change::of("account.password", account.id, &account.email), now)
    });
    chosen.await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().finish())
}
