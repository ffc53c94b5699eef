//! Media: files in a content-addressed folder, a row for each.

pub(crate) mod admin;
pub(crate) mod deleted;
pub(crate) mod details;
pub(crate) mod folder;
pub(crate) mod kind;
pub(crate) mod markup;
pub(crate) mod names;
pub(crate) mod receive;
pub(crate) mod replace;
pub(crate) mod room;
pub(crate) mod rows;
pub(crate) mod serve;
mod strays;
pub(crate) mod uploads;
mod uses;
pub(crate) mod variants;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Time,
    id::{MediaId, PageId},
    pages::Status,
};

/// A file that pages may show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Media {
    /// Id of the file.
    pub id: MediaId,
    /// Its name, cleaned for use in addresses.
    pub name: String,
    /// Its name when it came.
    pub original_name: String,
    /// What it is, by its content.
    #[schema(examples("image/png"))]
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
    /// Where it is served.
    pub url: String,
    /// When it came.
    pub created_at: Time,
    /// When somebody last changed it.
    pub updated_at: Time,
    /// Name of who brought it; null for what was imported, and where the account is gone.
    pub uploaded_by: Option<String>,
    /// Pixels, as it is shown; null where it is no picture.
    pub width: Option<u32>,
    /// Pixels, as it is shown; null where it is no picture.
    pub height: Option<u32>,
    /// What it shows, in words: a proposal for pages that show it.
    pub alt: String,
    /// In order, in lower case.
    pub tags: Vec<String>,
    /// What stays in view where it is cropped.
    pub focal_point: FocalPoint,
    /// How many pages show it, those in the trash among them.
    pub pages: u64,
    /// What was made of it, the smallest first.
    pub variants: Vec<Variant>,
    /// Whether more comes.
    pub variants_state: VariantsState,
    /// Why there are no variants, or not all of them.
    pub variants_reason: Option<String>,
    /// Counts its changes; also its ETag.
    pub revision: i64,
}

/// A point of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FocalPoint {
    /// From 0 (left) to 1 (right).
    #[schema(minimum = 0, maximum = 1)]
    pub x: f64,
    /// From 0 (top) to 1 (bottom).
    #[schema(minimum = 0, maximum = 1)]
    pub y: f64,
}

/// A smaller picture, made by a preset.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Variant {
    /// Name of the preset, as in `media.presets`.
    #[schema(examples("thumb"))]
    pub preset: String,
    /// Where it is served; another one when it is made anew.
    pub url: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Its size.
    pub size_bytes: u64,
    /// Whether it is a part of the picture, and not all of it.
    pub cropped: bool,
}

/// What became of the smaller pictures of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VariantsState {
    /// There is nothing to be made of it.
    None,
    /// They are made soon.
    Queued,
    /// They are there.
    Made,
    /// They could not be made; visitors get the file itself.
    Failed,
}

/// A page that shows a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MediaUse {
    /// Id of the page.
    pub(crate) id: PageId,
    /// Its heading.
    pub(crate) title: String,
    /// Its address; the one that it had where it is in the trash.
    pub(crate) slug: String,
    /// Whether visitors see it.
    pub(crate) status: Status,
    /// Whether it is in the trash.
    pub(crate) in_trash: bool,
}

/// A file, and what shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MediaWithUses {
    /// The file.
    #[serde(flatten)]
    pub(crate) media: Media,
    /// Pages that show it, by title.
    pub(crate) used_by: Vec<MediaUse>,
    /// What else shows it: `menu main` for a menu of this name, `site.logo` for the setting.
    pub(crate) used_beside: Vec<String>,
}
