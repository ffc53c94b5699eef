//! A file that is just being put in the place of a database: what readers make of that, and the next owner, where it was cut off.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Lock, Options, ReadOnlyStore, Store};

use crate::process::Other;
use crate::replaced::{beside, is_sound, killed, open};
use crate::support::{add, block_on, texts};

/// A copy of another database, which has the row "restored".
fn restored(folder: &Path, copy: &Path) {
    let source = open(&folder.join("source.sqlite3"));
    source.write(|tx| add(tx, "restored")).wait().unwrap();
    source.snapshot(copy).unwrap();
}

/// As a program leaves it that was killed at the wrong moment: the log of the old database is aside, the new file not yet in its place.
fn cut_off(folder: &Path) -> PathBuf {
    let path = killed(folder);
    restored(folder, &beside(&path, ".incoming"));
    fs::rename(beside(&path, "-wal"), beside(&path, "-wal.outgoing")).unwrap();
    path
}

/// The same, with the note of which file is which that is written before anything steps aside.
fn cut_off_with_its_note(folder: &Path) -> PathBuf {
    let path = cut_off(folder);
    let (incoming, old) = (beside(&path, ".incoming"), path.metadata().unwrap());
    // Of another second than the old one, as it is made where it is not.
    fs::File::options().write(true).open(&incoming).unwrap().set_modified(old.modified().unwrap() + Duration::from_secs(2)).unwrap();
    let new = incoming.metadata().unwrap();
    fs::write(beside(&path, ".outgoing"), stamp(&new) + &stamp(&old)).unwrap();
    path
}

/// As a program leaves it that was killed before it put the new file where no database was.
fn cut_off_where_nothing_was(path: &Path) {
    let incoming = beside(path, ".incoming");
    restored(path.parent().unwrap(), &incoming);
    fs::write(beside(path, ".outgoing"), stamp(&incoming.metadata().unwrap())).unwrap();
}

fn stamp(of: &fs::Metadata) -> String {
    format!("{} {} {}\n", of.size(), of.mtime(), of.mtime_nsec())
}

/// What lies beside the database, with what somebody else put there under its name.
fn kept(path: &Path) -> bool {
    assert!(!beside(path, "-wal.outgoing").exists() && !beside(path, ".outgoing").exists());
    beside(path, "-wal.outgoing.replaced-1").metadata().is_ok_and(|about| about.len() > 0)
}

/// Cut off after what was to be put there has its place, before the log of the old one was removed.
#[test]
fn the_log_of_a_database_that_was_replaced_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off_with_its_note(folder.path());
    fs::rename(beside(&path, ".incoming"), &path).unwrap();
    let store = open(&path);
    assert_eq!(texts(&store), ["restored"]);
    assert!(is_sound(&store) && !kept(&path));
}

/// Whoever restores by hand after that: the log of the old database is not played into what is there now, whether the file was moved there or
/// written over, with its own time (`cp -p`) or without, and is thrown away by nobody.
#[test]
fn a_log_is_played_into_no_other_file() {
    for (is_moved, keeps_time) in [(false, false), (false, true), (true, false), (true, true)] {
        let about = format!("moved there: {is_moved}, with its time: {keeps_time}");
        let folder = tempfile::tempdir().unwrap();
        let path = cut_off_with_its_note(folder.path());
        let third = folder.path().join("third.sqlite3");
        fs::copy(beside(&path, ".incoming"), &third).unwrap();
        if is_moved {
            fs::rename(&third, &path).unwrap();
        } else {
            fs::copy(&third, &path).unwrap();
        }
        if keeps_time {
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        }
        let store = open(&path);
        assert_eq!(texts(&store), ["restored"], "{about}");
        assert!(is_sound(&store) && kept(&path), "{about}");
    }
}

/// What was to be put there is wanted elsewhere: the old database needs its log all the same.
#[test]
fn a_database_gets_its_log_back_whatever_becomes_of_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off_with_its_note(folder.path());
    fs::rename(beside(&path, ".incoming"), folder.path().join("elsewhere.sqlite3")).unwrap();
    let store = open(&path);
    assert_eq!(texts(&store), ["in the log"]);
    assert!(is_sound(&store) && !kept(&path));
}

/// An archive keeps whole seconds, and gives everything another number.
#[test]
fn a_database_gets_its_log_back_in_a_copied_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off_with_its_note(folder.path());
    let copy = path.with_file_name("copied.sqlite3");
    fs::copy(&path, &copy).unwrap();
    let whole = std::time::UNIX_EPOCH + Duration::from_secs(u64::try_from(path.metadata().unwrap().mtime()).unwrap());
    fs::File::options().write(true).open(&copy).unwrap().set_modified(whole).unwrap();
    fs::rename(&copy, &path).unwrap();
    assert_eq!(texts(&open(&path)), ["in the log"]);
}

