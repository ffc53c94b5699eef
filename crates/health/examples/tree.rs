//! Looks at a disk and a database and prints the tree; the exit code says how it is. `cargo run --example tree -- FOLDER`

#![allow(clippy::print_stdout, reason = "a program that talks to its user")]

use std::process::ExitCode;
use std::time::Duration;

use magnetiq_health::checks::{DatabaseWrite, Disk};
use magnetiq_health::{CheckInfo, Clock, Feature, Level, Monitor, Threshold, render};
use magnetiq_storage::{Options, Store};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("magnetiq-notes"), Into::into);
    let store = Store::open(folder.join("notes.sqlite3"), Options::default())?;

    let disk = CheckInfo::new("disk-data", "storage", "Disk of the data folder")
        .critical()
        .every(Duration::from_secs(60))
        .threshold(Threshold::above("used").warn(85.0).leave_warn(83.0).fail(95.0).leave_fail(93.0).build()?)
        .threshold(Threshold::no_is(Level::Fail, "writable"));
    // A database that does not answer is broken; but if the disk is full, that is why.
    let database = CheckInfo::new("database-write", "storage", "Writing to the database").critical().hang_fails().depends_on("disk-data");

    let monitor = Monitor::builder()
        .check(disk, Disk::new(&folder, Clock::system()))
        .check(database, DatabaseWrite::new(store.clone()))
        .feature(Feature::new("notes", "Notes").requires("database-write"))
        .start()?;
    while !monitor.report().settled {
        std::thread::sleep(Duration::from_millis(10));
    }
    let report = monitor.report();
    print!("{}", render::text(&report));
    monitor.stop(Duration::from_secs(5))?;
    store.close()?;
    Ok(ExitCode::from(report.status.exit_code()))
}
