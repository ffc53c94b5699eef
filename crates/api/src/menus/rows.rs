//! Menus in the database.

use std::collections::HashMap;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, named_params, params, types::Type},
};

use super::{Menu, MenuItem, MenuPage, MenuRow, Written, pages_of, public::PublicItem};
use crate::{
    clock::Time,
    error::Error,
    http::problem::FieldProblem,
    id::{MenuId, PageId},
    pages::redirects,
};

type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

fn row(row: &Row<'_>) -> SqlResult<MenuRow> {
    Ok(MenuRow {
        id: row.get("id")?,
        name: row.get("name")?,
        language: Some(row.get::<_, String>("language")?).filter(|tag| !tag.is_empty()),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        revision: row.get("revision")?,
    })
}

fn items(row: &Row<'_>) -> SqlResult<Vec<MenuItem>> {
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    serde_json::from_str(&row.get::<_, String>("items")?).map_err(failed)
}

/// All menus, by name and language.
pub(crate) fn list(conn: &Connection) -> Result<Vec<MenuRow>, Error> {
    let mut statement =
        conn.prepare_cached("SELECT id, name, language, created_at, updated_at, revision FROM menu ORDER BY name, language")?;
    let rows = statement.query_map([], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The lines of each menu, as they are kept.
pub(crate) fn texts(conn: &Connection) -> Result<Vec<(MenuRow, String)>, Error> {
    let sql = "SELECT id, name, language, items, created_at, updated_at, revision FROM menu ORDER BY name, language";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |r| Ok((row(r)?, r.get("items")?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn get(conn: &Connection, id: MenuId) -> Result<Menu, Error> {
    let found = conn
        .prepare_cached("SELECT id, name, language, items, created_at, updated_at, revision FROM menu WHERE id = ?")?
        .query_row([id], |r| Ok((row(r)?, items(r)?)))
        .optional()?;
    let (row, items) = found.ok_or(Error::NotFound { what: "menu" })?;
    let mut statement = conn.prepare_cached(
        "SELECT page.id, coalesce(draft.title, page.title) AS title, coalesce(former_slug, draft.slug, page.slug) AS slug, page.status
         FROM page LEFT JOIN page_draft AS draft ON draft.page_number = page.number WHERE page.id = ?",
    )?;
    let mut pages: Vec<MenuPage> = Vec::new();
    for id in pages_of(&items) {
        let page = statement
            .query_row([id], |r| Ok(MenuPage { id: r.get("id")?, title: r.get("title")?, slug: r.get("slug")?, status: r.get("status")? }))
            .optional()?;
        pages.extend(page.filter(|_| pages.iter().all(|known| known.id != id)));
    }
    Ok(Menu { row, items, pages })
}

/// The menu of a name in this language, as it is kept.
pub(crate) fn find(conn: &Connection, name: &str, language: &str) -> Result<Option<Menu>, Error> {
    let sql = "SELECT id FROM menu WHERE name = ? AND language = ?";
    let id: Option<MenuId> = conn.prepare_cached(sql)?.query_row(params![name, language], |row| row.get(0)).optional()?;
    id.map(|id| get(conn, id)).transpose()
}

/// What a visitor reads of a menu: in `language`, or in the site's own where there is none in that one.
pub(crate) fn shown(conn: &Connection, name: &str, language: &str) -> Result<Option<(String, Vec<PublicItem>)>, Error> {
    let sql = "SELECT language, items FROM menu WHERE name = ? AND language IN (?, '') ORDER BY language DESC LIMIT 1";
    let found = conn.prepare_cached(sql)?.query_row(params![name, language], |r| Ok((r.get("language")?, items(r)?))).optional()?;
    let Some((language, items)) = found else { return Ok(None) };
    let mut statement = conn.prepare_cached("SELECT slug, title FROM page WHERE id = ? AND status = 'published'")?;
    let mut pages: HashMap<PageId, (String, String)> = HashMap::new();
    for id in pages_of(&items) {
        let page = statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        pages.extend(page.map(|page| (id, page)));
    }
    Ok(Some((language, resolve(&items, &pages))))
}

/// Without the lines whose page is not published, and those below them.
fn resolve(items: &[MenuItem], pages: &HashMap<PageId, (String, String)>) -> Vec<PublicItem> {
    items
        .iter()
        .filter_map(|item| {
            let (url, title) = match item.page {
                Some(id) => pages.get(&id).map(|(slug, title)| (Some(redirects::path(slug)), title.as_str()))?,
                None => (item.url.clone(), ""),
            };
            let label = if item.label.is_empty() { title } else { &item.label };
            let below = resolve(&item.items, pages);
            // A heading over nothing says nothing.
            (url.is_some() || !below.is_empty()).then(|| PublicItem { label: label.to_owned(), url, items: below })
        })
        .collect()
}

/// Refuses lines to pages that there are not, and a name that another menu has.
fn refuse(conn: &Connection, id: Option<MenuId>, menu: &Written) -> Result<(), Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM menu WHERE name = ? AND language = ? AND id IS NOT ?)";
    if conn.prepare_cached(sql)?.query_row(params![menu.name, menu.language, id], |row| row.get(0))? {
        return Err(Error::invalid("/name", "There is a menu of this name in this language already."));
    }
    let mut problems = Vec::new();
    missing(conn, &menu.items, "/items", &mut problems)?;
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

fn missing(conn: &Connection, items: &[MenuItem], place: &str, problems: &mut Vec<FieldProblem>) -> Result<(), Error> {
    for (index, item) in items.iter().enumerate() {
        if let Some(page) = item.page
            && !conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM page WHERE id = ?)")?.query_row([page], |row| row.get(0))?
        {
            problems.push(FieldProblem { pointer: format!("{place}/{index}/page"), detail: "There is no such page any more.".into() });
        }
        missing(conn, &item.items, &format!("{place}/{index}/items"), problems)?;
    }
    Ok(())
}

pub(crate) fn insert(tx: &Tx, menu: &Written, now: Time) -> Result<Menu, Error> {
    refuse(tx, None, menu)?;
    let id = MenuId::new(now);
    let sql = "INSERT INTO menu (id, name, language, items, revision, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)";
    tx.prepare_cached(sql)?.execute(params![id, menu.name, menu.language, json(&menu.items)?, now])?;
    get(tx, id)
}

/// Changes a menu. A change of nothing is none.
pub(crate) fn update(tx: &Tx, id: MenuId, seen: Option<i64>, menu: &Written, now: Time) -> Result<Menu, Error> {
    let before = required(tx, id, seen)?;
    refuse(tx, Some(id), menu)?;
    let is =
        Written { name: before.row.name.clone(), language: before.row.language.clone().unwrap_or_default(), items: before.items.clone() };
    if is == *menu {
        return Ok(before);
    }
    let sql =
        "UPDATE menu SET name = :name, language = :language, items = :items, revision = revision + 1, updated_at = :now WHERE id = :id";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": id, ":name": menu.name, ":language": menu.language, ":items": json(&menu.items)?, ":now": now,
    })?;
    get(tx, id)
}

/// Deletes a menu; gives what it was.
pub(crate) fn delete(tx: &Tx, id: MenuId, seen: Option<i64>) -> Result<Menu, Error> {
    let before = required(tx, id, seen)?;
    tx.prepare_cached("DELETE FROM menu WHERE id = ?")?.execute([id])?;
    Ok(before)
}

fn required(conn: &Connection, id: MenuId, seen: Option<i64>) -> Result<Menu, Error> {
    let menu = get(conn, id)?;
    match seen {
        Some(seen) if seen != menu.row.revision => Err(Error::PreconditionFailed { current: menu.row.revision }),
        _ => Ok(menu),
    }
}

fn json(items: &[MenuItem]) -> Result<String, Error> {
    serde_json::to_string(items).map_err(|source| Error::Json { source })
}
