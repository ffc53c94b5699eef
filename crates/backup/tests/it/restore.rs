//! From an archive back to a site, and back again.

mod killed;
mod volumes;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use magnetiq_backup::magnetiq_storage::{self as storage, ReadOnlyStore, Store};
use magnetiq_backup::{Backups, Error, MediaMode, Reason, Request, RestoreRequest, Restored, What, Which};

use crate::support::{Site, create, names};

/// Everything that people would miss.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    notes: Vec<String>,
    media: BTreeMap<String, Vec<u8>>,
    config: Vec<u8>,
}

fn state_of(folder: &Path, database: &str, config: &str) -> State {
    let store = ReadOnlyStore::open(folder.join(database), storage::Options::default()).unwrap();
    let sql = "SELECT text FROM note ORDER BY id";
    let notes = store.read(move |conn| Ok(conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)).wait().unwrap();
    store.close().unwrap();
    let media = folder.join("media");
    let media = names(&media).into_iter().map(|name| (name.clone(), fs::read(media.join(name)).unwrap())).collect();
    State { notes, media, config: fs::read(folder.join(config)).unwrap_or_default() }
}

fn state(site: &Site) -> State {
    state_of(site.folder.path(), "site.sqlite3", "site.toml")
}

/// People go on working.
fn change(site: &Site) {
    site.sql("DELETE FROM tag; DELETE FROM note WHERE id = 2; INSERT INTO note (text) VALUES ('four'), ('five')");
    site.put("media/new/file", b"only now");
    fs::remove_file(site.path("media/ab/picture")).unwrap();
    site.put("site.toml", b"name = \"changed\"\n");
}

fn restore(backups: &Backups, request: RestoreRequest) -> Result<Restored, Error> {
    let plan = backups.plan_restore(&Which::Latest, request)?;
    backups.restore(&plan, &mut |_| ())
}

fn leftovers(site: &Site) -> Vec<String> {
    let entries = fs::read_dir(site.folder.path()).unwrap().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.contains("restoring")).collect()
}

#[test]
fn a_site_goes_back_and_forth() {
    for mode in [MediaMode::Full, MediaMode::Linked] {
        let site = Site::new();
        let backups = Backups::new(site.options().media(site.path("media"), mode)).unwrap();
        let before = state(&site);
        create(&backups);
        site.wait(3_600);
        change(&site);
        let after = state(&site);
        let kept_config = State { config: after.config.clone(), ..before.clone() };

        let restored = restore(&backups, RestoreRequest::new()).unwrap();
        assert_eq!(state(&site), kept_config, "{mode:?}");
        assert_eq!((restored.what, restored.rows, restored.media_files), (vec![What::Media, What::Database], 5, 2));
        let kept = restored.kept.unwrap();
        assert!(kept.join("database.sqlite3").exists());
        let sites = backups.kept_sites().unwrap();
        assert!(matches!(sites.as_slice(), [site] if site.path == kept && site.id == restored.id && site.bytes > 70_000), "{sites:?}");

        let undone = backups.undo().unwrap();
        assert_eq!(state(&site), after, "{mode:?}");
        assert_eq!(undone.what, [What::Media, What::Database]);
        assert!(matches!(backups.undo(), Err(Error::NothingToUndo { .. })), "once is enough");

        // A second time, in the same second.
        restore(&backups, RestoreRequest::new()).unwrap();
        assert_eq!(state(&site), kept_config);
        site.sql("INSERT INTO note (text) VALUES ('after')");
        backups.undo().unwrap();
        assert_eq!(state(&site), after);
        assert_eq!(leftovers(&site), [""; 0]);
    }
}

