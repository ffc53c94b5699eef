//! `/api/v1/admin/people`: what is held about somebody, and how it is erased, as the GDPR gives them a right to. The address is in the body:
//! it is to stand in no log.

use actix_web::{
    post,
    web::{Data, Json},
};
use magnetiq_storage::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Lead, rows};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, account},
    clock::Time,
    error::Error,
    http::problem::Problem,
    id::{LeadId, OutboxId},
    outbox,
    state::AppState,
};

/// Whom it is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// Their address, without regard to case.
    #[schema(examples("visitor@example.com"), max_length = 254)]
    email: String,
}

/// Whom to forget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forget {
    /// Their address, without regard to case.
    #[schema(examples("visitor@example.com"), max_length = 254)]
    email: String,
    /// Without it nothing is erased: the answer says what would be.
    #[serde(default)]
    confirm: bool,
}

/// A letter to somebody, or about them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldLetter {
    #[serde(flatten)]
    entry: outbox::Entry,
    /// What it is filled with.
    #[schema(value_type = Object)]
    payload: serde_json::Value,
}

/// Everything that is held about somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Held {
    /// What they sent.
    leads: Vec<Lead>,
    /// Leads of others that name their address, in an answer or in the team's note: they are about somebody else, too.
    mentioned: Vec<Lead>,
    /// Letters to them, and letters that quote what they sent.
    letters: Vec<HeldLetter>,
    /// Whether they may sign in: an account is erased under accounts.
    has_account: bool,
}

/// What was erased, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erased {
    leads: usize,
    letters: usize,
    /// Leads of others that name their address, in an answer or in the team's note. They stay: what of it is to go is deleted lead by lead, or
    /// taken out of the note.
    mentioned: Vec<Lead>,
    /// Whether it was done.
    done: bool,
    /// Whether they may sign in: an account is erased under accounts.
    has_account: bool,
}

/// The leads that somebody sent, and those that only name their address.
fn leads_of(conn: &Connection, email: &str) -> Result<(Vec<Lead>, Vec<Lead>), Error> {
    let named = rows::with_text(conn, email)?.into_iter().filter(|lead| is_theirs(lead, email) || is_named(lead, email));
    Ok(named.partition(|lead| is_theirs(lead, email)))
}

/// Of a form that asks for no address, somebody wrote theirs as an answer.
fn is_theirs(lead: &Lead, email: &str) -> bool {
    match &lead.email {
        Some(sender) => sender.eq_ignore_ascii_case(email),
        None => lead.answers.iter().any(|answer| answer.value.trim().eq_ignore_ascii_case(email)),
    }
}

fn is_named(lead: &Lead, email: &str) -> bool {
    lead.answers.iter().map(|answer| &answer.value).chain([&lead.note]).any(|text| names(text, email))
}

/// Whether the address stands in a text, and not as a part of another one, as `ana@example.com` does in `diana@example.com`.
fn names(text: &str, email: &str) -> bool {
    let (text, email) = (text.to_ascii_lowercase(), email.to_ascii_lowercase());
    let is_alone = |at: usize| !goes_on(text[..at].chars().rev()) && !goes_on(text[at + email.len()..].chars());
    text.match_indices(&email).any(|(at, _)| is_alone(at))
}

/// Whether what stands beside an address belongs to it: a dot that ends a sentence does not.
fn goes_on(mut beside: impl Iterator<Item = char>) -> bool {
    beside
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric() || ".-_+%".contains(c) && beside.next().is_some_and(|c| c.is_ascii_alphanumeric()))
}

fn held(conn: &Connection, email: &str) -> Result<Held, Error> {
    let (leads, mentioned) = leads_of(conn, email)?;
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let mut letters = Vec::new();
    for id in letters_of(conn, email, &ids)? {
        let (entry, payload) = outbox::rows::get(conn, id)?;
        letters.push(HeldLetter { entry, payload: serde_json::from_str(&payload).unwrap_or_default() });
    }
    Ok(Held { leads, mentioned, letters, has_account: account::find(conn, email)?.is_some() })
}

fn letters_of(conn: &Connection, email: &str, leads: &[LeadId]) -> Result<Vec<OutboxId>, Error> {
    let ids = serde_json::to_string(leads).map_err(|source| Error::Json { source })?;
    let sql = "SELECT id FROM outbox WHERE target = ?1 COLLATE NOCASE
            OR id IN (SELECT outbox_id FROM lead_letter WHERE lead_id IN (SELECT value FROM json_each(?2))) ORDER BY created_at, id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([email, &ids], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn checked(email: &str) -> Result<String, Error> {
    let email = email.trim();
    // Not by today's rules for addresses: what was kept by others before is shown and forgotten, too.
    if email.contains('@') && email.len() <= account::EMAIL_MAX {
        Ok(email.to_owned())
    } else {
        Err(Error::invalid("/email", "This is no e-mail address, as in ana@example.com."))
    }
}

/// Everything that is held about somebody: leads, and letters. What they did as a member of the team is in the audit log.
#[utoipa::path(operation_id = "export_person", tag = "admin", responses(
    (status = 200, body = Held),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/people/export")]
pub(crate) async fn export(caller: Caller, state: Data<AppState>, Json(person): Json<Person>) -> Result<Json<Held>, Error> {
    let (email, now) = (checked(&person.email)?, state.clock.now());
    let held = state.write_if_possible(move |tx| {
        let held = held(tx, &email)?;
        note(tx, &caller, "person.export", (held.leads.len(), held.letters.len()), now)?;
        Ok(held)
    });
    Ok(Json(held.await?))
}

/// The log is never changed: it says that somebody's data went, not whose.
fn note(
    tx: &magnetiq_storage::Tx,
    caller: &Caller,
    action: &'static str,
    (leads, letters): (usize, usize),
    now: Time,
) -> Result<(), Error> {
    let counts = serde_json::json!({ "leads": leads, "letters": letters });
    audit::record(tx, &Actor::from(caller), Change::of(action, "", "a person").to(&counts)?, now)
}

/// Forget somebody: their leads, the letters to them and those that quote what they sent. What others sent that names their
/// address stays and is listed. Backups made before keep it until they are too old.
#[utoipa::path(operation_id = "erase_person", tag = "admin", responses(
    (status = 200, body = Erased, description = "Without `confirm`: what would be erased"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/people/erase")]
pub(crate) async fn erase(caller: Caller, state: Data<AppState>, Json(forget): Json<Forget>) -> Result<Json<Erased>, Error> {
    let (email, now) = (checked(&forget.email)?, state.clock.now());
    let erased = state.write_if_possible(move |tx| {
        let has_account = account::find(tx, &email)?.is_some();
        let (leads, mentioned) = leads_of(tx, &email)?;
        let leads: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let letters = letters_of(tx, &email, &leads)?;
        let counts = (leads.len(), letters.len());
        if forget.confirm {
            rows::erase(tx, &leads)?;
            for id in letters {
                tx.prepare_cached("DELETE FROM outbox WHERE id = ?")?.execute([id])?;
            }
            note(tx, &caller, "person.erase", counts, now)?;
        }
        Ok(Erased { leads: counts.0, letters: counts.1, mentioned, done: forget.confirm, has_account })
    });
    Ok(Json(erased.await?))
}
