//! What is watched: the checks of this server, and what people can do depending on them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::web::Data;
use jiff::Timestamp;
use magnetiq_health::{
    Check, CheckError, CheckInfo, Clock, Damping, Deadline, Facts, Feature, Moment, Monitor, MonitorBuilder, Node, Threshold, Value,
    catalog,
    checks::{
        Backup, DatabaseRead, DatabaseSize, DatabaseWal, DatabaseWrite, Disk, DiskSync, FileDescriptors, Log, Memory, Migrations, Restarts,
        Version, WallClock,
    },
};
use rustix::fs::statvfs;

use super::{Reserve, space::Space};
use crate::{clock::Time, error::Error, schema, state::AppState};

/// The check that says whether writes are answered.
pub(crate) const WRITER: &str = "database-write";
const READER: &str = "database-read";
/// The check of the disk that the database lies on.
pub(crate) const DISK_DATA: &str = "disk-data";
/// The check that a commit can reach that disk.
const DISK_SYNC: &str = "disk-sync";
const DISK_MEDIA: &str = "disk-media";
const DISK_BACKUP: &str = "disk-backup";
/// Whether the server takes writes and uploads, or the disk is too full.
const WRITES: &str = "writes-taken";
const UPLOADS: &str = "uploads-taken";

/// How often the database is asked. What hangs is known after this and [`writer_stalled`](magnetiq_config::Health::writer_stalled).
const DATABASE_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked at what is refused, which costs nothing.
const REFUSALS_EVERY: Duration = Duration::from_secs(1);
/// How often the monitor looks whether an answer is overdue.
const TICK: Duration = Duration::from_millis(250);

/// Looks at the disks, so that a full one is known before the first request, and starts the checks.
///
/// # Errors
///
/// [`Error::Checks`] when settings make no sense together, or a thread cannot be started.
pub(crate) fn start(state: &Data<AppState>) -> Result<(), Error> {
    let failed = |source| Error::Checks { source: Box::new(source) };
    let watch = Watch::of(state);
    watch.look();
    if let Err(error) = Restarts::started(&watch.beside(".starts"), watch.clock.now().wall) {
        tracing::warn!(error = &error as &dyn std::error::Error, "this start is not written down");
    }
    let monitor = Monitor::builder().clock(watch.clock.clone()).tick(TICK);
    let monitor = watch.machine(watch.database(watch.disks(monitor).map_err(failed)?).map_err(failed)?).map_err(failed)?;
    let monitor = crate::outbox::watch::add(state, monitor);
    let monitor = crate::media::variants::watch::add(state, monitor);
    let monitor = features(monitor).node(Node::new("backup", "Backups").optional()).node(Node::new("system", "Machine").optional());
    state.health.watch_with(monitor.start().map_err(failed)?);
    Ok(())
}

/// The server was told to stop: its next start is one that somebody asked for.
pub(crate) fn stopping(state: &Data<AppState>) {
    if let Err(error) = Restarts::stopped(&Watch::of(state).beside(".starts")) {
        tracing::warn!(error = &error as &dyn std::error::Error, "this stop is not written down");
    }
}

struct Watch<'a> {
    state: &'a AppState,
    clock: Clock,
    reserve: Reserve,
}

impl<'a> Watch<'a> {
    fn of(state: &'a AppState) -> Self {
        let (begin, clock) = (Instant::now(), state.clock.clone());
        let clock = Clock::new(move || Moment { wall: clock.now().into(), steady: begin.elapsed() });
        Self { state, clock, reserve: Reserve::of(state.store.path()) }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.state.store.path().as_os_str().to_owned();
        path.push(suffix);
        path.into()
    }

    fn data_folder(&self) -> &Path {
        self.state.store.path().parent().unwrap_or(Path::new("/"))
    }

