//! `backupd`, as the server asks it: what it does at the moment, and to begin.

use std::time::Duration;

use magnetiq_config::Settings;
use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Time,
    error::Error,
    outbound::{self, Reach},
};

/// A daemon beside the server answers at once, or not at all.
const WAIT: Duration = Duration::from_secs(3);

/// The daemon that makes backups.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Daemon {
    /// Whether it answers at `backup.url`.
    answers: bool,
    /// Why it could not be asked, in words.
    problem: Option<String>,
    /// What it is doing; null while it waits.
    running: Option<Running>,
    /// When the schedule wants the next backup.
    next_run_at: Option<Time>,
}

/// A backup on its way.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Running {
    since: Time,
    /// Why it is made.
    reason: String,
    /// What is done now, in words.
    step: String,
    done_bytes: u64,
    /// Null or 0 while it is not known.
    total_bytes: u64,
    /// It takes longer than `backup.time_limit_min`.
    stuck: bool,
}

/// What of its status matters here.
#[derive(Deserialize)]
struct Status {
    running: Option<Running>,
    next_run_at: Option<Time>,
}

pub(super) async fn ask(settings: &Settings) -> Daemon {
    match status(settings).await {
        Ok(Status { running, next_run_at }) => Daemon { answers: true, problem: None, running, next_run_at },
        Err(problem) => Daemon { problem: Some(problem), ..Daemon::default() },
    }
}

async fn status(settings: &Settings) -> Result<Status, String> {
    let answer = request(settings, reqwest::Client::get, "status").map_err(|error| error.to_string())?.send().await;
    let answer = answer.map_err(|error| said(&error))?;
    if !answer.status().is_success() {
        return Err(refusal(answer.status()));
    }
    let text = answer.text().await.map_err(|error| said(&error))?;
    serde_json::from_str(&text).map_err(|error| format!("its answer is not that of a backupd: {error}"))
}

/// Tells it to make a backup.
///
/// # Errors
///
/// [`Error::BackupRunning`], [`Error::NoBackupDaemon`].
pub(super) async fn start(settings: &Settings) -> Result<(), Error> {
    let missing = |problem| Error::NoBackupDaemon { problem };
    let request = request(settings, reqwest::Client::post, "backups")?;
    let answer = request.send().await.map_err(|error| missing(said(&error)))?;
    match answer.status() {
        StatusCode::ACCEPTED => Ok(()),
        StatusCode::CONFLICT => Err(Error::BackupRunning),
        status => Err(missing(refusal(status))),
    }
}

fn request(settings: &Settings, method: fn(&reqwest::Client, url::Url) -> RequestBuilder, path: &str) -> Result<RequestBuilder, Error> {
    let backup = &settings.backup;
    let client = outbound::client(Reach::of(settings, "backup.url"), WAIT)
        .map_err(|source| Error::NoBackupDaemon { problem: source.to_string() })?;
    let url = backup.url.join(path).unwrap_or_else(|_| backup.url.clone());
    let request = method(&client, url);
    Ok(match &backup.token {
        Some(token) => request.bearer_auth(token.expose_secret()),
        None => request,
    })
}

fn refusal(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED => "it does not take the token of backup.token: give both programs the same one".to_owned(),
        status => format!("it answers {status}"),
    }
}

/// The innermost cause says what happened.
fn said(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
