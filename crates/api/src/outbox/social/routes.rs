//! `/api/v1/admin/posts`: posts on social networks, and how they would look.

use actix_web::{
    HttpResponse, post,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Name, Post, Target, Times};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    clock::Time,
    error::Error,
    http::problem::{FieldProblem, Problem},
    id::OutboxId,
    outbox::Entry,
    state::AppState,
};

/// Nobody plans further ahead.
const AHEAD_MAX: std::time::Duration = std::time::Duration::from_secs(366 * 24 * 3600);

/// A post to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostEdit {
    /// Where.
    #[schema(min_items = 1, max_items = 3)]
    networks: Vec<Name>,
    /// What it says.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// An address that stands below it.
    #[schema(max_length = 2000)]
    link: Option<String>,
    /// When it leaves, at the earliest; at once when not given.
    schedule_at: Option<Time>,
}

impl PostEdit {
    fn post(&self) -> Post {
        Post { text: self.text.clone(), link: self.link.clone() }
    }
}

/// A post as one network would get it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PostPreview {
    /// The network.
    network: Name,
    /// All that it says.
    text: String,
    /// How long that is, as the network counts.
    length: u32,
    /// How long it may be.
    limit: u32,
    /// Whether it would be sent to the network; in development without a stand-in it is recorded only.
    live: bool,
    /// Why it can't be queued; null where it can.
    problem: Option<String>,
}

/// Queue a post for each of these networks. It arrives at least once: a network that took one and was not heard may get it again.
#[utoipa::path(operation_id = "create_posts", tag = "admin", responses(
    (status = 201, body = Vec<Entry>, description = "One entry of the outbox for each network"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named, a network that takes less among them"),
))]
#[post("/admin/posts")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(wanted): Json<PostEdit>) -> Result<HttpResponse, Error> {
    let (now, current) = (state.clock.now(), state.live.current());
    let post = wanted.post();
    let mut problems = post.problems(&wanted.networks, &current.settings);
    if wanted.schedule_at.is_some_and(|at| at <= now || at > now.plus(AHEAD_MAX)) {
        problems.push(FieldProblem { pointer: "/schedule_at".into(), detail: "A moment in the future, within a year.".into() });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let times = Times { now, at: wanted.schedule_at.unwrap_or(now) };
    let created = state.write(move |tx| {
        // Who sends a request twice has Idempotency-Key.
        let cause = format!("post/{}", OutboxId::new(now));
        let targets: Vec<Target> = wanted.networks.iter().map(|network| Target::of(*network, &current.settings)).collect();
        let entries = post.enqueue(tx, &targets, &cause, times)?;
        for entry in &entries {
            let change = Change::of("post.create", entry.id, entry.kind.word()).to(&post)?;
            audit::record(tx, &Actor::from(&caller), change, now)?;
        }
        Ok(entries)
    });
    let entries = created.await?;
    state.outbox.wake();
    Ok(HttpResponse::Created().json(entries))
}

/// How a post would look, and whether each network takes it.
#[utoipa::path(operation_id = "preview_posts", tag = "admin", responses(
    (status = 200, body = Vec<PostPreview>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/posts/preview")]
pub(crate) async fn preview(state: Data<AppState>, Json(wanted): Json<PostEdit>) -> Result<Json<Vec<PostPreview>>, Error> {
    let (post, current) = (wanted.post(), state.live.current());
    if let Some(problem) = post.too_long() {
        return Err(Error::Invalid(vec![problem]));
    }
    let text = post.whole();
    let of = |network: &Name| {
        let (length, limit) = network.length(&text, &current.settings);
        let given = network.settings(&current.settings);
        PostPreview {
            network: *network,
            text: text.clone(),
            length,
            limit,
            live: given.url.is_some() && given.token.is_some(),
            problem: network.problem(&text, &current.settings),
        }
    };
    Ok(Json(wanted.networks.iter().take(Name::ALL.len()).map(of).collect()))
}
