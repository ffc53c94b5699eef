//! What a page has besides its text: tags, and what search engines are told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::http::problem::FieldProblem;

pub(crate) const TAGS_MAX: usize = 20;
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
    /// With tags in their normal form: lower case, each once, in order.
    ///
    /// # Errors
    ///
    /// Every field that is not as it must be.
    pub(crate) fn checked(mut self) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let tags = self.tags.map(|tags| normal_tags(&tags, &mut problems));
        if let Some(seo) = &mut self.seo {
            (seo.title, seo.description) = (seo.title.trim().into(), seo.description.trim().into());
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
        if problems.is_empty() { Ok(Self { tags, seo: self.seo }) } else { Err(problems) }
    }
}

pub(crate) fn normal_tags(tags: &[String], problems: &mut Vec<FieldProblem>) -> Vec<String> {
    if tags.len() > TAGS_MAX {
        problems.push(FieldProblem { pointer: "/tags".into(), detail: format!("At most {TAGS_MAX} tags.") });
        return Vec::new();
    }
    let mut normal = BTreeSet::new();
    for (index, tag) in tags.iter().enumerate() {
        match normal_tag(tag) {
            Some(tag) => drop(normal.insert(tag)),
            None => problems.push(FieldProblem {
                pointer: format!("/tags/{index}"),
                detail: format!("A tag has 1 to {TAG_MAX} characters, on one line and without a comma, and is not a dot or two."),
            }),
        }
    }
    normal.into_iter().collect()
}

/// A tag as it is kept; none where it can't be one.
pub(crate) fn normal_tag(tag: &str) -> Option<String> {
    let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // Its address would lead to another place.
    let is_a_way = matches!(tag.as_str(), "." | "..");
    let fits = (1..=TAG_MAX).contains(&tag.chars().count()) && !tag.contains(|c: char| c.is_control() || c == ',') && !is_a_way;
    fits.then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_a_normal_form() {
        assert_eq!(normal_tag("  Über   Uns ").as_deref(), Some("über uns"));
        for wrong in ["", "  ", ".", "..", "a,b", "a\u{7}b", &"x".repeat(51)] {
            assert_eq!(normal_tag(wrong), None, "{wrong}");
        }
    }
}
