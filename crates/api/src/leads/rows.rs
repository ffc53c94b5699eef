//! Leads in the database.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, named_params, params},
};

use super::{Answered, Form, Lead, State, admin::Filter, form_rows::json};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::{FormId, LeadId},
    outbox::{self, template::Template},
};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Days in which an address can be confirmed; what is not is deleted then.
pub(crate) const CONFIRM_DAYS: u32 = 7;
/// Links to confirm it that an address gets by one form within a day, as long as it confirms none: more would be a way to fill somebody's
/// mailbox. Those of other forms are not counted: who sends these would keep it from being confirmed for good.
const LINKS_AT_ONCE: u32 = 3;
/// Letters with what a form gives that an address gets by one form within a day without having confirmed that it wants any.
const REPLIES_A_DAY: u32 = 3;
/// Characters that the answers have in a letter, as JSON; the column for it takes 65,536, with the rest of the letter.
const LETTER_MAX: usize = 60_000;
/// Where they are more: characters that each of them keeps at first.
const EXCERPT: usize = 1_000;

const SELECT: &str = "SELECT lead.*, form.title AS form FROM lead JOIN form ON form.id = lead.form_id";

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Lead> {
    Ok(Lead {
        id: row.get("id")?,
        form_id: row.get("form_id")?,
        form: row.get("form")?,
        email: row.get("email")?,
        answers: json(row, "answers")?,
        state: row.get("state")?,
        note: row.get("note")?,
        revision: row.get("revision")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// A form that somebody sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) nonce: String,
    pub(crate) email: Option<String>,
    pub(crate) answers: Vec<Answered>,
}

/// Keeps a lead and queues its letters: to who sent it where the address is to be confirmed, else to the team, and with what the form gives. The same form sent twice is kept
/// once; then this gives false.
pub(super) fn insert(tx: &Tx, form: &Form, sent: &Sent, now: Time) -> Result<bool, Error> {
    let id = LeadId::new(now);
    let (state, days) = if form.double_opt_in { (State::Unconfirmed, CONFIRM_DAYS) } else { (State::New, form.kept_days) };
    let answers = serde_json::to_string(&sent.answers).map_err(|source| Error::Json { source })?;
    let expires_at = now.plus(DAY * days);
    let inserted = tx
        .prepare_cached(
            "INSERT INTO lead (id, form_id, nonce, email, answers, state, created_at, expires_at)
             VALUES (:id, :form, :nonce, :email, :answers, :state, :now, :expires_at) ON CONFLICT (nonce) DO NOTHING",
        )?
        .execute(named_params! {
            ":id": id, ":form": form.id, ":nonce": sent.nonce, ":email": sent.email, ":answers": answers, ":state": state, ":now": now,
            ":expires_at": expires_at,
        })?;
    if inserted == 0 {
        return Ok(false);
    }
    match (&sent.email, state) {
        // It is answered and kept like any other, and goes like one that nobody confirms.
        (Some(email), State::Unconfirmed) if !is_link_due(tx, form.id, email, now)? => {}
        (Some(email), State::Unconfirmed) => {
            let letter = Template::ConfirmLead { form: form.title.clone(), lead: id, until: expires_at };
            send(tx, id, email, &letter, &format!("lead-confirm/{id}"), now)?;
        }
        (email, _) => {
            tell(tx, form, id, &sent.answers, now)?;
            if let Some(email) = email
                && is_reply_due(tx, form.id, email, now)?
            {
                give(tx, form, id, email, now)?;
            }
        }
    }
    Ok(true)
}

fn is_link_due(conn: &Connection, form: FormId, email: &str, now: Time) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM lead JOIN lead_letter ON lead_id = lead.id
        WHERE email = ?1 AND form_id = ?2 AND state = 'unconfirmed' AND created_at > ?3";
    let links: u32 = conn.prepare_cached(sql)?.query_row(params![email, form, now.minus(DAY)], |row| row.get(0))?;
    Ok(links < LINKS_AT_ONCE)
}

/// Whoever types an address gets letters sent there.
fn is_reply_due(conn: &Connection, form: FormId, email: &str, now: Time) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM lead JOIN lead_letter ON lead_id = lead.id JOIN outbox ON outbox.id = outbox_id
        WHERE email = ?1 AND form_id = ?2 AND template = 'lead-reply' AND lead.created_at > ?3";
    let replies: u32 = conn.prepare_cached(sql)?.query_row(params![email, form, now.minus(DAY)], |row| row.get(0))?;
    Ok(replies < REPLIES_A_DAY)
}

/// The answers as a letter holds them: where they are too long together each is cut. The admin area shows them whole.
fn for_letter(mut answers: Vec<Answered>) -> Result<Vec<Answered>, Error> {
    let mut most = EXCERPT;
    while most > 0 && serde_json::to_string(&answers).map_err(|source| Error::Json { source })?.chars().count() > LETTER_MAX {
        for answer in &mut answers {
            if let Some((end, _)) = answer.value.char_indices().nth(most) {
                answer.value.truncate(end);
                answer.value.push('…');
            }
        }
        most /= 2;
    }
    Ok(answers)
}

/// Tells the team.
fn tell(tx: &Tx, form: &Form, id: LeadId, answers: &[Answered], now: Time) -> Result<(), Error> {
    let letter = Template::Lead { form: form.title.clone(), answers: for_letter(answers.to_vec())? };
    form.notify.iter().enumerate().try_for_each(|(index, to)| send(tx, id, to, &letter, &format!("lead/{id}/{index}"), now))
}