    /// The first look, before anything is served.
    fn look(&self) {
        let space = &self.state.health.space;
        let free = |folder: &Path| statvfs(folder).map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize));
        // What cannot be looked at the checks will tell.
        if let Ok(free) = free(self.data_folder()) {
            space.see_data(free);
            keep_reserve(&self.reserve, space, free);
        }
        if let Ok(free) = free(&self.state.settings.media.folder) {
            space.see_media(free);
        }
    }

    fn disks(&self, monitor: MonitorBuilder) -> Result<MonitorBuilder, magnetiq_health::Error> {
        let settings = &self.state.settings;
        let health = &settings.health;
        let info = |id: &str, title: &'static str| {
            let mut info = known("disk", id).every(health.disk_interval);
            info.title = title.into();
            info.thresholds.retain(|threshold| !["used", "free"].contains(&threshold.measurement()));
            let (warn, fail) = (f64::from(health.disk_warn_percent), f64::from(health.disk_fail_percent));
            let used = Threshold::above("used").warn(warn).leave_warn(warn - 1.0).fail(fail).leave_fail(fail - 1.0).build()?;
            let (uploads, writes) = (bytes(health.uploads_min_free_bytes), bytes(health.writes_min_free_bytes));
            let free = Threshold::below("free").warn(uploads * 2.0).leave_warn(uploads * 2.25).fail(writes).leave_fail(writes * 1.25);
            Ok(info.threshold(used).threshold(free.build()?))
        };
        let (space, reserve) = (Arc::clone(&self.state.health.space), self.reserve.clone());
        let data = seeing(Disk::new(self.data_folder(), self.clock.clone()), move |free| {
            space.see_data(free);
            keep_reserve(&reserve, &space, free);
        });
        let space = Arc::clone(&self.state.health.space);
        let media = seeing(Disk::new(&settings.media.folder, self.clock.clone()), move |free| space.see_media(free));
        // What a commit waits for.
        let sync = known(DISK_SYNC, DISK_SYNC).every(health.disk_interval).timeout(health.writer_stalled).depends_on(DISK_DATA);
        let mut monitor = monitor
            .node(Node::new("disk", "Disks"))
            .check(info(DISK_DATA, "There is room for the database")?, data)
            .check(sync, DiskSync::new(self.beside(".probe")))
            .check(info(DISK_MEDIA, "There is room for media")?, media);
        let backups = &settings.backup.folder;
        if backups.is_dir() {
            let mut info = info(DISK_BACKUP, "There is room for backups")?;
            info.critical = false;
            monitor = monitor.check(info, Disk::new(backups, self.clock.clone()).only_read());
        }
        let refusal = |id: &str, title: &'static str| {
            let mut info = known("disk", id).every(REFUSALS_EVERY);
            info.title = title.into();
            info.thresholds.clear();
            info.depends_on(DISK_DATA)
        };
        let (uploads, writes) = (Arc::clone(&self.state.health.space), Arc::clone(&self.state.health.space));
        let uploads = refused(move || uploads.refuses_uploads(), "files are not taken, because the disk is nearly full");
        let writes = refused(move || writes.refuses_writes(), "nothing is saved, because the disk is nearly full");
        let mut uploads_info = refusal(UPLOADS, "Files are taken").depends_on(DISK_MEDIA);
        // The disk only warns when the first uploads are refused: the site still works.
        uploads_info.critical = false;
        Ok(monitor.check(uploads_info, uploads).check(refusal(WRITES, "Writes are taken"), writes))
    }

    fn database(&self, monitor: MonitorBuilder) -> Result<MonitorBuilder, magnetiq_health::Error> {
        let (state, health) = (self.state, &self.state.settings.health);
        let store = || state.store.clone();
        let at_once = Damping::default();
        let asked = |kind: &'static str| known(kind, kind).every(DATABASE_EVERY).timeout(health.writer_stalled).damping(at_once);
        let read = asked(READER).depends_on(DISK_SYNC);
        // A full disk does not hang a probe that changes nothing: what fails here is the writer.
        let mut write = asked(WRITER).depends_on(READER);
        let stalled = health.writer_stalled.as_secs_f64();
        write.thresholds.retain(|threshold| threshold.measurement() != "queue_age");
        let write = write.threshold(Threshold::above("queue_age").warn(stalled / 2.0).fail(stalled.max(0.001)).optional().build()?);
        let later = |kind: &'static str| known(kind, kind).depends_on(READER);
        let size = DatabaseSize::new(store(), self.clock.clone()).limit_bytes(health.database_limit_bytes);
        Ok(monitor
            .node(Node::new("database", "Database"))
            .check(read, DatabaseRead::new(store()))
            .check(write, DatabaseWrite::new(store()))
            .check(later("database-wal"), DatabaseWal::new(store()))
            .check(later("database-size"), size)
            .check(later("migrations"), Migrations::new(store(), schema::runner)))
    }

    fn machine(&self, monitor: MonitorBuilder) -> Result<MonitorBuilder, magnetiq_health::Error> {
        let settings = &self.state.settings;
        let (warn, fail) = (settings.health.backup_warn.as_secs_f64(), settings.health.backup_fail.as_secs_f64());
        let mut backup = known("backup", "backup");
        backup.thresholds.retain(|threshold| threshold.measurement() != "age");
        let backup = backup.threshold(Threshold::above("age").warn(warn).fail(fail).optional().build()?);
        let store = self.state.store.clone();
        let newest = move || {
            let newest = store.read(|conn| {
                Ok(conn.query_row("SELECT max(updated_at) FROM page WHERE deleted_at IS NULL", [], |row| row.get::<_, Option<Time>>(0))?)
            });
            newest.wait().map(|newest| newest.map(Timestamp::from)).map_err(|error| error.to_string())
        };
        let mut monitor = monitor
            .check(backup, Backup::new(&settings.backup.folder, self.clock.clone()).copies(settings.backup.targets.len()))
            .check(known("memory", "memory"), Memory::new())
            .check(known("file-descriptors", "file-descriptors"), FileDescriptors::new())
            .check(known("clock", "clock").depends_on(READER), WallClock::new(self.clock.clone()).newest(newest))
            .check(known("restarts", "restarts"), Restarts::new(self.beside(".starts"), self.clock.clone()))
            .check(known("version", "version"), Version::new(env!("CARGO_PKG_VERSION")));
        if let Some(folder) = &settings.log.folder {
            monitor = monitor.check(known("log", "log"), Log::new(folder.join("api-server.log"), self.clock.clone()));
        }
        Ok(monitor)
    }
}

