use std::path::PathBuf;

use crate::reader::Reader;

/// `[media]`: uploaded files.
#[derive(Debug, Clone)]
pub struct Media {
    /// Where uploaded files lie; made at the start when it is missing.
    pub folder: PathBuf,
    /// The largest file that is accepted, in bytes.
    pub upload_limit_bytes: u64,
}

impl Media {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self {
            folder: reader.path("media.folder", "data/media"),
            upload_limit_bytes: reader.number("media.upload_limit_bytes", 50 * 1024 * 1024, 1024..=1024 * 1024 * 1024 * 1024),
        }
    }
}
