//! `/api/v1/admin/settings`: what is in force, where it comes from, and changing it.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, get, put,
    web::{Data, Json},
};
use magnetiq_config::{Effective, Settings};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Current, ORIGIN,
    catalog::{self, EDITABLE, Editable, Kind},
    detail, opened,
    rows::{self, Kept},
    texts,
};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, keys::Keys, keys::Use},
    clock::Time,
    error::Error,
    http::{
        etag,
        problem::{FieldProblem, Problem},
    },
    outbox::Channels,
    state::AppState,
};

/// Characters of a value.
const VALUE_MAX: usize = 5_000;

/// One setting, as it is in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Setting {
    /// As in the settings file.
    #[schema(examples("site.title"))]
    name: &'static str,
    /// What its value looks like.
    kind: Kind,
    /// Of a choice: what there is to choose from.
    choices: &'static [&'static str],
    /// Its value, as text whatever its kind; null for secrets, which are told to nobody.
    value: Option<String>,
    /// Whether it has a value that is not empty.
    is_set: bool,
    /// Where the value comes from: `default`, `database`, a line of the settings file or the name of a variable.
    origin: String,
    /// Whether file or environment gives it, so that it can be changed only there.
    fixed: bool,
    /// When the value in the database was set.
    changed_at: Option<Time>,
}

/// All settings that administrators may change.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct List {
    /// Counts the changes; also the ETag.
    revision: i64,
    /// In the order in which people should read them.
    settings: Vec<Setting>,
}

/// A change of settings.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsEdit {
    /// The new values by name, as text whatever their kind, or null for the default. Those that are not named stay.
    values: BTreeMap<String, Option<String>>,
}

fn effective<'a>(settings: &'a Settings, name: &str) -> Option<&'a Effective> {
    settings.explain().iter().find(|entry| entry.key == name)
}

fn is_fixed(origin: &str) -> bool {
    !["default", ORIGIN].contains(&origin)
}

fn list(current: &Current, kept: &BTreeMap<String, Kept>) -> List {
    let setting = |editable: &Editable| {
        let Editable { name, kind, choices } = *editable;
        let Effective { value, origin, .. } = effective(&current.settings, name)?.clone();
        // As it was typed: what is shown of others has no passwords in it.
        let text = match kept.get(name) {
            Some(Kept::Plain { value, .. }) if origin == ORIGIN => value.clone(),
            _ => value,
        };
        let is_set = if kind == Kind::Secret { origin != "default" } else { !text.is_empty() };
        let value = (kind != Kind::Secret).then_some(text);
        let changed_at = kept.get(name).map(Kept::at);
        Some(Setting { name, kind, choices, value, is_set, fixed: is_fixed(&origin), origin, changed_at })
    };
    List { revision: current.revision, settings: EDITABLE.iter().filter_map(setting).collect() }
}

fn answer(list: &List) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag::of_revision(list.revision)).json(list)
}

/// The settings that administrators may change, where each value comes from, and which are fixed by file or environment.
#[utoipa::path(operation_id = "get_settings", tag = "admin", responses(
    (status = 200, body = List, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/settings")]
pub(crate) async fn get(state: Data<AppState>) -> Result<HttpResponse, Error> {
    let (_, kept) = state.read(rows::all).await?;
    Ok(answer(&list(&state.live.current(), &kept)))
}

/// Change settings: all of those that are named, or none. They hold at once.
#[utoipa::path(operation_id = "update_settings", tag = "admin", params(("If-Match" = String, Header, description = "The settings' ETag")), responses(
    (status = 200, body = List, headers(("ETag" = String))),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named, as in `/values/site.title`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/settings")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    Json(edit): Json<SettingsEdit>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let (current, mut kept) = state.read(rows::all).await?;
    if seen.is_some_and(|seen| seen != current) {
        return Err(Error::PreconditionFailed { current });
    }
    let now = state.clock.now();
    let wanted = wanted(&state.live.given, edit.values)?;
    let changes = sealed(&wanted, &state.keys, now)?;
    let before = kept.clone();
    for (name, change) in &changes {
        match change {
            Some(value) => drop(kept.insert(name.clone(), value.clone())),
            None => drop(kept.remove(name)),
        }
    }
    // Checked as a whole, and made ready, before anything is written.
    let settings = state.live.given.over(&texts(&opened(&kept, &state.keys)?), ORIGIN).map_err(|problems| {
        let field = |problem: &magnetiq_config::Problem| FieldProblem {
            pointer: format!("/values/{}", problem.subject()),
            detail: detail(problem),
        };
        Error::Invalid(problems.iter().map(field).collect())
    })?;
    refuse_to_tell_others(&state.live.current().settings, &settings, &wanted)?;
    let channels = Channels::new(&settings)?;
    let change = Change::of("settings.update", "settings", "settings").from(&shown(&before, &changes))?.to(&shown_after(&changes))?;
    let idle = state.sessions.idle();
    let written = state.write(move |tx| {
        caller.still(tx, idle, now)?;
        let revision = rows::change(tx, current, &changes)?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(revision)
    });
    let revision = written.await?;
    state.live.replace(Current { revision, settings, channels });
    state.follow_settings();
    state.outbox.wake();
    Ok(answer(&list(&state.live.current(), &kept)))
}

