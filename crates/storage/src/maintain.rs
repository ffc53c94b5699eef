//! Work that keeps a database file small and its query planner informed: first a plan, then one task at a time.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::folder::{beside, refuse_without_space};
use crate::job::Desk;
use crate::roll_back::Target;
use crate::snapshot::{Partial, verify};
use crate::{Error, Facts, Options, checkpoint};

/// Pages that one slice of an incremental vacuum frees, between which other writes have their turn.
const SLICE_PAGES: u64 = 256;
/// Below this a smaller file is no gain that anybody notices.
const WORTH_BYTES: u64 = 64 << 20;
/// What a `VACUUM` gets through each second, roughly (copying, checking, writing back): estimated from figures of its parts on one
/// machine, and not measured as a whole.
const VACUUM_BYTES_PER_SECOND: u64 = 25 << 20;
const MEBIBYTE: u64 = 1 << 20;

/// One kind of maintenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// Refreshes the statistics of the query planner where they are out of date. Cheap; once a day.
    Optimize,
    /// Gives free pages back to the file system in slices, other writes in between. Only for a database that was made with
    /// [`incremental_vacuum`](field@Options::incremental_vacuum).
    IncrementalVacuum,
    /// Rewrites the whole database. All writes wait meanwhile; readers do not. Rows of tables without an `INTEGER PRIMARY KEY` may get
    /// other rowids.
    Vacuum,
    /// Moves the write-ahead log into the database and empties it.
    Checkpoint,
}

/// What [`Store::maintain`](crate::Store::maintain) could do now, one proposal for each [`Task`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaintenancePlan {
    /// In the order in which they are best done.
    pub proposals: Vec<Proposal>,
}

impl MaintenancePlan {
    /// The tasks that are worth their cost.
    pub fn worthwhile(&self) -> impl Iterator<Item = Task> {
        self.proposals.iter().filter(|proposal| proposal.worthwhile).map(|proposal| proposal.task)
    }
}

/// One task, and whether it is worth its cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// What could be done.
    pub task: Task,
    /// Whether it is worth doing now.
    pub worthwhile: bool,
    /// Why, or why not, in a sentence for the operator.
    pub reason: String,
    /// Disk space that it gives back.
    pub gain_bytes: u64,
    /// Disk space that it needs meanwhile.
    pub needs_bytes: u64,
    /// About how long writes wait for it, from rough rates of one machine.
    pub writes_wait: Duration,
}

/// What [`Store::maintain`](crate::Store::maintain) did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Maintained {
    /// What was done.
    pub task: Task,
    /// Disk space that it gave back, of the database and its log together.
    pub freed_bytes: u64,
    /// How long it took.
    pub duration: Duration,
}

pub(crate) fn plan(conn: &Connection, facts: &Facts, options: &Options) -> Result<MaintenancePlan, Error> {
    Ok(MaintenancePlan { proposals: vec![optimize(conn)?, incremental(conn, facts)?, vacuum(facts), empty_log(facts, options)] })
}

fn optimize(conn: &Connection) -> Result<Proposal, Error> {
    // The lowest bit only asks what would be done.
    let mut statement = conn.prepare("PRAGMA optimize = 0x10003")?;
    let mut rows = statement.query([])?;
    let mut tables = 0;
    while rows.next()?.is_some() {
        tables += 1;
    }
    let reason = match tables {
        0 => "the statistics of the query planner are up to date".to_owned(),
        _ => format!("the query planner has no fresh statistics for {tables} tables or indexes"),
    };
    let writes_wait = Duration::from_millis(100 * tables);
    Ok(Proposal { task: Task::Optimize, worthwhile: tables > 0, reason, gain_bytes: 0, needs_bytes: 0, writes_wait })
}

fn incremental(conn: &Connection, facts: &Facts) -> Result<Proposal, Error> {
    let possible = is_incremental(conn)?;
    let gain_bytes = if possible { facts.free_bytes } else { 0 };
    let worthwhile = gain_bytes >= WORTH_BYTES / 4 && gain_bytes >= facts.size_bytes / 10;
    let reason = match (possible, worthwhile) {
        (false, _) => "not possible: the database was not made with incremental_vacuum".to_owned(),
        (true, true) => format!("{} of {} MiB are free", gain_bytes / MEBIBYTE, facts.size_bytes / MEBIBYTE),
        (true, false) => format!("only {} MiB are free, and new rows will use them", gain_bytes / MEBIBYTE),
    };
    let writes_wait = Duration::from_millis(20);
    Ok(Proposal { task: Task::IncrementalVacuum, worthwhile, reason, gain_bytes, needs_bytes: 0, writes_wait })
}

