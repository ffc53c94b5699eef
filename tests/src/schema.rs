//! Migrations with work to do: a table of rows, and its rebuild while other rows refer to it.

use std::path::{Path, PathBuf};

use magnetiq_storage::{
    Error, Store,
    refinery::{Migration, Runner},
    rusqlite::{self, Connection},
};

const ROWS: u64 = 8000;

/// The migrations of a program that knows so many.
pub fn runner(versions: usize) -> Runner {
    let notes = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
        CREATE TABLE mark (id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES note ON DELETE CASCADE) STRICT;";
    let rebuild = "CREATE TABLE new_note (id INTEGER PRIMARY KEY, text TEXT NOT NULL, size INTEGER NOT NULL) STRICT;
        INSERT INTO new_note SELECT id, text, length(text) FROM note;
        DROP TABLE note;
        ALTER TABLE new_note RENAME TO note;";
    let index = "CREATE INDEX note_text ON note (text)";
    let all = [("V1__notes", notes), ("V2__size", rebuild), ("V3__search", index)];
    Runner::new(&all[..versions].iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect::<Vec<_>>())
}

/// The first version, with rows.
pub fn fill(store: &Store) -> Result<(), Error> {
    store.migrate(runner(1))?;
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS})");
    let write = store.write(move |tx| {
        tx.execute(&format!("{numbers} INSERT INTO note SELECT i, hex(randomblob(300)) FROM n"), [])?;
        Ok(tx.execute(&format!("{numbers} INSERT INTO mark SELECT i, i FROM n"), [])?)
    });
    write.wait().map(|_| ())
}

/// The copy that migrating to the third version makes.
pub fn copy_before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".before-v3.sqlite3");
    name.into()
}

/// What is wrong with a database of that version.
pub fn problems(conn: &Connection, version: i64) -> rusqlite::Result<Vec<String>> {
    let text = |query: &str| conn.query_row(query, [], |row| row.get::<_, String>(0));
    let number = |query: &str| conn.query_row(query, [], |row| row.get::<_, u64>(0));
    let found = [
        ("quick_check", text("PRAGMA quick_check")? == "ok"),
        ("notes", number("SELECT count(*) FROM note")? == ROWS),
        ("marks", number("SELECT count(*) FROM mark JOIN note ON note.id = mark.note")? == ROWS),
        ("history", number("SELECT max(version) FROM refinery_schema_history")? == version.cast_unsigned()),
        ("column", number("SELECT count(*) FROM pragma_table_info('note') WHERE name = 'size'")? == u64::from(version >= 2)),
        ("index", number("SELECT count(*) FROM sqlite_schema WHERE name = 'note_text'")? == u64::from(version >= 3)),
        ("remains", number("SELECT count(*) FROM sqlite_schema WHERE name = 'new_note'")? == 0),
    ];
    Ok(found.into_iter().filter(|(_, good)| !good).map(|(what, _)| format!("{what} at version {version}")).collect())
}
