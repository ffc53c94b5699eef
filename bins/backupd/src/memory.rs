//! What has to outlive both the process and the records, which go with their archives: a small file in the backup folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use magnetiq_backup::{Depth, write_durably};
use serde::{Deserialize, Serialize};

use crate::status::LastRun;

/// Missing or damaged it is empty: then a proof is renewed earlier than it had to be, and nothing else happens.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    pub(crate) last_integrity_check_at: Option<Timestamp>,
    pub(crate) last_drill_at: Option<Timestamp>,
    pub(crate) last_run: Option<LastRun>,
    /// When copies were last verified, by target and id.
    pub(crate) copies_checked: BTreeMap<String, BTreeMap<String, Timestamp>>,
    /// The ids of copies that were found damaged, by target.
    pub(crate) copies_damaged: BTreeMap<String, BTreeSet<String>>,
    /// When the site was restored from a target that belonged to another backup folder until then, by target.
    pub(crate) restored_from: BTreeMap<String, Timestamp>,
}

impl Memory {
    pub(crate) fn of(folder: &Path) -> Self {
        let path = place(folder);
        match fs::read(&path).map(|text| serde_json::from_slice(&text)) {
            Ok(Ok(memory)) => memory,
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "the file cannot be read and is made anew");
                Self::default()
            }
            Err(_) => Self::default(),
        }
    }

    /// When a backup was last proven in this way, whether or not it is still there.
    pub(crate) fn last_proof(&self, depth: Depth) -> Option<Timestamp> {
        match depth {
            Depth::Integrity => self.last_integrity_check_at,
            Depth::Drill => self.last_drill_at,
            _ => None,
        }
    }

    /// Notes a proof of this kind.
    pub(crate) fn proven(&mut self, depth: Depth, at: Timestamp) {
        match depth {
            Depth::Integrity => self.last_integrity_check_at = Some(at),
            Depth::Drill => self.last_drill_at = Some(at),
            _ => {}
        }
    }

    pub(crate) fn save(&self, folder: &Path) {
        if let Err(error) = write(&place(folder), self) {
            tracing::warn!(error = &error as &dyn std::error::Error, folder = %folder.display(), "what this run did is not remembered");
        }
    }
}

fn place(folder: &Path) -> PathBuf {
    folder.join("backupd.json")
}

fn write(path: &Path, memory: &Memory) -> io::Result<()> {
    write_durably(path, &serde_json::to_vec_pretty(memory)?, 0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_remembered_and_damage_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let at: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let mut memory = Memory::of(folder.path());
        assert_eq!(memory.last_proof(Depth::Drill), None);
        memory.proven(Depth::Drill, at);
        memory.save(folder.path());
        assert_eq!(Memory::of(folder.path()).last_proof(Depth::Drill), Some(at));
        fs::write(place(folder.path()), "{\"last_drill_at\": 7").unwrap();
        assert_eq!(Memory::of(folder.path()).last_proof(Depth::Drill), None);
    }
}
