//! Memory, files and clock: of this machine, and of folders that look like one.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magnetiq_health::checks::{FileDescriptors, Memory, WallClock};
use magnetiq_health::{Clock, Moment};

use crate::support::{NOW, clock, expect, number, run};

fn put(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A machine of 8 GB with 6 left, and a group of 1000 KB that uses `used`.
fn machine(root: &Path, used: u64) {
    put(root, "proc/meminfo", "MemTotal: 8000000 kB\nMemFree: 1000 kB\nMemAvailable: 6000000 kB\n");
    put(root, "proc/self/status", "Name:\tapi\nVmRSS:\t    300 kB\n");
    put(root, "proc/self/cgroup", "0::/\n");
    put(root, "cgroup/memory.current", &used.to_string());
    put(root, "cgroup/memory.max", "1000000");
    put(root, "cgroup/memory.events", "oom_kill 0\n");
}

#[test]
fn memory_of_this_machine() {
    let result = run(&mut Memory::new());
    expect(&result, &[]);
    assert!(number(&result, "limit").unwrap() > 0.0 && number(&result, "resident").unwrap() > 0.0, "{result:?}");
}

#[test]
fn the_limit_that_leaves_less_room_counts() {
    let root = tempfile::tempdir().unwrap();
    let mut memory = Memory::at(&root.path().join("proc"), &root.path().join("cgroup"));
    expect(&run(&mut memory), &["undetermined: "]);
    machine(root.path(), 900_000);
    let result = run(&mut memory);
    assert_eq!(
        (number(&result, "used"), number(&result, "free"), number(&result, "resident")),
        (Some(90.0), Some(100_000.0), Some(307_200.0))
    );
    put(root.path(), "cgroup/memory.max", "max");
    assert_eq!(number(&run(&mut memory), "used"), Some(25.0), "the machine's");
    fs::remove_file(root.path().join("proc/self/cgroup")).unwrap();
    assert_eq!(number(&run(&mut memory), "used"), Some(25.0), "no group at all");
    put(root.path(), "proc/meminfo", "MemTotal: many\n");
    expect(&run(&mut memory), &["undetermined: "]);
}

#[test]
fn a_process_that_was_killed_is_told_once() {
    let root = tempfile::tempdir().unwrap();
    machine(root.path(), 1000);
    let mut memory = Memory::at(&root.path().join("proc"), &root.path().join("cgroup"));
    expect(&run(&mut memory), &[]);
    put(root.path(), "cgroup/memory.events", "oom_kill 1\n");
    expect(&run(&mut memory), &["warn: the kernel has killed a process"]);
    expect(&run(&mut memory), &[]);
}

#[test]
fn open_files() {
    let before = number(&run(&mut FileDescriptors::new()), "open").unwrap();
    let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
    let after = run(&mut FileDescriptors::new());
    assert!(number(&after, "open").unwrap() >= before + 30.0 && number(&after, "used").unwrap() > 0.0, "{before} {after:?}");
    drop(files);

    let root = tempfile::tempdir().unwrap();
    let at = || run(&mut FileDescriptors::at(root.path()));
    expect(&at(), &["undetermined: "]);
    for name in 0..9 {
        put(root.path(), &format!("fd/{name}"), "");
    }
    let title = "Limit                     Soft Limit           Hard Limit           Units\n";
    put(root.path(), "limits", &format!("{title}Max open files            10                   4096                 files\n"));
    assert_eq!(number(&at(), "used"), Some(90.0));
    put(root.path(), "limits", &format!("{title}Max open files            unlimited            unlimited            files\n"));
    assert_eq!((number(&at(), "used"), number(&at(), "limit")), (Some(0.0), None));
    put(root.path(), "limits", title);
    expect(&at(), &["undetermined: "]);
}

#[test]
fn a_clock_that_is_moved() {
    let now = Arc::new(Mutex::new((0i64, 0u64)));
    let told = Arc::clone(&now);
    let clock = Clock::new(move || {
        let (wall, steady) = *told.lock().unwrap();
        Moment {
            wall: NOW.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(wall),
            steady: Duration::from_secs(steady),
        }
    });
    let newest = || Ok(Some(NOW.parse().unwrap()));
    let mut check = WallClock::new(clock).newest(newest);
    let mut at = |wall, steady| {
        *now.lock().unwrap() = (wall, steady);
        run(&mut check)
    };
    expect(&at(0, 0), &[]);
    assert_eq!(number(&at(30, 30), "jumped"), Some(0.0));
    let back = at(-3600, 60);
    expect(&back, &["warn: the clock was set back by 1 h 1 min"]);
    assert_eq!((number(&back, "behind"), number(&back, "jumped")), (Some(3600.0), Some(-3660.0)));
    let slept = at(100_000, 90);
    expect(&slept, &[]);
    assert_eq!(number(&slept, "behind"), Some(0.0));
}

#[test]
fn a_newest_time_that_is_not_known() {
    let result = run(&mut WallClock::new(clock(0)).newest(|| Err("the database does not answer".to_owned())));
    assert_eq!(number(&result, "behind"), None);
    assert!(result.unwrap().reading("behind").is_some());
    assert_eq!(number(&run(&mut WallClock::new(clock(0)).newest(|| Ok(None))), "behind"), Some(0.0));
}
