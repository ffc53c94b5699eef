//! Forms in the database.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, named_params, params, types::Type},
};
use serde::de::DeserializeOwned;

use super::{Form, forms::FormEdit};
use crate::{clock::Time, error::Error, id::FormId};

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

const COLUMNS: &str = "id, slug, title, kind, fields, notify, double_opt_in, thanks, link, starts_at, kept_days, open, revision,
    created_at, updated_at, (SELECT count(*) FROM lead WHERE form_id = form.id) AS leads";

pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> magnetiq_storage::rusqlite::Result<T> {
    let text: String = row.get(column)?;
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    serde_json::from_str(&text).map_err(failed)
}

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Form> {
    Ok(Form {
        id: row.get("id")?,
        slug: row.get("slug")?,
        title: row.get("title")?,
        kind: row.get("kind")?,
        fields: json(row, "fields")?,
        notify: json(row, "notify")?,
        double_opt_in: row.get("double_opt_in")?,
        thanks: row.get("thanks")?,
        link: row.get("link")?,
        starts_at: row.get("starts_at")?,
        kept_days: row.get("kept_days")?,
        open: row.get("open")?,
        leads: row.get("leads")?,
        revision: row.get("revision")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub(super) fn list(conn: &Connection) -> Result<Vec<Form>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM form ORDER BY title, id"))?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn get(conn: &Connection, id: FormId) -> Result<Form, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM form WHERE id = ?"))?;
    statement.query_row([id], from_row).optional()?.ok_or(Error::NotFound { what: "form" })
}

/// What forms give, with their headings.
pub(crate) fn links(conn: &Connection) -> Result<Vec<(String, String)>, Error> {
    let mut statement = conn.prepare_cached("SELECT title, link FROM form WHERE link IS NOT NULL ORDER BY title, id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn of_slug(conn: &Connection, slug: &str) -> Result<Form, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM form WHERE slug = ?"))?;
    statement.query_row([slug], from_row).optional()?.ok_or(Error::NotFound { what: "form" })
}

fn refuse_taken(conn: &Connection, slug: &str, own: Option<FormId>) -> Result<(), Error> {
    match of_slug(conn, slug) {
        Ok(other) if Some(other.id) != own => Err(Error::invalid("/slug", "Another form has this address.")),
        Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn text(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Json { source })
}

pub(super) fn insert(tx: &Tx, form: &FormEdit, now: Time) -> Result<Form, Error> {
    refuse_taken(tx, &form.slug, None)?;
    let id = FormId::new(now);
    let sql = "INSERT INTO form (id, slug, title, kind, fields, notify, double_opt_in, thanks, link, starts_at, kept_days, open, revision, created_at,
            updated_at)
        VALUES (:id, :slug, :title, :kind, :fields, :notify, :double_opt_in, :thanks, :link, :starts_at, :kept_days, :open, 1, :now, :now)";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": id, ":slug": form.slug, ":title": form.title.trim(), ":kind": form.kind, ":fields": text(&form.fields)?,
        ":notify": text(&form.notify)?, ":double_opt_in": form.double_opt_in, ":thanks": form.thanks.trim(), ":link": form.link,
        ":starts_at": form.starts_at, ":kept_days": form.kept_days, ":open": form.open, ":now": now,
    })?;
    get(tx, id)
}

/// Changes a form; its leads are kept as long as it says now, from where their time began.
pub(super) fn update(tx: &Tx, id: FormId, seen: Option<i64>, form: &FormEdit, now: Time) -> Result<(Form, Form), Error> {
    let before = get(tx, id)?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::PreconditionFailed { current: before.revision });
    }
    refuse_taken(tx, &form.slug, Some(id))?;
    let sql =
        "UPDATE form SET slug = :slug, title = :title, kind = :kind, fields = :fields, notify = :notify, double_opt_in = :double_opt_in,
        thanks = :thanks, link = :link, starts_at = :starts_at, kept_days = :kept_days, open = :open, revision = revision + 1, updated_at = :now WHERE id = :id";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": id, ":slug": form.slug, ":title": form.title.trim(), ":kind": form.kind, ":fields": text(&form.fields)?,
        ":notify": text(&form.notify)?, ":double_opt_in": form.double_opt_in, ":thanks": form.thanks.trim(), ":link": form.link,
        ":starts_at": form.starts_at, ":kept_days": form.kept_days, ":open": form.open, ":now": now,
    })?;
    if before.kept_days != form.kept_days {
        // It began when they were sent, or confirmed: by the difference it need not be known.
        let sql = "UPDATE lead SET expires_at = max(expires_at + ?2, created_at) WHERE form_id = ?1 AND state <> 'unconfirmed'";
        tx.execute(sql, params![id, (i64::from(form.kept_days) - i64::from(before.kept_days)) * DAY])?;
    }
    Ok((before, get(tx, id)?))
}

/// # Errors
///
/// [`Error::FormHasLeads`]: what people sent does not go by the way.
pub(super) fn delete(tx: &Tx, id: FormId) -> Result<Form, Error> {
    let form = get(tx, id)?;
    if form.leads > 0 {
        return Err(Error::FormHasLeads { count: form.leads });
    }
    tx.execute("DELETE FROM form WHERE id = ?", [id])?;
    Ok(form)
}
