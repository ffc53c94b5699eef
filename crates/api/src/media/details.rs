//! What people say of a file: its name, its words, its tags, its focal point.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FocalPoint, Media, names};
use crate::{error::Error, http::problem::FieldProblem, pages::details};

const NAME_MAX: usize = 255;
pub(super) const ALT_MAX: usize = 1_000;

/// Everything of a file that people change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediaChange {
    /// Its name; what addresses can't have becomes a hyphen.
    #[schema(min_length = 1, max_length = 255)]
    pub(crate) name: String,
    /// What it shows, in words.
    #[schema(max_length = 1000)]
    pub(crate) alt: String,
    /// At most 20.
    #[schema(max_items = 20)]
    pub(crate) tags: Vec<String>,
    /// What stays in view where it is cropped.
    pub(crate) focal_point: FocalPoint,
}

impl MediaChange {
    /// What is said of a file before somebody says more.
    pub(crate) fn of_a_new_file(name: &str) -> Self {
        Self { name: name.to_owned(), alt: String::new(), tags: Vec::new(), focal_point: FocalPoint { x: 0.5, y: 0.5 } }
    }

    /// What people say of a file now.
    pub(crate) fn of(media: &Media) -> Self {
        Self { name: media.name.clone(), alt: media.alt.clone(), tags: media.tags.clone(), focal_point: media.focal_point }
    }

    /// In its normal form.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with every field that is not as it must be.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let tags = details::normal_tags(&self.tags, &mut problems);
        let mut problem = |pointer: &str, detail: String| problems.push(FieldProblem { pointer: pointer.into(), detail });
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_MAX || self.name.contains(char::is_control) {
            problem("/name", format!("A name has 1 to {NAME_MAX} characters, on one line."));
        }
        if self.alt.chars().count() > ALT_MAX || self.alt.contains(char::is_control) {
            problem("/alt", format!("At most {ALT_MAX} characters, on one line."));
        }
        for (pointer, value) in [("/focal_point/x", self.focal_point.x), ("/focal_point/y", self.focal_point.y)] {
            if !(0.0..=1.0).contains(&value) {
                problem(pointer, "From 0 to 1.".into());
            }
        }
        if problems.is_empty() {
            Ok(Self { name: names::clean(&self.name), alt: self.alt.trim().to_owned(), tags, ..self })
        } else {
            Err(Error::Invalid(problems))
        }
    }
}