#[test]
fn the_plan_says_what_would_be_lost() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    site.wait(2 * 86_400);
    change(&site);
    let owner = site.store();
    owner.write(|tx| Ok(tx.execute_batch("UPDATE note SET text = text")?)).wait().unwrap();
    let plan = backups.plan_restore(&Which::Latest, RestoreRequest::new()).unwrap();
    let rows: Vec<_> = plan.tables.iter().map(|table| (table.name.as_str(), table.rows_now, table.rows_then)).collect();
    assert_eq!(rows, [("note", Some(4), Some(3)), ("tag", Some(0), Some(2))]);
    assert_eq!(plan.media_lost, ["new/file"]);
    let replaced = plan.replaced.iter().find(|part| part.what == What::Database).unwrap();
    let bytes = |name: &str| std::fs::metadata(site.path(name)).unwrap().len();
    assert!(bytes("site.sqlite3-wal") > 0);
    assert_eq!(replaced.bytes_now, bytes("site.sqlite3") + bytes("site.sqlite3-wal"), "what is in the log only is there, too");
    let shown = plan.to_string();
    assert_eq!(plan.space[0].0, site.folder.path().canonicalize().unwrap(), "room is needed in a folder, not in a file");
    for part in ["2 days old", "NOT proven", "table note: 4 rows now, 3 rows then", "new/file", "in use by", "are free"] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
    // The plan and the refusal name who is in the way, and nothing has changed.
    let refused = backups.restore(&plan, &mut |_| ()).unwrap_err();
    assert!(
        matches!(&refused, Error::InUse { source, .. } if matches!(&**source, storage::Error::Locked { owner: Some(owner), .. } if owner.pid == std::process::id())),
        "{refused:?}"
    );
    owner.close().unwrap();
    assert_eq!(state(&site).notes, ["one", "three", "four", "five"]);
    backups.restore(&plan, &mut |_| ()).unwrap();
    assert_eq!(state(&site).notes, ["one", "two", "three"]);
}

#[test]
fn into_an_empty_folder_without_a_lock() {
    let site = Site::new();
    let backups = Backups::new(site.options().media(site.path("media"), MediaMode::Linked)).unwrap();
    create(&backups);
    let before = state(&site);
    let running = site.store();
    // What a killed restore left there is no content.
    site.put("elsewhere/.restoring/database.sqlite3", b"half");
    let restored = restore(&backups, RestoreRequest::new().to(site.path("elsewhere"))).unwrap();
    running.close().unwrap();
    assert_eq!(state_of(&site.path("elsewhere"), "database.sqlite3", "config/site.toml"), before);
    assert_eq!((restored.what.len(), restored.kept), (3, None));
    assert!(!site.path("elsewhere/.restoring").exists());

    let again = restore(&backups, RestoreRequest::new().to(site.path("elsewhere"))).unwrap_err();
    assert!(matches!(again, Error::NotEmpty { .. }), "{again:?}");
    // Files of the backups are not shared: who changes one here must not change a backup.
    let stored = names(&site.path("backups/media"));
    let inodes: Vec<_> = stored.iter().map(|name| fs::metadata(site.path("backups/media").join(name)).unwrap().ino()).collect();
    for name in names(&site.path("elsewhere/media")) {
        assert!(!inodes.contains(&fs::metadata(site.path("elsewhere/media").join(name)).unwrap().ino()));
    }
}

#[test]
fn only_a_part() {
    let site = Site::new();
    let backups = site.backups();
    let before = state(&site);
    create(&backups);
    change(&site);
    let after = state(&site);
    let cases = [
        (What::Database, State { notes: before.notes.clone(), ..after.clone() }),
        (What::Media, State { media: before.media.clone(), ..after.clone() }),
        (What::Config, State { config: before.config.clone(), ..after.clone() }),
    ];
    for (what, expected) in cases {
        let restored = restore(&backups, RestoreRequest::new().only(what)).unwrap();
        assert_eq!((state(&site), restored.what), (expected, vec![what]));
        backups.undo().unwrap();
        assert_eq!(state(&site), after, "{what}");
    }
}

