//! What can go wrong in a request.

mod answer;

use std::{io, path::PathBuf};

use magnetiq_storage::{self as storage, rusqlite};

use crate::{
    auth::Role,
    http::problem::{FieldProblem, Position},
};

/// Why a request was not done.
///
/// Each variant is matched to a status, a stable code and a public sentence in `Error::problem`; the cause goes to the log only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such thing, or none that the caller may see.
    #[error("there is no such {what}")]
    NotFound {
        /// `page`, `revision`, `media`, `account` and so on.
        what: &'static str,
    },
    /// The route needs a session.
    #[error("not signed in")]
    NotSignedIn,
    /// The route is for roles above that of the account.
    #[error("this needs the role {least}")]
    RoleTooLow {
        /// The least role that may do it.
        least: Role,
    },
    /// Unknown address or wrong password: which of the two is not said.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Too many attempts, to sign in or to send a form.
    #[error("too many attempts")]
    TooManyAttempts {
        /// Seconds until the next attempt is looked at.
        retry_after_s: u64,
    },
    /// More requests than one client gets answered in a minute.
    #[error("too many requests")]
    TooManyRequests {
        /// Seconds until the next one is answered.
        retry_after_s: u64,
    },
    /// More streams of events than one account, or all of them together, may have.
    #[error("too many streams")]
    TooManyStreams,
    /// `backupd` makes a backup already.
    #[error("a backup is being made")]
    BackupRunning,
    /// `backupd` cannot be told to make one.
    #[error("backupd cannot be asked: {problem}")]
    NoBackupDaemon {
        /// Why, in words.
        problem: String,
    },
    /// A backup cannot be looked at or restored.
    #[error("the backups cannot be used")]
    Backup(#[from] magnetiq_backup::Error),
    /// The address takes other methods.
    #[error("the address takes {allow} only")]
    MethodNotAllowed {
        /// Those that it takes, as `Allow` lists them.
        allow: String,
    },
    /// The password was right, and a code of the second factor is needed besides.
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    /// The code of the second factor is wrong, or was used already.
    #[error("the code is wrong")]
    WrongCode,
    /// A passkey that is not known, or did not prove what it must.
    #[error("the passkey was refused: {detail}")]
    PasskeyRefused {
        /// Why, for the log.
        detail: String,
    },
    /// Browsers have passkeys for names only, and `server.public_url` has none.
    #[error("passkeys need a host name in server.public_url")]
    NoPasskeys,
    /// A link to choose a password that was used, has ended, or is none.
    #[error("the link does not hold any more")]
    LinkGone,
    /// Nobody could administer the site any more.
    #[error("this is the last account that can administer the site")]
    LastAdmin,
    /// A token may not do this.
    #[error("this needs a session, not a token")]
    SessionNeeded,
    /// A token was not made for this part of the admin area.
    #[error("the token was made for another part of the admin area")]
    OutsideArea,
    /// What is encrypted in the database can't be read with this secret key.
    #[error("what is encrypted cannot be read with this auth.secret_key")]
    Sealed,
    /// The same, found at the start.
    #[error("this is encrypted with another secret key than auth.secret_key: {}", what.join(", "))]
    Unreadable {
        /// What can't be read.
        what: Vec<String>,
    },
    /// A copy has a table of which nobody has said what may leave.
    #[error("the table {table} is not known to this version, so nobody has said what of it is secret")]
    UnknownTable {
        /// Its name.
        table: String,
    },
    /// An unsafe request that a browser sent for another site.
    #[error("the request came from another site")]
    CrossOrigin,
    /// The request itself can't be understood.
    #[error("bad request: {detail}")]
    BadRequest {
        /// What is wrong with it, for the client.
        detail: String,
    },
    /// A body that is no JSON, or not of what it is to be.
    #[error("the body can't be read: {detail}")]
    Malformed {
        /// What is wrong with it, for the client.
        detail: String,
        /// Where.
        position: Position,
    },
    /// Fields that are not as they must be.
    #[error("{} invalid field(s): {}", .0.len(), join(.0))]
    Invalid(Vec<FieldProblem>),
    /// A change without `If-Match`.
    #[error("a change needs If-Match")]
    PreconditionRequired,
    /// It is not what the client saw.
    #[error("it is at revision {current}, not at the one given in If-Match")]
    PreconditionFailed {
        /// Its revision now.
        current: i64,
    },
    /// The body is larger than the limit.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// A file of a kind that is not taken.
    #[error("this kind of file is not taken: {detail}")]
    UnsupportedMedia {
        /// What was seen.
        detail: String,
    },
    /// An `Idempotency-Key` that was sent with another request.
    #[error("the Idempotency-Key was sent with another request")]
    IdempotencyReused,
    /// A request with this `Idempotency-Key` runs, or nobody knows what became of it.
    #[error("a request with this Idempotency-Key is not answered yet")]
    IdempotencyOpen,
    /// A body that is compressed.
    #[error("the body has a Content-Encoding")]
    Encoded,
    /// A file that something shows can't be deleted.
    #[error("{} place(s) show this file", places.len())]
    MediaInUse {
        /// Titles of the pages, and what else shows it.
        places: Vec<String>,
    },
    /// The media library has no room for a file.
    #[error("{size_bytes} bytes more than media.quota_bytes has room for")]
    MediaQuota {
        /// What wants to come.
        size_bytes: u64,
        /// What may still come.
        left_bytes: u64,
        /// What all files may have.
        quota_bytes: u64,
    },
    /// Another file has this content.
    #[error("{name} has this content")]
    MediaExists {
        /// Its name.
        name: String,
    },
    /// A file had this content before it was given another.
    #[error("{name} had this content before it was replaced")]
    MediaReplaced {
        /// Its name.
        name: String,
    },
    /// An account has as many uploads in parts as it may.
    #[error("{open_max} uploads are open")]
    TooManyUploads {
        /// How many it may have.
        open_max: u64,
    },
    /// Somebody works on this upload.
    #[error("a part of this upload is coming already")]
    UploadLocked,
    /// A part does not begin where the upload ends.
    #[error("the upload has {offset_bytes} bytes")]
    UploadOffset {
        /// How far it is.
        offset_bytes: u64,
    },
    /// More came than was said.
    #[error("the upload was to have {size_bytes} bytes")]
    UploadTooLong {
        /// What was said.
        size_bytes: u64,
    },
    /// A part is not what its checksum says.
    #[error("the part is not what its checksum says")]
    ChecksumMismatch,
    /// A client that speaks another version of tus.
    #[error("the request is not of tus 1.0.0")]
    TusVersion,
    /// A form through which leads came can't be deleted.
    #[error("{count} lead(s) came through this form")]
    FormHasLeads {
        /// How many.
        count: u64,
    },
    /// The token of a form has ended, or is none.
    #[error("the form was open for too long")]
    FormExpired,
    /// Only what was given up is sent again by hand.
    #[error("the letter was not given up")]
    NotGivenUp,
    /// Only what waits, or was given up, is taken back.
    #[error("it does not wait any more")]
    NotWaiting,
    /// All permits for expensive work are taken.
    #[error("too much work at once: {what}")]
    Overloaded {
        /// The work that had to wait too long.
        what: &'static str,
    },
    /// The disk is too full to take a file.
    #[error("the disk is too full to take a file")]
    UploadsRefused,
    /// The folder of media cannot be written to.
    #[error("the folder of media cannot be written to")]
    MediaReadOnly {
        /// What was tried.
        source: Box<Error>,
    },
    /// The disk is too full to write anything.
    #[error("the disk is too full to write")]
    ReadOnly,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    SlowBody,
    /// This needs the token of operators.
    #[error("this needs the token of health.token")]
    NotAnOperator,
    /// A report could not be shown.
    #[error("failed to show the state of the server")]
    Report {
        /// Why it failed.
        source: Box<magnetiq_health::Error>,
    },
    /// The checks could not be started.
    #[error("failed to start the checks")]
    Checks {
        /// Why it failed.
        source: Box<magnetiq_health::Error>,
    },
    /// The store failed.
    #[error("the database could not do it")]
    Storage(#[source] storage::Error),
    /// A file or folder could not be written or read.
    #[error("failed to {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// What works unless the machine or this program is broken did not.
    #[error("failed to {action}")]
    Internal {
        /// What was tried.
        action: &'static str,
        /// What the library or the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An answer could not be written as JSON.
    #[error("failed to write an answer as JSON")]
    Json {
        /// Why it failed.
        source: serde_json::Error,
    },
    /// Work on a blocking thread panicked.
    #[error("work on a blocking thread ended early")]
    Panicked {
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
}

fn join(problems: &[FieldProblem]) -> String {
    problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.detail)).collect::<Vec<_>>().join("; ")
}

impl Error {
    pub(crate) fn internal(action: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Internal { action, source: source.into() }
    }

    /// One field that is not as it must be.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Error::Invalid(vec![FieldProblem { pointer: pointer.into(), detail: detail.into() }])
    }

    pub(crate) fn is_disk_full(&self) -> bool {
        match self {
            Error::Storage(error) => error.is_disk_full(),
            Error::File { source, .. } => matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded),
            _ => false,
        }
    }
}

/// `50 MiB`, for a sentence.
pub(crate) fn human_size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        MIB.. => format!("{} MiB", bytes / MIB),
        1024.. => format!("{} KiB", bytes / 1024),
        _ => format!("{bytes} bytes"),
    }
}

/// A failed closure rolls its write back and comes out again at the call as the error that it was.
impl From<Error> for storage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(error) => error,
            other => storage::Error::abort(other),
        }
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        error.downcast_abort().unwrap_or_else(Error::Storage)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Error::Storage(error.into())
    }
}
