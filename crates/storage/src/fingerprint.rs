//! What a database holds, in a few lines: to tell later, whoever wrote and however often the program was started since, whether
//! anything changed. Counters of SQLite do not do: in WAL mode the one in the file stays still, and the others end with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::Error;
use crate::folder::{beside, write_durably};

const HEADER: &str = "magnetiq-storage fingerprint 2";

/// The rows of a database in a few numbers: for each table how many there are and the sum of their hashes. The same in whatever order rows
/// lie, so a copy, a `VACUUM` and new statistics of the query planner change nothing.
///
/// Finds what goes wrong by accident: a row that is missing, a bit that fell over, a copy of another day. It is no protection against
/// somebody who makes another database with the same numbers on purpose; sign the archive for that.
///
/// The numbers are the same in every version of this crate that writes the same header. [`Display`](fmt::Display) and [`FromStr`] give a
/// text with one line for each table.
///
/// ```
/// # use magnetiq_storage::{Error, Fingerprint, Options, Store};
/// # fn main() -> Result<(), Error> {
/// # let store = Store::temporary(Options::default())?;
/// # store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT)")?)).wait()?;
/// let before = store.fingerprint()?;
/// store.write(|tx| Ok(tx.execute("INSERT INTO note VALUES ('new')", [])?)).wait()?;
/// let after = store.fingerprint()?;
/// assert_eq!(before.differences(&after), ["note"]);
/// assert_eq!(after.tables().map(|table| table.rows).sum::<u64>(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    schema: u128,
    tables: BTreeMap<String, (u64, u128)>,
}

/// One table of a [`Fingerprint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableSum<'f> {
    /// Its name.
    pub name: &'f str,
    /// How many rows it has.
    pub rows: u64,
    /// The sum of their hashes.
    pub hash: u128,
}

/// The text is not that of a fingerprint of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fingerprint is not readable, or of another version")]
pub struct ParseFingerprintError;

impl Fingerprint {
    /// Reads every row of the tables of `main`, SQLite's own left out and those behind virtual tables included. Outside of a read
    /// transaction ([`Store::fingerprint`](crate::Store::fingerprint) makes one) each table may be of another moment.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn take(conn: &Connection) -> Result<Self, Error> {
        let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let (_, schema) = sum(conn, schema)?;
        let mut tables = BTreeMap::new();
        for table in stored_tables(conn)? {
            let sum = sum(conn, &format!("SELECT * FROM main.\"{}\"", table.replace('"', "\"\"")))?;
            tables.insert(table, sum);
        }
        Ok(Self { schema, tables })
    }

    /// The hash of the schema: tables, indexes, views and triggers.
    pub fn schema(&self) -> u128 {
        self.schema
    }

    /// The tables by name.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = TableSum<'_>> {
        self.tables.iter().map(|(name, &(rows, hash))| TableSum { name, rows, hash })
    }

    /// The names of the tables that differ or that only one of them has, after `(schema)` where that differs.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let schema = (self.schema != other.schema).then(|| "(schema)".to_owned());
        let names: BTreeSet<_> = self.tables.keys().chain(other.tables.keys()).collect();
        let tables = names.into_iter().filter(|name| self.tables.get(*name) != other.tables.get(*name));
        schema.into_iter().chain(tables.cloned()).collect()
    }

    /// Where the fingerprint of the copy `of` is kept.
    pub(crate) fn place(of: &Path) -> PathBuf {
        beside(of, ".after")
    }

    pub(crate) fn save(&self, of: &Path) -> Result<(), Error> {
        let path = Self::place(of);
        write_durably(&path, self.to_string().as_bytes(), of).map_err(|source| Error::SnapshotFile { step: "write", path, source })
    }

    pub(crate) fn load(of: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(Self::place(of))?;
        text.parse().map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\n{:032x}", self.schema)?;
        for (name, (rows, hash)) in &self.tables {
            // One line each, whatever the name.
            let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            writeln!(f, "{hash:032x} {rows} {name}")?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, ParseFingerprintError> {
        parse(text).ok_or(ParseFingerprintError)
    }
}

fn parse(text: &str) -> Option<Fingerprint> {
    let mut lines = text.strip_prefix(HEADER)?.strip_prefix('\n')?.split_terminator('\n');
    let schema = u128::from_str_radix(lines.next()?, 16).ok()?;
    let mut tables = BTreeMap::new();
    for line in lines {
        let (hash, rest) = line.split_once(' ')?;
        let (rows, name) = rest.split_once(' ')?;
        tables.insert(unescape(name)?, (rows.parse().ok()?, u128::from_str_radix(hash, 16).ok()?));
    }
    Some(Fingerprint { schema, tables })
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            c => c,
        });
    }
    Some(plain)
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

/// Multiplies words of input into four lanes, which do not wait for each other, and folds the lanes into 128 bits. A hash of our own, because
/// that of the standard library may change with the compiler, and a program is rolled back together with its database.
struct Hash([u64; 4]);

