//! Makes smaller pictures of what is queued, the oldest first, one at a time: a picture in memory is large. The queue is in the database, so
//! a server that was killed goes on at its next start.

use std::{
    collections::HashMap,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use actix_web::{rt, web::Data};

use super::{
    Recipe, file_name,
    picture::{self, Outcome},
    rows::{self, Expected},
};
use crate::{
    blocking,
    error::Error,
    http::problem,
    id::MediaId,
    media::{Media, rows as media_rows},
    state::AppState,
};

/// How often is looked for what is queued.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits after what may pass: a full disk, a busy database.
const PAUSE: Duration = Duration::from_secs(10);

/// Goes on until it is aborted.
pub(crate) fn keep_making(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let mut worker = Worker { recipe: Recipe::of(&state.settings.media), state, prepared: false, complained: false };
        loop {
            let wait = match worker.step().await {
                Ok(wait) => {
                    worker.complained = false;
                    wait
                }
                Err(error) => {
                    worker.complain(&error);
                    PAUSE
                }
            };
            rt::time::sleep(wait).await;
        }
    })
}

struct Worker {
    state: Data<AppState>,
    recipe: Recipe,
    /// Whether what is there was compared with what should be.
    prepared: bool,
    /// Whether the log knows already that this does not work.
    complained: bool,
}

impl Worker {
    /// Makes what one file is to become, if one waits. Tells how long there is nothing to do.
    async fn step(&mut self) -> Result<Duration, Error> {
        let state = self.state.clone();
        if state.refuse_if_read_only().is_err() || state.health.space.refuses_uploads() {
            return Ok(PAUSE);
        }
        if !self.prepared {
            self.prepare().await?;
            self.prepared = true;
        }
        let Some((media, attempts)) = state.read(rows::next).await? else {
            state.pictures.moved(state.clock.now());
            return Ok(LOOK);
        };
        let (id, recipe) = (media.id, self.recipe.fingerprint());
        if attempts >= rows::ATTEMPTS_MAX {
            let reason = format!("It was begun {attempts} times, and the server ended each time.");
            tracing::warn!(%id, name = media.name, reason, "no smaller pictures are made of a file");
            state.write(move |tx| rows::failed(tx, &media, &reason, &recipe)).await?;
            state.pictures.refused(state.clock.now());
            return Ok(Duration::ZERO);
        }
        state.write(move |tx| rows::count_attempt(tx, id, 1)).await?;
        match self.make(&media).await {
            Ok(outcome) => {
                self.note(media, outcome, recipe).await?;
                state.pictures.made(state.clock.now());
            }
            Err(Failure::Picture(reason)) => {
                tracing::info!(%id, name = media.name, reason, "no smaller pictures are made of a file");
                state.write(move |tx| rows::failed(tx, &media, &reason, &recipe)).await?;
                state.pictures.refused(state.clock.now());
            }
            Err(Failure::Server(error)) => {
                state.write(move |tx| rows::count_attempt(tx, id, -1)).await?;
                return Err(*error);
            }
        }
        Ok(Duration::ZERO)
    }

    /// Makes the pictures, and puts their files in place.
    async fn make(&self, media: &Media) -> Result<Outcome, Failure> {
        let (folder, recipe, wanted) = (self.state.media.clone(), self.recipe.clone(), media.clone());
        let made = blocking::run(move || {
            let file = open(&folder.path(&wanted.sha256))?;
            let outcome = picture::make(file, &wanted.media_type, wanted.focal_point, &recipe).map_err(Failure::Picture)?;
            for made in &outcome.made {
                let name = file_name(&made.preset, &made.version);
                folder.keep_variant(&wanted.sha256, &name, &made.webp).map_err(|error| Failure::Server(Box::new(error)))?;
            }
            Ok(outcome)
        });
        match made.await {
            Ok(made) => made,
            // A decoder that panics has met something that it did not expect.
            Err(Error::Panicked { .. }) => Err(Failure::Picture("It is damaged: what reads it gave up.".into())),
            Err(error) => Err(Failure::Server(Box::new(error))),
        }
    }

    /// Notes what was made, and removes what it replaces. A file that is another one meanwhile is still queued.
    async fn note(&self, media: Media, outcome: Outcome, recipe: String) -> Result<(), Error> {
        let (id, sha256) = (media.id, media.sha256.clone());
        let names: Vec<String> = outcome.made.iter().map(|made| file_name(&made.preset, &made.version)).collect();
        let bytes: usize = outcome.made.iter().map(|made| made.webp.len()).sum();
        let is_noted = self.state.write(move |tx| rows::made(tx, &media, &outcome, &recipe)).await?;
        let still_there = self.state.read({
            let sha256 = sha256.clone();
            move |conn| Ok(media_rows::find(conn, &sha256)?.is_some())
        });
        let kept = if still_there.await? { names } else { Vec::new() };
        let folder = self.state.media.clone();
        blocking::run(move || folder.keep_only_variants(&sha256, &kept)).await??;
        if is_noted {
            tracing::debug!(%id, bytes, "smaller pictures were made of a file");
        }
        Ok(())
    }

    /// After a start: other presets, files that are missing since a restore, and files that nobody names.
    async fn prepare(&self) -> Result<(), Error> {
        let recipe = self.recipe.fingerprint();
        let queued = self.state.write(move |tx| rows::queue_others(tx, &recipe)).await?;
        if queued > 0 {
            tracing::info!(pictures = queued, "smaller pictures are made anew: the settings changed, or a file could not be read before");
        }
        let (expected, folder) = (self.state.read(rows::expected).await?, self.state.media.clone());
        let missing = blocking::run(move || compare(folder.all_variants()?, expected)).await??;
        if !missing.is_empty() {
            tracing::info!(pictures = missing.len(), "smaller pictures are missing, and are made anew");
            self.state.write(move |tx| missing.iter().try_for_each(|id| media_rows::queue(tx, *id))).await?;
        }
        Ok(())
    }

    fn complain(&mut self, error: &Error) {
        if !self.complained {
            tracing::warn!(cause = %problem::chain(error), "smaller pictures can't be made at the moment; it is tried again");
        }
        self.complained = true;
    }
}

/// Why nothing was made.
enum Failure {
    /// It is the picture's fault, and will be so the next time.
    Picture(String),
    /// It is not.
    Server(Box<Error>),
}

/// A file that is gone, or that the server may not read, holds up no other; it is tried again after the next start. Everything else is the
/// machine's: too many open files, a disk that fails.
fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => Failure::Picture(format!("{}: {source}.", rows::NOT_READ)),
        _ => Failure::Server(Box::new(Error::File { action: "open", path: path.to_owned(), source })),
    })
}

/// Removes the files that nobody expects; the pictures of which something is missing.
fn compare(files: Vec<(String, PathBuf)>, mut expected: HashMap<(String, String), Expected>) -> Result<Vec<MediaId>, Error> {
    for (sha256, path) in files {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let size_bytes = path.metadata().map_or(0, |about| about.len());
        let key = (sha256, name);
        if expected.get(&key).is_some_and(|expected| expected.size_bytes == size_bytes) {
            expected.remove(&key);
        } else {
            std::fs::remove_file(&path).map_err(|source| Error::File { action: "remove", path, source })?;
        }
    }
    let mut missing: Vec<MediaId> = expected.into_values().map(|expected| expected.media).collect();
    missing.dedup();
    Ok(missing)
}
