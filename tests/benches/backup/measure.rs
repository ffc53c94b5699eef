//! What a command costs: time, processor, memory. It runs below a small process of its own, because the system counts the children of a
//! process together, and counts the memory of who starts a program as that program's.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wait4::Wait4;

/// What one command cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Of all processes together.
    pub(crate) cpu: Duration,
    /// Of the largest process.
    pub(crate) peak_rss_bytes: u64,
}

impl Cost {
    /// The middle one by time.
    pub(crate) fn median(mut costs: Vec<Self>) -> Option<Self> {
        costs.sort_by_key(|cost| cost.wall);
        let mut middle = *costs.get(costs.len() / 2)?;
        middle.peak_rss_bytes = costs.iter().map(|cost| cost.peak_rss_bytes).max()?;
        Some(middle)
    }
}

/// `--measure ANSWER PROGRAM …`: runs the program, and leaves what it cost in a file.
pub(crate) fn child(mut words: impl Iterator<Item = String>) {
    let (answer, program) = (words.next().unwrap(), words.next().unwrap());
    let began = Instant::now();
    let ended = Command::new(program).args(words).spawn().unwrap().wait4().unwrap();
    let wall = began.elapsed();
    let cpu = ended.rusage.utime + ended.rusage.stime;
    let cpu_us = u64::try_from(cpu.as_micros()).unwrap();
    let cost = json!({ "wall_s": wall.as_secs_f64(), "cpu_us": cpu_us, "rss_kb": ended.rusage.maxrss / 1024, "code": ended.status.code() });
    std::fs::write(answer, cost.to_string()).unwrap();
}

/// Runs a script of the shell with these variables; `Err` has what it said where it failed.
pub(crate) fn script(script: &str, variables: &[(&str, &Path)], scratch: &Path) -> Result<Cost, String> {
    let answer = scratch.join("cost.json");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("--measure").arg(&answer).args(["sh", "-ec", script]).envs(variables.iter().copied());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let cost: Value = serde_json::from_slice(&std::fs::read(&answer).map_err(|error| error.to_string())?).unwrap();
    if cost["code"] != 0 {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{script}\nended with {}: {}", cost["code"], said.trim_end()));
    }
    Ok(Cost {
        wall: Duration::from_secs_f64(cost["wall_s"].as_f64().unwrap()),
        cpu: Duration::from_micros(cost["cpu_us"].as_u64().unwrap()),
        peak_rss_bytes: cost["rss_kb"].as_u64().unwrap() * 1024,
    })
}

/// All that is there goes to the disk first, so that nobody pays for who came before.
pub(crate) fn settle() {
    let _ = Command::new("sync").status();
}

/// The bytes of all files below a folder.
pub(crate) fn size_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            if about.is_dir() { size_bytes(&entry.path()) } else { about.len() }
        })
        .sum()
}
