//! The backups of the site as `backupd` keeps them: what there is and what is proven, starting one, taking one home.

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    post,
    web::{Data, Json, Path},
};
use magnetiq_backup::{Backups, Entry, MediaMode, Options, Which};
use magnetiq_config::{BackupMedia, Settings};
use serde::Serialize;
use utoipa::ToSchema;

use super::daemon::{self, Daemon};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    blocking,
    clock::Time,
    error::Error,
    http::problem::Problem,
    state::AppState,
};

/// The backups, and who makes them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupList {
    /// Where they lie.
    folder: String,
    /// When one is made: five fields of cron, in UTC.
    schedule: String,
    /// The daemon that makes them, as far as it can be asked.
    daemon: Daemon,
    /// Whether archives name media that are kept beside them, instead of holding them.
    media_beside: bool,
    /// When the newest one was made that is proven; null while none is.
    newest_proven_at: Option<Time>,
    /// All of them, the newest first.
    backups: Vec<Backup>,
}

/// One backup.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Backup {
    /// The moment in its name.
    #[schema(examples("20261123T020000Z"))]
    pub(super) id: String,
    created_at: Time,
    /// `schedule`, `manual`, `pre-migration`, `pre-deploy`, `export` or `pre-restore`.
    #[schema(examples("schedule"))]
    reason: String,
    /// Size of the archive.
    size_bytes: u64,
    /// Rows of all tables.
    rows: u64,
    media_files: u64,
    media_bytes: u64,
    /// Whether a restore brought back all of it, and none has failed since.
    pub(super) proven: bool,
    /// The verification that decides; null before the first one.
    proof: Option<BackupProof>,
    /// Whether something could not be read when it was made.
    partial: bool,
    /// Whether it is kept for ever.
    pinned: bool,
    encrypted: bool,
    /// The program that made it.
    program_version: String,
    /// The other places that have a copy.
    copies: Vec<BackupCopy>,
}

/// An attempt to restore a backup.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupProof {
    at: Time,
    /// `restore`, `integrity` or `drill`, each more thorough than the one before.
    depth: String,
    /// `proven`, `failed` or `inconclusive`.
    outcome: String,
    /// What is wrong, where it is not proven.
    problem: Option<String>,
    duration_ms: u64,
}

/// A copy elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupCopy {
    target: String,
    at: Time,
}

/// A backup that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    /// Always true: what could not be started is an error.
    started: bool,
}

impl From<&Entry> for Backup {
    fn from(entry: &Entry) -> Self {
        let (record, summary) = (&entry.record, &entry.record.summary);
        let proof = record.last_proof().map(|proof| BackupProof {
            at: proof.at.into(),
            depth: proof.depth.to_string(),
            outcome: proof.outcome.to_string(),
            problem: proof.problem.clone(),
            duration_ms: proof.duration_ms,
        });
        Self {
            id: entry.id.clone(),
            created_at: entry.created_at().into(),
            reason: summary.reason.to_string(),
            size_bytes: entry.size_bytes(),
            rows: summary.rows,
            media_files: summary.media_files,
            media_bytes: summary.media_bytes,
            proven: entry.is_proven(),
            proof,
            partial: entry.is_partial(),
            pinned: record.pinned,
            encrypted: summary.encrypted,
            program_version: summary.program_version.clone(),
            copies: record.copies.iter().map(|copy| BackupCopy { target: copy.target.clone(), at: copy.at.into() }).collect(),
        }
    }
}

/// The backups of the settings, to look at: nothing is made or pruned with these. `None` while there is no folder.
pub(super) fn of(settings: &Settings) -> Result<Option<Backups>, Error> {
    let backup = &settings.backup;
    if !backup.folder.is_dir() {
        return Ok(None);
    }
    let media = match backup.media {
        BackupMedia::Linked => MediaMode::Linked,
        BackupMedia::Full => MediaMode::Full,
    };
    let options = Options::new(&backup.folder)
        .database(&settings.database.path)
        .storage_options(settings.database.options())
        .media(&settings.media.folder, media)
        .name(&backup.name)
        .identities(backup.identity_files.clone());
    Ok(Some(Backups::new(options)?))
}

