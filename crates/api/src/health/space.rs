//! What may still be written: a disk that fills up first loses uploads, then writes; reading goes on to the end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Decides by the free space that the checks of the disks see. Asking it is reading an atomic.
#[derive(Debug)]
pub(crate) struct Space {
    uploads_min_bytes: u64,
    writes_min_bytes: u64,
    data_bytes: AtomicU64,
    media_bytes: AtomicU64,
    uploads_refused: AtomicBool,
    writes_refused: AtomicBool,
}

impl Space {
    /// Nothing is refused before something was seen.
    pub(crate) fn new(uploads_min_bytes: u64, writes_min_bytes: u64) -> Self {
        let much = || AtomicU64::new(u64::MAX);
        let no = AtomicBool::default;
        Self { uploads_min_bytes, writes_min_bytes, data_bytes: much(), media_bytes: much(), uploads_refused: no(), writes_refused: no() }
    }

    /// So many bytes are free where the database lies.
    pub(crate) fn see_data(&self, free_bytes: u64) {
        self.data_bytes.store(free_bytes, Relaxed);
        if self.decide(&self.writes_refused, free_bytes, self.writes_min_bytes) {
            tracing::warn!(free_bytes, "writing changed: the disk of the database, {}", now(&self.writes_refused));
        }
        self.see_both();
    }

    /// So many bytes are free where the media lie.
    pub(crate) fn see_media(&self, free_bytes: u64) {
        self.media_bytes.store(free_bytes, Relaxed);
        self.see_both();
    }

    fn see_both(&self) {
        let free_bytes = self.data_bytes.load(Relaxed).min(self.media_bytes.load(Relaxed));
        if self.decide(&self.uploads_refused, free_bytes, self.uploads_min_bytes) {
            tracing::warn!(free_bytes, "uploading changed: the disks of database and media, {}", now(&self.uploads_refused));
        }
    }

    /// Refused below the limit, and until a quarter more than it is free. Returns whether that changed.
    fn decide(&self, refused: &AtomicBool, free_bytes: u64, min_bytes: u64) -> bool {
        let was = refused.load(Relaxed);
        let line = if was { min_bytes.saturating_add(min_bytes / 4) } else { min_bytes };
        let is = free_bytes < line;
        refused.store(is, Relaxed);
        was != is
    }

    /// Whether `free_bytes` are so many that `bytes` more can be taken and writing still goes on.
    pub(crate) fn has_room_for(&self, free_bytes: u64, bytes: u64) -> bool {
        free_bytes.saturating_sub(bytes) > self.writes_min_bytes.saturating_add(self.writes_min_bytes / 4)
    }

    pub(crate) fn refuses_uploads(&self) -> bool {
        self.uploads_refused.load(Relaxed)
    }

    pub(crate) fn refuses_writes(&self) -> bool {
        self.writes_refused.load(Relaxed)
    }
}

fn now(refused: &AtomicBool) -> &'static str {
    if refused.load(Relaxed) { "it is refused" } else { "it is allowed again" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_go_first_and_come_back_last() {
        let space = Space::new(100, 40);
        for (free, uploads, writes) in [
            (1000, false, false),
            (100, false, false),
            (99, true, false),
            (40, true, false),
            (39, true, true),
            (0, true, true),
            (49, true, true),
            (50, true, false),
            (124, true, false),
            (125, false, false),
            (100, false, false),
        ] {
            space.see_data(free);
            assert_eq!((space.refuses_uploads(), space.refuses_writes()), (uploads, writes), "{free} bytes are free");
        }
    }

    #[test]
    fn the_disk_of_the_media_concerns_uploads_only() {
        let space = Space::new(100, 40);
        space.see_media(0);
        space.see_data(1000);
        assert!(space.refuses_uploads() && !space.refuses_writes());
        space.see_media(1000);
        assert!(!space.refuses_uploads());
    }
}
