//! A server that is asked how it is.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use magnetiq_tests::{Client, Fault, Server};
use serde_json::json;

use crate::Bar;

/// Those who ask at the same time.
const ASKING: u32 = 8;
/// How often all of them ask together.
const PER_SECOND: u32 = 2_000;
/// What the kernel counts processor time in.
const TICKS_PER_SECOND: f64 = 100.0;

pub(crate) fn bars(program: &Path, here: &Path, quick: bool) -> Vec<Bar> {
    let folder = tempfile::Builder::new().prefix("bench-health-").tempdir_in(here).unwrap();
    let path = |name: &str| folder.path().join(name);
    let settings = "profile = 'development'\n[server]\nport = 0\n[log]\nformat = 'json'\n[health]\ndisk_interval_ms = 1000\nwriter_stalled_ms = 1000\n\
        token = 'a-token-that-nobody-here-sends'\n";
    fs::write(path("magnetiq.toml"), settings).unwrap();
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env_clear().arg("serve");
    let hang = path("hang");
    Fault::HangingDisk { root: path("data").canonicalize().unwrap_or(path("data")), hang: hang.clone() }.preload(&mut command).unwrap();
    let server = Server::listening(command);
    until(&server.client(), 200, "/readyz");

    let requests = if quick { 5_000 } else { 40_000 };
    let cost = |path: &'static str| {
        eprintln!("{requests} times {path}");
        processor_us(&server, path, requests)
    };
    let mut bars = vec![
        Bar { promise: "/livez: processor time of an answer", found: cost("/livez"), most: 50.0, unit: "µs" },
        Bar { promise: "/readyz: processor time of an answer", found: cost("/readyz"), most: 50.0, unit: "µs" },
    ];
    fs::write(&hang, "").unwrap();
    until(&server.client(), 503, "/health");
    // Readers that hang, too: what they want is not in memory.
    let readers: Vec<_> = (0..64)
        .map(|_| {
            thread::spawn({
                let client = server.client();
                move || client.get("/api/v1/pages")
            })
        })
        .collect();
    let time = Duration::from_secs(if quick { 3 } else { 20 });
    eprintln!("{PER_SECOND} times a second /health, for {} s, while the disk hangs", time.as_secs());
    let answers = ask(&server, time);
    fs::remove_file(&hang).unwrap();
    readers.into_iter().for_each(|reader| drop(reader.join().unwrap()));
    let slowest = answers.iter().map(|(took, _)| *took).max().unwrap_or_default();
    let wrong = answers.iter().filter(|(_, right)| !right).count();
    let expected = u64::from(PER_SECOND) * time.as_secs();
    eprintln!("{} answers of {expected}", answers.len());
    bars.extend([
        Bar {
            promise: "/health, 2,000 times a second, the disk hangs: slowest answer since due",
            found: ms(slowest),
            most: 100.0,
            unit: "ms",
        },
        Bar { promise: "the same: answers that were not the truth", found: f64::from(u32::try_from(wrong).unwrap()), most: 0.0, unit: "" },
    ]);
    bars
}

fn until(client: &Client, status: u16, path: &str) {
    let begin = Instant::now();
    while !client.get(path).is_ok_and(|(found, _)| found == status) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{path} never answered {status}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Of the server alone, for one answer.
fn processor_us(server: &Server, path: &'static str, requests: u32) -> f64 {
    let before = ticks(server);
    let asking: Vec<_> = (0..ASKING)
        .map(|_| {
            let client = server.client();
            thread::spawn(move || (0..requests / ASKING).for_each(|_| assert_eq!(client.get(path).unwrap().0, 200)))
        })
        .collect();
    asking.into_iter().for_each(|thread| thread.join().unwrap());
    (ticks(server) - before) / TICKS_PER_SECOND * 1e6 / f64::from(requests)
}

/// Processor time so far, of the program and of the kernel for it.
fn ticks(server: &Server) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum()
}

/// Asks on a fixed schedule: how long each answer took since it was due, and whether it was the truth.
fn ask(server: &Server, time: Duration) -> Vec<(Duration, bool)> {
    let each = Duration::from_secs(1) * ASKING / PER_SECOND;
    let truth = (503, json!({ "status": "fail" }));
    let asking: Vec<_> = (0..ASKING)
        .map(|_| {
            let (client, truth) = (server.client(), truth.clone());
            thread::spawn(move || {
                let begin = Instant::now();
                let mut answers = Vec::new();
                for n in 0.. {
                    let due = each * n;
                    if due >= time {
                        break;
                    }
                    thread::sleep(due.saturating_sub(begin.elapsed()));
                    let right = client.get("/health").is_ok_and(|answer| answer == truth);
                    answers.push((begin.elapsed().saturating_sub(due), right));
                }
                answers
            })
        })
        .collect();
    asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