/// Sends who sent it what the form gives, if it gives something.
fn give(tx: &Tx, form: &Form, id: LeadId, email: &str, now: Time) -> Result<(), Error> {
    if form.link.is_none() && form.starts_at.is_none() {
        return Ok(());
    }
    let letter = Template::LeadReply { form: form.title.clone(), link: form.link.clone(), starts_at: form.starts_at };
    send(tx, id, email, &letter, &format!("lead-reply/{id}"), now)
}

/// Queues a letter that goes when the lead goes.
fn send(tx: &Tx, id: LeadId, to: &str, letter: &Template, key: &str, now: Time) -> Result<(), Error> {
    outbox::rows::enqueue(tx, to, letter, key, now)?;
    let sql = "INSERT INTO lead_letter (lead_id, outbox_id) SELECT ?1, id FROM outbox WHERE idempotency_key = ?2";
    tx.prepare_cached(sql)?.execute(params![id, key])?;
    Ok(())
}

/// The address was confirmed: the lead is a lead now, kept from now on as long as its form says, the team is told, and who sent it gets what the
/// form gives. Once more is no change. Gives the form.
pub(super) fn confirm(tx: &Tx, id: LeadId, now: Time) -> Result<Form, Error> {
    let lead = get(tx, id).map_err(|error| match error {
        Error::NotFound { .. } => Error::LinkGone,
        failed => failed,
    })?;
    let form = super::form_rows::get(tx, lead.form_id)?;
    if lead.state != State::Unconfirmed {
        return Ok(form);
    }
    let sql = "UPDATE lead SET state = 'new', expires_at = ?2, revision = revision + 1 WHERE id = ?1";
    tx.execute(sql, params![id, now.plus(DAY * form.kept_days)])?;
    tell(tx, &form, id, &lead.answers, now)?;
    if let Some(email) = &lead.email {
        give(tx, &form, id, email, now)?;
    }
    Ok(form)
}

pub(super) fn get(conn: &Connection, id: LeadId) -> Result<Lead, Error> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE lead.id = ?"))?;
    statement.query_row([id], from_row).optional()?.ok_or(Error::NotFound { what: "lead" })
}

/// Those that fit the filter, the newest first.
pub(super) fn before(conn: &Connection, filter: &Filter, (time, id): &(Time, String), limit: u32) -> Result<Vec<Lead>, Error> {
    let sql = format!(
        "{SELECT} WHERE (lead.created_at, lead.id) < (:time, :id)
           AND (:form IS NULL OR lead.form_id = :form) AND (:state IS NULL OR lead.state = :state)
           AND (:since IS NULL OR lead.created_at >= :since) AND (:until IS NULL OR lead.created_at < :until)
           AND (:q IS NULL OR instr(lower(lead.note), :q)
             OR EXISTS (SELECT 1 FROM json_each(lead.answers) WHERE instr(lower(value ->> 'value'), :q)))
         ORDER BY lead.created_at DESC, lead.id DESC LIMIT :limit"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(
        named_params! {
            ":time": time, ":id": id, ":form": filter.form, ":state": filter.state, ":since": filter.since, ":until": filter.until,
            ":q": filter.words(), ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The names of all that was answered in a form, also of fields that it has no more.
pub(super) fn answered_names(conn: &Connection, form: FormId) -> Result<Vec<String>, Error> {
    let sql = "SELECT DISTINCT value ->> 'name' AS name FROM lead, json_each(lead.answers) WHERE form_id = ? ORDER BY name";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([form], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn list(conn: &Connection, filter: &Filter, query: &ListQuery) -> Result<List<Lead>, Error> {
    let limit = query.limit()?;
    let leads = before(conn, filter, &query.after()?, limit + 1)?;
    Ok(List::cut(leads, limit, |lead| Cursor::After(lead.created_at, lead.id.to_string())))
}

pub(super) fn update(tx: &Tx, id: LeadId, seen: Option<i64>, state: State, note: &str) -> Result<(Lead, Lead), Error> {
    let before = get(tx, id)?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::PreconditionFailed { current: before.revision });
    }
    if (before.state == State::Unconfirmed) != (state == State::Unconfirmed) {
        return Err(Error::invalid("/state", "Only who sent it can confirm the address."));
    }
    tx.execute("UPDATE lead SET state = ?2, note = ?3, revision = revision + 1 WHERE id = ?1", params![id, state, note])?;
    Ok((before, get(tx, id)?))
}

/// Deletes leads with the letters that quote them, and gives how many letters those were.
pub(super) fn erase(tx: &Tx, ids: &[LeadId]) -> Result<usize, Error> {
    let mut letters = 0;
    for id in ids {
        letters +=
            tx.prepare_cached("DELETE FROM outbox WHERE id IN (SELECT outbox_id FROM lead_letter WHERE lead_id = ?)")?.execute([id])?;
        tx.prepare_cached("DELETE FROM lead WHERE id = ?")?.execute([id])?;
    }
    Ok(letters)
}

/// Some of those whose time is over.
pub(super) fn expired(conn: &Connection, now: Time, limit: u32) -> Result<Vec<LeadId>, Error> {
    let mut statement = conn.prepare_cached("SELECT id FROM lead WHERE expires_at <= ? ORDER BY expires_at LIMIT ?")?;
    let rows = statement.query_map(params![now, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every lead that has a text anywhere in its answers, or in the note of the team; capitals of ASCII don't matter.
pub(super) fn with_text(conn: &Connection, text: &str) -> Result<Vec<Lead>, Error> {
    let sql = format!(
        "{SELECT} WHERE instr(lower(lead.note), lower(?1))
            OR EXISTS (SELECT 1 FROM json_each(lead.answers) WHERE instr(lower(value ->> 'value'), lower(?1)))
         ORDER BY lead.created_at, lead.id"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([text], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
