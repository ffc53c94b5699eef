//! A real file system: filled, out of inodes, mounted read-only, gone.

use std::fs;
use std::process::Command;
use std::sync::atomic::Ordering;

use magnetiq_health::checks::{Disk, DiskSync};

use crate::support::{clock, clock_to_set, expect, number, run, skip};

#[test]
fn a_folder_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let result = run(&mut Disk::new(folder.path(), clock(0)));
    expect(&result, &[]);
    assert!(number(&result, "free").unwrap() > 0.0 && number(&result, "used").unwrap() <= 100.0, "{result:?}");
    assert_eq!(number(&result, "full_in"), None, "one look is no trend");
}

#[test]
fn a_folder_that_is_not_there() {
    expect(&run(&mut Disk::new("/not/there", clock(0))), &["failed: there is no folder /not/there"]);
}

#[test]
fn a_mount_of_the_kernel_is_read_only() {
    // Everywhere: /sys and /proc have no room, and say so without dividing by it.
    let result = run(&mut Disk::new("/proc", clock(0)).only_read());
    assert_eq!(number(&result, "size"), Some(0.0), "{result:?}");
    assert_eq!(number(&result, "used"), Some(0.0));
}

#[test]
fn what_arrives_and_what_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probe");
    for _ in 0..2 {
        let result = run(&mut DiskSync::new(&file));
        expect(&result, &[]);
        assert!(number(&result, "latency").is_some());
    }
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1, "the file does not grow");
    expect(&run(&mut DiskSync::new("/not/there")), &["failed: /not/there cannot be written and synced: "]);
    expect(&run(&mut DiskSync::new("/dev/full")), &["failed: /dev/full cannot be written and synced: "]);
}

/// Runs the test below inside a namespace that has a small file system of its own.
#[test]
fn a_small_file_system() {
    let folder = tempfile::tempdir().unwrap();
    let mut unshare = Command::new("unshare");
    unshare.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    let script =
        "mount -t tmpfs -o size=8m,nr_inodes=100 magnetiq \"$1\" || exit 77; cd \"$1\" && exec \"$0\" --ignored --exact disk::inside";
    let status = unshare.args(["sh", "-c", script]).arg(std::env::current_exe().unwrap()).arg(folder.path()).status();
    match status.ok().and_then(|status| status.code()) {
        Some(0) => {}
        Some(77) | None => skip("a small file system cannot be mounted here (it needs root, or user namespaces)"),
        code => panic!("the test inside failed: {code:?}"),
    }
}

#[test]
#[ignore = "run by a_small_file_system, in the file system that it made"]
fn inside() {
    let size = rustix::fs::statvfs(".").unwrap();
    if size.f_blocks * size.f_frsize != 8 << 20 {
        return;
    }
    let look = || run(&mut Disk::new(".", clock(0)));
    let mount = |arguments: &[&str]| Command::new("mount").args(arguments).status().unwrap().success();
    let empty = look();
    expect(&empty, &[]);
    assert_eq!(number(&empty, "size"), Some(8_388_608.0));

    // What a container sees that only reads: the same file system through a mount that takes no writes.
    fs::create_dir("watched").unwrap();
    assert!(mount(&["--bind", ".", "watched"]) && mount(&["-o", "remount,bind,ro", "watched"]));
    let watched = run(&mut Disk::new("watched", clock(0)).only_read());
    expect(&watched, &[]);
    assert_eq!(number(&watched, "writable"), Some(1.0));
    expect(&run(&mut Disk::new("watched", clock(0))), &["fail: watched is mounted read-only"]);
    assert!(Command::new("umount").arg("watched").status().unwrap().success());
    fs::remove_dir("watched").unwrap();

    // Grows by one MiB each ten minutes, and says when that ends: two of eight are left after the sixth, an hour's worth of ten minutes each.
    let (clock_set, time) = clock_to_set();
    let mut growing = Disk::new(".", clock_set);
    for mebibyte in 1..=6 {
        fs::write(format!("file-{mebibyte}"), vec![1; 1 << 20]).unwrap();
        time.fetch_add(600, Ordering::Relaxed);
        let result = run(&mut growing);
        let expected = if mebibyte == 6 { Some(1200.0) } else { None };
        assert_eq!(number(&result, "full_in"), expected, "{result:?}");
    }

    while fs::write(format!("{}", fs::read_dir(".").unwrap().count()), [1; 1 << 18]).is_ok() {}
    let full = look();
    expect(&full, &[]);
    assert_eq!((number(&full, "free"), number(&full, "used")), (Some(0.0), Some(100.0)));

    for entry in fs::read_dir(".").unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    while fs::write(format!("{}", fs::read_dir(".").unwrap().count()), []).is_ok() {}
    let result = look();
    assert!(number(&result, "inodes_used").unwrap() > 97.0 && number(&result, "used").unwrap() < 5.0, "{result:?}");

    assert!(mount(&["-o", "remount,ro", "."]));
    let result = look();
    expect(&result, &["fail: . is mounted read-only"]);
    expect(&run(&mut Disk::new(".", clock(0)).only_read()), &["fail: . is mounted read-only"]);
    assert_eq!(number(&result, "writable"), Some(0.0));
}
