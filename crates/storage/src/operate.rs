//! What an operator does with a store, beside reading and writing: migrations, copies, maintenance.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use refinery::Runner;

use crate::readers::NO_LIMIT;
use crate::snapshot::{Existing, copy, copy_to_scratch};
use crate::{
    Check, CheckOn, Checked, Drift, Error, Fingerprint, Maintained, MaintenancePlan, Migrated, Plan, Progress, Rehearsal, RolledBack,
    Snapshot, Step, Store, Task, WrittenSince, check, checkpoint, drift, maintain, migrate, rehearse, roll_back,
};

impl Store {
    /// Applies the migrations that are pending, all of them or none, and blocks meanwhile.
    ///
    /// They run on the writer thread in one transaction. Foreign keys are switched off meanwhile, as a rebuild of a table needs it; all of
    /// them are checked before the commit, including violations that existed before. Temporary tables that a migration created are dropped.
    /// If the database had content, a verified copy of it, `<database>.before-v<N>.sqlite3`, is made before the commit; the newest
    /// [`migration_copies`](field@crate::Options::migration_copies) are kept. Where nothing is pending, only the history is looked at. The
    /// runner's settings for grouping and for passing over divergent or missing migrations have no effect.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`], [`Error::DivergentMigration`] and [`Error::MissingMigration`] where the history does not fit;
    /// [`Error::Migration`] with the one that failed; [`Error::ForeignKeys`]; [`Error::DiskSpace`] and as [`snapshot`](Self::snapshot) where the copy
    /// cannot be made; [`Error::Replaced`]. The database is then what it was before.
    pub fn migrate(&self, runner: Runner) -> Result<Migrated, Error> {
        let (readers, path, options) = (Arc::clone(&self.inner.readers), self.inner.path.clone(), self.inner.options.clone());
        self.alone(move |desk| migrate::migrate(desk, &readers, &path, &options, &runner))
    }

    /// What [`migrate`](Self::migrate) would do. Changes nothing.
    ///
    /// # Errors
    ///
    /// As `migrate` where the history does not fit.
    pub fn plan(&self, runner: &Runner) -> Result<Plan, Error> {
        self.inner.readers.run(|conn| migrate::plan(conn, runner))
    }

    /// Runs the pending migrations on a copy, which is thrown away, and tells how it went. Blocks the caller, but nobody else; needs
    /// the size of the database as free disk space, and what the migrations write.
    ///
    /// # Errors
    ///
    /// [`Error::DiskSpace`], also in the middle of it, once there is no more left than writes may need; as [`migrate`](Self::migrate), but
    /// broken foreign keys are part of the report.
    pub fn rehearse(&self, runner: &Runner) -> Result<Rehearsal, Error> {
        rehearse::rehearse(&self.inner.readers, &self.inner.path, &self.inner.options, runner)
    }

    /// Puts back the copy from before a migration ([`Migrated::snapshot`]), in one commit that all connections see as such, and blocks
    /// meanwhile. What it replaces is copied to `<database>.replaced-<n>.sqlite3` first, which undoes this with another call; the store never
    /// removes these copies.
    ///
    /// Whether rows were written since is found by comparing all rows with a fingerprint that the migration left beside the copy; so it
    /// holds whoever wrote them, and after any number of restarts.
    ///
    /// # Errors
    ///
    /// [`Error::WrittenSince`] and [`Error::NoFingerprint`] unless told to [discard](WrittenSince::Discard) it, or that what was written is
    /// [derived](WrittenSince::RefuseExcept); as [`snapshot`](Self::snapshot) where the copy is damaged or what it replaces cannot be kept;
    /// [`Error::WrittenMeanwhile`], [`Error::Restore`], [`Error::InDoubt`] where the disk fails again and again. The database is then what
    /// it was before.
    pub fn roll_back(&self, snapshot: &Path, written: WrittenSince) -> Result<RolledBack, Error> {
        let (readers, path, options) = (Arc::clone(&self.inner.readers), self.inner.path.clone(), self.inner.options.clone());
        let snapshot = snapshot.to_owned();
        self.alone(move |desk| roll_back::roll_back(desk, &readers, &path, &options, &snapshot, written))
    }

    /// Writes the pending migrations into the history without running them, for a database that has their schema already.
    ///
    /// # Errors
    ///
    /// [`Error::Drift`] where the schema is not the one that the migrations make; as [`migrate`](Self::migrate) where the history does
    /// not fit.
    pub fn stamp(&self, runner: Runner) -> Result<Vec<Step>, Error> {
        let options = self.inner.options.clone();
        self.alone(move |desk| drift::stamp(desk, &options, runner))
    }

