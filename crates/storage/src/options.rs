//! What can be chosen about a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

/// How much of a power cut an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Durability {
    /// Each commit is synced to disk before a write is acknowledged (`synchronous=FULL`).
    #[default]
    Full,
    /// The log is synced at checkpoints only (`synchronous=NORMAL`). The file stays consistent and survives a crash of the program;
    /// a power cut or a crash of the system may take the last acknowledged writes back.
    Normal,
}

/// Settings of a store: plain data with a setter for each field. A number beyond the range that its field names counts as the nearest in it.
///
/// ```
/// use magnetiq_storage::{Durability, Options};
///
/// let options = Options::default().readers(4).durability(Durability::Normal);
/// assert_eq!(options.readers, 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Connections for reading, and the most threads that awaited reads use; from 1 to 1024. Default: the number of cores, from 2 to 8.
    pub readers: u32,
    /// Operations that may wait for a turn; further ones fail at once with [`Busy`](crate::Error::Busy). Counted for writes and for
    /// awaited reads apart. From 1 to 1,048,576. Default: 1024.
    pub queue_limit: usize,
    /// The longest a write waits for its turn; after that it is [`Busy`](crate::Error::Busy) and not run. [`wait`](crate::Write::wait) returns
    /// then; who awaits a write learns it when its turn comes, which is after the write before it. One whose handle was dropped has no
    /// deadline. Default: 5 s.
    pub write_deadline: Duration,
    /// The longest a read waits for its turn and a connection; after that it fails with [`Busy`](crate::Error::Busy) and is not run. Who
    /// awaits a read learns it when its turn comes, which is at most [`read_time_limit`](field@Self::read_time_limit) later. At most 24
    /// days. Default: 5 s.
    pub read_deadline: Duration,
    /// The longest a read runs, and the age at which a read transaction gives way to the reuse of the write-ahead log; after that it is
    /// interrupted with [`TimedOut`](crate::Error::TimedOut). Default: 30 s.
    pub read_time_limit: Duration,
    /// The longest a write closure runs; after that it is interrupted with [`TimedOut`](crate::Error::TimedOut) and rolled back.
    /// Default: 30 s.
    pub write_time_limit: Duration,
    /// The longest a closure of [`write_exclusive`](crate::Store::write_exclusive) runs; after that it is interrupted with
    /// [`TimedOut`](crate::Error::TimedOut) and rolled back. Default: an hour.
    pub exclusive_time_limit: Duration,
    /// How long [`close`](crate::Store::close) waits for reads that run before it interrupts them. Default: 5 s.
    pub close_grace: Duration,
    /// How long SQLite waits for a lock that another process holds on the database. At most 24 days. Default: 5 s.
    pub busy_timeout: Duration,
    /// How long [`open`](crate::Store::open) waits for another owner of the database to leave. Default: not at all.
    pub lock_wait: Duration,
    /// What an acknowledged write survives. Default: [`Durability::Full`].
    pub durability: Durability,
    /// Page cache of the writer connection, in bytes. Default: 8 MiB.
    pub writer_cache_bytes: u64,
    /// Page cache of each reader connection, in bytes; filled as needed. Default: 4 MiB.
    pub reader_cache_bytes: u64,
    /// Prepared statements that each connection keeps. Default: 64.
    pub statement_cache_capacity: usize,
    /// Size of the write-ahead log from which the writer tries to empty it after each thousand pages, in bytes. From four times that on,
    /// and at each doubling, writes wait up to a second for the readers that are in the way, of which there is always one where reads overlap.
    /// Also what the file is cut back to when it is reused. Default: 64 MiB.
    pub wal_limit_bytes: u64,
    /// Copies from before a migration that are kept beside the database, the newest ones. With 0 none is made, and
    /// [`roll_back`](crate::Store::roll_back) has nothing to put back. Default: 3.
    pub migration_copies: u32,
    /// Makes a new database so that its free pages can be given back in slices
    /// ([`Task::IncrementalVacuum`](crate::Task::IncrementalVacuum)); each page that moves costs a little more then. Default: no.
    pub incremental_vacuum: bool,
    /// Written into a new database, and what an existing one must carry (or zero). Default: none, and not looked at.
    pub application_id: Option<i32>,
    /// Opens a database on NFS, SMB, 9P, FUSE and the like. Only for a file system whose locks and memory mapping are known to work
    /// with SQLite. Default: no.
    pub allow_network_filesystem: bool,
    pub(crate) on_open: Option<OnOpen>,
}

