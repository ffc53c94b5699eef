//! A program without async: notes from the command line. `cargo run --example blocking -- "buy ink"`

#![allow(clippy::print_stdout, reason = "a program that talks to its user")]

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::{Error, Options, Store, Tx};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(std::env::temp_dir().join("magnetiq-notes/notes.sqlite3"), Options::default())?;
    let notes = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT";
    store.migrate(Runner::new(&[Migration::unapplied("V1__notes", notes)?]))?;

    for text in std::env::args().skip(1) {
        match store.write(move |tx| add(tx, &text)).wait() {
            Ok(id) => println!("note {id} is on disk"),
            Err(e) if e.is_unique_violation() => println!("that one is there already"),
            Err(e) => return Err(e.into()),
        }
    }

    // Two questions about one moment, whatever is written meanwhile.
    let mut reader = store.reader()?;
    let count: i64 = reader.read(|conn| Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?))?;
    println!("{count} notes:");
    reader.read(|conn| {
        let mut statement = conn.prepare("SELECT text FROM note ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            println!("  {}", row.get_ref(0)?.as_str().map_err(magnetiq_storage::rusqlite::Error::from)?);
        }
        Ok(())
    })?;
    drop(reader);

    store.close()?;
    Ok(())
}

fn add(tx: &Tx, text: &str) -> Result<i64, Error> {
    tx.execute("INSERT INTO note (text) VALUES (?1)", [text])?;
    Ok(tx.last_insert_rowid())
}
