//! Faults of containers: as an engine tells of them, and on a real one where it answers.

use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use magnetiq_tests::Folder;
use serde_json::{Value, json};

use super::{fake, finding, fine, look, run};

/// What `docker inspect` tells of one that is well, as far as it matters.
fn well(name: &str) -> Value {
    json!({
        "Name": format!("/{name}"),
        "RestartCount": 0,
        "State": { "Status": "running", "OOMKilled": false, "ExitCode": 0, "Health": { "Status": "healthy" } },
        "HostConfig": {
            "Memory": 1_000_000, "NetworkMode": "site_site", "RestartPolicy": { "Name": "unless-stopped" },
            "LogConfig": { "Type": "json-file", "Config": { "max-size": "10m" } },
        },
        "Config": { "Labels": {
            "com.docker.compose.project": "site", "com.docker.compose.service": name, "com.docker.compose.project.working_dir": "/srv/my site",
            "org.opencontainers.image.title": "magnetiq-backend",
        } },
        "NetworkSettings": { "Networks": { "site_site": {} } },
    })
}

/// An engine that tells this, and keeps what else it is asked.
fn engine(folder: &Folder, container: &Value) {
    fs::write(folder.path("inspect"), json!([container]).to_string()).unwrap();
    fake(folder, "docker", "case \"$1 $2\" in\n'ps --all') echo 1 ;;\n'inspect 1') cat inspect ;;\n*) echo \"$*\" >> asked ;;\nesac");
}

#[test]
fn what_an_engine_tells_is_judged() {
    let folder = Folder::new();
    engine(&folder, &well("backend"));
    fine(&look(&folder, "containers"));
    let faults: [(&str, Value, &str, &str); 12] = [
        ("/State/OOMKilled", json!(true), "backend was killed at its limit of 1000000 bytes", "restart backend"),
        ("/RestartCount", json!(3), "backend was restarted 3 times", "logs --tail 50 backend"),
        ("/State/Status", json!("restarting"), "backend was restarted 0 times", "logs --tail 50 backend"),
        ("/State/Status", json!("exited"), "backend is exited, it ended with 0", "start backend"),
        ("/State/Status", json!("paused"), "backend is paused", "unpause backend"),
        ("/State/Status", json!("dead"), "backend is dead", "start backend"),
        ("/State/Health/Status", json!("unhealthy"), "backend is unhealthy", "restart backend"),
        (
            "/HostConfig/LogConfig/Config",
            json!({}),
            "the log of backend has no limit",
            "compose --project-directory /srv/my site up --detach --force-recreate",
        ),
        ("/NetworkSettings/Networks", json!({}), "backend is on no network", "network connect --alias backend site_site backend"),
        ("/NetworkSettings/Networks", json!({ "none": {} }), "backend is on no network", "network disconnect none backend"),
        ("/NetworkSettings/Networks", Value::Null, "backend is on no network", "network connect --alias backend site_site backend"),
        ("/Config/Labels", json!({ "org.opencontainers.image.title": "other" }), "", ""),
    ];
    for (place, value, says, asked) in faults {
        let mut container = well("backend");
        *container.pointer_mut(place).unwrap() = value;
        engine(&folder, &container);
        let entry = look(&folder, "containers");
        if says.is_empty() {
            assert_eq!(entry["says"], "no container of ours is here");
            continue;
        }
        assert_eq!(entry["findings"].as_array().unwrap().len(), 1, "{entry:#}");
        let severity = if says.contains("log") { "warning" } else { "error" };
        let command = finding(&entry, severity, says)["command"].as_str().unwrap().to_owned();
        let _ = fs::remove_file(folder.path("asked"));
        run(&folder, &command);
        let told = fs::read_to_string(folder.path("asked")).unwrap();
        assert!(told.lines().any(|line| line == asked), "{told}");
    }
    // What shares the network of another one, and what ran once and is done.
    for (place, value, status) in
        [("/HostConfig/NetworkMode", "container:1", "running"), ("/HostConfig/RestartPolicy/Name", "no", "exited")]
    {
        let mut container = well("backend");
        *container.pointer_mut(place).unwrap() = json!(value);
        container["State"]["Status"] = json!(status);
        container["NetworkSettings"]["Networks"] = json!({});
        engine(&folder, &container);
        fine(&look(&folder, "containers"));
    }
    fake(&folder, "docker", "exit 1");
    assert_eq!(look(&folder, "containers")["status"], "skipped");
}

