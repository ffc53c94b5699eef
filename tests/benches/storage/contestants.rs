//! Who is measured: the store, the common practice, and a connection with nothing around it. The same schema, the same pragmas.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use magnetiq_storage::{
    Durability, Error, Options, Store,
    rusqlite::{self, Connection, ErrorCode, TransactionBehavior},
};
use r2d2_sqlite::SqliteConnectionManager;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT";
const INSERT: &str = "INSERT INTO item (body) VALUES (?1)";
const SELECT: &str = "SELECT body FROM item WHERE id = ?1";
/// Connections of the pool: what r2d2 gives when it is not told.
const POOL: u32 = 10;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A row of 2 KB.
const BODY_BYTES: usize = 2000;

/// How a write ended that did not fail.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wrote {
    Kept,
    /// `SQLITE_BUSY`, or no connection for so long.
    Busy,
}

/// Somebody who writes and reads, from any number of threads.
pub(crate) trait Contestant: Sync {
    /// What one thread works with.
    fn session(&self) -> Box<dyn Session>;
}

pub(crate) trait Session {
    fn write(&mut self) -> Wrote;
    /// Reads a row by its id, and gives its length.
    fn read(&mut self, id: u64) -> usize;
}

fn body() -> Vec<u8> {
    (0..BODY_BYTES).map(|n| u8::try_from(n * 7 % 251).expect("is below 251")).collect()
}

/// `magnetiq-storage` with its defaults.
pub(crate) struct Ours(pub(crate) Store);

impl Ours {
    pub(crate) fn open(folder: &Path, durability: Durability) -> Self {
        let store = Store::open(folder.join("ours.sqlite3"), Options::default().durability(durability)).unwrap();
        store.write(|tx| Ok(tx.execute_batch(SCHEMA)?)).wait().unwrap();
        Self(store)
    }
}

impl Contestant for Ours {
    fn session(&self) -> Box<dyn Session> {
        Box::new(OurSession { store: self.0.clone(), body: body().into() })
    }
}

struct OurSession {
    store: Store,
    body: Arc<[u8]>,
}

impl Session for OurSession {
    fn write(&mut self) -> Wrote {
        let body = Arc::clone(&self.body);
        let write = self.store.write(move |tx| Ok(tx.prepare_cached(INSERT)?.execute([&body[..]])?));
        match write.wait() {
            Ok(_) => Wrote::Kept,
            Err(Error::Busy { .. }) => Wrote::Busy,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn read(&mut self, id: u64) -> usize {
        let length = |row: &rusqlite::Row<'_>| Ok(row.get_ref(0)?.as_blob()?.len());
        self.store.read(move |conn| Ok(conn.prepare_cached(SELECT)?.query_row([id], length)?)).wait().unwrap()
    }
}

/// The common practice, done well: a pool of `r2d2_sqlite`, WAL, a busy handler, `BEGIN IMMEDIATE`, cached statements.
pub(crate) struct Pool(r2d2::Pool<SqliteConnectionManager>);

impl Pool {
    pub(crate) fn open(folder: &Path, durability: Durability) -> Self {
        let path = folder.join("pool.sqlite3");
        // The file is made by one connection: several at once run into each other when they switch to WAL.
        connect(&path, durability).execute_batch(SCHEMA).unwrap();
        let manager = SqliteConnectionManager::file(path).with_init(move |conn| configure(conn, durability));
        Self(r2d2::Pool::builder().max_size(POOL).test_on_check_out(false).build(manager).unwrap())
    }
}

impl Contestant for Pool {
    fn session(&self) -> Box<dyn Session> {
        Box::new(PoolSession { pool: self.0.clone(), body: body() })
    }
}

struct PoolSession {
    pool: r2d2::Pool<SqliteConnectionManager>,
    body: Vec<u8>,
}

impl Session for PoolSession {
    fn write(&mut self) -> Wrote {
        // No connection for 30 s is an error to its user as well.
        let Ok(mut conn) = self.pool.get() else { return Wrote::Busy };
        insert(&mut conn, &self.body)
    }

    fn read(&mut self, id: u64) -> usize {
        select(&self.pool.get().unwrap(), id)
    }
}

/// A connection for each thread, and nothing in between.
pub(crate) struct Bare(PathBuf, Durability);

impl Bare {
    pub(crate) fn open(folder: &Path, durability: Durability) -> Self {
        let path = folder.join("bare.sqlite3");
        connect(&path, durability).execute_batch(SCHEMA).unwrap();
        Self(path, durability)
    }
}

impl Contestant for Bare {
    fn session(&self) -> Box<dyn Session> {
        Box::new(BareSession { conn: connect(&self.0, self.1), body: body() })
    }
}

struct BareSession {
    conn: Connection,
    body: Vec<u8>,
}

impl Session for BareSession {
    fn write(&mut self) -> Wrote {
        insert(&mut self.conn, &self.body)
    }

    fn read(&mut self, id: u64) -> usize {
        select(&self.conn, id)
    }
}

fn connect(path: &Path, durability: Durability) -> Connection {
    let mut conn = Connection::open(path).unwrap();
    configure(&mut conn, durability).unwrap();
    conn
}

/// The settings that the store gives its connections.
fn configure(conn: &mut Connection, durability: Durability) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(64);
    let synchronous = if durability == Durability::Full { "FULL" } else { "NORMAL" };
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864;"
    ))
}

fn insert(conn: &mut Connection, body: &[u8]) -> Wrote {
    let mut write = || {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.prepare_cached(INSERT)?.execute([body])?;
        tx.commit()
    };
    match write() {
        Ok(()) => Wrote::Kept,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Wrote::Busy,
        Err(error) => panic!("{error:?}"),
    }
}

fn select(conn: &Connection, id: u64) -> usize {
    conn.prepare_cached(SELECT).unwrap().query_row([id], |row| Ok(row.get_ref(0)?.as_blob()?.len())).unwrap()
}