/// What people can do with the site, and without what.
fn features(monitor: MonitorBuilder) -> MonitorBuilder {
    let saving = |feature: Feature| feature.requires(READER).requires(WRITER).requires(DISK_SYNC);
    monitor
        .feature(Feature::new("pages", "Read pages").requires(READER))
        .feature(Feature::new("media", "See pictures and files").requires(READER).requires(DISK_MEDIA))
        .feature(saving(Feature::new("login", "Sign in")))
        .feature(saving(Feature::new("editing", "Write pages")).requires(WRITES))
        .feature(saving(Feature::new("media-upload", "Bring files")).requires(WRITES).requires(UPLOADS).requires(DISK_MEDIA))
}

/// What the catalog says of a check by the name that it has here.
pub(crate) fn entry(id: &str) -> Option<&'static catalog::Entry> {
    let is_disk = [DISK_DATA, DISK_MEDIA, DISK_BACKUP, WRITES, UPLOADS].contains(&id);
    catalog::find(if is_disk { "disk" } else { id })
}

/// What the catalog says of a check of this kind, under the name that it has here.
fn known(kind: &str, id: &str) -> CheckInfo {
    catalog::find(kind).map_or_else(|| CheckInfo::new(id, kind, id.to_owned()), |entry| entry.info_as(id))
}

/// The check of a disk, of which somebody else wants to know the free space.
fn seeing(mut disk: Disk, see: impl Fn(u64) + Send) -> impl Check {
    move |deadline: Deadline| {
        let facts = disk.run(deadline)?;
        if let Some(Value::Bytes(free)) = facts.reading("free").and_then(magnetiq_health::Reading::value) {
            see(*free);
        }
        Ok::<_, CheckError>(facts)
    }
}

fn refused(is_refused: impl Fn() -> bool + Send, says: &'static str) -> impl Check {
    move |_: Deadline| {
        let refused = is_refused();
        let facts = Facts::new().with("refused", Value::Bool(refused));
        Ok::<_, CheckError>(if refused { facts.failing(says) } else { facts.saying("the disk has room") })
    }
}

/// Once there is room again for what was given up at the start.
fn keep_reserve(reserve: &Reserve, space: &Space, free_bytes: u64) {
    if space.refuses_writes() || reserve.is_kept() || !space.has_room_for(free_bytes, magnetiq_config::RESERVE_BYTES) {
        return;
    }
    if let Err(error) = reserve.keep() {
        tracing::warn!(%error, "no space is kept for a full disk");
    }
}

fn bytes(bytes: u64) -> f64 {
    bytes as f64
}
