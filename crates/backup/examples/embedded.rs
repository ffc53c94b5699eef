//! A program that holds its database open and backs it up from a thread of its own, while it goes on writing.

use std::error::Error;
use std::io::Write;

use magnetiq_backup::magnetiq_storage::{self as storage, Store};
use magnetiq_backup::{Backups, Depth, Options, Outcome, Reason, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join("magnetiq-embedded-example");
    let store = Store::open(folder.join("notes.sqlite3"), storage::Options::default())?;
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (text TEXT NOT NULL) STRICT")?)).wait()?;

    let backups = Backups::new(Options::new(folder.join("backups")).store(store.clone()).name("notes"))?;
    let backup = std::thread::spawn(move || {
        let entry = backups.create(&Request::new(Reason::Schedule), &mut |_| ())?;
        let proof = backups.verify(&entry, Depth::Restore, &mut |_| ())?;
        Ok::<_, magnetiq_backup::Error>((entry, proof))
    });
    for number in 0..1000 {
        store.write(move |tx| Ok(tx.execute("INSERT INTO note VALUES ('note ' || ?1)", [number])?)).wait()?;
    }
    let (entry, proof) = backup.join().map_err(|_panic| "the backup panicked")??;
    let rows = entry.record.summary.rows;
    writeln!(std::io::stdout(), "{}: one moment of the database, with {rows} notes: {:?}", entry.path.display(), proof.outcome)?;
    if proof.outcome == Outcome::Proven { Ok(()) } else { Err(proof.problem.unwrap_or_default().into()) }
}