#[test]
fn what_cannot_be_trusted_changes_nothing() {
    let site = Site::new();
    let backups = Backups::new(site.options().media(site.path("media"), MediaMode::Linked)).unwrap();
    let entry = create(&backups);
    change(&site);
    let after = state(&site);
    let whole = fs::read(&entry.path).unwrap();
    let plan = backups.plan_restore(&Which::Latest, RestoreRequest::new()).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (problem, bytes) in [("flipped", flipped), ("cut off", whole[..whole.len() - 40].to_vec()), ("empty", Vec::new())] {
        fs::write(&entry.path, bytes).unwrap();
        let refused = backups.restore(&plan, &mut |_| ()).unwrap_err();
        assert!(matches!(refused, Error::Damaged { .. } | Error::NoArchive { .. }), "{problem}: {refused:?}");
        assert_eq!((state(&site), leftovers(&site)), (after.clone(), vec![]), "{problem}");
    }
    fs::write(&entry.path, &whole).unwrap();

    let stored = site.path("backups/media").join(names(&site.path("backups/media"))[0].clone());
    let content = fs::read(&stored).unwrap();
    fs::write(&stored, vec![0; content.len()]).unwrap();
    assert!(matches!(backups.restore(&plan, &mut |_| ()), Err(Error::Damaged { .. })), "a linked file that changed");
    fs::remove_file(&stored).unwrap();
    assert!(matches!(backups.restore(&plan, &mut |_| ()), Err(Error::Damaged { .. })), "a linked file that is missing");
    fs::write(&stored, content).unwrap();

    let foreign = Backups::new(site.options().storage_options(storage::Options::default().application_id(7)));
    let _ = foreign.map(|foreign| foreign.plan_restore(&Which::File("no archive".into()), RestoreRequest::new()).unwrap_err());
    site.put("no archive.txt", b"hello");
    let none = backups.plan_restore(&Which::File(site.path("no archive.txt")), RestoreRequest::new()).unwrap_err();
    assert!(matches!(none, Error::NoArchive { .. }), "{none:?}");
    assert_eq!((state(&site), leftovers(&site)), (after, vec![]));
    backups.restore(&plan, &mut |_| ()).unwrap();
}

#[test]
fn a_partial_backup_is_restored_when_that_is_wanted() {
    let site = Site::new();
    let backups = Backups::new(site.options().config_file(site.path("missing.toml"))).unwrap();
    let entry = create(&backups);
    assert!(entry.is_partial());
    change(&site);
    let refused = restore(&backups, RestoreRequest::new()).unwrap_err();
    assert!(matches!(refused, Error::Partial { problems: 1, .. }), "{refused:?}");
    restore(&backups, RestoreRequest::new().allow_partial(true)).unwrap();
    assert_eq!(state(&site).notes, ["one", "two", "three"]);
}

#[test]
fn a_database_with_faults_from_before_the_backup_is_restored_when_that_is_wanted() {
    let site = Site::new();
    let conn = storage::rusqlite::Connection::open(site.path("site.sqlite3")).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO tag (note_id) VALUES (77)").unwrap();
    conn.close().unwrap();
    let backups = site.backups();
    create(&backups);
    let refused = restore(&backups, RestoreRequest::new().to(site.path("sound")));
    assert!(matches!(&refused, Err(Error::Damaged { problem, .. }) if problem.contains("tag")), "{refused:?}");
    let restored = restore(&backups, RestoreRequest::new().to(site.path("all the same")).allow_partial(true)).unwrap();
    assert_eq!(restored.rows, 6);
}

#[test]
fn a_database_that_cannot_be_opened_is_replaced_with_its_log() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    let (database, log) = (vec![b'x'; 9_000], b"a log that nobody can read".to_vec());
    site.put("site.sqlite3", &database);
    site.put("site.sqlite3-wal", &log);
    let plan = backups.plan_restore(&Which::Latest, RestoreRequest::new()).unwrap();
    assert!(plan.unreadable.is_some());
    backups.restore(&plan, &mut |_| ()).unwrap();
    assert_eq!(state(&site).notes, ["one", "two", "three"]);
    site.sql("INSERT INTO note (text) VALUES ('four')");
    backups.undo().unwrap();
    assert_eq!(fs::read(site.path("site.sqlite3")).unwrap(), database);
    assert_eq!(fs::read(site.path("site.sqlite3-wal")).unwrap(), log);
}

#[test]
fn who_reads_meanwhile_reads_one_site_or_the_other() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    change(&site);
    // A monitor has the database open, which keeps its log and its index where they are.
    let monitor = ReadOnlyStore::open(site.path("site.sqlite3"), storage::Options::default()).unwrap();
    let count =
        |store: &ReadOnlyStore| store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, u32>(0))?)).wait();
    assert_eq!(count(&monitor).unwrap(), 4);
    restore(&backups, RestoreRequest::new()).unwrap();
    assert_eq!(count(&monitor).unwrap(), 3);
    let store = site.store();
    store.write(|tx| Ok(tx.execute_batch("INSERT INTO note (text) VALUES ('x')")?)).wait().unwrap();
    assert_eq!(count(&monitor).unwrap(), 4);
    store.close().unwrap();
    monitor.close().unwrap();
    assert_eq!(state(&site).notes, ["one", "two", "three", "x"]);
}

