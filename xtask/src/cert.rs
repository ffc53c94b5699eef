//! `cargo xtask cert status`: the certificate that visitors get, and what is done about it.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{Timestamp, Unit};

use crate::deploy::{Line, Standing, Where};
use crate::output::plain;

/// Below this, somebody should look: it is renewed a month before.
const DAYS_MIN: i64 = 7;
/// How long the proxy may take to serve what certbot put in place: it looks every 10 s, and then starts workers.
const TAKEN_UP: Duration = Duration::from_secs(15);

/// The certificate of a site on Compose
#[derive(Args)]
pub(crate) struct Cert {
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// What is served, by whom it was issued, until when, and how the last renewal went
    ///
    /// Exit codes: 0 it is the one that certbot put in place, of an authority, for these hosts, for another week at least; 1 it is not, or nobody
    /// answers; 2 wrong command line.
    Status {
        #[command(flatten)]
        place: Where,
    },
}

impl Cert {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let Action::Status { place } = self.command;
        let site = Standing::of(&place)?;
        let ask = || Certificate::read(&served(&site.domain, &site.address, site.port)?);
        let mut seen = ask()?;
        let in_place = site.certificate_in_place().map(|pem| Certificate::read(&pem)).transpose()?;
        let is_served = |seen: &Certificate| in_place.as_ref().is_none_or(|there| there.serial == seen.serial);
        let asked = Instant::now();
        while !is_served(&seen) && asked.elapsed() < TAKEN_UP {
            std::thread::sleep(Duration::from_secs(1));
            seen = ask()?;
        }
        let days = seen.days_left(site.now)?;
        plain(&format!("{} serves a certificate for {}", site.domain, seen.hosts.join(", ")));
        plain(&format!("    issued by    {}{}", seen.issuer, if seen.is_self_signed() { " (by itself: browsers warn)" } else { "" }));
        plain(&format!("    since        {}", seen.since));
        plain(&format!("    until        {} ({days} days)", seen.until));
        let place = match &in_place {
            None => "unknown: the proxy does not run".to_owned(),
            Some(_) if is_served(&seen) => "the one that is served".to_owned(),
            Some(there) => format!("another one, until {}", there.until),
        };
        plain(&format!("    in place     {place}"));
        plain(&format!("    certbot      {}", site.last_of_certbot()));
        let mut problems = Vec::new();
        if !is_served(&seen) {
            problems.push(format!(
                "visitors get another certificate than the one that certbot put in place: something else answers at {}:{}, or the proxy refuses it, \
                 and says why: docker logs {}-proxy-1",
                site.address, site.port, site.name
            ));
        }
        if seen.is_self_signed() {
            problems.push("it is self-signed: no authority has issued one yet, and the log of certbot says why".to_owned());
        }
        if days < DAYS_MIN {
            problems.push(format!("it ends in {days} days, and should have been renewed a month before"));
        }
        let missing: Vec<&str> = site.hosts.iter().map(String::as_str).filter(|host| !seen.is_for(host)).collect();
        if !missing.is_empty() {
            problems.push(format!("it is not for {}", missing.join(", ")));
        }
        for problem in &problems {
            plain(problem);
        }
        Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The certificate that a visitor gets, as PEM.
fn served(domain: &str, address: &str, port: u16) -> Result<String> {
    let line = Line::new(["openssl", "s_client", "-connect", &format!("{address}:{port}"), "-servername", domain]);
    let output = line.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let pem = text.split_once("-----BEGIN CERTIFICATE-----").and_then(|(_, rest)| rest.split_once("-----END CERTIFICATE-----"));
    match pem {
        Some((body, _)) => Ok(format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n")),
        None => bail!("{address}:{port} shows no certificate for {domain}: {}", String::from_utf8_lossy(&output.stderr).trim()),
    }
}

/// What `openssl x509` says about one.
#[derive(Debug)]
struct Certificate {
    subject: String,
    issuer: String,
    serial: String,
    since: Timestamp,
    until: Timestamp,
    hosts: Vec<String>,
}

impl Certificate {
    fn read(pem: &str) -> Result<Self> {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "x509",
            "-noout",
            "-subject",
            "-issuer",
            "-serial",
            "-startdate",
            "-enddate",
            "-dateopt",
            "iso_8601",
            "-ext",
            "subjectAltName",
        ]);
        let mut child = openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("start openssl")?;
        child.stdin.take().context("openssl reads")?.write_all(pem.as_bytes()).context("give openssl the certificate")?;
        let output = child.wait_with_output().context("wait for openssl")?;
        if !output.status.success() {
            bail!("openssl x509: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Self::parse(&String::from_utf8_lossy(&output.stdout))
    }

    fn parse(text: &str) -> Result<Self> {
        let field = |name: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.map(|value| value.trim().to_owned()).with_context(|| format!("openssl says no {name}"))
        };
        let time = |name: &str| {
            let text = field(name)?.replacen(' ', "T", 1);
            text.parse().with_context(|| format!("understand {name} {text}"))
        };
        let hosts = text.lines().flat_map(|line| line.split(',')).filter_map(|part| part.trim().strip_prefix("DNS:"));
        Ok(Self {
            subject: field("subject")?,
            issuer: field("issuer")?,
            serial: field("serial")?,
            since: time("notBefore")?,
            until: time("notAfter")?,
            hosts: hosts.map(str::to_owned).collect(),
        })
    }

    fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }

    fn is_for(&self, host: &str) -> bool {
        let wild = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        self.hosts.iter().any(|name| name == host || Some(name) == wild.as_ref())
    }

    /// Whole days; none where it has ended.
    fn days_left(&self, now: Timestamp) -> Result<i64> {
        let left = self.until.since((Unit::Hour, now)).context("count the days")?;
        Ok(i64::from(left.get_hours()) / 24)
    }
}

#[cfg(test)]
mod tests {
    use super::Certificate;

    const SAID: &str = "subject=CN = www.example.org\nissuer=C = US, O = Let's Encrypt, CN = E7\nserial=03FA\n\
                        notBefore=2026-11-01 00:00:00Z\nnotAfter=2027-01-30 00:00:00Z\nX509v3 Subject Alternative Name: \n    \
                        DNS:www.example.org, DNS:*.shop.example.org\n";

    #[test]
    fn what_openssl_says_is_understood() {
        let seen = Certificate::parse(SAID).expect("it is right");
        assert!(!seen.is_self_signed());
        for (host, is_for) in
            [("www.example.org", true), ("de.shop.example.org", true), ("example.org", false), ("a.b.shop.example.org", false)]
        {
            assert_eq!(seen.is_for(host), is_for, "{host}");
        }
        for (now, days) in [("2027-01-20T00:00:00Z", 10), ("2027-01-29T12:00:00Z", 0), ("2027-02-02T00:00:00Z", -3)] {
            assert_eq!(seen.days_left(now.parse().expect("a time")).expect("days"), days, "{now}");
        }
        let own = Certificate::parse(&SAID.replace("C = US, O = Let's Encrypt, CN = E7", "CN = www.example.org")).expect("it is right");
        assert!(own.is_self_signed());
        // Where each host is too long for it, authorities leave the subject empty.
        let long = SAID.replace("subject=CN = www.example.org", "subject=").replace("Alternative Name: ", "Alternative Name: critical");
        let long = Certificate::parse(&long).expect("it is right");
        assert!(!long.is_self_signed() && long.is_for("www.example.org"));
    }
}
