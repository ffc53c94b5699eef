//! Libraries that make the system fail under a program: compiled from `tests/faults/*.c`, because replacing a function of the C library
//! is nothing that safe Rust can do, and preloaded.

use std::{
    ffi::OsStr,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What the system does wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Each sync takes at least this long.
    SlowSync(Duration),
    /// After so many syncs, so many fail with an input/output error.
    FailingSync { after: u64, times: u64 },
    /// As many of the next syncs fail as this file has bytes; one goes with each.
    FailingNext(PathBuf),
    /// The files below `root` are watched, and what a power cut would forget of them is noted in `side`. See [`crate::PowerCut`].
    PowerCut { root: PathBuf, side: PathBuf },
    /// The disk is full once the program has written so many bytes into files.
    FullDisk { after_bytes: u64 },
    /// Reads, writes and syncs of files below `root` wait for as long as the file `hang` exists.
    HangingDisk { root: PathBuf, hang: PathBuf },
    /// The wall clock is so many seconds ahead, or behind.
    ShiftedClock { seconds: i64 },
}

/// Why a fault cannot be had here.
#[derive(Clone, Debug)]
pub struct Missing(pub String);

impl Fault {
    /// Lets `command` run with it, and with those that it has already, which come first.
    pub fn preload(&self, command: &mut Command) -> Result<(), Missing> {
        let library = match self {
            Fault::SlowSync(least) => {
                command.env("MAGNETIQ_FAULT_SYNC_MS", least.as_millis().to_string());
                library("slow_sync", include_str!("../faults/slow_sync.c"))
            }
            Fault::FailingSync { after, times } => {
                command.env("MAGNETIQ_FAULT_SYNC_AFTER", after.to_string()).env("MAGNETIQ_FAULT_SYNC_TIMES", times.to_string());
                library("failing_sync", include_str!("../faults/failing_sync.c"))
            }
            Fault::FailingNext(file) => {
                command.env("MAGNETIQ_FAULT_SYNC_NEXT", file);
                library("failing_sync", include_str!("../faults/failing_sync.c"))
            }
            Fault::PowerCut { root, side } => {
                command.env("MAGNETIQ_FAULT_ROOT", root).env("MAGNETIQ_FAULT_SIDE", side);
                library("power_cut", include_str!("../faults/power_cut.c"))
            }
            Fault::FullDisk { after_bytes } => {
                command.env("MAGNETIQ_FAULT_FULL_AFTER", after_bytes.to_string());
                library("full_disk", include_str!("../faults/full_disk.c"))
            }
            Fault::HangingDisk { root, hang } => {
                command.env("MAGNETIQ_FAULT_ROOT", root).env("MAGNETIQ_FAULT_HANG", hang);
                library("hanging_disk", include_str!("../faults/hanging_disk.c"))
            }
            Fault::ShiftedClock { seconds } => {
                command.env("MAGNETIQ_FAULT_CLOCK_S", seconds.to_string());
                library("shifted_clock", include_str!("../faults/shifted_clock.c"))
            }
        };
        let mut libraries = library?.into_os_string();
        if let Some(before) = command.get_envs().find_map(|(name, value)| value.filter(|_| name == "LD_PRELOAD")) {
            libraries = [before, libraries.as_os_str()].join(OsStr::new(":"));
        }
        command.env("LD_PRELOAD", libraries);
        Ok(())
    }
}

/// The compiled library, made once for each version of its source and kept beside this program.
fn library(name: &str, source: &str) -> Result<PathBuf, Missing> {
    if !cfg!(target_os = "linux") {
        return Err(Missing("faults are preloaded, which is done on Linux only".to_owned()));
    }
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    let beside = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let library = beside.join(format!("fault-{name}-{:016x}.so", hasher.finish()));
    if !library.exists() {
        compile(name, &beside, &library)?;
    }
    Ok(library)
}

fn compile(name: &str, beside: &Path, library: &Path) -> Result<(), Missing> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("faults/{name}.c"));
    // Several tests may do this at once, as processes and as threads.
    let thread = std::thread::current().id();
    let unfinished = beside.join(format!("fault-{name}-{}-{thread:?}.unfinished", std::process::id()));
    let mut command = Command::new("cc");
    command.args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]).arg(&unfinished).arg(file).args(["-ldl", "-lpthread"]);
    let output = command.output().map_err(|error| Missing(format!("no C compiler: {error}")))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(unfinished, library).unwrap();
    Ok(())
}
