//! What can go wrong in a request, and what the client is told of it.

use std::{io, path::PathBuf};

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use magnetiq_storage::{self as storage, rusqlite};

use crate::{
    auth::Role,
    http::problem::{FieldProblem, Position, Problem},
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
    /// A file that pages show can't be deleted.
    #[error("{} page(s) show this file", pages.len())]
    MediaInUse {
        /// Titles of the pages.
        pages: Vec<String>,
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
    /// Only what waits is taken back.
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
    /// Passkeys could not be offered.
    #[error("failed to offer a passkey: {detail}")]
    Passkeys {
        /// What the library said.
        detail: String,
    },
    /// A password could not be hashed.
    #[error("failed to hash a password: {detail}")]
    Hash {
        /// What the hash function said.
        detail: String,
    },
    /// The machine gave no random bytes.
    #[error("failed to get random bytes: {detail}")]
    Random {
        /// What the system said.
        detail: String,
    },
    /// A table could not be written.
    #[error("failed to write a table: {detail}")]
    Csv {
        /// What the writer said.
        detail: String,
    },
    /// An answer could not be written as JSON.
    #[error("failed to write an answer as JSON")]
    Json {
        /// Why it failed.
        source: serde_json::Error,
    },
    /// A letter could not be written or handed over.
    #[error("failed to send a letter")]
    Mail {
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The way to a social network could not be made.
    #[error("failed to prepare for a social network")]
    Social {
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
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
    /// One field that is not as it must be.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Error::Invalid(vec![FieldProblem { pointer: pointer.into(), detail: detail.into() }])
    }

    /// The public face of this error: constant for everything that is our fault.
    pub(crate) fn problem(&self) -> Problem {
        use StatusCode as S;
        match self {
            Error::NotFound { what: "page" } => Problem::new(S::NOT_FOUND, "page-not-found", "There is no such page."),
            Error::NotFound { what: "revision" } => {
                Problem::new(S::NOT_FOUND, "revision-not-found", "There is no such revision of this page.")
            }
            Error::NotFound { what: "media" } => Problem::new(S::NOT_FOUND, "media-not-found", "There is no such file."),
            Error::NotFound { what: "upload" } => {
                Problem::new(S::NOT_FOUND, "upload-not-found", "There is no such upload, or its time is over. Begin it anew.")
            }
            Error::NotFound { what: "feed" } => Problem::new(S::NOT_FOUND, "feed-not-found", "The site has no pages in this language."),
            Error::NotFound { what: "menu" } => Problem::new(S::NOT_FOUND, "menu-not-found", "There is no such menu."),
            Error::NotFound { what: "tag" } => Problem::new(S::NOT_FOUND, "tag-not-found", "No page has this tag."),
            Error::NotFound { what: "form" } => Problem::new(S::NOT_FOUND, "form-not-found", "There is no such form, or it is closed."),
            Error::NotFound { .. } => Problem::new(S::NOT_FOUND, "not-found", "There is nothing here."),
            Error::NotSignedIn => Problem::new(S::UNAUTHORIZED, "not-signed-in", "Sign in to do this."),
            Error::RoleTooLow { least } => {
                Problem::new(S::FORBIDDEN, "role-too-low", format!("Your account may not do this: it needs the role {least}."))
            }
            Error::WrongCredentials => Problem::new(S::UNAUTHORIZED, "wrong-credentials", "The e-mail address or the password is wrong."),
            Error::TooManyAttempts { retry_after_s } => {
                Problem::new(S::TOO_MANY_REQUESTS, "too-many-attempts", format!("Too many attempts. Try again in {retry_after_s} seconds."))
            }
            Error::TooManyRequests { retry_after_s } => {
                Problem::new(S::TOO_MANY_REQUESTS, "too-many-requests", format!("Too many requests. Try again in {retry_after_s} seconds."))
            }
            Error::TooManyStreams => Problem::new(
                S::TOO_MANY_REQUESTS,
                "too-many-streams",
                "Too many streams of events are open. One is enough for all windows of a browser.",
            ),
            Error::MethodNotAllowed { allow } => {
                Problem::new(S::METHOD_NOT_ALLOWED, "method-not-allowed", format!("This address takes {allow} only."))
            }
            Error::SecondFactorRequired => Problem::new(
                S::UNAUTHORIZED,
                "second-factor-required",
                "Use a passkey, or type the code that your authenticator app shows, or a recovery code.",
            ),
            Error::WrongCode => {
                Problem::new(S::UNAUTHORIZED, "wrong-code", "The code is wrong, or was used already. Codes change every 30 seconds.")
            }
            Error::PasskeyRefused { .. } => Problem::new(
                S::UNAUTHORIZED,
                "passkey-refused",
                "This passkey is not taken: it is not known here, or the attempt took longer than five minutes. Try again, or sign in with your password.",
            ),
            Error::NoPasskeys => {
                Problem::new(S::CONFLICT, "no-passkeys", "There are no passkeys here: the address in server.public_url has no host name.")
            }
            Error::LinkGone => Problem::new(S::GONE, "link-gone", "This link was used already or has ended. Ask for a new one."),
            Error::LastAdmin => Problem::new(
                S::CONFLICT,
                "last-admin",
                "This is the last account that can administer the site. Make another one an administrator first.",
            ),
            Error::SessionNeeded => Problem::new(S::FORBIDDEN, "session-needed", "A token may not do this: sign in."),
            Error::OutsideArea => Problem::new(S::FORBIDDEN, "outside-area", "This token was made for another part of the admin area."),
            Error::CrossOrigin => Problem::new(S::FORBIDDEN, "cross-origin", "The request came from another site and was not done."),
            Error::BadRequest { detail } => Problem::new(S::BAD_REQUEST, "bad-request", detail.as_str()),
            Error::Malformed { detail, position } => {
                Problem::new(S::BAD_REQUEST, "bad-request", format!("The body can't be read: {detail}.")).at(*position)
            }
            Error::Invalid(errors) => {
                Problem::new(S::UNPROCESSABLE_ENTITY, "invalid", "Some fields are not as they must be.").with_errors(errors.clone())
            }
            Error::PreconditionRequired => Problem::new(
                S::PRECONDITION_REQUIRED,
                "precondition-required",
                "Send the ETag that you saw in If-Match, so that nobody's change is overwritten unseen.",
            ),
            Error::PreconditionFailed { current } => Problem::new(
                S::PRECONDITION_FAILED,
                "precondition-failed",
                format!("Somebody else changed this meanwhile: it is at revision {current}."),
            ),
            Error::TooLarge { limit_bytes } => Problem::new(
                S::PAYLOAD_TOO_LARGE,
                "upload-too-large",
                format!("This is larger than the limit of {}.", human_size(*limit_bytes)),
            ),
            Error::UnsupportedMedia { detail } => {
                Problem::new(S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", format!("This kind of file is not taken: {detail}."))
            }
            Error::IdempotencyReused => Problem::new(
                S::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "This Idempotency-Key was sent with another request. Each request has a key of its own.",
            ),
            Error::IdempotencyOpen => Problem::new(
                S::CONFLICT,
                "idempotency-open",
                "A request with this Idempotency-Key runs, or was cut off: look whether it was done before you send it with another key.",
            ),
            Error::Encoded => Problem::new(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Bodies with a Content-Encoding are not read: send them as they are.",
            ),
            Error::MediaInUse { pages } => {
                Problem::new(S::CONFLICT, "media-in-use", format!("The file is shown on: {}.", pages.join(", ")))
            }
            Error::MediaQuota { left_bytes, quota_bytes, .. } => Problem::new(
                S::INSUFFICIENT_STORAGE,
                "media-quota",
                format!(
                    "The media library may hold {}, and {} are left. Delete what no page shows, or ask for more room (media.quota_bytes).",
                    human_size(*quota_bytes),
                    human_size(*left_bytes)
                ),
            ),
            Error::MediaExists { name } => {
                Problem::new(S::CONFLICT, "media-exists", format!("{name} has this content already, and each content is kept once."))
            }
            Error::MediaReplaced { name } => Problem::new(
                S::CONFLICT,
                "media-replaced",
                format!(
                    "{name} had this content before it was replaced, and its address leads to the new one. Replace it back, or delete it."
                ),
            ),
            Error::TooManyUploads { open_max } => Problem::new(
                S::CONFLICT,
                "too-many-uploads",
                format!("You have {open_max} uploads open, which is the most. Finish one, or give one up."),
            ),
            Error::UploadLocked => {
                Problem::new(S::LOCKED, "upload-locked", "A part of this upload is coming already. Try again in a moment.")
            }
            Error::UploadOffset { offset_bytes } => {
                Problem::new(S::CONFLICT, "upload-offset", format!("The server has {offset_bytes} bytes of this upload: go on there."))
            }
            Error::UploadTooLong { size_bytes } => {
                Problem::new(S::PAYLOAD_TOO_LARGE, "upload-too-long", format!("This upload was to have {size_bytes} bytes, and more came."))
            }
            Error::ChecksumMismatch => Problem::new(
                S::from_u16(460).unwrap_or(S::BAD_REQUEST),
                "checksum-mismatch",
                "The part is not what its checksum says, and was not kept. Send it again.",
            ),
            Error::TusVersion => {
                Problem::new(S::PRECONDITION_FAILED, "tus-version", "Uploads in parts speak tus 1.0.0: send Tus-Resumable: 1.0.0.")
            }
            Error::FormHasLeads { count } => Problem::new(
                S::CONFLICT,
                "form-has-leads",
                format!("{count} lead(s) came through this form. Close it, or delete them first."),
            ),
            Error::FormExpired => {
                Problem::new(S::GONE, "form-expired", "The form was open for too long. Load it again and send it once more.")
            }
            Error::NotGivenUp => {
                Problem::new(S::CONFLICT, "not-given-up", "This letter was not given up: it waits to be sent, or was sent already.")
            }
            Error::NotWaiting => Problem::new(
                S::CONFLICT,
                "not-waiting",
                "This does not wait any more: it is being sent, was sent already, or was given up.",
            ),
            Error::BackupRunning => Problem::new(S::CONFLICT, "backup-running", "A backup is being made already."),
            Error::NoBackupDaemon { problem } => Problem::new(
                S::SERVICE_UNAVAILABLE,
                "no-backup-daemon",
                format!("The backup daemon (backup.url) can't be asked: {problem}."),
            ),
            Error::Backup(magnetiq_backup::Error::NotFound { .. }) => {
                Problem::new(S::NOT_FOUND, "backup-not-found", "There is no such backup.")
            }
            Error::Backup(error) => Problem::new(S::CONFLICT, "backup-unusable", format!("This backup can't be used: {error}.")),
            Error::Overloaded { .. } => Problem::busy(),
            Error::UploadsRefused => Problem::new(
                S::INSUFFICIENT_STORAGE,
                "disk-low",
                "The disk is nearly full: no files are taken until space is freed. Pages can still be written.",
            ),
            Error::MediaReadOnly { .. } => Problem::new(
                S::SERVICE_UNAVAILABLE,
                "media-read-only",
                "The folder of files can't be written to at the moment. What is there can be read.",
            ),
            Error::ReadOnly => Problem::new(
                S::SERVICE_UNAVAILABLE,
                "read-only",
                "The disk is nearly full: nothing can be saved until space is freed. Everything can be read, and deleting helps.",
            ),
            Error::SlowBody => Problem::new(S::REQUEST_TIMEOUT, "request-timeout", "The request took too long to arrive."),
            Error::NotAnOperator => {
                Problem::new(S::UNAUTHORIZED, "not-an-operator", "This needs the token of health.token: send it as Authorization: Bearer.")
            }
            Error::Storage(error) if error.is_busy() => Problem::busy(),
            error if error.is_disk_full() => {
                Problem::new(S::INSUFFICIENT_STORAGE, "disk-full", "The disk is full: nothing can be saved until space is freed.")
            }
            Error::Storage(_)
            | Error::File { .. }
            | Error::Hash { .. }
            | Error::Passkeys { .. }
            | Error::Sealed
            | Error::Unreadable { .. }
            | Error::UnknownTable { .. }
            | Error::Random { .. }
            | Error::Mail { .. }
            | Error::Social { .. }
            | Error::Report { .. }
            | Error::Checks { .. }
            | Error::Csv { .. }
            | Error::Json { .. }
            | Error::Panicked { .. } => Problem::internal(),
        }
    }

    pub(crate) fn is_disk_full(&self) -> bool {
        match self {
            Error::Storage(error) => error.is_disk_full(),
            Error::File { source, .. } => matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded),
            _ => false,
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Error::TooManyAttempts { retry_after_s } | Error::TooManyRequests { retry_after_s } => Some(*retry_after_s),
            Error::Overloaded { .. } | Error::UploadLocked => Some(1),
            Error::TooManyStreams => Some(10),
            Error::ReadOnly | Error::MediaReadOnly { .. } => Some(30),
            Error::Storage(error) if error.is_busy() => Some(1),
            _ => None,
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

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.problem().status()
    }

    /// Status and headers only: `http::problem::render` writes the body, for these errors and for those of actix alike.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if matches!(self, Error::NotAnOperator) {
            // A browser may send the token as the password of anybody.
            response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"health\", Bearer"));
        }
        if let Error::MethodNotAllowed { allow } = self {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if matches!(self, Error::TusVersion) {
            response.insert_header(("Tus-Version", "1.0.0"));
        }
        if let Some(seconds) = self.retry_after_s() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.finish()
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
