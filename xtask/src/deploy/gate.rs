//! Whether a version may stay: what it answers, asked from outside, as visitors do.

mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::alive::Alive;
use super::facts::{Gate, Site};
use super::line::Line;
use window::Window;

const BETWEEN_PROBES: Duration = Duration::from_millis(50);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
const BETWEEN_ROUNDS: Duration = Duration::from_secs(1);
/// How long a page may take to be right after everything was started.
const SMOKE_LIMIT: Duration = Duration::from_secs(20);

/// How long a page may take to be right of a server that says it is ready, while everybody waits for it.
const TRIAL_LIMIT: Duration = Duration::from_secs(3);

/// How long it is tried to reach the site at all.
const REACH_LIMIT: Duration = Duration::from_secs(5);

/// What a visitor does first, and what is in the answer then.
const JOURNEY: [(&str, &str); 4] =
    [("/", "<!doctype html"), ("/api/v1/pages", "{"), ("/admin", "<!doctype html"), ("/health/features", "\"features\"")];

/// What keeps the proxy from answering with a copy where the site does not.
const NO_COPY: &str = "Cache-Control: no-cache";

/// Asks for a page of the site, by its name, at the address that it is deployed to. The certificate is not looked at: the first one is
/// self-signed, and `cargo xtask cert status` is who looks.
pub(crate) fn ask(site: &Site, path: &str) -> Line {
    visit(site, path).with(["--header", NO_COPY])
}

/// As a reader does, who may get a copy.
fn visit(site: &Site, path: &str) -> Line {
    let (domain, port, peer) = (&site.domain, site.port, site.peer());
    Line::new(["curl", "--silent", "--show-error", "--insecure", "--http1.1", "--max-time", "5", "--write-out", "\\n%{http_code}"]).with([
        "--connect-to".to_owned(),
        format!("{domain}:{port}:{peer}"),
        format!("https://{domain}:{port}{path}"),
    ])
}

/// The pages of the journey by one client within the network of the site. Behind each answer stand its status and the address.
pub(crate) fn inside(client: Line, site: &Site, server: &str, page: &str) -> Line {
    let hosts = [page, server, page, server];
    let addresses = JOURNEY.iter().zip(hosts).map(|((path, _), host)| format!("{host}{path}"));
    client
        .with(["curl", "--silent", "--show-error", "--max-time", "5", "--write-out", "\\n%{http_code} %{url_effective}\\n"])
        .with(["--header", &format!("Host: {}", site.domain), "--header", "X-Forwarded-Proto: https"])
        .with(addresses)
}

pub(crate) fn journey(site: &Site) -> Vec<Line> {
    JOURNEY.iter().map(|(path, _)| ask(site, path)).collect()
}

/// What came back; status 0 where nothing did.
struct Answer {
    status: u16,
    body: String,
}

fn answer(line: &Line) -> Result<Answer> {
    let output = line.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (body, status) = text.rsplit_once('\n').unwrap_or(("", "0"));
    Ok(Answer { status: status.trim().parse().unwrap_or(0), body: body.to_owned() })
}

