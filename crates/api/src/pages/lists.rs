//! Lists of pages in the database: for the admin area, for visitors, and by words.

use magnetiq_storage::rusqlite::{Connection, Row, named_params};

use super::{
    PageCard, PageRow, Status,
    rows::{FROM, ROW, SqlResult, row, tags},
    search, translations,
};
use crate::{
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::PageId,
};

/// Which pages of the admin area.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) status: Option<Status>,
    pub(crate) has_draft: Option<bool>,
    pub(crate) tag: Option<String>,
    /// As it is kept.
    pub(crate) language: Option<String>,
    /// Those that have no translation into this language, as it is kept.
    pub(crate) missing: Option<String>,
}

const FILTER: &str = "page.deleted_at IS NULL AND (:status IS NULL OR page.status = :status)
     AND (:has_draft IS NULL OR (draft.page_number IS NOT NULL) = :has_draft)
     AND (:tag IS NULL OR iif(draft.page_number IS NULL,
         EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag),
         EXISTS (SELECT 1 FROM json_each(draft.tags) WHERE value = :tag)))
     AND (:language IS NULL OR page.language = :language)
     AND (:missing IS NULL OR (page.language <> :missing AND NOT EXISTS (SELECT 1 FROM page AS other
         WHERE other.translation_group = page.translation_group AND other.language = :missing AND other.deleted_at IS NULL)))";

/// Pages for the admin area: the last changed first, or the best found first. Drafts are searched with what visitors read.
pub(crate) fn list(conn: &Connection, query: &ListQuery, filter: &Filter) -> Result<List<PageRow>, Error> {
    let limit = query.limit()?;
    let Filter { status, has_draft, tag, language, missing } = filter;
    let status = status.map(Status::as_str);
    let Some(words) = query.words() else {
        let (time, id) = query.after()?;
        let sql = format!(
            "SELECT {ROW} FROM {FROM} WHERE (page.updated_at, page.id) < (:time, :id) AND {FILTER}
             ORDER BY page.updated_at DESC, page.id DESC LIMIT :limit"
        );
        let values = named_params! {
            ":time": time, ":id": id, ":status": status, ":has_draft": has_draft, ":tag": tag, ":language": language,
            ":missing": missing, ":limit": limit + 1
        };
        let rows = conn.prepare_cached(&sql)?.query_map(values, row)?.collect::<Result<Vec<_>, _>>()?;
        return Ok(List::cut(rows, limit, |last| Cursor::After(last.updated_at, last.id.to_string())));
    };
    let offset = query.offset()?;
    let Some(found) = search::query(words) else { return Ok(List { items: Vec::new(), next_cursor: None }) };
    let sql = format!(
        "SELECT {ROW} FROM (
             SELECT number, min(rank) AS rank FROM (
                 SELECT rowid AS number, bm25(page_search, 8, 4, 1) AS rank FROM page_search WHERE page_search MATCH :found
                 UNION ALL
                 SELECT rowid, bm25(page_draft_search, 8, 4, 1) FROM page_draft_search WHERE page_draft_search MATCH :found
             ) GROUP BY number
         ) AS found JOIN page ON page.number = found.number
         LEFT JOIN page_draft AS draft ON draft.page_number = page.number LEFT JOIN account ON account.id = page.author_id
         WHERE {FILTER} ORDER BY found.rank, page.number LIMIT :limit OFFSET :offset"
    );
    let values = named_params! {
        ":found": found, ":status": status, ":has_draft": has_draft, ":tag": tag, ":language": language,
            ":missing": missing, ":limit": limit + 1, ":offset": offset
    };
    let rows = conn.prepare_cached(&sql)?.query_map(values, row)?.collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |_| Cursor::Offset(offset + limit)))
}

/// What visitors read of a page in a list, for [`card`].
const CARD: &str = "page.id, page.slug, page.language, page.title, page.summary, account.name AS author, page.published_at, page.live_at,
     (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = page.number) AS tags";

fn card(row: &Row<'_>) -> SqlResult<PageCard> {
    Ok(PageCard {
        slug: row.get("slug")?,
        language: translations::language(row)?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        author: row.get("author")?,
        published_at: row.get("published_at")?,
        updated_at: row.get("live_at")?,
        tags: tags(row)?,
        excerpt: row.get::<_, Option<String>>("excerpt")?.map(|marked| search::excerpt_html(&marked)),
    })
}

/// Which pages visitors ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) tag: Option<String>,
    /// As it is kept.
    pub(crate) language: Option<String>,
}

impl Asked {
    /// The condition, written so that an index of languages serves where one is asked for.
    fn sql(&self) -> String {
        let language = if self.language.is_some() { "page.language = :language" } else { ":language IS NULL" };
        format!(
            "page.status = 'published' AND {language}
             AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))"
        )
    }
}

/// Published pages for visitors: the newest first, or the best found first with the place that was found.
pub(crate) fn list_published(conn: &Connection, query: &ListQuery, asked: &Asked) -> Result<List<PageCard>, Error> {
    let limit = query.limit()?;
    let (Asked { tag, language }, which) = (asked, asked.sql());
    let Some(words) = query.words() else {
        let (time, id) = query.after()?;
        let sql = format!(
            "SELECT {CARD}, NULL AS excerpt FROM page LEFT JOIN account ON account.id = page.author_id
             WHERE {which} AND (page.published_at, page.id) < (:time, :id) ORDER BY page.published_at DESC, page.id DESC LIMIT :limit"
        );
        let values = named_params! { ":time": time, ":id": id, ":tag": tag, ":language": language, ":limit": limit + 1 };
        let rows =
            conn.prepare_cached(&sql)?.query_map(values, |r| Ok((card(r)?, r.get::<_, PageId>("id")?)))?.collect::<Result<Vec<_>, _>>()?;
        let list = List::cut(rows, limit, |(card, id)| Cursor::After(card.published_at, id.to_string()));
        return Ok(List { items: list.items.into_iter().map(|(card, _)| card).collect(), next_cursor: list.next_cursor });
    };
    let offset = query.offset()?;
    let Some(found) = search::query(words) else { return Ok(List { items: Vec::new(), next_cursor: None }) };
    // First which of them, by the indexes alone; then what is shown of those few, for which their texts are read. Without the plus FTS5 would
    // look for each of them anew.
    let sql = format!(
        "WITH found AS MATERIALIZED (
             SELECT rowid AS number, bm25(page_search, 8, 4, 1) AS rank FROM page_search
             WHERE page_search MATCH :found AND +rowid IN (SELECT number FROM page WHERE {which})
             ORDER BY rank, rowid LIMIT :limit OFFSET :offset
         )
         SELECT {CARD}, snippet(page_search, -1, char(2), char(3), '…', 24) AS excerpt
         FROM page_search CROSS JOIN found ON found.number = +page_search.rowid CROSS JOIN page ON page.number = found.number
             LEFT JOIN account ON account.id = page.author_id
         WHERE page_search MATCH :found ORDER BY found.rank, found.number"
    );
    let values = named_params! { ":found": found, ":tag": tag, ":language": language, ":limit": limit + 1, ":offset": offset };
    let rows = conn.prepare_cached(&sql)?.query_map(values, card)?.collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |_| Cursor::Offset(offset + limit)))
}
