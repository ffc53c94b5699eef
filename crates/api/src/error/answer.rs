//! What the client is told of an error: a status, a stable code and a public sentence.

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};

use super::{Error, human_size};
use crate::http::problem::Problem;

impl Error {
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
            Error::MediaInUse { places } => {
                Problem::new(S::CONFLICT, "media-in-use", format!("The file is shown on: {}.", places.join(", ")))
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
                "This does not wait any more: it is being sent, was sent already, or was taken back.",
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
            | Error::Internal { .. }
            | Error::Sealed
            | Error::Unreadable { .. }
            | Error::UnknownTable { .. }
            | Error::Report { .. }
            | Error::Checks { .. }
            | Error::Json { .. }
            | Error::Panicked { .. } => Problem::internal(),
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
