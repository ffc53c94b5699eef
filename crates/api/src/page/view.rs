//! What stands at an address of the site.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::address::Asked;
use crate::{
    http::cursor::List,
    leads::public::PublicForm,
    menus::public::PublicItem,
    pages::{PageCard, PublicPage, tags::TagCount},
    site::Site,
};

/// What stands at an address of the site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct View {
    /// The HTTP status that the address has.
    pub(crate) status: u16,
    /// Its name, without the name of the site.
    pub(crate) title: String,
    /// A sentence for search engines; may be empty.
    pub(crate) description: String,
    /// The language, as BCP 47 writes it.
    #[schema(examples("en"))]
    pub(crate) language: String,
    /// The whole address that search engines are to keep; may be empty.
    pub(crate) canonical: String,
    /// Whether search engines are asked to leave it out.
    pub(crate) noindex: bool,
    /// Whose site it is.
    pub(crate) site: Site,
    /// What stands before `/feed.xml` and `/atom.xml` of this language: nothing for the site's own.
    #[schema(examples("/de"))]
    pub(crate) feeds: String,
    /// The lines of the menu called `main`, in this language or else in the site's own.
    pub(crate) menu: Vec<PublicItem>,
    /// What is shown.
    pub(crate) content: Content,
}

/// What is shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = ViewContent)]
pub(crate) enum Content {
    /// The start: the page called `home` where there is one, and the newest pages.
    Home {
        /// The page called `home`.
        page: Option<PublicPage>,
        /// The others, the newest first.
        list: List<PageCard>,
    },
    /// A published page.
    Page {
        /// The page.
        page: PublicPage,
    },
    /// The pages with a tag, the newest first.
    Tag {
        /// The tag.
        tag: String,
        /// The pages.
        list: List<PageCard>,
    },
    /// All tags.
    Tags {
        /// By name.
        tags: Vec<TagCount>,
    },
    /// What a search found, the best first.
    Search {
        /// The words; nothing is found for none.
        q: String,
        /// The pages.
        list: List<PageCard>,
    },
    /// All pages by name.
    SiteMap {
        /// The pages.
        pages: Vec<PageName>,
    },
    /// A form to fill in.
    Form {
        /// The form.
        form: PublicForm,
    },
    /// Where a link leads that confirms an address. What it confirms stands behind the `#`.
    Confirm,
    /// Where a link leads to a page that is not published. Which one stands behind the `#`.
    Preview,
    /// Nothing is there.
    NotFound,
    /// It has another address now.
    Moved {
        /// The path.
        to: String,
    },
}

/// A published page by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageName {
    /// Its path.
    pub(crate) path: String,
    /// Its name.
    pub(crate) title: String,
}

impl View {
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK)
    }

    /// Whether everybody gets the same one: a form has a token for each visitor.
    pub(crate) fn is_for_everybody(&self) -> bool {
        !matches!(self.content, Content::Form { .. })
    }
}

impl Content {
    /// Whether the page needs what only the browser knows before it can show something.
    pub(super) fn is_drawn_by_the_page(&self) -> bool {
        matches!(self, Content::Confirm | Content::Preview)
    }

    /// Whether it is a way to find pages, and nothing to be found itself.
    pub(super) fn is_unlisted(&self, asked: &Asked) -> bool {
        match self {
            Content::Search { .. } | Content::Confirm | Content::Preview | Content::NotFound | Content::Moved { .. } => true,
            Content::Home { page: Some(page), .. } | Content::Page { page } => page.seo.noindex || asked.cursor().is_some(),
            Content::Home { .. } | Content::Tag { .. } => asked.cursor().is_some(),
            Content::Tags { .. } | Content::SiteMap { .. } | Content::Form { .. } => false,
        }
    }
}
