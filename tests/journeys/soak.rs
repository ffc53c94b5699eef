//! A server under load for long: memory stays flat, and no descriptor leaks. `MAGNETIQ_SOAK_MINUTES` says how long; an hour by itself.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Random, Server};
use serde_json::{Value, json};

const CLIENTS: u64 = 12;
/// Between two things that a client does: people read what they got, and the machine has other work.
const PAUSE: Duration = Duration::from_millis(100);
/// Of all requests, one in so many may be told that there is too much to do: the machine has other work.
const BUSY_PART: u64 = 20;
const SAMPLE_EVERY: Duration = Duration::from_secs(2);
/// What a server takes while it gets to know its work is no leak: caches, pools, threads. One part in so many is not looked at.
const WARM_UP_PART: usize = 4;
/// Of the memory, that it may seem to grow by within the time that is looked at; and in bytes, of which allocators keep some.
const GROWTH_MAX: f64 = 0.10;
const GROWTH_FREE: f64 = 12e6;

/// One look at the server.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at_s: f64,
    rss: f64,
    descriptors: f64,
}

impl Sample {
    fn take(server: &Server, since: Instant) -> Self {
        let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
        let kb = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim().trim_end_matches(" kB");
        let descriptors = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
        Self { at_s: since.elapsed().as_secs_f64(), rss: kb.parse::<f64>().unwrap() * 1024.0, descriptors: descriptors as f64 }
    }
}