/// Whether anybody answers, whatever it says, where the gate will ask: a version that this machine cannot reach would never pass.
///
/// # Errors
///
/// Where nobody does.
pub(crate) fn reached(question: &Line, site: &Site) -> Result<()> {
    let begin = Instant::now();
    while answer(question)?.status == 0 {
        if begin.elapsed() > REACH_LIMIT {
            bail!(
                "nobody answers at {} for {}, where this command would ask whether the new version may stay: set deploy.address to how this \
                 machine reaches the site. Where domain, aliases, compose.address or a port changed, the proxy that runs has those before: \
                 docs/operations/deploy.md, \"Another port, address or domain\"\n    {question}",
                site.peer(),
                site.domain
            );
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    Ok(())
}

/// The release that the server tells which answers; `None`: none answers, or it tells nothing.
///
/// # Errors
///
/// Where curl cannot be started.
pub(crate) fn release_told(question: &Line) -> Result<Option<String>> {
    answer(question).map(|answer| release_of(&answer))
}

fn release_of(answer: &Answer) -> Option<String> {
    serde_json::from_str::<Value>(&answer.body).ok()?["releaseId"].as_str().map(str::to_owned)
}

/// Waits for ready answers one after the other of the server that tells `release`. `lines` are the question and the look at its container.
///
/// # Errors
///
/// When they do not come in time, or the server ends.
pub(crate) fn ready(lines: &[Line], release: Option<&str>, gate: &Gate) -> Result<String> {
    let [question, inspect] = lines else { bail!("the gate has a question and a container") };
    let begin = Instant::now();
    let limit = Duration::from_secs(gate.ready_timeout_s.into());
    let (mut row, mut last) = (0, String::from("nothing"));
    let alive = Alive::of(inspect)?;
    while begin.elapsed() < limit {
        let answer = answer(question)?;
        let told = release_of(&answer);
        let right = answer.status == 200 && told.as_deref() == release;
        row = if right { row + 1 } else { 0 };
        if row >= gate.ready_answers {
            return Ok(format!("{row} ready answers after {:.1} s", begin.elapsed().as_secs_f32()));
        }
        if !right {
            last = format!("status {}, of release {}", answer.status, told.as_deref().unwrap_or("none"));
            alive.check()?;
            std::thread::sleep(BETWEEN_PROBES);
        }
    }
    let wanted = release.map_or_else(String::new, |release| format!(" of release {release}"));
    bail!(
        "{} ready answers{wanted} did not come within {} s (deploy.ready_timeout_s); the last answer: {last}; the server said: {}",
        gate.ready_answers,
        gate.ready_timeout_s,
        alive.last_log()
    )
}

/// Each page of the journey by `inside`.
///
/// # Errors
///
/// With the first one that does not come right.
pub(crate) fn trial(line: &Line) -> Result<String> {
    let begin = Instant::now();
    loop {
        let output = line.output()?;
        match wrong_inside(&String::from_utf8_lossy(&output.stdout), line) {
            None => return Ok(format!("{} pages", JOURNEY.len())),
            Some(wrong) if begin.elapsed() > TRIAL_LIMIT => bail!("{wrong}"),
            Some(_) => std::thread::sleep(BETWEEN_LOOKS),
        }
    }
}

fn wrong_inside(said: &str, line: &Line) -> Option<String> {
    let (words, mut rest) = (line.words(), said);
    for ((path, part), address) in JOURNEY.iter().zip(&words[words.len() - JOURNEY.len()..]) {
        let (body, status) = match rest.split_once(&format!(" {address}\n")) {
            Some((before, after)) => {
                rest = after;
                before.rsplit_once('\n').unwrap_or(("", before))
            }
            None => ("", "0"),
        };
        let answer = Answer { status: status.parse().unwrap_or(0), body: body.to_owned() };
        if !is_right(&answer, part) {
            return Some(told(path, &answer));
        }
    }
    None
}

fn told(path: &str, answer: &Answer) -> String {
    let start: String = answer.body.chars().take(120).collect();
    format!("{path} answers {}: {}", answer.status, start.trim())
}

/// Each page of the journey once.
///
/// # Errors
///
/// With the first one that does not come right.
pub(crate) fn smoke(lines: &[Line]) -> Result<String> {
    for (line, (path, part)) in lines.iter().zip(JOURNEY) {
        let begin = Instant::now();
        loop {
            let answer = answer(line)?;
            if is_right(&answer, part) {
                break;
            }
            if begin.elapsed() > SMOKE_LIMIT {
                bail!("{}", told(path, &answer));
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }
    Ok(format!("{} pages", lines.len()))
}

fn is_right(answer: &Answer, part: &str) -> bool {
    answer.status == 200 && answer.body.to_lowercase().contains(part)
}

/// The journey again and again, with visitors there.
///
/// # Errors
///
/// When the server ends, or more answers are wrong than may be.
pub(crate) fn watch(inspect: &Line, pages: &[Line], gate: &Gate) -> Result<String> {
    let (begin, limit) = (Instant::now(), Duration::from_secs(gate.watch_s.into()));
    // As many as there will be at most: what cannot become right any more is over at once.
    let at_most = u64::from(gate.watch_s) * pages.len() as u64;
    let (mut window, alive) = (Window::default(), Alive::of(inspect)?);
    // Of a server that ends, answers are wrong because of that.
    let check = |window: &Window, all| alive.check().and_then(|()| window.check(all, gate.errors_percent_max));
    while begin.elapsed() < limit {
        for (line, (path, part)) in pages.iter().zip(JOURNEY) {
            window.take(path, part, &answer(line)?);
        }
        check(&window, at_most)?;
        std::thread::sleep(BETWEEN_ROUNDS.min(limit.saturating_sub(begin.elapsed())));
    }
    // Where answers were slow there were fewer.
    check(&window, window.asked)?;
    Ok(format!("{} of {} answers wrong", window.wrong, window.asked))
}

/// Asks for the first page all the time, from threads of its own, and sums up how long it was not there.
pub(crate) struct Prober {
    stop: Arc<AtomicBool>,
    server: JoinHandle<Duration>,
    readers: JoinHandle<Duration>,
}

/// How long nobody was answered.
pub(crate) struct Away {
    /// By the server itself: who writes has waited that long.
    pub(crate) server: Duration,
    /// At all, be it with a copy: who reads has noticed that long.
    pub(crate) readers: Duration,
}

impl Prober {
    /// # Errors
    ///
    /// Where no thread can be started.
    pub(crate) fn start(site: &Site) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let probe = |name: &str, line: Line| {
            let ended = Arc::clone(&stop);
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(move || time_away(&line, &ended)).context("start a thread that asks for the site")
        };
        let (server, readers) = (probe("prober", ask(site, "/"))?, probe("reader", visit(site, "/"))?);
        Ok(Self { stop, server, readers })
    }

    pub(crate) fn end(self) -> Away {
        self.stop.store(true, Ordering::Relaxed);
        Away { server: self.server.join().unwrap_or_default(), readers: self.readers.join().unwrap_or_default() }
    }
}

fn time_away(line: &Line, ended: &AtomicBool) -> Duration {
    let (mut away, mut since) = (Duration::ZERO, None);
    while !ended.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let is_there = answer(line).is_ok_and(|answer| answer.status == 200);
        match (is_there, since) {
            (false, None) => since = Some(asked),
            (true, Some(begin)) => {
                away += begin.elapsed();
                since = None;
            }
            _ => {}
        }
        std::thread::sleep(BETWEEN_PROBES);
    }
    away + since.map_or(Duration::ZERO, |begin: Instant| begin.elapsed())
}

#[cfg(test)]
mod tests {
    use super::{JOURNEY, inside, wrong_inside};
    use crate::deploy::facts::Site;
    use crate::deploy::line::Line;

    #[test]
    fn each_page_is_judged_by_its_own_answer() {
        let site = Site { domain: "www.example.org".to_owned(), port: 443, address: "127.0.0.1".to_owned() };
        let line = inside(Line::new(["docker"]), &site, "http://backend:3036", "http://frontend:8036");
        let answers = |status: [u16; 4]| -> String {
            let hosts = ["frontend:8036", "backend:3036", "frontend:8036", "backend:3036"];
            let each = JOURNEY.iter().zip(hosts).zip(status);
            each.map(|(((path, part), host), status)| format!("{part}\n{status} http://{host}{path}\n")).collect()
        };
        let said = |text: &str| wrong_inside(text, &line).unwrap_or_default();
        assert_eq!(said(&answers([200; 4])), "");
        assert_eq!(said(&answers([200, 500, 200, 200])), "/api/v1/pages answers 500: {");
        assert_eq!(said(&answers([200, 200, 200, 503])), "/health/features answers 503: \"features\"");
        assert_eq!(said(&answers([200; 4]).replace("<!doctype html", "")), "/ answers 200: ");
        assert_eq!(said(""), "/ answers 0: ");
    }
}