/// Secrets, and where they are told.
const TOLD_TO: [(&str, &str); 4] = [
    ("mail.smtp_password", "mail.smtp_host"),
    ("social.mastodon.token", "social.mastodon.url"),
    ("social.linkedin.token", "social.linkedin.url"),
    ("social.x.token", "social.x.url"),
];

/// A secret that nobody may read goes to no other server than the one that it was typed for: whoever names another one types it again.
fn refuse_to_tell_others(before: &Settings, after: &Settings, wanted: &BTreeMap<String, Option<SecretString>>) -> Result<(), Error> {
    let is_moved = |place: &str| effective(before, place).map(|entry| &entry.value) != effective(after, place).map(|entry| &entry.value);
    let tells = |(secret, place): &&(&str, &str)| {
        let is_set = effective(after, secret).is_some_and(|entry| entry.origin != "default");
        is_set && !wanted.contains_key(*secret) && is_moved(place)
    };
    match TOLD_TO.iter().find(tells) {
        Some((secret, _)) => Err(Error::invalid(&format!("/values/{secret}"), "Type it again: it would be told to another server.")),
        None => Ok(()),
    }
}

/// The texts that are to be kept; none for those that go.
fn wanted(given: &Settings, values: BTreeMap<String, Option<String>>) -> Result<BTreeMap<String, Option<SecretString>>, Error> {
    let mut problems = Vec::new();
    let mut wanted = BTreeMap::new();
    for (name, text) in values {
        let detail = match (catalog::find(&name), effective(given, &name)) {
            (Some(_), Some(Effective { origin, .. })) if is_fixed(origin) => {
                format!("It is set by {origin} and can be changed only there.")
            }
            (Some(_), _) if text.as_ref().is_some_and(|text| text.chars().count() > VALUE_MAX) => {
                format!("A value has at most {VALUE_MAX} characters.")
            }
            (Some(_), _) => {
                wanted.insert(name, text.map(SecretString::from));
                continue;
            }
            (None, _) => "There is no such setting here.".to_owned(),
        };
        problems.push(FieldProblem { pointer: format!("/values/{}", escaped(&name)), detail });
    }
    if problems.is_empty() { Ok(wanted) } else { Err(Error::Invalid(problems)) }
}

/// A name in a JSON pointer.
fn escaped(name: &str) -> String {
    name.chars().take(100).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// As they are kept.
fn sealed(wanted: &BTreeMap<String, Option<SecretString>>, keys: &Keys, at: Time) -> Result<BTreeMap<String, Option<Kept>>, Error> {
    let keep = |name: &str, text: &SecretString| {
        let is_secret = catalog::find(name).is_some_and(|editable| editable.kind == Kind::Secret);
        Ok::<_, Error>(if is_secret {
            Kept::Sealed { sealed: keys.seal(Use::Setting, name, text.expose_secret().as_bytes())?, at }
        } else {
            Kept::Plain { value: text.expose_secret().to_owned(), at }
        })
    };
    wanted.iter().map(|(name, text)| Ok((name.clone(), text.as_ref().map(|text| keep(name, text)).transpose()?))).collect()
}

/// For the audit log: what was there before of that which is changed. Secrets are told apart by when they were set.
fn shown(before: &BTreeMap<String, Kept>, changes: &BTreeMap<String, Option<Kept>>) -> BTreeMap<String, Value> {
    changes.keys().map(|name| (name.clone(), shown_one(before.get(name)))).collect()
}

fn shown_after(changes: &BTreeMap<String, Option<Kept>>) -> BTreeMap<String, Value> {
    changes.iter().map(|(name, kept)| (name.clone(), shown_one(kept.as_ref()))).collect()
}

fn shown_one(kept: Option<&Kept>) -> Value {
    match kept {
        None => Value::Null,
        Some(Kept::Plain { value, .. }) => value.clone().into(),
        Some(Kept::Sealed { at, .. }) => format!("(hidden, set at {at})").into(),
    }
}