#[test]
fn a_whole_site_through_a_pipe() {
    let site = Site::new();
    let backups = Backups::new(site.options().media(site.path("media"), MediaMode::Linked)).unwrap();
    let before = state(&site);
    let (reader, writer) = std::io::pipe().unwrap();
    let other = Site::new();
    change(&other);
    let there = other.backups();
    std::thread::scope(|scope| {
        let exported = scope.spawn(|| backups.export(writer, &mut |_| ()).unwrap());
        let imported = there.import(reader, &RestoreRequest::new(), &mut |_| ()).unwrap();
        assert_eq!(imported.id, exported.join().unwrap().id);
    });
    assert_eq!(State { config: before.config.clone(), ..state(&other) }, before);
    there.undo().unwrap();
    assert_eq!(state(&other).notes, ["one", "three", "four", "five"]);
    // An export is no backup of this folder, and leaves nothing here.
    assert_eq!(backups.list().unwrap(), []);

    // To where there is nothing yet, from a pipe that breaks, and from one that does not.
    let mut whole = Vec::new();
    backups.export(&mut whole, &mut |_| ()).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let options = magnetiq_backup::Options::new(empty.path().join("backups"));
    let fresh =
        Backups::new(options.database(empty.path().join("data/site.sqlite3")).media(empty.path().join("data/media"), MediaMode::Linked))
            .unwrap();
    let broken = fresh.import(&whole[..whole.len() / 2], &RestoreRequest::new(), &mut |_| ()).unwrap_err();
    assert!(matches!(broken, Error::NoArchive { .. }), "{broken:?}");
    assert!(!empty.path().join("data/site.sqlite3").exists());
    let imported = fresh.import(&whole[..], &RestoreRequest::new(), &mut |_| ()).unwrap();
    assert_eq!(imported.kept, None);
    assert_eq!(State { config: before.config.clone(), ..state_of(&empty.path().join("data"), "site.sqlite3", "") }, before);
    // There was no site before; going back would leave none.
    assert!(matches!(fresh.undo(), Err(Error::NothingToUndo { .. })));
    Store::open(empty.path().join("data/site.sqlite3"), storage::Options::default()).unwrap().close().unwrap();
}

#[test]
fn another_applications_backup_is_refused() {
    let site = Site::new();
    site.sql("PRAGMA user_version = 1");
    let own = Backups::new(site.options()).unwrap();
    let connection = storage::rusqlite::Connection::open(site.path("site.sqlite3")).unwrap();
    connection.pragma_update(None, "application_id", 99).unwrap();
    drop(connection);
    own.create(&Request::new(Reason::Manual), &mut |_| ()).unwrap();
    let other = Backups::new(site.options().storage_options(storage::Options::default().application_id(7))).unwrap();
    let refused = other.plan_restore(&Which::Latest, RestoreRequest::new()).unwrap_err();
    assert!(matches!(refused, Error::ForeignApplication { found: 99, expected: 7, .. }), "{refused:?}");
    assert_eq!(own.list().unwrap().len(), 1);
}

#[test]
fn nobody_exports_or_goes_back_while_the_folder_is_in_use() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    site.wait(3_600);
    change(&site);
    restore(&backups, RestoreRequest::new()).unwrap();
    let restored = state(&site);
    let lock = fs::File::options().write(true).open(site.path("backups/backup.lock")).unwrap();
    lock.lock().unwrap();
    let undone = backups.undo();
    assert!(matches!(undone, Err(Error::Locked { .. })), "{undone:?}");
    let exported = backups.export(std::io::sink(), &mut |_| ());
    assert!(matches!(exported, Err(Error::Locked { .. })), "{exported:?}");
    assert_eq!(state(&site), restored);
    drop(lock);
    backups.export(std::io::sink(), &mut |_| ()).unwrap();
    backups.undo().unwrap();
    assert_ne!(state(&site), restored);
}