/// Digits of pi, as good as any others.
const PI: [u64; 6] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
    0xbe54_66cf_34e9_0c6c,
];

/// Both halves of the product.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

impl Default for Hash {
    fn default() -> Self {
        Self([PI[0], PI[1], PI[2], PI[3]])
    }
}

impl Hash {
    /// Each value with its kind and its length, so that neither can pass for another.
    fn add(&mut self, kind: u8, bytes: &[u8]) {
        self.0[0] = mix(self.0[0] ^ bytes.len() as u64, PI[4] ^ u64::from(kind));
        let (blocks, rest) = bytes.as_chunks::<64>();
        blocks.iter().for_each(|block| self.block(block));
        if rest.len() > 8 {
            let mut last = [0; 64];
            last[..rest.len()].copy_from_slice(rest);
            self.block(&last);
        } else if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.0[1] = mix(self.0[1] ^ u64::from_le_bytes(last), PI[5]);
        }
        // So that the order of values counts in every lane.
        self.0.rotate_left(1);
    }

    fn block(&mut self, block: &[u8; 64]) {
        let (words, _) = block.as_chunks::<8>();
        for lane in 0..4 {
            let (a, b) = (u64::from_le_bytes(words[2 * lane]), u64::from_le_bytes(words[2 * lane + 1]));
            // The lane goes in twice: a word that makes one side zero must not forget what came before.
            self.0[lane] = mix(self.0[lane] ^ a, PI[lane] ^ b) ^ self.0[lane].rotate_left(29);
        }
    }

    fn finish(self) -> u128 {
        let [a, b, c, d] = self.0;
        let high = mix(a ^ PI[4], b ^ PI[5]) ^ mix(c ^ PI[2], d ^ PI[3]);
        let low = mix(a ^ c.rotate_left(17), PI[0] ^ b) ^ mix(b ^ d.rotate_left(31), PI[1] ^ c) ^ a.wrapping_add(d);
        u128::from(high) << 64 | u128::from(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "a \n \\b";

    fn of(sql: &str) -> Fingerprint {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("CREATE TABLE \"{TABLE}\" (x, y)")).unwrap();
        conn.execute_batch(sql).unwrap();
        Fingerprint::take(&conn).unwrap()
    }

    fn rows(rows: &str) -> Fingerprint {
        of(&format!("INSERT INTO \"{TABLE}\" VALUES {rows}"))
    }

    #[test]
    fn any_change_shows_and_the_order_of_rows_does_not() {
        let base = rows("(1, 'x'), (2, NULL)");
        assert_eq!(base, rows("(2, NULL), (1, 'x')"));
        for other in
            ["(1, 'x')", "(1, 'x'), (2, 0)", "(1, 'x'), (2, x'')", "(1, 'y'), (2, NULL)", "(2, 'x'), (1, NULL)", "('1', 'x'), (2, NULL)"]
        {
            assert_eq!(base.differences(&rows(other)), [TABLE], "{other}");
        }
        assert_eq!(base.differences(&of("CREATE TABLE c (z)")), ["(schema)", TABLE, "c"]);
    }

    #[test]
    fn a_bit_anywhere_in_a_long_value_shows() {
        let text: Vec<u8> = (0..300_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let hash = |bytes: &[u8]| {
            let mut hash = Hash::default();
            hash.add(4, bytes);
            hash.finish()
        };
        let mut seen = BTreeSet::from([hash(&text)]);
        for length in 0..text.len() {
            assert!(seen.insert(hash(&text[..length])), "cut to {length}");
            for bit in 0..8 {
                let mut other = text.clone();
                other[length] ^= 1 << bit;
                assert!(seen.insert(hash(&other)), "bit {bit} of byte {length}");
            }
        }
    }

    #[test]
    fn a_text_gives_the_fingerprint_back() {
        let taken = rows("(1, 'x')");
        assert_eq!(taken.to_string().parse(), Ok(taken.clone()));
        assert_eq!(taken.tables().map(|t| (t.name, t.rows)).collect::<Vec<_>>(), [(TABLE, 1)]);
        for broken in ["", "magnetiq-storage fingerprint 1\n", "magnetiq-storage fingerprint 2\nx", &format!("{HEADER}\n0\n0 0 \\x\n")] {
            assert_eq!(broken.parse::<Fingerprint>(), Err(ParseFingerprintError), "{broken:?}");
        }
    }

    #[test]
    fn the_value_is_the_same_in_every_version_of_this_crate() {
        let long = "seventeen letters".repeat(20);
        let known = rows(&format!("(1, 'eight by'), (NULL, x'00ff'), (1.5, 'nine byte'), ('', '{long}')"));
        let text = "magnetiq-storage fingerprint 2\n\
            cce39d1e23e635dec1953602ab2ebcea\n\
            c960e485841431351f102f004867199f 4 a \\n \\\\b\n";
        assert_eq!(known.to_string(), text);
    }
}