/// How much a line through the samples rises from the first to the last (least squares), and their mean.
fn rise(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> (f64, f64) {
    let n = samples.len() as f64;
    let (mean_x, mean_y) = (samples.iter().map(|s| s.at_s).sum::<f64>() / n, samples.iter().map(&of).sum::<f64>() / n);
    let covariance: f64 = samples.iter().map(|s| (s.at_s - mean_x) * (of(s) - mean_y)).sum();
    let variance: f64 = samples.iter().map(|s| (s.at_s - mean_x).powi(2)).sum();
    let span = samples[samples.len() - 1].at_s - samples[0].at_s;
    (covariance / variance * span, mean_y)
}

#[test]
fn a_leak_shows() {
    let samples = |leak: f64| -> Vec<Sample> {
        let noise = |n: u32| f64::from(n * 7919 % 13) * 2e5;
        let sample = |n: u32| Sample { at_s: f64::from(n), rss: 5e7 + noise(n) + leak * f64::from(n), descriptors: 40.0 };
        (0..100).map(sample).collect()
    };
    let (grown, mean) = rise(&samples(0.0), |sample| sample.rss);
    assert!(grown.abs() < 1e6 && mean > 5e7, "{grown}");
    let (grown, _) = rise(&samples(3e5), |sample| sample.rss);
    assert!((2.5e7..3.5e7).contains(&grown), "{grown}");
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_memory_is_flat_and_no_descriptor_leaks() {
    let minutes = magnetiq_config::environment().get("MAGNETIQ_SOAK_MINUTES").map_or(60.0, |minutes| minutes.parse::<f64>().unwrap());
    let folder = Folder::new();
    folder.settings(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\nlevel = \"warn,api_server=info\"\n[auth]\n\
         login_attempts_per_minute = 10000\n",
    );
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    for n in 0..200 {
        let page = json!({ "title": format!("Page {n}"), "body": format!("# Page {n}\n\n{}", "Some words. ".repeat(200)) });
        let (_, page) = ana.post("/api/v1/admin/pages", &page).unwrap();
        assert!(change(&ana, "POST", &format!("/api/v1/admin/pages/{}/publish", text(&page["id"])), &page).is_ok());
    }
    let idle = Sample::take(&server, Instant::now());
    let credentials = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let kind = [("content-type", "application/json")];
    let (_, headers, _) = server.client().send("POST", "/api/v1/auth/login", &kind, credentials.as_bytes()).unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let (samples, requests, busy) = load(&Site { server: &server, ana: &ana, cookie }, Duration::from_secs_f64(minutes * 60.0));
    // Connections that clients left are closed when their time is over.
    let quiet = until_quiet(&server, idle.descriptors);
    let steady = &samples[samples.len() / WARM_UP_PART..];
    let ((memory, memory_mean), (descriptors, _)) = (rise(steady, |sample| sample.rss), rise(steady, |sample| sample.descriptors));
    let peak = samples.iter().map(|sample| sample.rss).fold(0.0, f64::max);
    eprintln!(
        "{requests} requests in {minutes} minutes, {busy} of them too many at once; memory {:.1} MB idle, {:.1} MB on average, {:.1} MB at most, {:+.1} MB over the last {:.0} s; \
         descriptors {} idle, {:+.1} over the same time, {} afterwards",
        idle.rss / 1e6,
        memory_mean / 1e6,
        peak / 1e6,
        memory / 1e6,
        steady[steady.len() - 1].at_s - steady[0].at_s,
        idle.descriptors,
        descriptors,
        quiet.descriptors
    );
    assert!(busy * BUSY_PART <= requests, "{busy} of {requests} requests were too many");
    assert!(memory < (memory_mean * GROWTH_MAX).max(GROWTH_FREE), "memory grows: {samples:#?}");
    assert!(descriptors < 16.0, "descriptors grow: {samples:#?}");
    assert!(quiet.descriptors <= idle.descriptors + 4.0, "descriptors are left: {quiet:?}, {idle:?} before");
    assert_eq!(ana.get("/readyz").unwrap().0, 200);
}

/// Where everybody works.
#[derive(Clone, Copy)]
struct Site<'a> {
    server: &'a Server,
    ana: &'a Client,
    /// Of a session.
    cookie: &'a str,
}

/// The server said that it has too much to do; programs come back later.
struct Busy;

/// Everybody works for `time`; gives what was seen meanwhile, how many requests were answered, and how many were told to come back.
fn load(site: &Site<'_>, time: Duration) -> (Vec<Sample>, u64, u64) {
    let (over, requests, busy) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let begin = Instant::now();
    let samples = std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (over, requests, busy) = (&over, &requests, &busy);
            scope.spawn(move || {
                let mut random = Random::new(client);
                while !over.load(Ordering::Relaxed) {
                    match something(site, &mut random) {
                        Ok(answered) => requests.fetch_add(answered, Ordering::Relaxed),
                        Err(Busy) => busy.fetch_add(1, Ordering::Relaxed),
                    };
                    std::thread::sleep(PAUSE);
                }
            });
        }
        let mut samples = Vec::new();
        while begin.elapsed() < time {
            std::thread::sleep(SAMPLE_EVERY);
            samples.push(Sample::take(site.server, begin));
        }
        over.store(true, Ordering::Relaxed);
        samples
    });
    (samples, requests.into_inner(), busy.into_inner())
}