    /// Compares the schema with the one that the applied migrations make of an empty database. Changes nothing.
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan), and [`Error::Migration`] where the migrations do not run on an empty database.
    pub fn drift(&self, runner: &Runner) -> Result<Drift, Error> {
        self.inner.readers.run(|conn| drift::of(conn, &self.inner.options, runner))
    }

    /// Copies the database to `to`, in one step and from one moment, while writes go on. Blocks until the copy is on disk.
    ///
    /// The file appears under its name when it is complete and synced, or not at all. The write-ahead log grows while the copy runs. A process
    /// that is killed leaves a folder `<to>.XXXXXX.partial`, which the next snapshot into the same folder removes.
    ///
    /// # Errors
    ///
    /// [`Error::SnapshotExists`], because nothing is overwritten; [`Error::DiskSpace`] where there is no room for the copy, and beside the database
    /// for as much again, at most [`wal_limit_bytes`](field@crate::Options::wal_limit_bytes), so that writes do not fail for it; [`Error::Snapshot`]
    /// and [`Error::SnapshotFile`], also where the disk fills up meanwhile ([`Error::is_disk_full`]).
    pub fn snapshot(&self, to: &Path) -> Result<Snapshot, Error> {
        copy(&self.inner.readers, to, Existing::Refuse, |_| Ok(()))
    }

    /// Copies the database to `to` as [`snapshot`](Self::snapshot) does, but syncs nothing: for a copy that is worked on and removed, such as
    /// for an archive. The flush of a large file would hold up the commits of everybody on that disk.
    ///
    /// # Errors
    ///
    /// As [`snapshot`](Self::snapshot). What there was of the copy is removed then; a process that is killed leaves it.
    pub fn scratch_copy(&self, to: &Path) -> Result<Snapshot, Error> {
        copy_to_scratch(&self.inner.readers, to)
    }

    /// The rows of the database in a few numbers, read on the caller's thread in one read transaction, however long that takes: about half a
    /// second for each gigabyte. The write-ahead log grows meanwhile. ([`Fingerprint::take`] in a read of your own has that one's limit.)
    ///
    /// # Errors
    ///
    /// [`Error::Busy`], [`Error::Closed`]; where the database cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        self.inner.readers.run_for(NO_LIMIT, Fingerprint::take)
    }

    /// What maintenance is worth doing now, and why. Changes nothing; for a schedule of the caller's own.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn plan_maintenance(&self) -> Result<MaintenancePlan, Error> {
        let facts = self.facts()?;
        self.inner.readers.run(|conn| maintain::plan(conn, &facts, &self.inner.options))
    }

    /// Does one task on the writer thread and blocks until it is done. An incremental vacuum lets other writes have their turn.
    ///
    /// # Errors
    ///
    /// [`Error::DiskSpace`] where a `VACUUM` does not find twice the size of the database free; [`Error::WrittenMeanwhile`] where another
    /// process does not keep to the rule that one process writes; [`Error::Snapshot`], [`Error::Restore`]
    /// where it fails, and the database is what it was; as [`checkpoint`](Self::checkpoint).
    pub fn maintain(&self, task: Task) -> Result<Maintained, Error> {
        let turn = || {
            let (path, options) = (self.inner.path.clone(), self.inner.options.clone());
            self.alone(move |desk| maintain::turn(desk, &path, &options, task))
        };
        maintain::run(task, turn, || self.facts())
    }

    /// Looks for damage, on the caller's thread. `progress` is called now and then and may stop it.
    ///
    /// # Errors
    ///
    /// [`Error::CheckStopped`]; as [`snapshot`](Self::snapshot). Damage is no error but in the result, unless the file cannot be read.
    pub fn check(
        &self,
        check: Check,
        on: CheckOn,
        progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Checked, Error> {
        check::check(&self.inner.readers, &self.inner.path, &self.inner.options, check, on, progress)
    }

    /// Moves the write-ahead log into the database and empties it. The writer does this by itself as needed; this is for the moments
    /// when the file alone has to hold everything. Writes wait meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::CheckpointBlocked`] where a reader needs the log for longer than [`busy_timeout`](field@crate::Options::busy_timeout).
    pub fn checkpoint(&self) -> Result<(), Error> {
        self.alone(|desk| checkpoint::truncate(desk.conn))
    }
}
