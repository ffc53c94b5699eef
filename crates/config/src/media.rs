use std::path::PathBuf;
use std::time::Duration;

use crate::reader::Reader;

/// Nobody needs more, and each costs time and space for each picture.
const PRESETS_MAX: usize = 10;

/// `[media]`: uploaded files.
#[derive(Debug, Clone)]
pub struct Media {
    /// Where uploaded files lie; made at the start when it is missing.
    pub folder: PathBuf,
    /// The largest file that is accepted in one piece, in bytes.
    pub upload_limit_bytes: u64,
    /// The largest file that is accepted in parts, in bytes.
    pub resumable_limit_bytes: u64,
    /// How long an upload in parts may rest until it is given up.
    pub resumable_kept: Duration,
    /// What all files together may have, in bytes; `None`: as much as the disk takes.
    pub quota_bytes: Option<u64>,
    /// The sizes that pictures are made in.
    pub presets: Vec<Preset>,
    /// From 1 to 100: how much of a picture is kept where it is made smaller.
    pub picture_quality: u8,
    /// The largest picture that is made smaller, in pixels.
    pub picture_limit_pixels: u64,
    /// What a picture may take in memory while it is made smaller, in bytes.
    pub picture_memory_bytes: u64,
}

/// A size that pictures are made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name, which is part of the address of what is made.
    pub name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels: the picture is cropped to it. `None`: as high as it is at that width.
    pub height: Option<u32>,
}

impl Media {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        const MIB: u64 = 1024 * 1024;
        let read = Self {
            folder: reader.path("media.folder", "data/media"),
            upload_limit_bytes: reader.number("media.upload_limit_bytes", 50 * MIB, 1024..=1024 * 1024 * MIB),
            resumable_limit_bytes: reader.number("media.resumable_limit_bytes", 2048 * MIB, 1024..=1024 * 1024 * MIB),
            resumable_kept: Duration::from_secs(3600) * reader.number("media.resumable_kept_hours", 24, 1..=24 * 30),
            quota_bytes: Some(reader.number("media.quota_bytes", 0, 0..=1024 * 1024 * 1024 * MIB)).filter(|quota| *quota > 0),
            presets: reader.list(
                "media.presets",
                &["thumb=320x320", "small=480", "medium=960", "large=1600"],
                "a name and a size in pixels from 16 to 4096, such as small=480, or thumb=320x320 for one that is cropped",
                preset,
            ),
            picture_quality: reader.number("media.picture_quality", 80, 1..=100),
            picture_limit_pixels: reader.number("media.picture_limit_pixels", 64_000_000, 1_000_000..=1_000_000_000),
            picture_memory_bytes: reader.number("media.picture_memory_bytes", 48 * MIB, 8 * MIB..=4096 * MIB),
        };
        let names: std::collections::BTreeSet<&str> = read.presets.iter().map(|preset| preset.name.as_str()).collect();
        if names.len() < read.presets.len() || read.presets.len() > PRESETS_MAX {
            reader.refuse("media.presets", "should be at most 10 sizes, each with a name of its own");
        }
        read
    }
}

fn preset(text: &str) -> Option<Preset> {
    let (name, size) = text.split_once('=')?;
    let (width, height) = match size.split_once('x') {
        Some((width, height)) => (width, Some(pixels(height)?)),
        None => (size, None),
    };
    let is_name = (1..=20).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    is_name.then_some(Preset { name: name.to_owned(), width: pixels(width)?, height })
}

fn pixels(text: &str) -> Option<u32> {
    text.parse().ok().filter(|pixels| (16..=4096).contains(pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_names_with_sizes() {
        let of = |name: &str, width, height| Some(Preset { name: name.to_owned(), width, height });
        assert_eq!(preset("small=480"), of("small", 480, None));
        assert_eq!(preset("thumb=320x240"), of("thumb", 320, Some(240)));
        for wrong in
            ["", "480", "=480", "a=", "a=15", "a=4097", "a=0x10", "A=100", "a/b=100", "a=100x", "a=100x100x100", "a=-100", "..=100"]
        {
            assert_eq!(preset(wrong), None, "{wrong}");
        }
    }
}