/// One of them, by the whole of its id.
pub(super) fn find(settings: &Settings, id: &str) -> Result<(Backups, Entry), Error> {
    let missing = || Error::NotFound { what: "backup" };
    let backups = of(settings)?.ok_or_else(missing)?;
    let entry = backups.find(&Which::Id(id.to_owned()))?;
    if entry.id == id { Ok((backups, entry)) } else { Err(missing()) }
}

/// What there is, what is proven, and what the daemon is doing.
#[utoipa::path(operation_id = "list_backups", tag = "admin", responses(
    (status = 200, body = BackupList),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/operations/backups")]
pub(crate) async fn list(state: Data<AppState>) -> Result<Json<BackupList>, Error> {
    let daemon = daemon::ask(&state.settings).await;
    let looked = state.clone();
    let entries = blocking::run(move || of(&looked.settings)?.map_or(Ok(Vec::new()), |backups| Ok::<_, Error>(backups.list()?)));
    let entries = entries.await??;
    let backup = &state.settings.backup;
    Ok(Json(BackupList {
        folder: backup.folder.display().to_string(),
        schedule: backup.schedule.clone(),
        daemon,
        media_beside: backup.media == BackupMedia::Linked,
        newest_proven_at: entries.iter().find(|entry| entry.is_proven()).map(|entry| entry.created_at().into()),
        backups: entries.iter().map(Backup::from).collect(),
    }))
}

/// Start a backup now. It is proven by restoring it, as every backup is; the list shows when it is there.
#[utoipa::path(operation_id = "start_backup", tag = "admin", responses(
    (status = 202, body = Started),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 409, body = Problem, description = "`backup-running`"),
    (status = 503, body = Problem, description = "`no-backup-daemon`: it does not answer, or does not take the token of `backup.token`"),
))]
#[post("/admin/operations/backups")]
pub(crate) async fn start(caller: Caller, state: Data<AppState>) -> Result<HttpResponse, Error> {
    daemon::start(&state.settings).await?;
    let (actor, now) = (Actor::from(&caller), state.clock.now());
    state.write_if_possible(move |tx| audit::record(tx, &actor, Change::of("backup.start", "now", "a backup"), now)).await?;
    Ok(HttpResponse::Accepted().json(Started { started: true }))
}

/// The archive of a backup. Everything of the site is in it, password hashes among it: whoever takes it is noted.
#[utoipa::path(operation_id = "download_backup", tag = "admin", params(("id" = String, Path)), responses(
    (status = 200, description = "The archive", content_type = "application/octet-stream", body = Vec<u8>),
    (status = 206, description = "The range that was asked for"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`backup-not-found`"),
))]
#[get("/admin/operations/backups/{id}/archive")]
pub(crate) async fn download(caller: Caller, request: HttpRequest, state: Data<AppState>, id: Path<String>) -> Result<HttpResponse, Error> {
    let (looked, wanted) = (state.clone(), id.into_inner());
    let (_, entry) = blocking::run(move || find(&looked.settings, &wanted)).await??;
    let name = entry.record.archive.file.clone();
    let opened = NamedFile::open(&entry.path).map_err(|source| Error::File { action: "open", path: entry.path.clone(), source })?;
    let (actor, now) = (Actor::from(&caller), state.clock.now());
    let change = Change::of("backup.download", &entry.id, name.clone());
    state.write_if_possible(move |tx| audit::record(tx, &actor, change, now)).await?;
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::Filename(name)] };
    let opened = opened.set_content_type(mime::APPLICATION_OCTET_STREAM).set_content_disposition(disposition);
    let mut response = opened.into_response(&request);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}
