//! What a page has besides its text: tags, and what search engines are told.

use std::collections::BTreeSet;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, named_params, params},
};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::{clock::Time, error::Error, http::problem::FieldProblem, id::PageId};

const TAGS_MAX: usize = 20;
const TAG_MAX: usize = 50;
const TITLE_MAX: usize = 200;
const DESCRIPTION_MAX: usize = 500;
const CANONICAL_MAX: usize = 2_000;

/// What search engines and previews of links are told; empty where it is what visitors read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seo {
    /// In the place of the title.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: String,
    /// In the place of the summary.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub description: String,
    /// The address of the original, where this is a copy: with http or https.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub canonical: String,
    /// Whether search engines are asked to leave it out; it is then not in the sitemap and the feed either.
    #[serde(default)]
    pub noindex: bool,
}

/// What is to be changed of it; what is not given stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) seo: Option<Seo>,
}

impl Details {
    /// Whether they are what a page has of which nobody gave any.
    pub(crate) fn are_default(&self) -> bool {
        self.tags.as_ref().is_none_or(Vec::is_empty) && self.seo.as_ref().is_none_or(|seo| *seo == Seo::default())
    }

    /// With tags in their normal form: lower case, each once, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with every field that is not as it must be.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let tags = self.tags.map(|tags| normal_tags(&tags, &mut problems));
        if let Some(seo) = &self.seo {
            let is_line = |text: &str, max: usize| text.chars().count() <= max && !text.contains(char::is_control);
            let mut problem = |pointer: &str, detail: String| problems.push(FieldProblem { pointer: pointer.into(), detail });
            if !is_line(&seo.title, TITLE_MAX) {
                problem("/seo/title", format!("At most {TITLE_MAX} characters, on one line."));
            }
            if !is_line(&seo.description, DESCRIPTION_MAX) {
                problem("/seo/description", format!("At most {DESCRIPTION_MAX} characters, on one line."));
            }
            let is_address = Url::parse(&seo.canonical).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !seo.canonical.is_empty() && (!is_address || seo.canonical.len() > CANONICAL_MAX) {
                problem("/seo/canonical", "A whole address, as in https://example.com/original.".into());
            }
        }
        if problems.is_empty() { Ok(Self { tags, seo: self.seo }) } else { Err(Error::Invalid(problems)) }
    }
}

fn normal_tags(tags: &[String], problems: &mut Vec<FieldProblem>) -> Vec<String> {
    if tags.len() > TAGS_MAX {
        problems.push(FieldProblem { pointer: "/tags".into(), detail: format!("A page has at most {TAGS_MAX} tags.") });
        return Vec::new();
    }
    let mut normal = BTreeSet::new();
    for (index, tag) in tags.iter().enumerate() {
        match normal_tag(tag) {
            Some(tag) => drop(normal.insert(tag)),
            None => problems.push(FieldProblem {
                pointer: format!("/tags/{index}"),
                detail: format!("A tag has 1 to {TAG_MAX} characters, on one line and without a comma."),
            }),
        }
    }
    normal.into_iter().collect()
}

/// A tag as it is kept; none where it can't be one.
pub(crate) fn normal_tag(tag: &str) -> Option<String> {
    let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let fits = (1..=TAG_MAX).contains(&tag.chars().count()) && !tag.contains(|c: char| c.is_control() || c == ',');
    fits.then_some(tag)
}

/// Sets them. The page's revision rises when something differs, unless `counted`: the same change has raised it already.
pub(crate) fn set(tx: &Tx, id: PageId, details: &Details, counted: bool, now: Time) -> Result<(), Error> {
    let before = super::rows::get(tx, id)?;
    let tags = details.tags.as_ref().filter(|tags| **tags != before.row.tags);
    let seo = details.seo.as_ref().filter(|seo| **seo != before.seo);
    if let Some(tags) = tags {
        tx.execute("DELETE FROM page_tag WHERE page_number = (SELECT number FROM page WHERE id = ?)", [id])?;
        let mut insert = tx.prepare_cached("INSERT INTO page_tag (page_number, tag) SELECT number, ?2 FROM page WHERE id = ?1")?;
        tags.iter().try_for_each(|tag| insert.execute(params![id, tag]).map(drop))?;
    }
    if let Some(seo) = seo {
        let sql =
            "UPDATE page SET seo_title = :title, seo_description = :description, canonical = :canonical, noindex = :noindex WHERE id = :id";
        tx.prepare_cached(sql)?.execute(named_params! {
            ":id": id, ":title": seo.title.trim(), ":description": seo.description.trim(), ":canonical": seo.canonical, ":noindex": seo.noindex,
        })?;
    }
    if (tags.is_some() || seo.is_some()) && !counted {
        tx.execute("UPDATE page SET revision = revision + 1, updated_at = ?2 WHERE id = ?1", params![id, now])?;
    }
    Ok(())
}

/// A tag, and how many published pages have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TagCount {
    #[schema(examples("guides"))]
    tag: String,
    pages: u64,
}

/// The tags of published pages, by name.
pub(crate) fn public_tags(conn: &Connection) -> Result<Vec<TagCount>, Error> {
    let sql = "SELECT tag, count(*) AS pages FROM page_tag JOIN page ON page.number = page_tag.page_number
        WHERE page.status = 'published' GROUP BY tag ORDER BY tag LIMIT 1000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok(TagCount { tag: row.get("tag")?, pages: row.get("pages")? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_a_normal_form() {
        assert_eq!(normal_tag("  Über   Uns ").as_deref(), Some("über uns"));
        for wrong in ["", "  ", "a,b", "a\u{7}b", &"x".repeat(51)] {
            assert_eq!(normal_tag(wrong), None, "{wrong}");
        }
    }
}