fn until_quiet(server: &Server, descriptors: f64) -> Sample {
    let begin = Instant::now();
    loop {
        let sample = Sample::take(server, begin);
        if sample.descriptors <= descriptors || begin.elapsed() > Duration::from_secs(120) {
            return sample;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// An answer is what it should be, or the server has too much to do.
fn expect(status: u16, wanted: u16, of: impl std::fmt::Display) -> Result<(), Busy> {
    if status == 503 {
        return Err(Busy);
    }
    assert_eq!(status, wanted, "{of}");
    Ok(())
}

/// One of the things that clients do; gives how many requests it took.
fn something(site: &Site<'_>, random: &mut Random) -> Result<u64, Busy> {
    let Site { server, ana, .. } = *site;
    let stranger = server.client();
    let n = random.below(200);
    match random.below(100) {
        0..40 => {
            let path = [
                format!("/api/v1/pages/page-{n}"),
                "/api/v1/pages".into(),
                format!("/api/v1/pages?q=words&limit={}", n % 100 + 1),
                "/".into(),
            ];
            let path = &path[usize::try_from(random.below(4)).unwrap()];
            let status = stranger.send("GET", path, &[("accept-encoding", "gzip")], b"").map_or(200, |answer| answer.0);
            expect(status, 200, path)?;
            Ok(1)
        }
        40..65 => {
            let path = ["/api/v1/admin/pages", "/api/v1/admin/media", "/api/v1/admin/audit", "/api/v1/outbox", "/api/v1/admin/overview"];
            let path = path[usize::try_from(random.below(5)).unwrap()];
            expect(ana.get(path).unwrap().0, 200, path)?;
            Ok(1)
        }
        65..80 => page_life(ana, random),
        80..86 => media_life(ana, random),
        86..89 => {
            let client = server.client();
            client.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD })).unwrap();
            client.post("/api/v1/auth/logout", &json!({})).unwrap();
            Ok(2)
        }
        89..93 => {
            let wrong = json!({ "title": 7, "nothing": [] });
            expect(ana.post("/api/v1/admin/pages", &wrong).unwrap().0, 400, &wrong)?;
            expect(stranger.get("/api/v1/pages/nothing").unwrap().0, 404, "nothing")?;
            Ok(2)
        }
        _ => Ok(left(site, random)),
    }
}

fn page_life(ana: &Client, random: &mut Random) -> Result<u64, Busy> {
    let page = json!({ "title": format!("Short-lived {}", random.number()), "body": "words ".repeat(1 + usize::try_from(random.below(2_000)).unwrap()) });
    let (status, page) = ana.post("/api/v1/admin/pages", &page).unwrap();
    expect(status, 201, &page)?;
    let id = text(&page["id"]).to_owned();
    let page = change(ana, "POST", &format!("/api/v1/admin/pages/{id}/publish"), &page)?;
    change(ana, "DELETE", &format!("/api/v1/admin/pages/{id}"), &page)?;
    let (status, _, answer) = ana.send("DELETE", &format!("/api/v1/admin/trash/{id}"), &[("if-match", "*")], b"").unwrap();
    expect(status, 204, answer)?;
    Ok(4)
}

fn media_life(ana: &Client, random: &mut Random) -> Result<u64, Busy> {
    let content: String = (0..200_000 / 16).map(|_| format!("{:016x}", random.number())).collect();
    let (status, _, media) = ana.upload("noise.txt", content.as_bytes()).unwrap();
    expect(status, 201, &media)?;
    let (status, _, _) = ana.send("HEAD", text(&media["url"]), &[], b"").unwrap();
    expect(status, 200, &media)?;
    change(ana, "DELETE", &format!("/api/v1/admin/media/{}", text(&media["id"])), &media)?;
    Ok(3)
}

/// Clients that go away: in the head, in the body, in the answer, in a stream of events.
fn left(site: &Site<'_>, random: &mut Random) -> u64 {
    let mut stream = TcpStream::connect(&site.server.address).unwrap();
    let events = format!("GET /api/v1/admin/events HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", site.cookie);
    let head: &[u8] = match random.below(4) {
        3 => events.as_bytes(),
        0 => b"GET /api/v1/pages HTTP/1.1\r\nhost: x\r\nx-cut",
        1 => b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"email\":",
        _ => b"GET /api/v1/pages?limit=100 HTTP/1.1\r\nhost: x\r\n\r\n",
    };
    stream.write_all(head).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let _ = stream.read(&mut [0; 64]);
    1
}

fn change(ana: &Client, method: &str, path: &str, seen: &Value) -> Result<Value, Busy> {
    let etag = format!("\"{}\"", seen["revision"]);
    let (status, _, text) = ana.send(method, path, &[("if-match", &etag)], b"").unwrap();
    assert!(status < 300 || status == 503, "{method} {path}: {status} {text}");
    if status == 503 { Err(Busy) } else { Ok(serde_json::from_str(&text).unwrap_or_default()) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
