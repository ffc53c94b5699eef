//! Two tables that must agree: a crash that leaves half of a write, or loses one that was acknowledged, shows.

use std::collections::BTreeMap;

use magnetiq_storage::{
    Error, Store, Tx,
    rusqlite::{self, Connection},
};

use crate::Random;

const ACCOUNTS: u64 = 16;

/// The writer of whole batches, and the transfers of each.
pub const BATCHES: u64 = 500;
pub const BATCH: u64 = 40;
/// As the query in `problems` has it.
const _: () = assert!(BATCHES == 500 && BATCH == 40);

/// Writes that were acknowledged: the writer and its number, and the id of the row.
pub type Acknowledged = BTreeMap<(u64, u64), i64>;

/// One write: a row, and the balances of two accounts.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub writer: u64,
    pub n: u64,
    payer: u64,
    payee: u64,
    amount: u64,
    body: Vec<u8>,
}

/// The tables, unless they are there.
pub fn create(store: &Store) -> Result<(), Error> {
    let schema = "CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS transfer (
            id INTEGER PRIMARY KEY, writer INTEGER NOT NULL, n INTEGER NOT NULL, payer INTEGER NOT NULL REFERENCES account,
            payee INTEGER NOT NULL REFERENCES account, amount INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (writer, n)
        ) STRICT;";
    let write = store.write(move |tx| {
        tx.execute_batch(schema)?;
        for account in 0..ACCOUNTS {
            tx.execute("INSERT OR IGNORE INTO account VALUES (?1, 0)", [account])?;
        }
        Ok(())
    });
    write.wait()
}

/// The last number of a writer.
pub fn last(store: &Store, writer: u64) -> Result<u64, Error> {
    let last = "SELECT coalesce(max(n), 0) FROM transfer WHERE writer = ?1";
    store.read(move |conn| Ok(conn.query_row(last, [writer], |row| row.get(0))?)).wait()
}

impl Transfer {
    pub fn random(writer: u64, n: u64, random: &mut Random) -> Self {
        let bytes = usize::try_from(random.below(6000)).unwrap();
        let body = (0..bytes).map(|_| random.number().to_ne_bytes()[0]).collect();
        Self { writer, n, payer: random.below(ACCOUNTS), payee: random.below(ACCOUNTS), amount: random.below(1000), body }
    }

    /// Everything, and gives the id of the row.
    pub fn make(&self, tx: &Tx) -> Result<i64, Error> {
        let id = self.make_half(tx)?;
        tx.prepare_cached("UPDATE account SET balance = balance + ?2 WHERE id = ?1")?.execute([self.payee, self.amount])?;
        Ok(id)
    }

    /// What must never be seen.
    pub fn make_half(&self, tx: &Tx) -> Result<i64, Error> {
        let insert = "INSERT INTO transfer (writer, n, payer, payee, amount, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        tx.prepare_cached(insert)?.execute((self.writer, self.n, self.payer, self.payee, self.amount, &self.body))?;
        let id = tx.last_insert_rowid();
        tx.prepare_cached("UPDATE account SET balance = balance - ?2 WHERE id = ?1")?.execute([self.payer, self.amount])?;
        Ok(id)
    }
}

/// What is wrong with a database, after whatever happened to it.
pub fn problems(conn: &Connection, acknowledged: &Acknowledged) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    let check: String = conn.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    if check != "ok" {
        problems.push(check);
    }
    for (what, query) in [
        (
            "accounts that do not agree with the transfers",
            "SELECT count(*) FROM account WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM transfer WHERE payee = account.id)
             - (SELECT coalesce(sum(amount), 0) FROM transfer WHERE payer = account.id)",
        ),
        ("commits that are gone while later ones are there", "SELECT coalesce(max(id), 0) - count(*) FROM transfer"),
        ("transfers of half a batch", "SELECT count(*) % 40 FROM transfer WHERE writer = 500"),
        (
            "writers with a number that is gone or out of order",
            "SELECT count(*) FROM (SELECT n, row_number() OVER (PARTITION BY writer ORDER BY id) AS place FROM transfer) WHERE n <> place",
        ),
    ] {
        let count: i64 = conn.query_row(query, [], |row| row.get(0))?;
        if count != 0 {
            problems.push(format!("{count} {what}"));
        }
    }
    let mut statement = conn.prepare("SELECT id FROM transfer WHERE writer = ?1 AND n = ?2")?;
    let mut lost = Vec::new();
    for (&(writer, n), &id) in acknowledged {
        if !statement.query_map([writer, n], |row| row.get::<_, i64>(0))?.any(|found| found == Ok(id)) {
            lost.push(format!("{writer}/{n}"));
        }
    }
    if !lost.is_empty() {
        problems.push(format!(
            "{} of {} acknowledged writes are gone: {}",
            lost.len(),
            acknowledged.len(),
            lost[..lost.len().min(5)].join(", ")
        ));
    }
    Ok(problems)
}
