//! The server itself: whether it answers, what it says of itself, how often it was started, what it logs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use magnetiq_doctor::{Finding, Outcome, Seen, as_root, quoted};
use magnetiq_health::checks::{Http, Log, Restarts};
use secrecy::ExposeSecret;

use super::look::look;
use super::site::Site;

fn last_lines() -> String {
    by_supervisor(
        "docker compose logs --tail=50 backend",
        "journalctl -u magnetiq-server -n 50",
        "logs deployment/backend --container api-server --tail 50",
    )
}

/// The server, by whoever looks after it.
pub(super) fn restart() -> String {
    restart_of("backend", "magnetiq-server")
}

/// A program that Compose and Kubernetes have as this service, and systemd as this unit.
pub(super) fn restart_of(service: &str, unit: &str) -> String {
    by_supervisor(
        &format!("docker compose restart {service}"),
        &format!("systemctl restart {unit}"),
        &format!("rollout restart deployment/{service}"),
    )
}

/// What whoever looks after the programs is told. A pod knows that it is one; of Compose and systemd the one that is not there says no.
pub(super) fn by_supervisor(compose: &str, systemd: &str, kubectl: &str) -> String {
    if is_in_pod() {
        return format!("kubectl --namespace magnetiq {kubectl}");
    }
    format!("{compose} || {}", as_root(systemd))
}

/// By a variable that each container of a cluster has.
pub(super) fn is_in_pod() -> bool {
    magnetiq_config::environment().contains_key("KUBERNETES_SERVICE_HOST")
}

/// A page of a program on this machine that listens on `host`.
pub(super) fn local(host: IpAddr, port: u16, path: &str) -> Http {
    let host = match host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    Http::new(&format!("http://{}{path}", SocketAddr::new(host, port))).expect("an address of numbers is one")
}

/// Asks it whether it is ready, and then how it is: it watches more than can be seen from here.
pub(super) fn server(site: &Site) -> Outcome {
    let Some(owner) = site.owner() else { return Outcome::skipped("no server runs") };
    let server = &site.settings.server;
    if server.port == 0 {
        return Outcome::skipped("its port is the system's choice (server.port = 0)");
    }
    let at = |path: &str| local(server.host, server.port, path);
    let mut seen = look("http", at("/readyz"));
    seen.findings = seen.findings.into_iter().map(unanswered).collect();
    if seen.findings.is_empty() {
        let mut health = at("/health").telling_health();
        if let Some(token) = &site.settings.health.token {
            health = health.header("Authorization", format!("Bearer {}", token.expose_secret()));
        }
        let told = look("http", health);
        seen.findings = told.findings.into_iter().map(explained).collect();
    }
    seen.says = format!("{} (process {}): {}", owner.program, owner.pid, seen.says);
    seen.into()
}

/// healthd knows what each of its checks means.
fn explained(finding: Finding) -> Finding {
    if finding.seen.contains("it does not take the token") {
        let why = "Nobody here learns how the server is: it may be that something is wrong.";
        return finding.because(why).advice("It goes by the health.token that it was started with.").command(restart());
    }
    if !finding.seen.contains("/health says ") {
        return unanswered(finding);
    }
    let why = "The server watches itself, and says that something it needs is not as it should be.";
    finding.because(why).advice("With the token (health.token) /health names the checks.").command("healthd check; healthd explain")
}

fn unanswered(finding: Finding) -> Finding {
    finding.command(format!("{}\n{}", last_lines(), restart()))
}

/// A supervisor that brings it back each time hides that it falls.
pub(super) fn restarts(site: &Site) -> Outcome {
    let starts = site.beside(".starts");
    if !starts.is_file() {
        return Outcome::skipped("it was never started");
    }
    let mut seen = look("restarts", Restarts::new(starts, site.clock.clone()));
    seen.findings = seen.findings.into_iter().map(|finding| finding.command(last_lines())).collect();
    seen.into()
}

const PROGRAMS: [&str; 3] = ["api-server", "backupd", "healthd"];

/// Log files; what goes to standard error is its supervisor's.
pub(super) fn log(site: &Site) -> Outcome {
    let Some(folder) = &site.settings.log.folder else {
        return Outcome::skipped("the log goes to standard error: containers are looked at for their logs, and journald rotates its own");
    };
    let files = PROGRAMS.map(|program| folder.join(format!("{program}.log")));
    let mut all = Seen::default();
    let mut says = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let seen = look("log", Log::new(file, site.clock.clone()));
        says.push(seen.says);
        all.findings.extend(seen.findings.into_iter().map(|finding| smaller(finding, file)));
    }
    if site.owner().is_some() && !files[0].is_file() {
        let why = "What went wrong can not be found out afterwards.";
        let seen = format!("a server runs, and {} is not there", files[0].display());
        all.findings.push(Finding::error(seen, why).advice("It was moved away under the program, or another one runs.").command(restart()));
    }
    if says.is_empty() && all.findings.is_empty() {
        return Outcome::skipped("there is no log file yet");
    }
    all.says = says.join("; ");
    all.into()
}

fn smaller(finding: Finding, file: &std::path::Path) -> Finding {
    let command = if finding.seen.contains("older files") || finding.seen.contains("size of all") {
        format!("ls -t -- {}.* | tail -n +4 | xargs -r -d '\\n' rm --", quoted(file))
    } else {
        // The program appends, so it goes on at the beginning.
        format!("truncate -s 0 {}", quoted(file))
    };
    finding.command(command)
}
