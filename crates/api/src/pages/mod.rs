//! Pages: Markdown under a slug, hidden or published, and changes of published ones that wait until somebody publishes them.
//!
//! `page` has what visitors read; [`drafts`] has what waits. The admin area sees the page as it will be.

pub(crate) mod admin;
pub(crate) mod autosave;
pub(crate) mod bulk;
pub(crate) mod details;
pub(crate) mod drafts;
mod html;
pub(crate) mod languages;
pub(crate) mod links;
pub(crate) mod lists;
pub(crate) mod markdown;
pub(crate) mod preview_link;
pub(crate) mod public;
pub(crate) mod publishing;
pub(crate) mod redirects;
pub(crate) mod revisions;
pub(crate) mod rows;
pub(crate) mod schedule;
pub(crate) mod search;
pub(crate) mod search_index;
pub(crate) mod slug;
pub(crate) mod tag_routes;
pub(crate) mod tags;
pub(crate) mod translations;
pub(crate) mod trash;
pub(crate) mod trash_routes;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use details::Details;
pub use details::Seo;
use markdown::Rendered;
use translations::{PublicTranslation, Translation};

use crate::{clock::Time, http::problem::FieldProblem, id::PageId};

const TITLE_MAX: usize = 200;
const SUMMARY_MAX: usize = 500;

/// Whether visitors see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Only signed-in people see it.
    Draft,
    /// Everybody sees it.
    Published,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Published => "published",
        }
    }
}

/// A page in a list of the admin area.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageRow {
    /// Id of the page.
    pub id: PageId,
    /// Its address: `/{slug}`.
    #[schema(examples("guides/backup"))]
    pub slug: String,
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// Heading and name.
    pub title: String,
    /// One or two sentences for lists.
    pub summary: String,
    /// Whether visitors see it.
    pub status: Status,
    /// Whether it is published and has changes that visitors don't see yet. What is said here is with these changes.
    pub has_draft: bool,
    /// The address at which visitors read it now; null while it is hidden.
    pub live_slug: Option<String>,
    /// The revision that visitors read; null while it is hidden.
    pub live_revision: Option<i64>,
    /// Name of who wrote it first; null for imported pages.
    pub author: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// When it was first published; null if it never was.
    pub published_at: Option<Time>,
    /// When it, or its draft, is published by itself.
    pub publish_at: Option<Time>,
    /// When it is hidden by itself.
    pub unpublish_at: Option<Time>,
    /// In order, in lower case.
    pub tags: Vec<String>,
    /// Counts its changes; also its ETag.
    pub revision: i64,
}

/// A page with its text, for the editor.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page {
    /// Everything but the text.
    #[serde(flatten)]
    pub row: PageRow,
    /// The text in Markdown, as written.
    pub body: String,
    /// The text as visitors get it.
    pub html: String,
    /// What search engines are told.
    pub seo: Seo,
    /// The pages that say the same in other languages.
    pub translations: Vec<Translation>,
}

impl Page {
    /// A page as [`rows::insert`] makes it, without what [`rows::complete`] adds.
    pub(crate) fn new(id: PageId, edit: &Edit, language: &str, author: &str, now: Time) -> Self {
        let Edit { written, rendered, details } = edit;
        let row = PageRow {
            id,
            slug: written.slug.clone(),
            language: Some(language.to_owned()).filter(|tag| !tag.is_empty()),
            title: written.title.clone(),
            summary: written.summary.clone(),
            status: Status::Draft,
            has_draft: false,
            live_slug: None,
            live_revision: None,
            author: Some(author.to_owned()),
            created_at: now,
            updated_at: now,
            published_at: None,
            publish_at: None,
            unpublish_at: None,
            tags: details.tags.clone().unwrap_or_default(),
            revision: 1,
        };
        let (body, html) = (written.body.clone(), rendered.html.clone());
        Self { row, body, html, seo: details.seo.clone().unwrap_or_default(), translations: Vec::new() }
    }
}

/// A published page in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageCard {
    /// Its address: `/{slug}`.
    pub slug: String,
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// Heading and name.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Name of who wrote it; null for imported pages.
    pub author: Option<String>,
    /// When it was first published.
    pub published_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// In order, in lower case.
    pub tags: Vec<String>,
    /// In searches: the place that was found, as HTML with `<mark>` around the words.
    pub excerpt: Option<String>,
}

/// A published page as visitors read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicPage {
    /// Its address: `/{slug}`.
    pub slug: String,
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// All published pages that say the same, this one among them, by language; empty where there is no other.
    pub translations: Vec<PublicTranslation>,
    /// Heading and name.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Name of who wrote it; null for imported pages.
    pub author: Option<String>,
    /// The text as sanitised HTML.
    pub html: String,
    /// In order, in lower case.
    pub tags: Vec<String>,
    /// What search engines are told.
    pub seo: Seo,
    /// When it was first published.
    pub published_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Another one for another page of the same address, and for what another renderer made.
    #[serde(skip)]
    pub(crate) etag: String,
}

/// What is written of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) body: String,
}

/// A change of a page, its text already rendered: that takes time which the writer's thread should not lose.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) written: Written,
    pub(crate) rendered: Rendered,
    pub(crate) details: Details,
}

impl Written {
    /// Without the spaces around title and summary.
    ///
    /// # Errors
    ///
    /// Every field that is not as it must be.
    pub(crate) fn checked(self) -> Result<Self, Vec<FieldProblem>> {
        let written = Self { title: self.title.trim().into(), summary: self.summary.trim().into(), ..self };
        let problems = written.problems();
        if problems.is_empty() { Ok(written) } else { Err(problems) }
    }

    fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut problem = |pointer: &str, detail: String| problems.push(FieldProblem { pointer: pointer.into(), detail });
        let one_line = |text: &str| !text.chars().any(char::is_control);
        if !one_line(&self.title) {
            problem("/title", "A title is one line of text.".into());
        }
        if !one_line(&self.summary) {
            problem("/summary", "A summary is one line of text.".into());
        }
        match self.title.chars().count() {
            0 => problem("/title", "A page needs a title.".into()),
            1..=TITLE_MAX => {}
            n => problem("/title", format!("A title has at most {TITLE_MAX} characters; this one has {n}.")),
        }
        if let Some(detail) = slug::problem(&self.slug) {
            problem("/slug", detail);
        }
        let n = self.summary.chars().count();
        if n > SUMMARY_MAX {
            problem("/summary", format!("A summary has at most {SUMMARY_MAX} characters; this one has {n}."));
        }
        problems
    }
}
