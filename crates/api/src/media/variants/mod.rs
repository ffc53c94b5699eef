//! Smaller pictures, in the sizes that the settings name: made in the background, one at a time.

pub(crate) mod picture;
pub(crate) mod plan;
pub(crate) mod rows;
pub(crate) mod serve;
pub(crate) mod watch;
pub(crate) mod worker;

use magnetiq_config::Preset;
use sha2::{Digest, Sha256};

use super::FocalPoint;

/// Counts the versions of what makes the pictures: those that an older one made are made anew.
const MAKER: u32 = 1;

/// What the settings say of smaller pictures.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) presets: Vec<Preset>,
    pub(crate) quality: u8,
    pub(crate) limits: Limits,
}

/// What a picture may take while it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) pixels: u64,
    pub(crate) memory_bytes: u64,
}

impl Recipe {
    pub(crate) fn of(settings: &magnetiq_config::Media) -> Self {
        let limits = Limits { pixels: settings.picture_limit_pixels, memory_bytes: settings.picture_memory_bytes };
        Self { presets: settings.presets.clone(), quality: settings.picture_quality, limits }
    }

    /// Another one for other settings: what was made, or could not be made, is then looked at again.
    pub(crate) fn fingerprint(&self) -> String {
        short_hash(&format!("{MAKER} {self:?}"))
    }

    /// Another one for another picture from the same file.
    fn version(&self, preset: &Preset, focal: FocalPoint) -> String {
        let focal = preset.height.map(|_| (focal.x, focal.y));
        short_hash(&format!("{MAKER} {preset:?} {} {focal:?}", self.quality))
    }
}

fn short_hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..6])
}

/// The name of a variant's file, in the folder of its picture.
pub(crate) fn file_name(preset: &str, version: &str) -> String {
    format!("{preset}-{version}.webp")
}