/// Nothing tells the two apart: then no log goes to either, and none is lost.
#[test]
fn a_log_of_files_that_look_alike_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off_with_its_note(folder.path());
    let old = stamp(&path.metadata().unwrap());
    fs::write(beside(&path, ".outgoing"), format!("{old}{old}")).unwrap();
    assert!(is_sound(&open(&path)) && kept(&path));
}

/// A note that says nothing is not taken for none.
#[test]
fn a_note_that_cannot_be_read_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off_with_its_note(folder.path());
    fs::write(beside(&path, ".outgoing"), "of another program").unwrap();
    let refused = Store::open(&path, Options::default()).unwrap_err();
    assert!(matches!(&refused, Error::SnapshotFile { step: "read", path: of, .. } if of.ends_with("site.sqlite3.outgoing")), "{refused:?}");
    assert!(refused.hint().is_some());
    assert!(beside(&path, "-wal.outgoing").exists(), "and nothing is touched");
}

/// Who moves a database away and leaves its log finds that again, whatever comes in its place.
#[test]
fn the_log_of_a_database_that_was_moved_away_is_kept() {
    for replaced in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = killed(folder.path());
        fs::rename(&path, folder.path().join("old.sqlite3")).unwrap();
        if replaced {
            let copy = folder.path().join("copy.sqlite3");
            restored(folder.path(), &copy);
            Lock::take(&path, Duration::ZERO).unwrap().replace_database(&copy, &Options::default()).unwrap();
        }
        let store = Store::open(&path, Options::default()).unwrap();
        assert!(is_sound(&store));
        store.close().unwrap();
        fs::remove_file(&path).unwrap();
        fs::rename(folder.path().join("old.sqlite3"), &path).unwrap();
        fs::rename(beside(&path, "-wal.replaced-1"), beside(&path, "-wal")).unwrap();
        assert_eq!(texts(&open(&path)), ["in the log"], "replaced: {replaced}");
    }
}

/// The copy that was to take its place did not fit: who only reads leaves the log where the owner finds it.
#[test]
fn who_reads_an_empty_file_leaves_the_log_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = killed(folder.path());
    fs::write(&path, "").unwrap();
    let refused = ReadOnlyStore::open(&path, Options::default()).unwrap_err();
    assert!(matches!(refused, Error::BeingReplaced { .. }), "{refused:?}");
    assert!(beside(&path, "-wal").metadata().unwrap().len() > 0);
    drop(Store::open(&path, Options::default()).unwrap());
    assert!(beside(&path, "-wal.replaced-1").metadata().unwrap().len() > 0);
}

/// Killed in the first moment of a database: its journal takes nothing back, and nobody is told of one that was moved away.
#[test]
fn the_journal_of_a_database_that_was_just_being_made_is_left_to_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    fs::write(&path, "").unwrap();
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    fs::write(beside(&path, "-journal"), journal).unwrap();
    Store::open(&path, Options::default()).unwrap().close().unwrap();
    assert!(!beside(&path, "-journal.replaced-1").exists() && !beside(&path, "-journal").exists());
}

/// Killed before there was a database: nobody is to begin with an empty one.
#[test]
fn what_was_to_be_put_where_nothing_was_is_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    cut_off_where_nothing_was(&path);
    let store = open(&path);
    assert_eq!(texts(&store), ["restored"]);
    assert!(is_sound(&store) && !beside(&path, ".incoming").exists() && !beside(&path, ".outgoing").exists());
}

/// Somebody moves the old database away, months later: what was to replace it then is not what comes next.
#[test]
fn what_was_to_replace_a_database_takes_no_empty_place() {
    for noted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = if noted { cut_off_with_its_note(folder.path()) } else { cut_off(folder.path()) };
        drop(Lock::take(&path, Duration::ZERO).unwrap());
        fs::rename(&path, folder.path().join("old.sqlite3")).unwrap();
        let store = Store::open(&path, Options::default()).unwrap();
        let tables: i64 =
            store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?)).wait().unwrap();
        assert_eq!(tables, 0, "noted: {noted}");
        assert!(beside(&path, ".incoming").is_file(), "noted: {noted}");
    }
}

/// Somebody removed the database, and left its log.
#[test]
fn what_is_put_where_a_database_was_gets_no_log_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = killed(folder.path());
    fs::remove_file(&path).unwrap();
    cut_off_where_nothing_was(&path);
    let store = open(&path);
    assert_eq!(texts(&store), ["restored"]);
    assert!(is_sound(&store) && beside(&path, "-wal.replaced-1").exists() && !beside(&path, ".outgoing").exists());
}

