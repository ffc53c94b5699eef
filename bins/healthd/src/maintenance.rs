//! `healthd maintenance`

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use magnetiq_config::Settings;
use magnetiq_service::{ResultExt, print};
use secrecy::ExposeSecret;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use crate::windows::{Covers, LONGEST, Order};

/// Say that something is worked on: nobody is told of it, and it does not count as down
///
/// Asks the healthd that runs, with healthd.token: it alone writes its history. A window always ends by itself, and outlives a restart.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Begin, or plan, a window; it takes the place of the one of the same things
    Start(Start),
    /// End a window before its time
    End(End),
    /// Print the windows that run or are planned
    List(List),
}

#[derive(Debug, clap::Args)]
struct Start {
    #[command(flatten)]
    covers: Things,
    /// How long, at most 30 days: 90s, 15m, 1h30m, 2d
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = length)]
    lasts: Duration,
    /// From when on, as 2026-12-24T02:00:00Z [default: now]
    #[arg(long, value_name = "MOMENT")]
    from: Option<Timestamp>,
    /// Why; the status page shows it to everybody
    #[arg(required = true, value_name = "REASON")]
    reason: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct End {
    #[command(flatten)]
    covers: Things,
}

#[derive(Debug, clap::Args)]
struct List {
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What is worked on; without any of these, everything
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Things {
    /// A site, by its name in the settings
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// One check
    #[arg(long, value_name = "ID")]
    check: Option<String>,
    /// A node of the tree and all below it: main/storage
    #[arg(long, value_name = "PATH")]
    node: Option<String>,
}

impl From<Things> for Covers {
    fn from(Things { site, check, node }: Things) -> Self {
        Self { site, check, node }
    }
}

fn length(text: &str) -> Result<Duration, String> {
    let expected = || "should be a length of time of at most 30 days, such as 90s, 15m, 1h30m or 2d".to_owned();
    let span: jiff::Span = text.parse().map_err(|_not_a_span| expected())?;
    let lasts = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_too_long| expected())?;
    Duration::try_from(lasts).ok().filter(|lasts| *lasts >= Duration::from_secs(1) && *lasts <= LONGEST).ok_or_else(expected)
}

impl Command {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let daemon = Daemon::of(settings)?;
        let said = match self.what {
            What::Start(start) => daemon.start(start)?,
            What::End(end) => daemon.end(end)?,
            What::List(list) => daemon.list(&list)?,
        };
        print(said)
    }
}

/// The healthd that runs with the same settings.
struct Daemon {
    agent: Agent,
    url: String,
    token: String,
}

/// It answers from memory, or after one write.
const TIME_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT_BYTES: u64 = 256 * 1024;

impl Daemon {
    fn of(settings: &Settings) -> anyhow::Result<Self> {
        let healthd = &settings.healthd;
        let Some(token) = &healthd.token else {
            return Err(anyhow!("there is no healthd.token, without which maintenance can not be ordered"))
                .hint("make one with: openssl rand -hex 32; give it to healthd run and to this command");
        };
        if healthd.port == 0 {
            return Err(anyhow!("healthd.port is 0: nobody knows where healthd listens")).hint("set healthd.port");
        }
        let host = match healthd.host {
            IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        let agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIME_LIMIT)).max_redirects(0).proxy(None).build();
        let url = format!("http://{}/maintenance", SocketAddr::new(host, healthd.port));
        Ok(Self { agent: agent.into(), url, token: format!("Bearer {}", token.expose_secret()) })
    }

    fn start(&self, start: Start) -> anyhow::Result<String> {
        let order =
            Order { covers: start.covers.into(), from: start.from, for_seconds: start.lasts.as_secs(), reason: start.reason.join(" ") };
        let request = self.agent.post(&self.url).header("Authorization", &self.token);
        let window = self.answer(request.send_json(&order))?;
        Ok(line(&window))
    }

    fn end(&self, end: End) -> anyhow::Result<String> {
        let request = self.agent.delete(&self.url).header("Authorization", &self.token).force_send_body();
        self.answer(request.send_json(Covers::from(end.covers)))?;
        Ok("ended\n".to_owned())
    }

    fn list(&self, list: &List) -> anyhow::Result<String> {
        let windows = self.answer(self.agent.get(&self.url).header("Authorization", &self.token).call())?;
        if list.json {
            return Ok(format!("{windows:#}\n"));
        }
        let lines: String = windows.as_array().into_iter().flatten().map(line).collect();
        Ok(if lines.is_empty() { "there is no maintenance\n".to_owned() } else { lines })
    }

    fn answer(&self, answered: Result<Response<ureq::Body>, ureq::Error>) -> anyhow::Result<Value> {
        let mut response = answered
            .with_context(|| format!("no healthd answers at {}", self.url))
            .hint("start it with: healthd run; healthd.host and healthd.port should be those it runs with")?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(ANSWER_LIMIT_BYTES).read_to_string().context("read the answer of healthd")?;
        let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap_or_default() };
        match status.as_u16() {
            200..=299 => Ok(body),
            401 => Err(anyhow!("healthd at {} does not take the token", self.url))
                .hint("healthd.token should be the one that healthd run was started with"),
            code => Err(anyhow!("healthd answered {code}: {}", body["detail"].as_str().unwrap_or("nothing that is understood"))),
        }
    }
}

/// A window for people.
fn line(window: &Value) -> String {
    let text = |key: &str| window[key].as_str().unwrap_or_default().to_owned();
    let covers = &window["covers"];
    let what = ["site", "check", "node"].iter().find_map(|kind| Some(format!("{kind} {}", covers[*kind].as_str()?)));
    let mut line = String::new();
    let state = if window["active"] == true { "now" } else { "planned" };
    // Writing to a string does not fail.
    let _ = writeln!(
        line,
        "{state}: {}, from {} until {}: {}",
        what.unwrap_or_else(|| "everything".to_owned()),
        second(&text("from")),
        second(&text("until")),
        text("reason")
    );
    line
}

/// A moment without the parts of its second.
fn second(text: &str) -> String {
    let moment: Option<Timestamp> = text.parse().ok();
    let whole = moment.and_then(|moment| moment.round(jiff::Unit::Second).ok());
    whole.map_or_else(|| text.to_owned(), |moment| moment.to_string())
}
