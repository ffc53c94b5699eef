//! The program itself: its log, its starts, its version, its process.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use magnetiq_health::checks::{Log, Process, Restarts, Version};

use crate::support::{NOW, clock, expect, number, run};

#[test]
fn a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.log");
    expect(&run(&mut Log::new(&path, clock(0))), &["failed: there is no log file "]);
    for (name, size) in [("api.log", 10), ("api.log.1.gz", 200), ("api-2026-11-22.log", 300), ("other.log", 4000)] {
        fs::write(folder.path().join(name), vec![b'x'; size]).unwrap();
    }
    let noon: jiff::Timestamp = NOW.parse().unwrap();
    let file = fs::File::options().append(true).open(&path).unwrap();
    let at = |later| SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(noon.as_second()).unwrap() + later);
    file.set_modified(at(0)).unwrap();
    let result = run(&mut Log::new(&path, clock(90)));
    expect(&result, &[]);
    assert_eq!((number(&result, "silent"), number(&result, "size")), (Some(90.0), Some(10.0)));
    assert_eq!((number(&result, "older_files"), number(&result, "older_size")), (Some(2.0), Some(500.0)));
    file.set_modified(at(1000)).unwrap();
    assert_eq!(number(&run(&mut Log::new(&path, clock(0))), "silent"), Some(0.0), "a file of the future is not silent");
}

#[test]
fn starts_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("starts");
    let look = || run(&mut Restarts::new(&path, clock(0)));
    expect(&look(), &["undetermined: no start was written down in "]);
    let noon: jiff::Timestamp = NOW.parse().unwrap();
    for minutes in [3000, 300, 59, 30, 1] {
        Restarts::started(&path, noon - Duration::from_secs(60 * minutes)).unwrap();
    }
    let result = look();
    expect(&result, &[]);
    assert_eq!((number(&result, "last_hour"), number(&result, "last_day"), number(&result, "up")), (Some(3.0), Some(4.0), Some(60.0)));

    // Deployments, one after the other: each was told to stop. Then it falls twice.
    for minutes in [9, 8, 7, 6, 5, 4, 3] {
        Restarts::stopped(&path).unwrap();
        Restarts::stopped(&path).unwrap();
        Restarts::started(&path, noon - Duration::from_secs(60 * minutes)).unwrap();
    }
    assert_eq!(number(&look(), "last_hour"), Some(3.0), "those from before");
    for minutes in [2, 1] {
        Restarts::started(&path, noon - Duration::from_secs(60 * minutes)).unwrap();
    }
    let result = look();
    assert_eq!((number(&result, "last_hour"), number(&result, "last_day"), number(&result, "up")), (Some(5.0), Some(6.0), Some(60.0)));

    for _ in 0..200 {
        Restarts::started(&path, noon).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 100, "the file does not grow");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    expect(&look(), &["undetermined: "]);
    Restarts::started(&path, noon).unwrap();
    assert_eq!(number(&look(), "last_hour"), Some(0.0), "the first is none again");
    Restarts::started(&path, noon).unwrap();
    assert_eq!(number(&look(), "last_hour"), Some(1.0));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    Restarts::stopped(&folder.path().join("none/yet")).unwrap();
    assert!(Restarts::started(&folder.path().join("not/there"), noon).is_err());
}

#[test]
fn a_version() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("exe");
    symlink("/usr/bin/api-server", &link).unwrap();
    let version = || Version::new("1.2.0").program(&link);
    expect(&run(&mut version()), &[]);
    expect(&run(&mut version().expecting("1.2.0")), &[]);
    expect(&run(&mut version().expecting("1.3.0")), &["warn: version 1.2.0 runs, and 1.3.0 should"]);
    fs::remove_file(&link).unwrap();
    symlink("/usr/bin/api-server (deleted)", &link).unwrap();
    expect(&run(&mut version()), &["warn: /usr/bin/api-server was replaced since the program started"]);
    expect(&run(&mut Version::new("1.2.0")), &[]);
}

#[test]
fn a_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let look = |program: &str| run(&mut Process::new(&file, program));
    expect(&look("api-server"), &["failed: api-server does not run: there is no "]);
    fs::write(&file, std::process::id().to_string()).unwrap();
    let own = fs::read_to_string(format!("/proc/{}/comm", std::process::id())).unwrap();
    assert_eq!(number(&look(own.trim_end()), "running"), Some(1.0));
    expect(&look("api-server"), &["failed: api-server does not run: process "]);
    fs::write(&file, "4194305\n").unwrap();
    expect(&look("api-server"), &["failed: api-server does not run: there is no process 4194305, "]);
    fs::write(&file, "soon").unwrap();
    expect(&look("api-server"), &["undetermined: "]);
}
