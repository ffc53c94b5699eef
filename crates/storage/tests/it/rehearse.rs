//! Migrations before and after they happen: rehearsal, rolling back, stamping, drift.

use std::fs;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Options, ReadOnlyStore, Store, WrittenSince};

const NOTES: (&str, &str) =
    ("V1__notes", "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note VALUES (1, 'a'), (2, 'b')");
const TAGS: (&str, &str) = (
    "V2__tags",
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, note INTEGER REFERENCES note, at REAL DEFAULT 0);
     INSERT INTO tag (note, at) SELECT id, julianday() FROM note; CREATE INDEX tag_by_note ON tag (note);",
);

fn runner(migrations: &[(&str, &str)]) -> Runner {
    let migrations: Vec<_> = migrations.iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect();
    Runner::new(&migrations)
}

fn migrated(options: Options) -> Store {
    let store = Store::temporary(options).unwrap();
    store.migrate(runner(&[NOTES])).unwrap();
    store
}

fn execute(store: &Store, sql: &'static str) {
    store.write(move |tx| Ok(tx.execute_batch(sql)?)).wait().unwrap();
}

fn note(store: &Store) -> Vec<String> {
    let read = store.read(|conn| {
        let mut statement = conn.prepare("SELECT text FROM note ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    });
    read.wait().unwrap()
}

fn has_tags(store: &Store) -> bool {
    store.read(tags_exist).wait().unwrap()
}

fn tags_exist(conn: &Connection) -> Result<bool, Error> {
    Ok(conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tag'")?.exists([])?)
}

#[test]
fn a_rehearsal_tells_what_would_happen_and_changes_nothing() {
    let store = migrated(Options::default());
    let orphans = ("V3__orphans", "DELETE FROM note WHERE id = 1; CREATE TABLE empty (x)");
    let rehearsal = store.rehearse(&runner(&[NOTES, TAGS, orphans])).unwrap();
    assert_eq!(rehearsal.applied.iter().map(|s| s.version).collect::<Vec<_>>(), [2, 3]);
    let rows: Vec<_> = rehearsal.tables.iter().map(|t| (t.table.as_str(), t.before, t.after)).collect();
    let history = ("refinery_schema_history", Some(1), Some(3));
    assert_eq!(rows, [("empty", None, Some(0)), ("note", Some(2), Some(1)), history, ("tag", None, Some(2))]);
    let [broken] = &rehearsal.foreign_keys[..] else { panic!("{rehearsal:?}") };
    assert_eq!((broken.table.as_str(), broken.parent.as_str(), broken.rows), ("tag", "note", 1));
    let failed = store.rehearse(&runner(&[NOTES, ("V2__typo", "CREATE TABEL x (y)")])).unwrap_err();
    assert!(matches!(failed, Error::Migration { version: 2, .. }));
    assert!(!has_tags(&store) && note(&store) == ["a", "b"]);
    assert_eq!(store.plan(&runner(&[NOTES, TAGS])).unwrap().from, Some(1));
    let folder = store.path().parent().unwrap();
    let left = fs::read_dir(folder).unwrap().filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains("rehearsal"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_migration_is_rolled_back_to_the_copy_and_that_can_be_undone() {
    let store = migrated(Options::default());
    let copy = store.migrate(runner(&[NOTES, TAGS])).unwrap().snapshot.unwrap();
    let commits = store.commits();
    let seen = commits.number();
    let mut before = store.reader().unwrap();
    let back = store.roll_back(&copy, WrittenSince::Refuse).unwrap();
    assert!(commits.number() > seen);
    assert!(before.read(tags_exist).unwrap(), "a reader stays at its moment");
    drop(before);
    assert!(!has_tags(&store) && note(&store) == ["a", "b"]);
    assert_eq!(store.plan(&runner(&[NOTES, TAGS])).unwrap().pending.len(), 1);
    execute(&store, "INSERT INTO note VALUES (3, 'c')");
    // Still a database with a log, for this process and the next one.
    let mode = store.read(|conn| Ok(conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?));
    assert_eq!(mode.wait().unwrap(), "wal");
    store.roll_back(&back.replaced, WrittenSince::Discard).unwrap();
    assert!(has_tags(&store) && note(&store) == ["a", "b"]);
}

#[test]
fn nothing_that_was_written_since_is_lost_unasked_also_after_a_restart() {
    for change in
        ["INSERT INTO note VALUES (3, 'c')", "UPDATE note SET text = 'x' WHERE id = 1", "DELETE FROM tag", "CREATE TABLE later (x)"]
    {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
        let store = open();
        store.migrate(runner(&[NOTES])).unwrap();
        let copy = store.migrate(runner(&[NOTES, TAGS])).unwrap().snapshot.unwrap();
        execute(&store, change);
        store.close().unwrap();
        let store = open();
        let refused = store.roll_back(&copy, WrittenSince::Refuse).unwrap_err();
        assert!(matches!(&refused, Error::WrittenSince { tables, .. } if !tables.is_empty()), "{change}: {refused:?}");
        assert!(has_tags(&store));
        store.roll_back(&copy, WrittenSince::Discard).unwrap();
        assert!(!has_tags(&store));
    }
}

#[test]
fn what_is_derived_is_no_loss() {
    const WORDS: (&str, &str) = (
        "V2__words",
        "CREATE TABLE waiting (id INTEGER PRIMARY KEY); INSERT INTO waiting SELECT id FROM note; \
         CREATE VIRTUAL TABLE words USING fts5 (text, content = 'note', content_rowid = 'id')",
    );
    const DERIVED: WrittenSince = WrittenSince::RefuseExcept(&["waiting", "words_config", "words_data", "words_docsize", "words_idx"]);
    let store = migrated(Options::default());
    let copy = store.migrate(runner(&[NOTES, WORDS])).unwrap().snapshot.unwrap();
    execute(&store, "INSERT INTO words (rowid, text) SELECT id, text FROM note; DELETE FROM waiting");
    let refused = store.roll_back(&copy, WrittenSince::Refuse).unwrap_err();
    assert!(matches!(&refused, Error::WrittenSince { tables, .. } if tables[0] == "waiting"), "{refused:?}");
    execute(&store, "INSERT INTO note VALUES (3, 'c')");
    let refused = store.roll_back(&copy, DERIVED).unwrap_err();
    assert!(matches!(&refused, Error::WrittenSince { tables, .. } if tables == &["note"]), "{refused:?}");
    execute(&store, "DELETE FROM note WHERE id = 3");
    store.roll_back(&copy, DERIVED).unwrap();
    assert_eq!(note(&store), ["a", "b"]);
}

#[test]
fn a_restart_alone_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
    let store = open();
    store.migrate(runner(&[NOTES])).unwrap();
    let copy = store.migrate(runner(&[NOTES, TAGS])).unwrap().snapshot.unwrap();
    execute(&store, "INSERT INTO note VALUES (3, 'c')");
    execute(&store, "ANALYZE; DELETE FROM note WHERE id = 3");
    store.close().unwrap();
    let store = open();
    store.roll_back(&copy, WrittenSince::Refuse).unwrap();
    store.close().unwrap();
    assert_eq!(note(&open()), ["a", "b"]);
}

#[test]
fn a_copy_that_is_damaged_or_unknown_is_refused() {
    let store = migrated(Options::default());
    let copy = store.migrate(runner(&[NOTES, TAGS])).unwrap().snapshot.unwrap();
    let other = copy.with_extension("other");
    store.snapshot(&other).unwrap();
    assert!(matches!(store.roll_back(&other, WrittenSince::Refuse), Err(Error::NoFingerprint { .. })));
    let bytes = fs::read(&copy).unwrap();
    fs::write(&copy, &bytes[..bytes.len() / 2]).unwrap();
    store.roll_back(&copy, WrittenSince::Discard).unwrap_err();
    fs::remove_file(&copy).unwrap();
    store.roll_back(&copy, WrittenSince::Discard).unwrap_err();
    assert!(has_tags(&store) && !copy.exists());
}

#[test]
fn drift_names_what_differs_from_the_migrations() {
    let store = migrated(Options::default());
    let all = runner(&[NOTES, TAGS]);
    assert!(store.drift(&all).unwrap().is_empty(), "what is pending is no drift");
    store.migrate(runner(&[NOTES, TAGS])).unwrap();
    assert_eq!(store.drift(&all).unwrap().to_string(), "");
    execute(&store, "DROP INDEX tag_by_note; CREATE VIEW extra AS SELECT 1 AS one; ALTER TABLE note ADD COLUMN day");
    let drift = store.drift(&all).unwrap().to_string();
    let [index, table, view] = drift.lines().collect::<Vec<_>>()[..] else { panic!("{drift}") };
    assert_eq!(index, "index tag_by_note is missing");
    assert!(table.starts_with("table note is `CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, day)`, expected `CREATE"), "{table}");
    assert_eq!(view, "view extra is in no migration");
}

#[test]
fn a_stamp_records_a_schema_that_is_there_and_no_other() {
    let store = Store::temporary(Options::default()).unwrap();
    assert!(matches!(store.stamp(runner(&[NOTES, TAGS])), Err(Error::Drift { .. })));
    execute(&store, "CREATE TABLE note (id INTEGER PRIMARY KEY,   text TEXT)");
    let stamped = store.stamp(runner(&[NOTES])).unwrap();
    assert_eq!((stamped.len(), stamped[0].version), (1, 1));
    assert_eq!(note(&store), [""; 0], "nothing was run");
    assert!(store.stamp(runner(&[NOTES])).unwrap().is_empty());
    assert_eq!(store.migrate(runner(&[NOTES, TAGS])).unwrap().applied.len(), 1);
}

/// As a deployment does it, with the program that comes: beside the owner, who goes on writing and knows nothing of it.
#[test]
fn a_rehearsal_beside_the_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite3");
    let owner = Store::open(&path, Options::default()).unwrap();
    owner.migrate(runner(&[NOTES])).unwrap();
    let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let plan = store.plan(&runner(&[NOTES, TAGS])).unwrap();
    assert_eq!((plan.from, plan.to, plan.pending.len()), (Some(1), Some(2), 1));
    let rehearsal = store.rehearse(&runner(&[NOTES, TAGS])).unwrap();
    assert_eq!((rehearsal.applied.len(), rehearsal.foreign_keys.len()), (1, 0));
    execute(&owner, "INSERT INTO note VALUES (3, 'c')");
    assert_eq!((note(&owner), has_tags(&owner)), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], false));
    store.rehearse(&runner(&[NOTES, ("V2__typo", "CREATE TABEL x (y)")])).unwrap_err();
    assert!(store.rehearse(&runner(&[NOTES])).unwrap().writes_wait.is_zero(), "nobody waits for nothing");
}

#[test]
fn an_owner_who_starts_leaves_a_rehearsal_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite3");
    let open = || Store::open(&path, Options::default()).unwrap();
    open().migrate(runner(&[NOTES])).unwrap();
    let long = "INSERT INTO note SELECT 9, count(*) FROM
        (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000000) SELECT i FROM n); CREATE TABLE last (x)";
    let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let rehearsing = std::thread::spawn(move || store.rehearse(&runner(&[NOTES, ("V2__long", long)])));
    let copy = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.to_string_lossy().ends_with(".partial")).find(|path| path.join("copy.sqlite3").exists())
    };
    let made = loop {
        if let Some(made) = copy() {
            break made;
        }
        assert!(!rehearsing.is_finished(), "{:?}", rehearsing.join());
        std::thread::yield_now();
    };
    let owner = open();
    assert!(made.exists() || rehearsing.is_finished());
    assert_eq!(rehearsing.join().unwrap().unwrap().applied.len(), 1);
    assert!(!made.exists());
    owner.close().unwrap();
}
