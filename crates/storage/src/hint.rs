//! What to do about an error, where that can be said without knowing the program.

use std::io;
use std::path::Path;

use crate::Error;

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

impl Error {
    /// The next step for whoever operates the program, as a sentence to print below the error; `None` where there is none to name, or where only
    /// the program knows.
    pub fn hint(&self) -> Option<&'static str> {
        if self.is_disk_full() {
            return Some("the disk is full: free some space");
        }
        Some(match self {
            Self::Path { .. } | Self::Folder { .. } => "check the path of the database, and who owns its folder",
            Self::Lock { .. } => "check who owns the file and its folder",
            Self::Missing { .. } => "check the path of the database",
            Self::ForeignUser { .. } => "run this as the user to whom the database belongs",
            Self::LogUnreadable { .. } => "start the program that writes the database, or run this as a user who may write to its folder",
            Self::NetworkFilesystem { .. } => "put the database on a local disk",
            Self::Locked { .. } => "one program at a time writes a database: stop the other one",
            Self::SqliteTooOld { .. } => "build the program with the SQLite that comes with rusqlite (its feature bundled)",
            Self::NotADatabase { .. } | Self::ForeignApplication { .. } => "the file was left as it is: check the path of the database",
            Self::Damaged { .. } => "put the newest good copy in its place; keep this file for a rescue",
            Self::SnapshotDamaged { .. } => "take an older copy, and check the disk",
            Self::Replaced { .. } => {
                "nothing was written to the file that is there now: start the program again, and stop it before a file is put in its place"
            }
            Self::NewerSchema { .. } => {
                "the database was left as it is: start the program that migrated it or a newer one, or go back to a copy from before"
            }
            Self::DivergentMigration { .. } | Self::MissingMigration { .. } => {
                "the database was left as it is: it was made by a program that was built from other sources; start that one"
            }
            Self::ForeignKeys { before: 1.., .. } => {
                "nothing was changed: rows that were broken before have to be mended by a migration; a check of the foreign keys names them"
            }
            Self::Migration { .. } | Self::ForeignKeys { .. } => {
                "nothing was changed: the program before this one still runs on this database"
            }
            Self::Drift { .. } => {
                "nothing was changed: bring the schema to what the migrations make, or write a migration for the difference"
            }
            Self::WrittenSince { .. } | Self::NoFingerprint { .. } => {
                "nothing was changed: going back all the same has to be asked for; what is replaced stays in a copy"
            }
            Self::InDoubt(_) => "check the disk; this write is not to be made again before a later one succeeded",
            Self::SnapshotExists { .. } => "nothing is overwritten: choose another name",
            Self::CheckpointBlocked { .. } => "end the reader that holds it, or wait for it",
            Self::SnapshotFile { step: "read", path, source }
                if source.kind() == io::ErrorKind::InvalidData && ends_in(path, "outgoing") =>
            {
                "the database was not opened: that file says nothing about the others that end in .outgoing; move them all away, and keep them"
            }
            Self::SnapshotFile { step: "read", path, .. } if ends_in(path, "outgoing") => {
                "the database was not opened: see that this user may read that file; it says to which database the other files that end in .outgoing belong"
            }
            Self::SnapshotFile { step: "put in place", path, .. } if ends_in(path, "incoming") => {
                "the database was not opened: it is that file, once it has the name; see to the rights and the space of the folder"
            }
            Self::SnapshotFile { step: "keep", path, .. } if !ends_in(path, "outgoing") => {
                "the database was not opened: its name is empty, and beside it lies the log of one that was moved away; move that after it"
            }
            Self::SnapshotFile { step: "keep" | "remove", .. } => {
                "the database was not opened: what ends in .outgoing is of the one that was replaced; move it away, never beside the one that is there now"
            }
            Self::SnapshotFile { step: "put back", .. } => {
                "the database was not opened: keep the one of the two logs whose commits are wanted, beside it or as .outgoing, and move the other one away"
            }
            Self::BeingReplaced { .. } => "try again; if it stays so, start the program that writes the database, which puts things right",
            Self::Busy { .. } | Self::Undone | Self::WrittenMeanwhile { .. } => "nothing happened: try again",
            _ => return None,
        })
    }
}
