//! Tags: counted, renamed, merged and taken away. They are what pages say that they have; a tag that no page has is none.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, named_params, params},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::drafts;
use crate::{clock::Time, error::Error, id::PageId};

/// A tag, and how many published pages have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TagCount {
    #[schema(examples("guides"))]
    pub(crate) tag: String,
    pub(crate) pages: u64,
}

/// A tag, and how many pages have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Tag {
    #[schema(examples("guides"))]
    pub(crate) tag: String,
    /// Pages and drafts that have it, but for those in the trash; also its ETag.
    pub(crate) pages: i64,
    /// Published pages that show it.
    pub(crate) published: i64,
}

/// The tags of published pages in a language, or in all of them, by name.
pub(crate) fn public_tags(conn: &Connection, language: Option<&str>) -> Result<Vec<TagCount>, Error> {
    // Pages first, which is in an index: what says whether one is published is behind all of its text.
    let sql = "SELECT tag, count(*) AS pages FROM page CROSS JOIN page_tag ON page_tag.page_number = page.number
        WHERE page.status = 'published' AND (:language IS NULL OR page.language = :language) GROUP BY tag ORDER BY tag LIMIT 1000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement
        .query_map(named_params! { ":language": language }, |row| Ok(TagCount { tag: row.get("tag")?, pages: row.get("pages")? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Each page with each tag that it or its draft has.
const TAGGED: &str = "(SELECT page_number, tag, 1 AS shown FROM page_tag
     UNION ALL SELECT page_number, value, 0 FROM page_draft, json_each(page_draft.tags)) AS tagged
     JOIN page ON page.number = tagged.page_number AND page.deleted_at IS NULL";

/// All tags, by name.
pub(crate) fn list(conn: &Connection) -> Result<Vec<Tag>, Error> {
    let sql = format!(
        "SELECT tag, count(DISTINCT page_number) AS pages, count(DISTINCT page_number) FILTER (WHERE shown AND page.status = 'published') AS published
         FROM {TAGGED} GROUP BY tag ORDER BY tag LIMIT 5000"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows =
        statement.query_map([], |row| Ok(Tag { tag: row.get("tag")?, pages: row.get("pages")?, published: row.get("published")? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The pages that have a tag, or whose drafts have it.
pub(crate) fn pages(conn: &Connection, tag: &str) -> Result<Vec<PageId>, Error> {
    let sql = format!("SELECT DISTINCT page.id FROM {TAGGED} WHERE tag = ? ORDER BY page.id");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([tag], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives every page of a tag another one in its place, or none; tells how many. `seen`: how many the client saw.
///
/// # Errors
///
/// [`Error::NotFound`] when no page has the tag, [`Error::PreconditionFailed`] when others have it than the client saw, [`Error::Invalid`]
/// when `into` is a tag already and `merge` does not say that this is meant.
pub(crate) fn replace(tx: &Tx, tag: &str, seen: Option<i64>, into: Option<&str>, merge: bool, now: Time) -> Result<usize, Error> {
    let ids = pages(tx, tag)?;
    let current = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if ids.is_empty() {
        return Err(Error::NotFound { what: "tag" });
    }
    if seen.is_some_and(|seen| seen != current) {
        return Err(Error::PreconditionFailed { current });
    }
    if let Some(into) = into
        && into != tag
        && !merge
        && !pages(tx, into)?.is_empty()
    {
        return Err(Error::invalid("/tag", "There is such a tag already: send \"merge\": true to make one of both."));
    }
    for id in &ids {
        drafts::retag(tx, *id, now, |tags| {
            if let Some(place) = tags.iter_mut().find(|other| *other == tag) {
                match into {
                    Some(into) => into.clone_into(place),
                    None => tags.retain(|other| other != tag),
                }
            }
        })?;
    }
    // Those in the trash come back with it.
    let sql = "UPDATE OR REPLACE page_tag SET tag = ?2 WHERE tag = ?1";
    match into {
        Some(into) => tx.prepare_cached(sql)?.execute(params![tag, into])?,
        None => tx.prepare_cached("DELETE FROM page_tag WHERE tag = ?")?.execute([tag])?,
    };
    Ok(ids.len())
}