/// What a program does with each connection.
#[derive(Clone)]
pub(crate) struct OnOpen(Arc<Prepare>);

type Prepare = dyn Fn(&Connection) -> rusqlite::Result<()> + Send + Sync;

impl fmt::Debug for OnOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnOpen")
    }
}

impl PartialEq for OnOpen {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OnOpen {}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            readers: u32::try_from(cores.clamp(2, 8)).unwrap_or(2),
            queue_limit: 1024,
            write_deadline: Duration::from_secs(5),
            read_deadline: Duration::from_secs(5),
            read_time_limit: Duration::from_secs(30),
            write_time_limit: Duration::from_secs(30),
            exclusive_time_limit: Duration::from_secs(3600),
            close_grace: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            lock_wait: Duration::ZERO,
            durability: Durability::Full,
            writer_cache_bytes: 8 << 20,
            reader_cache_bytes: 4 << 20,
            statement_cache_capacity: 64,
            wal_limit_bytes: 64 << 20,
            migration_copies: 3,
            incremental_vacuum: false,
            application_id: None,
            allow_network_filesystem: false,
            on_open: None,
        }
    }
}

/// SQLite counts milliseconds in 31 bits, which are used up after 24.8 days; and no deadline may lie beyond the end of the system's clock.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 24 * 3600);
/// Places in a queue take memory before anything is in them, and so do connections.
const QUEUE_MOST: usize = 1 << 20;
const READERS_MOST: u32 = 1024;

impl Options {
    /// Lets `prepare` see each connection that is opened, once it has its settings: for the SQL functions and collations that the schema
    /// needs. Those to copies that are checked or migrated on trial are among them, and the one that writes comes again after a migration.
    /// Whatever else it sets, the store may set back.
    ///
    /// The schema is not trusted (`trusted_schema = OFF`): a function that is used in a view, a trigger, an index, a constraint or a
    /// generated column has to be registered as `SQLITE_INNOCUOUS`. What `prepare` returns as an error is one of opening.
    ///
    /// ```
    /// use magnetiq_storage::{Error, Options, Store};
    ///
    /// # fn main() -> Result<(), Error> {
    /// // Or, with the features of rusqlite for it: `conn.create_collation(…)`, `conn.create_scalar_function(…)`.
    /// let options = Options::default().on_open(|conn| conn.execute_batch("PRAGMA case_sensitive_like = ON"));
    /// let store = Store::temporary(options)?;
    /// let alike: bool = store.read(|conn| Ok(conn.query_row("SELECT 'a' LIKE 'A'", [], |row| row.get(0))?)).wait()?;
    /// assert!(!alike);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_open(mut self, prepare: impl Fn(&Connection) -> rusqlite::Result<()> + Send + Sync + 'static) -> Self {
        self.on_open = Some(OnOpen(Arc::new(prepare)));
        self
    }

    /// Runs what [`on_open`](Self::on_open) was given; to be called with each connection that is opened.
    pub(crate) fn opened(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.on_open.as_ref().map_or(Ok(()), |prepare| (prepare.0)(conn))
    }

    /// Clamps each number to its allowed range.
    pub(crate) fn within_reach(mut self) -> Self {
        self.readers = self.readers.clamp(1, READERS_MOST);
        self.queue_limit = self.queue_limit.clamp(1, QUEUE_MOST);
        self.read_deadline = self.read_deadline.min(LONGEST_WAIT);
        self.busy_timeout = self.busy_timeout.min(LONGEST_WAIT);
        self
    }
}

macro_rules! setters {
    ($($name:ident: $type:ty),+ $(,)?) => {
        /// One setter for each field, with its name.
        impl Options {
            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](field@Self::", stringify!($name), ").")]
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )+

            /// Sets [`application_id`](field@Self::application_id).
            #[must_use]
            pub fn application_id(mut self, application_id: i32) -> Self {
                self.application_id = Some(application_id);
                self
            }
        }
    };
}

setters! {
    readers: u32,
    queue_limit: usize,
    write_deadline: Duration,
    read_deadline: Duration,
    read_time_limit: Duration,
    write_time_limit: Duration,
    exclusive_time_limit: Duration,
    close_grace: Duration,
    busy_timeout: Duration,
    lock_wait: Duration,
    durability: Durability,
    writer_cache_bytes: u64,
    reader_cache_bytes: u64,
    statement_cache_capacity: usize,
    wal_limit_bytes: u64,
    migration_copies: u32,
    incremental_vacuum: bool,
    allow_network_filesystem: bool,
}
