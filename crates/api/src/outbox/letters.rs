//! `/api/v1/admin/letters`: every letter with made-up names, and one to see whether letters arrive.

use actix_web::{
    get, post,
    web::{Data, Json, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Kind,
    delivery::Item,
    routes::Texts,
    template::{Reader, Template},
};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, account},
    error::Error,
    http::problem::Problem,
    id::OutboxId,
    state::AppState,
};

/// In which language.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Language {
    /// `de` or `en`; the site's when not given.
    #[param(max_length = 20)]
    language: Option<String>,
}

/// A letter with made-up names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LetterSample {
    /// The name of its template.
    #[schema(examples("sign-in"))]
    template: String,
    /// Its texts.
    texts: Texts,
}

/// Whom to send a letter.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestLetter {
    /// The address that it goes to.
    #[schema(examples("ana@example.com"))]
    to: String,
}

/// What became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TestResult {
    /// Whether it was taken.
    delivered: bool,
    /// Who took it, or why it was not taken, in the words of the mail server.
    detail: String,
}

/// Every letter that the site sends, with made-up names.
#[utoipa::path(operation_id = "list_letters", tag = "admin", params(Language), responses(
    (status = 200, body = Vec<LetterSample>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/letters")]
pub(crate) async fn list(state: Data<AppState>, Query(wanted): Query<Language>) -> Result<Json<Vec<LetterSample>>, Error> {
    let current = state.live.current();
    let sender = current.channels.sender(wanted.language);
    let sample = |template: Template| {
        let (template, payload) = template.parts()?;
        let texts = sender.render(&template, &payload, Reader::Team)?.into();
        Ok(LetterSample { template, texts })
    };
    Ok(Json(Template::samples(state.clock.now()).into_iter().map(sample).collect::<Result<_, Error>>()?))
}

/// Send a letter now, past the outbox, to see whether the mail server takes it.
#[utoipa::path(operation_id = "send_test_letter", tag = "admin", responses(
    (status = 200, body = TestResult, description = "Whether it was taken, and what the mail server said"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/letters/test")]
pub(crate) async fn test(caller: Caller, state: Data<AppState>, Json(wanted): Json<TestLetter>) -> Result<Json<TestResult>, Error> {
    if !account::is_address(&wanted.to) || !wanted.to.is_ascii() {
        return Err(Error::invalid("/to", "This is no e-mail address, as in ana@example.com."));
    }
    let (now, current) = (state.clock.now(), state.live.current());
    let (template, payload) = Template::Test { by: caller.account.name.clone(), at: now }.parts()?;
    let item = Item { id: OutboxId::new(now), target: wanted.to, template, payload, created_at: now, due_at: now, attempts: 1 };
    let sent = current.channels.deliver(Kind::Mail, &item, &state).await;
    let result = match sent {
        Ok(_) => TestResult { delivered: true, detail: format!("taken by {}", current.channels.place()) },
        Err(refusal) => TestResult { delivered: false, detail: refusal.reason },
    };
    let change = Change::of("letter.test", item.id, item.target).to(&result)?;
    state.write(move |tx| audit::record(tx, &Actor::from(&caller), change, now)).await?;
    Ok(Json(result))
}
