//! Everything that can go wrong, one variant for each operation and its subject.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::lock::Owner;

/// A failed operation on the store.
///
/// The cause is [`source`](StdError::source) and never part of the text: print the whole chain once, where the error is handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Opening.
    /// The path cannot name a database file: it is a folder, has no file name, or cannot be resolved.
    #[error("cannot use {} as a database file", path.display())]
    Path { path: PathBuf, source: io::Error },
    /// There is no such file, and it was opened only to read.
    #[error("there is no database {}", path.display())]
    Missing { path: PathBuf },
    /// A reader that is neither the user to whom the file belongs nor root: the log that SQLite makes for it could not be written by that
    /// user any more.
    #[error("{} belongs to user {owner}; opened by user {user}, it could no longer be written by its owner", path.display())]
    ForeignUser { path: PathBuf, owner: u32, user: u32 },
    /// The last writes are in a log that only its owner can bring back, because the folder cannot be written to.
    #[error("{} has a write-ahead log, which cannot be read in a folder that cannot be written to", path.display())]
    LogUnreadable { path: PathBuf },
    /// The folder of the database is missing and could not be created, or could not be read.
    #[error("cannot use {} as the folder of the database", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// The folder lies on a network file system, where SQLite's locks do not hold. See
    /// [`Options::allow_network_filesystem`](crate::Options::allow_network_filesystem).
    #[error("{} lies on {filesystem}, a network file system on which SQLite corrupts databases", path.display())]
    NetworkFilesystem { path: PathBuf, filesystem: &'static str },
    /// The lock file beside the database could not be created, locked or written.
    #[error("cannot take the lock file {}", path.display())]
    Lock { path: PathBuf, source: io::Error },
    /// Another [`Store`](crate::Store) has the database open, in this process or in another one.
    #[error("{} is open in {}", path.display(), OwnerText(owner.as_ref()))]
    Locked { path: PathBuf, owner: Option<Owner> },
    /// The SQLite that was linked is older than the first one without the WAL-reset bug.
    #[error("SQLite {found} can corrupt a WAL database, {required} is the oldest safe version")]
    SqliteTooOld { found: &'static str, required: &'static str },
    /// SQLite could not open the file.
    #[error("cannot open the database {}", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    /// The file has content, but it is no SQLite database (or an encrypted one).
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase { path: PathBuf, source: rusqlite::Error },
    /// The file is an SQLite database that was cut short or overwritten.
    #[error("the database {} is damaged", path.display())]
    Damaged { path: PathBuf, source: rusqlite::Error },
    /// The file carries the `application_id` of another program.
    #[error("the database {} belongs to another program: application_id {found}, expected {expected}", path.display())]
    ForeignApplication { path: PathBuf, found: i32, expected: i32 },
    /// SQLite answered another journal mode when asked for WAL.
    #[error("the database {} cannot use a write-ahead log, SQLite stayed with journal_mode {answered}", path.display())]
    NotWal { path: PathBuf, answered: String },
    /// A thread could not be started.
    #[error("cannot start the thread {name}")]
    Thread { name: String, source: io::Error },

    // Reading and writing.
    /// A statement failed. This is what `?` makes of a [`rusqlite::Error`] inside a closure.
    #[error("an SQLite statement failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The application gave up inside the closure ([`Error::abort`]); the write was rolled back.
    #[error("the application gave up the operation")]
    Aborted(#[source] Box<dyn StdError + Send + Sync>),
    /// Waited this long for its turn and was not run; zero where the queue was full at once. Nothing happened, try again later.
    #[error("the store is busy, the operation waited {waited:?} and was not run")]
    Busy { waited: Duration },
    /// The closure ran longer than its limit ([`read_time_limit`](field@crate::Options::read_time_limit),
    /// [`write_time_limit`](field@crate::Options::write_time_limit)) and was interrupted; a write was rolled back.
    #[error("the closure ran longer than {limit:?} and was interrupted")]
    TimedOut { limit: Duration },
    /// The store was closed before the operation could run, or come to its end.
    #[error("the store is closed")]
    Closed,
    /// The closure panicked. A write was rolled back, the writer goes on.
    #[error("the closure panicked: {message}")]
    Panicked { message: String },
    /// Waiting here would never end, because what is waited for has to wait for the closure that this was called in.
    #[error("a closure may not wait for the store that runs it")]
    WouldDeadlock,
    /// No reader connection could be opened.
    #[error("cannot open a connection for reading")]
    Reader(#[source] Box<dyn StdError + Send + Sync>),
    /// The transaction could not be started; the write was not run.
    #[error("cannot start a write transaction")]
    Begin(#[source] rusqlite::Error),
    /// The commit failed. Nothing was kept, and nothing of it will be found by the next start, whatever ends the program.
    #[error("cannot commit")]
    Commit(#[source] Arc<rusqlite::Error>),
    /// The commit failed, and so did the attempt to make void what it left in the write-ahead log: the disk fails again and again. Nobody
    /// reads what the group wrote. The next good commit overwrites it, but if the program ends before one, the writes of the group may
    /// be there, whole, at the next start. So do not make this write again before a later one succeeded.
    #[error("cannot commit, and a later start may find the write all the same")]
    InDoubt(#[source] Arc<rusqlite::Error>),
    /// The closure asked for something that only the store may do: start or end the transaction of a write, attach a database, make a temporary
    /// table, or change a setting of the connection. A write was rolled back.
    #[error("a closure may not run {statement}")]
    Refused { statement: String },
    /// The file that the store has open, the database or its lock file, is no longer the one of that name: it was removed, or another one was
    /// moved in its place. Nothing was written, and nothing will be; reads still see the old file. Close the store, which takes its log away from
    /// a new file, and open it again. [`Lock::replace_database`](crate::Lock::replace_database) replaces one that nobody has open.
    #[error("{} was replaced or removed while it was open", path.display())]
    Replaced { path: PathBuf },
    /// A statement of this closure ended the transaction (`ON CONFLICT ROLLBACK`, `RAISE(ROLLBACK)`, a full disk), and the closure went on;
    /// nothing was kept, neither what it did before nor what it did after that.
    #[error("the closure ended the transaction it ran in")]
    TransactionEnded,
    /// The transaction that this write shared with others was undone, because one of them ended it. Nothing was kept, try again. Also for
    /// a write that failed because of what others had written in a transaction which then came to nothing.
    #[error("the write was undone, because the transaction that it shared was ended")]
    Undone,

    // Migrations.
    /// The database was migrated by a newer program.
    #[error("the schema of the database is version {found}, this program knows versions up to {supported}")]
    NewerSchema { found: i64, supported: i64 },
    /// A migration was changed after it had been applied.
    #[error("migration V{version}__{name} differs from the one that was applied to the database")]
    DivergentMigration { version: i64, name: String },
    /// The history of the database and the migrations of the program do not fit together.
    #[error("migration V{version}__{name} {problem}")]
    MissingMigration { version: i64, name: String, problem: &'static str },
    /// The set of migrations is not usable.
    #[error("cannot use the migrations of this program")]
    Migrations(#[source] Box<refinery::Error>),
    /// A migration failed. Nothing of any pending migration was kept.
    #[error("migration V{version}__{name} failed")]
    Migration { version: i64, name: String, source: Box<Error> },
    /// The migrations left `rows` rows that point nowhere, the first of them from `table` to `parent`. Nothing was kept. So many did `before`
    /// them, too: what was broken has to be mended by one of the migrations, and [`Check::ForeignKeys`](crate::Check::ForeignKeys) names it.
    #[error("{rows} rows break a foreign key, the first one in {table}, pointing to {parent}{}", BeforeText(*before))]
    ForeignKeys { table: String, parent: String, rows: u64, before: u64 },
    /// The schema is not the one that the migrations make.
    #[error("the schema differs from what the migrations make: {drift}")]
    Drift { drift: crate::Drift },
    /// Rows of these tables, or the schema, are not as the migration left them; putting back the copy from before would lose that.
    #[error("{} was written to since the migration: {}", path.display(), tables.join(", "))]
    WrittenSince { path: PathBuf, tables: Vec<String> },
    /// The copy has no usable fingerprint beside it, so nobody can tell what would be lost.
    #[error("nothing tells what was written since {} was made", path.display())]
    NoFingerprint { path: PathBuf, source: io::Error },
    /// A copy could not be written back into the database, which is what it was before.
    #[error("cannot put {} back", path.display())]
    Restore { path: PathBuf, source: rusqlite::Error },

    /// Another process wrote to the database while it was to be replaced. In a [`ReadOnlyStore`](crate::ReadOnlyStore): while it was read as a
    /// file at rest, or another file got its name before the read began. Nothing was changed, try again.
    #[error("another process wrote to {} meanwhile", path.display())]
    WrittenMeanwhile { path: PathBuf },
    /// Another process is just putting a file in the place of the database, which a [`ReadOnlyStore`](crate::ReadOnlyStore) was to read. That
    /// takes a moment. Where that process was killed, the next one to take the [`Lock`](crate::Lock), as each [`Store`](crate::Store) does that
    /// opens, puts things right. So it does where the file has no pages and a log beside it, which SQLite would throw away.
    #[error("another file is just being put in the place of {}", path.display())]
    BeingReplaced { path: PathBuf },

    // Snapshots and maintenance.
    /// A file with that name exists; snapshots never overwrite.
    #[error("{} exists", path.display())]
    SnapshotExists { path: PathBuf },
    /// SQLite could not make the copy.
    #[error("cannot copy the database to {}", path.display())]
    Snapshot { path: PathBuf, source: rusqlite::Error },
    /// The copy, or what belongs beside a database, could not be put in place durably.
    #[error("cannot {step} {}", path.display())]
    SnapshotFile { step: &'static str, path: PathBuf, source: io::Error },
    /// `PRAGMA quick_check` found a copy to be damaged.
    #[error("the copy {} is damaged: {problem}", path.display())]
    SnapshotDamaged { path: PathBuf, problem: String },
    /// There is not enough free disk space to begin.
    #[error("{needed_bytes} bytes of free disk space are needed in {}, there are {free_bytes}", path.display())]
    DiskSpace { path: PathBuf, needed_bytes: u64, free_bytes: u64 },
    /// The progress callback of a check said so.
    #[error("the check was stopped")]
    CheckStopped,
    /// The checkpoint failed. Nothing is lost, the write-ahead log stays.
    #[error("cannot move the write-ahead log into the database")]
    Checkpoint(#[source] rusqlite::Error),
    /// A reader held the checkpoint up. Nothing is lost, the write-ahead log stays.
    #[error("{frames} pages stay in the write-ahead log, because a reader still needs them")]
    CheckpointBlocked { frames: u64 },
}

impl Error {
    /// Gives up a read or a write with the application's own error: a write is rolled back and the caller gets it back with
    /// [`downcast_abort`](Self::downcast_abort). Implement `From<YourError> for magnetiq_storage::Error` with it to use `?`.
    pub fn abort(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Aborted(Box::new(error))
    }

    /// The application's own error, if this is an [`Aborted`](Self::Aborted) with an `E` inside.
    ///
    /// # Errors
    ///
    /// The error itself, unchanged, where it is anything else.
    pub fn downcast_abort<E: StdError + Send + Sync + 'static>(self) -> Result<E, Self> {
        match self {
            Self::Aborted(inner) => inner.downcast::<E>().map(|e| *e).map_err(Self::Aborted),
            other => Err(other),
        }
    }

    /// A `UNIQUE` or `PRIMARY KEY` constraint refused the row.
    pub fn is_unique_violation(&self) -> bool {
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE};
        self.sqlite()
            .and_then(rusqlite::Error::sqlite_error)
            .is_some_and(|e| [SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID].contains(&e.extended_code))
    }

    /// The store was too busy ([`Busy`](Self::Busy)), or another process held the database for longer than `busy_timeout`.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. }) || matches!(self.sqlite_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Nothing happened, and the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Undone | Self::WrittenMeanwhile { .. } | Self::BeingReplaced { .. }) || self.is_busy()
    }

    /// The disk or the quota is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskSpace { .. })
            || self.sqlite_code() == Some(ErrorCode::DiskFull)
            || self
                .causes()
                .filter_map(|e| e.downcast_ref::<io::Error>())
                .any(|e| matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// Whether this may be owed to rows that the closure saw (a conflict, a row too many), and not to the machine or to the closure alone.
    pub(crate) fn speaks_of_rows(&self) -> bool {
        match self {
            Self::Panicked { .. } | Self::TimedOut { .. } | Self::Refused { .. } | Self::TransactionEnded => false,
            _ => !matches!(
                self.sqlite_code(),
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory | ErrorCode::DatabaseCorrupt)
            ),
        }
    }

    /// Whether a statement would have committed inside of a closure: it ran after the transaction had ended.
    pub(crate) fn is_refused_commit(&self) -> bool {
        let code = self.sqlite().and_then(rusqlite::Error::sqlite_error).map(|e| e.extended_code);
        code == Some(rusqlite::ffi::SQLITE_CONSTRAINT_COMMITHOOK)
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        let mut next: Option<&(dyn StdError + 'static)> = Some(self);
        std::iter::from_fn(move || {
            let this = next?;
            next = this.source();
            Some(this)
        })
    }

    fn sqlite(&self) -> Option<&rusqlite::Error> {
        self.causes()
            .find_map(|e| e.downcast_ref::<rusqlite::Error>().or_else(|| e.downcast_ref::<Arc<rusqlite::Error>>().map(AsRef::as_ref)))
    }

    pub(crate) fn sqlite_code(&self) -> Option<ErrorCode> {
        self.sqlite().and_then(rusqlite::Error::sqlite_error_code)
    }

    /// What a caught panic becomes.
    pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let message = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
        Self::Panicked { message: message.unwrap_or_else(|| "no message".to_owned()) }
    }
}

struct BeforeText(u64);

impl std::fmt::Display for BeforeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => Ok(()),
            before => write!(f, "; before the migrations, {before} did"),
        }
    }
}

struct OwnerText<'a>(Option<&'a Owner>);

impl std::fmt::Display for OwnerText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(owner) => write!(f, "{} (process {})", owner.program, owner.pid),
            None => f.write_str("another process"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error, PartialEq)]
    #[error("slug {0} is taken")]
    struct Taken(&'static str);

    #[test]
    fn an_application_error_comes_back_unchanged() {
        assert_eq!(Error::abort(Taken("home")).downcast_abort::<Taken>().unwrap(), Taken("home"));
        assert!(matches!(Error::Closed.downcast_abort::<Taken>(), Err(Error::Closed)));
        let other = Error::abort(io::Error::other("x")).downcast_abort::<Taken>();
        assert!(matches!(other, Err(Error::Aborted(_))));
    }

    #[test]
    fn questions_look_through_the_whole_chain() {
        let full = || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        assert!(Error::Commit(Arc::new(full())).is_disk_full());
        let migration = Error::Migration { version: 1, name: "a".into(), source: Box::new(Error::Sqlite(full())) };
        assert!(migration.is_disk_full() && !migration.is_retryable());
        let busy = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None);
        assert!(Error::Begin(busy).is_retryable());
        assert!(Error::Undone.is_retryable() && !Error::Undone.is_busy());
    }
}