fn vacuum(facts: &Facts) -> Proposal {
    let (size, free) = (facts.size_bytes, facts.free_bytes);
    let worthwhile = free >= WORTH_BYTES && free >= size / 4;
    let share = (free * 100).checked_div(size).unwrap_or(0);
    let seconds = size.saturating_sub(free) / VACUUM_BYTES_PER_SECOND + 1;
    let reason = match worthwhile {
        true => format!("{} MiB ({share} %) are free; writes wait about {seconds} s for it", free / MEBIBYTE),
        false => {
            format!("not worth about {seconds} s without writes: {} MiB ({share} %) are free, and new rows will use them", free / MEBIBYTE)
        }
    };
    let writes_wait = Duration::from_secs(seconds);
    Proposal { task: Task::Vacuum, worthwhile, reason, gain_bytes: free, needs_bytes: 2 * size, writes_wait }
}

fn empty_log(facts: &Facts, options: &Options) -> Proposal {
    let wal = facts.wal_bytes;
    let worthwhile = wal > options.wal_limit_bytes;
    let reason = match worthwhile {
        true => format!("the write-ahead log has {} MiB; a reader may have held it", wal / MEBIBYTE),
        false => format!("the write-ahead log has {} MiB and is used again by itself", wal / MEBIBYTE),
    };
    let writes_wait = Duration::from_millis(wal / (100 << 10));
    Proposal { task: Task::Checkpoint, worthwhile, reason, gain_bytes: wal, needs_bytes: 0, writes_wait }
}

/// One turn of a task on the writer thread.
pub(crate) enum Turn {
    Again,
    Done,
}

/// Runs on the writer thread, alone. An incremental vacuum wants more turns.
pub(crate) fn turn(desk: &Desk<'_>, path: &Path, options: &Options, task: Task) -> Result<Turn, Error> {
    match task {
        Task::Optimize => desk.conn.execute_batch("PRAGMA optimize = 0x10002").map_err(Error::from)?,
        Task::IncrementalVacuum => return slice(desk.conn),
        Task::Vacuum => rewrite(desk, path, options)?,
        Task::Checkpoint => checkpoint::truncate(desk.conn)?,
    }
    Ok(Turn::Done)
}

fn slice(conn: &Connection) -> Result<Turn, Error> {
    let free = |conn: &Connection| conn.pragma_query_value(None, "freelist_count", |row| row.get::<_, u64>(0));
    let before = free(conn)?;
    if before == 0 || !is_incremental(conn)? {
        return Ok(Turn::Done);
    }
    // Each step of this statement frees one page.
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({SLICE_PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    let after = free(conn)?;
    Ok(if after > 0 && after < before { Turn::Again } else { Turn::Done })
}

/// A copy without the free pages, written back in one commit. SQLite's own `VACUUM` keeps its copy where temporary files go, which may
/// be memory or another, smaller disk; this one lies beside the database, where the space was looked for.
fn rewrite(desk: &Desk<'_>, path: &Path, options: &Options) -> Result<(), Error> {
    let pages: u64 = desk.conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let page_bytes: u64 = desk.conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
    refuse_without_space(path, 2 * pages * page_bytes)?;
    let target = Target::open(path, options)?;
    let to = beside(path, ".vacuum");
    let copy = Partial::create(&to)?;
    let failed = |source| Error::Snapshot { path: to.clone(), source };
    let name =
        copy.path.to_str().ok_or_else(|| Error::Path { path: copy.path.clone(), source: std::io::ErrorKind::InvalidFilename.into() })?;
    desk.conn.execute("VACUUM INTO ?1", [name]).map_err(failed)?;
    verify(&copy.path, options)?;
    target.replace_with(&copy.path)?;
    // Cached rowids may be others now.
    desk.touch_all();
    desk.counters.clock.advance(1);
    checkpoint::try_truncate(desk.conn, options.busy_timeout);
    Ok(())
}

fn is_incremental(conn: &Connection) -> rusqlite::Result<bool> {
    conn.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0)).map(|mode| mode == 2)
}

/// Runs `turn` until it is done, each time behind what waits in the queue by then.
pub(crate) fn run(
    task: Task,
    mut turn: impl FnMut() -> Result<Turn, Error>,
    facts: impl Fn() -> Result<Facts, Error>,
) -> Result<Maintained, Error> {
    let started = Instant::now();
    let size = || facts().map(|facts| facts.size_bytes + facts.wal_bytes);
    let before = size()?;
    while let Turn::Again = turn()? {}
    Ok(Maintained { task, freed_bytes: before.saturating_sub(size()?), duration: started.elapsed() })
}