#[test]
fn a_second_replacement_keeps_what_the_first_one_left() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (cut_off_with_its_note(folder.path()), folder.path().join("copy.sqlite3"));
    fs::copy(beside(&path, ".incoming"), &copy).unwrap();
    let lock = Lock::take(&path, Duration::ZERO).unwrap();
    lock.replace_database(&copy, &Options::default()).unwrap();
    drop(lock);
    assert_eq!(texts(&open(&path)), ["restored"]);
    assert!(beside(&path, ".incoming.replaced-1").is_file() && !beside(&path, ".incoming").exists());
}

fn count(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
}

#[test]
fn a_database_gets_its_log_back_before_anybody_writes() {
    for is_read in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = cut_off(folder.path());
        let stranger = is_read.then(|| {
            let mut stranger = Other::start("look", &path);
            assert_eq!(stranger.next("rows:").unwrap(), "0");
            assert!(beside(&path, "-shm").exists(), "it made a log of its own, and an index that knows of nothing");
            stranger
        });
        let store = open(&path);
        assert_eq!(texts(&store), ["in the log"], "read by a stranger: {is_read}");
        store.write(|tx| add(tx, "after")).wait().unwrap();
        store.close().unwrap();
        stranger.into_iter().for_each(|mut stranger| stranger.kill());
        let store = open(&path);
        assert_eq!(texts(&store), ["in the log", "after"], "read by a stranger: {is_read}");
        assert!(is_sound(&store) && !beside(&path, "-wal.outgoing").exists());
        store.close().unwrap();
        // What was to be put there can still be.
        let lock = Lock::take(&path, Duration::ZERO).unwrap();
        lock.replace_database(beside(&path, ".incoming"), &Options::default()).unwrap();
        drop(lock);
        assert_eq!(texts(&open(&path)), ["restored"]);
    }
}

#[test]
fn a_log_is_not_put_in_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off(folder.path());
    fs::write(beside(&path, "-wal"), "of somebody who asks for no lock").unwrap();
    let refused = Store::open(&path, Options::default()).unwrap_err();
    assert!(
        matches!(&refused, Error::SnapshotFile { step: "put back", path: of, .. } if of.ends_with("site.sqlite3-wal.outgoing")),
        "{refused:?}"
    );
    assert!(beside(&path, "-wal.outgoing").exists() && beside(&path, "-wal").exists(), "and nothing is touched");
    fs::remove_file(beside(&path, "-wal")).unwrap();
    assert_eq!(texts(&open(&path)), ["in the log"]);
}

#[test]
fn a_reader_waits_until_a_database_has_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = cut_off(folder.path());
    let (real, aside) = (beside(&path, "-wal"), beside(&path, "-wal.outgoing"));
    let impatient = ReadOnlyStore::open(&path, Options::default().busy_timeout(Duration::from_millis(20))).unwrap_err();
    assert!(matches!(impatient, Error::BeingReplaced { .. }) && impatient.is_retryable() && impatient.hint().is_some(), "{impatient:?}");
    assert!(!real.exists(), "it made no log of its own");
    let waiting = std::thread::spawn({
        let path = path.clone();
        move || ReadOnlyStore::open(path, Options::default().busy_timeout(Duration::from_secs(60))).unwrap()
    });
    std::thread::sleep(Duration::from_millis(50));
    assert!(!waiting.is_finished());
    drop(Lock::take(&path, Duration::ZERO).unwrap());
    let store = waiting.join().unwrap();
    // Its connection is open, and opens the log with the first read.
    fs::rename(&real, &aside).unwrap();
    assert!(matches!(store.read(count).wait(), Err(Error::BeingReplaced { .. })));
    assert!(matches!(store.reader(), Err(Error::BeingReplaced { .. })));
    drop(Lock::take(&path, Duration::ZERO).unwrap());
    assert_eq!(store.read(count).wait().unwrap(), 1, "on a connection that has the right log");
    assert_eq!(store.reader().unwrap().read(count).unwrap(), 1);
}

#[test]
fn a_read_that_begins_late_mixes_no_two_databases() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (killed(folder.path()), folder.path().join("copy.sqlite3"));
    restored(folder.path(), &copy);
    let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let (waited, awaited) = (store.read(count), store.read(count));
    let lock = Lock::take(&path, Duration::ZERO).unwrap();
    lock.replace_database(&copy, &Options::default()).unwrap();
    drop(lock);
    let owner = open(&path);
    owner.write(|tx| add(tx, "in the log of the new one")).wait().unwrap();
    // The connection of these was opened to the old file, and would find the log of the new one by its name.
    for read in [waited.wait(), block_on(awaited)] {
        assert!(matches!(read, Err(Error::WrittenMeanwhile { .. })), "{read:?}");
    }
    assert_eq!(store.read(count).wait().unwrap(), 2);
    assert!(is_sound(&owner));
}
