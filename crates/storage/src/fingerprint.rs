//! What a database holds, in a few lines: to tell later, whoever wrote and however often the program was started since, whether
//! anything changed. Counters of SQLite do not do: in WAL mode the one in the file stays still, and the others end with the process.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::Error;
use crate::folder::{beside, write_durably};

const HEADER: &str = "magnetiq-storage fingerprint 1";
/// Stands for the schema among the tables.
const SCHEMA: &str = "(schema)";

/// For each table the number of its rows and the sum of their hashes: the same in whatever order they lie, so a `VACUUM` and new
/// statistics of the query planner change nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(BTreeMap<String, (u64, u128)>);

impl Fingerprint {
    /// Reads every row.
    pub(crate) fn take(conn: &Connection) -> Result<Self, Error> {
        let mut tables = BTreeMap::new();
        let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        tables.insert(SCHEMA.to_owned(), sum(conn, schema)?);
        for table in stored_tables(conn)? {
            let sql = format!("SELECT * FROM main.\"{}\"", table.replace('"', "\"\""));
            tables.insert(table.escape_debug().to_string(), sum(conn, &sql)?);
        }
        Ok(Self(tables))
    }

    /// The tables that differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        names.into_iter().filter(|name| self.0.get(*name) != other.0.get(*name)).cloned().collect()
    }

    /// Where the one that belongs to the copy `of` is kept.
    pub(crate) fn place(of: &Path) -> PathBuf {
        beside(of, ".after")
    }

    pub(crate) fn save(&self, of: &Path) -> Result<(), Error> {
        let mut text = format!("{HEADER}\n");
        for (name, (rows, hash)) in &self.0 {
            text.push_str(&format!("{hash:032x} {rows} {name}\n"));
        }
        let path = Self::place(of);
        write_durably(&path, text.as_bytes()).map_err(|source| Error::SnapshotFile { step: "write", path, source })
    }

    pub(crate) fn load(of: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(Self::place(of))?;
        Self::parse(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the fingerprint is not readable"))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut tables = BTreeMap::new();
        for line in text.strip_prefix(HEADER)?.trim_start().lines() {
            let (hash, rest) = line.split_once(' ')?;
            let (rows, name) = rest.split_once(' ')?;
            tables.insert(name.to_owned(), (rows.parse().ok()?, u128::from_str_radix(hash, 16).ok()?));
        }
        Some(Self(tables))
    }
}

/// The tables with rows of their own, those behind virtual tables included, SQLite's own left out.
pub(crate) fn stored_tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = conn.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

fn sum(conn: &Connection, sql: &str) -> rusqlite::Result<(u64, u128)> {
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let (mut count, mut sum) = (0_u64, 0_u128);
    while let Some(row) = rows.next()? {
        let mut hash = Hash::default();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => hash.add(0, &[]),
                ValueRef::Integer(i) => hash.add(1, &i.to_le_bytes()),
                ValueRef::Real(r) => hash.add(2, &r.to_bits().to_le_bytes()),
                ValueRef::Text(text) => hash.add(3, text),
                ValueRef::Blob(blob) => hash.add(4, blob),
            }
        }
        count += 1;
        sum = sum.wrapping_add(hash.finish());
    }
    Ok((count, sum))
}

/// FNV-1a with 128 bits, fed with words of eight bytes. That of the standard library may change with the compiler, and a program is
/// rolled back together with its database.
struct Hash(u128);

impl Default for Hash {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Hash {
    fn add(&mut self, kind: u8, bytes: &[u8]) {
        self.word(u64::from(kind) << 56 ^ bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
    }

    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ u128::from(word)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        // Multiplying carries upwards only.
        self.0 ^= self.0 >> 67;
    }

    fn finish(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Fingerprint {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE \"a \n b\" (x, y)").unwrap();
        conn.execute_batch(sql).unwrap();
        Fingerprint::take(&conn).unwrap()
    }

    #[test]
    fn any_change_shows_and_the_order_of_rows_does_not() {
        let insert = |rows: &str| of(&format!("INSERT INTO \"a \n b\" VALUES {rows}"));
        let base = insert("(1, 'x'), (2, NULL)");
        assert_eq!(base, insert("(2, NULL), (1, 'x')"));
        for other in
            ["(1, 'x')", "(1, 'x'), (2, 0)", "(1, 'x'), (2, x'')", "(1, 'y'), (2, NULL)", "(2, 'x'), (1, NULL)", "('1', 'x'), (2, NULL)"]
        {
            assert_eq!(base.differences(&insert(other)), ["a \\n b"], "{other}");
        }
        assert_eq!(base.differences(&of("CREATE TABLE c (z)")), ["(schema)", "a \\n b", "c"]);
    }

    #[test]
    fn the_value_is_the_same_in_every_version_of_this_crate() {
        let known = of("INSERT INTO \"a \n b\" VALUES (1, 'eight by'), (NULL, x'00ff'), (1.5, 'nine byte')");
        let text = "magnetiq-storage fingerprint 1\n\
            82b10210f0ad2cdcb044be7440812c84 1 (schema)\n\
            e566d2859dc93b1625602ba5049c0471 3 a \\n b\n";
        assert_eq!(Fingerprint::parse(text).map(|f| f.differences(&known)), Some(Vec::new()), "{known:x?}");
    }
}
