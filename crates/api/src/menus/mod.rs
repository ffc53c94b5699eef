//! Menus: trees of links that editors make, by name and language.
//!
//! A link to a page is kept as the page's id, so that it survives a change of the address, and is not shown while the page is not published.

pub(crate) mod admin;
pub(crate) mod public;
pub(crate) mod rows;

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::{
    clock::Time,
    http::problem::FieldProblem,
    id::{MenuId, PageId},
    pages::Status,
};

const NAME_MAX: usize = 50;
const LABEL_MAX: usize = 100;
const URL_MAX: usize = 2_000;
const ITEMS_MAX: usize = 200;
const DEPTH_MAX: usize = 3;

/// A line of a menu: to a page, to an address, or only a heading over other lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuItem {
    /// What it says, at most 100 characters; the title of the page when it is empty.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub label: String,
    /// The page that it leads to.
    pub page: Option<PageId>,
    /// The address that it leads to: with http, https or mailto, or one of this site, as in `/search`.
    #[schema(max_length = 2000)]
    pub url: Option<String>,
    /// The lines below it: at most three levels in all.
    #[serde(default)]
    #[schema(no_recursion)]
    pub items: Vec<MenuItem>,
}

/// A menu in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MenuRow {
    /// Its id.
    pub id: MenuId,
    /// What the page asks for.
    #[schema(examples("main"))]
    pub name: String,
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts its changes; also its ETag.
    pub revision: i64,
}

/// A menu with its lines, for its editors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Menu {
    /// Everything but the lines.
    #[serde(flatten)]
    pub row: MenuRow,
    /// Its lines, in order.
    pub items: Vec<MenuItem>,
    /// The pages that its lines lead to. One that is not here was deleted for good.
    pub pages: Vec<MenuPage>,
}

/// A page that a menu leads to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MenuPage {
    /// Its id.
    pub id: PageId,
    /// Heading and name.
    pub title: String,
    /// Its address; one that is not published is not in the menu.
    pub slug: String,
    /// Whether visitors see it.
    pub status: Status,
}

/// What a menu is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    /// Empty for the site's own.
    pub(crate) language: String,
    pub(crate) items: Vec<MenuItem>,
}

impl Written {
    /// Without the spaces around labels and addresses.
    ///
    /// # Errors
    ///
    /// Every field that is not as it must be.
    pub(crate) fn checked(mut self) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=NAME_MAX).contains(&self.name.len()) || !self.name.bytes().all(is_name) {
            let detail = format!("A name has 1 to {NAME_MAX} of a-z, 0-9 and hyphens, as in main or footer-left.");
            problems.push(FieldProblem { pointer: "/name".into(), detail });
        }
        let mut count = 0;
        check(&mut self.items, "/items", 1, &mut count, &mut problems);
        if count > ITEMS_MAX {
            let detail = format!("A menu has at most {ITEMS_MAX} lines; this one has {count}.");
            problems.push(FieldProblem { pointer: "/items".into(), detail });
        }
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

fn check(items: &mut [MenuItem], place: &str, depth: usize, count: &mut usize, problems: &mut Vec<FieldProblem>) {
    *count += items.len();
    if depth > DEPTH_MAX && !items.is_empty() {
        problems.push(FieldProblem { pointer: place.into(), detail: format!("A menu has at most {DEPTH_MAX} levels.") });
        return;
    }
    for (index, item) in items.iter_mut().enumerate() {
        let place = format!("{place}/{index}");
        item.label = item.label.trim().to_owned();
        item.url = item.url.take().map(|url| url.trim().to_owned());
        let mut problem =
            |field: &str, detail: &str| problems.push(FieldProblem { pointer: format!("{place}{field}"), detail: detail.into() });
        if item.label.chars().count() > LABEL_MAX || item.label.contains(char::is_control) {
            problem("/label", &format!("At most {LABEL_MAX} characters, on one line."));
        } else if item.label.is_empty() && item.page.is_none() {
            problem("/label", "A line that leads to no page needs a text.");
        }
        match &item.url {
            Some(_) if item.page.is_some() => problem("/url", "To a page or to an address, not to both."),
            Some(url) if !is_address(url) => {
                problem("/url", "An address with http, https or mailto, or one of this site that begins with /, as in /search.");
            }
            None if item.page.is_none() && item.items.is_empty() => {
                problem("", "A line leads to a page, to an address, or has lines below it.");
            }
            _ => {}
        }
        check(&mut item.items, &format!("{place}/items"), depth + 1, count, problems);
    }
}

/// Whether a link may lead there: nothing that runs, and nothing that only looks like an address of this site.
pub(crate) fn is_address(url: &str) -> bool {
    if url.len() > URL_MAX || url.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return false;
    }
    if url.starts_with('/') {
        return !url.starts_with("//");
    }
    url.starts_with('#')
        || Url::parse(url).is_ok_and(|url| match url.scheme() {
            "http" | "https" => url.has_host(),
            "mailto" => url.path().contains('@'),
            _ => false,
        })
}

/// Every page that lines lead to.
pub(crate) fn pages_of(items: &[MenuItem]) -> Vec<PageId> {
    items.iter().flat_map(|item| item.page.into_iter().chain(pages_of(&item.items))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_addresses_only() {
        for url in ["https://example.com", "http://x/y?z#a", "mailto:a@example.com", "/", "/search?q=x", "#top"] {
            assert!(is_address(url), "{url}");
        }
        for url in [
            "",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "https://",
            "about",
            "java\nscript:x",
            "mailto:",
            "vbscript:x",
            "ftp://x",
            &format!("/{}", "x".repeat(2_000)),
        ] {
            assert!(!is_address(url), "{url}");
        }
    }
}