const IMAGE: &str = "magnetiq-doctor-test";
const NAMES: [&str; 5] =
    ["magnetiq-doctor-falls", "magnetiq-doctor-alone", "magnetiq-doctor-ended", "magnetiq-doctor-hungry", "magnetiq-doctor-ill"];

/// Removes what the test started.
struct Containers;

impl Drop for Containers {
    fn drop(&mut self) {
        docker(&format!("docker rm --force {}; docker image rm {IMAGE}", NAMES.join(" ")));
    }
}

fn docker(script: &str) -> Output {
    Command::new("sh").arg("-c").arg(script).output().unwrap()
}

/// Waits until a finding as bad as this says so.
#[track_caller]
fn found(folder: &Folder, severity: &str, says: &str) -> Value {
    let begun = Instant::now();
    loop {
        let entry = look(folder, "containers");
        let is_it = |found: &&Value| found["severity"] == severity && found["seen"].as_str().unwrap().contains(says);
        if let Some(found) = entry["findings"].as_array().unwrap().iter().find(is_it) {
            return found.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{says}: {entry:#}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The command of the finding mends it.
#[track_caller]
fn mended(folder: &Folder, severity: &str, says: &str) {
    let found = found(folder, severity, says);
    let done = docker(found["command"].as_str().unwrap());
    assert!(done.status.success(), "{found:#}: {done:?}");
    let begun = Instant::now();
    while look(folder, "containers").to_string().contains(says) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:#}", look(folder, "containers"));
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn containers_that_fall_or_reach_nobody() {
    if !docker("docker info").status.success() {
        // Not everywhere can one run, so that this alone may be passed over in CI.
        eprintln!("SKIPPED: no Docker engine answers here");
        return;
    }
    let folder = Folder::new();
    let _containers = Containers;
    // A shell and the libraries that it is linked with are an image.
    let import = format!(
        "tar -ch /bin/sh $(ldd /bin/sh | grep -o '/[^ ]*') 2>/dev/null | docker import --change 'LABEL org.opencontainers.image.title=magnetiq-test' - {IMAGE}"
    );
    assert!(docker(&import).status.success());
    let run = |name: &str, more: &str, script: &str| {
        let run = docker(&format!("docker run --detach --name {name} --log-driver json-file {more} {IMAGE} /bin/sh -c '{script}'"));
        assert!(run.status.success(), "{run:?}");
    };
    let limit = "--log-opt max-size=1m";
    run("magnetiq-doctor-falls", "--restart always", "exit 3");
    run("magnetiq-doctor-alone", &format!("--network none {limit} --interactive"), "read line");
    run(
        "magnetiq-doctor-ended",
        &format!("--restart on-failure:1 {limit} --interactive"),
        "[ -e /again ] || { : > /again; exit 0; }; read line",
    );
    let hungry = "[ -e /again ] || { : > /again; all=x; while :; do all=$all$all; done; }; read line";
    run("magnetiq-doctor-hungry", &format!("--memory 16m --memory-swap 16m {limit} --interactive"), hungry);
    let ill = "--health-interval 1s --health-retries 1 --health-cmd '[ -e /well ]'";
    run("magnetiq-doctor-ill", &format!("{ill} {limit} --interactive"), "if [ -e /again ]; then : > /well; fi; : > /again; read line");
    // While it runs, the engine says that it ended with 0.
    let logs = found(&folder, "error", "last ended with 3");
    assert!(docker(logs["command"].as_str().unwrap()).status.success());
    found(&folder, "warning", "the log of magnetiq-doctor-falls has no limit");
    mended(&folder, "error", "magnetiq-doctor-alone is on no network");
    mended(&folder, "error", "magnetiq-doctor-ended is exited, it ended with 0");
    mended(&folder, "error", "magnetiq-doctor-hungry was killed at its limit of 16777216 bytes");
    mended(&folder, "error", "magnetiq-doctor-ill is unhealthy");
}
