//! What a commit leaves in the log when its sync failed, and how it is made void.
//!
//! SQLite writes the frames of a transaction into the write-ahead log, the last one with the mark of a commit, syncs, and only then tells
//! the index of the log. When the sync fails, nobody sees the frames, and the next commit goes over them. But a program that ends before
//! that leaves them, whole and with good checksums, and the next start, which makes the index from the log, finds a commit that
//! was refused. So one is made at once that changes nothing: its frame takes the place of the first of those, and as each checksum goes on
//! from the one before, none of the others counts any more. Once written, that holds against the end of the program; once synced, against a power
//! cut. Only then is the refusal delivered.

use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};

use crate::Error;

/// A commit that failed, for everybody who took part in it.
pub(crate) struct Failed {
    source: Arc<rusqlite::Error>,
    in_doubt: bool,
}

impl Failed {
    /// Ends the transaction, and sees to it that it stays away.
    pub(crate) fn settle(conn: &Connection, source: rusqlite::Error) -> Self {
        let in_doubt = is_in_doubt(conn, &source);
        Self { source: Arc::new(source), in_doubt }
    }

    /// For a write that was part of it.
    pub(crate) fn error(&self) -> Error {
        let source = Arc::clone(&self.source);
        if self.in_doubt { Error::InDoubt(source) } else { Error::Commit(source) }
    }

    /// For a write that was taken back before.
    pub(crate) fn without(&self) -> Error {
        Error::Commit(Arc::clone(&self.source))
    }
}

/// Ends the transaction, and makes void what it left. True where that failed, too.
pub(crate) fn is_in_doubt(conn: &Connection, failed: &rusqlite::Error) -> bool {
    if !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    if never_written(failed) {
        return false;
    }
    let overwritten = overwrite(conn);
    if let Err(e) = &overwritten {
        let error: &dyn std::error::Error = e;
        tracing::error!(error, "a commit failed, and cannot be made void: a later start may find its writes");
    }
    overwritten.is_err()
}

/// Whether the frame with the mark cannot be in the log: it is the last one, and a full disk stops before it.
fn never_written(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::ConstraintViolation | ErrorCode::DatabaseBusy))
}

/// A commit of one page that stays what it is. A file without a transaction has nothing to be found again.
fn overwrite(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let written = conn
        .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        .and_then(|version| conn.pragma_update(None, "user_version", version))
        .and_then(|()| conn.execute_batch("COMMIT"));
    if !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    written
}
