//! `cargo xtask cert status`: the certificate that visitors get, and what is done about it.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{Timestamp, Unit};

use crate::deploy::{Line, Site, Standing, Where};
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
    /// Exit codes: 0 it is the one that certbot put in place, of an authority that this machine trusts, for these hosts, for another week at least;
    /// 1 it is not, or nobody knows; 2 wrong command line.
    Status {
        #[command(flatten)]
        place: Where,
    },
}

impl Cert {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let Action::Status { place } = self.command;
        let standing = Standing::of(&place)?;
        let mut served = Served::ask(&standing.site)?;
        let in_place = standing.certificate_in_place().and_then(|pem| Certificate::read(&pem));
        let asked = Instant::now();
        while served.is_another(&in_place) && asked.elapsed() < TAKEN_UP {
            std::thread::sleep(Duration::from_secs(1));
            served = Served::ask(&standing.site)?;
        }
        let (seen, days) = (&served.certificate, served.certificate.days_left(standing.now)?);
        plain(&format!("{} serves a certificate for {}", standing.site.domain, seen.hosts.join(", ")));
        plain(&format!("    issued by    {}{}", seen.issuer, if seen.is_self_signed() { " (by itself: browsers warn)" } else { "" }));
        plain(&format!(
            "    verified     {}",
            served.refused.as_deref().unwrap_or("as a browser does, by the authorities that this machine trusts")
        ));
        plain(&format!("    since        {}", seen.since));
        plain(&format!("    until        {} ({days} days)", seen.until));
        plain(&format!(
            "    in place     {}",
            match &in_place {
                Err(_) => "unknown".to_owned(),
                Ok(there) if served.is_another(&in_place) => format!("another one, until {}", there.until),
                Ok(_) => "the one that is served".to_owned(),
            }
        ));
        plain(&format!("    certbot      {}", standing.last_of_certbot()));
        let problems = problems(&served, &in_place, days, &standing.site, &standing.name, &standing.hosts);
        for problem in &problems {
            plain(problem);
        }
        Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// What somebody should look at.
fn problems(served: &Served, in_place: &Result<Certificate>, days: i64, site: &Site, name: &str, hosts: &[String]) -> Vec<String> {
    let (seen, peer, mut problems) = (&served.certificate, site.peer(), Vec::new());
    match in_place {
        Err(error) => problems.push(format!(
            "what certbot put in place cannot be seen, so that nobody knows whether the site is what answers at {peer}: {error:#}"
        )),
        Ok(_) if served.is_another(in_place) => problems.push(format!(
            "visitors get another certificate than the one that certbot put in place: something else answers at {peer}, or the proxy refuses it, \
             and says why: docker logs {name}-proxy-1"
        )),
        Ok(_) => {}
    }
    match &served.refused {
        Some(_) if seen.is_self_signed() => {
            problems.push("it is self-signed: no authority has issued one yet, and the log of certbot says why".to_owned());
        }
        Some(why) => problems.push(format!(
            "browsers refuse it: {why}; is compose.acme_server an authority for tests? The certificate of an authority of your own is named by \
             SSL_CERT_FILE"
        )),
        None => {}
    }
    if days < DAYS_MIN {
        problems.push(format!("it ends in {days} days, and should have been renewed a month before"));
    }
    let missing: Vec<&str> = hosts.iter().map(String::as_str).filter(|host| !seen.is_for(host)).collect();
    if !missing.is_empty() {
        problems.push(format!("it is not for {}", missing.join(", ")));
    }
    problems
}

/// What a visitor gets.
#[derive(Debug)]
struct Served {
    certificate: Certificate,
    /// Why its chain leads to no authority that this machine trusts.
    refused: Option<String>,
}

impl Served {
    fn ask(site: &Site) -> Result<Self> {
        let peer = site.peer();
        let line = Line::new(["openssl", "s_client", "-connect", &peer, "-servername", &site.domain]);
        let output = line.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let pem = text.split_once("-----BEGIN CERTIFICATE-----").and_then(|(_, rest)| rest.split_once("-----END CERTIFICATE-----"));
        let Some((body, _)) = pem else {
            bail!("{peer} shows no certificate for {}: {}", site.domain, String::from_utf8_lossy(&output.stderr).trim())
        };
        let certificate = Certificate::read(&format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n"))?;
        Ok(Self { certificate, refused: refused(&text)? })
    }

    /// Whether it is another one than that in place.
    fn is_another(&self, in_place: &Result<Certificate>) -> bool {
        in_place.as_ref().is_ok_and(|there| there.serial != self.certificate.serial)
    }
}

/// What `openssl s_client` says of the chain.
fn refused(text: &str) -> Result<Option<String>> {
    let said =
        text.lines().find_map(|line| line.trim().strip_prefix("Verify return code: ")).context("openssl says nothing of the chain")?;
    let (code, why) = said.split_once(' ').unwrap_or((said, said));
    Ok((code != "0").then(|| why.trim_matches(['(', ')']).to_owned()))
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
            bail!("openssl x509, which has to be of OpenSSL 3 or newer: {}", String::from_utf8_lossy(&output.stderr).trim());
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
    use anyhow::{Result, anyhow};

    use super::{Certificate, Served, problems, refused};
    use crate::deploy::Site;

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
    #[test]
    fn what_visitors_would_not_believe_is_told() {
        let site = Site { domain: "www.example.org".to_owned(), port: 443, address: "127.0.0.1:8443".to_owned() };
        let hosts = vec!["www.example.org".to_owned()];
        let certificate = |text: &str| Certificate::parse(text).expect("it is right");
        let (real, own) = (SAID.to_owned(), SAID.replace("C = US, O = Let's Encrypt, CN = E7", "CN = www.example.org"));
        let (trusted, staging) = ("0 (ok)", "20 (unable to get local issuer certificate)");
        let there = |serial: &str| Ok(certificate(&SAID.replace("03FA", serial)));
        let away: Result<Certificate> = Err(anyhow!("magnetiq-proxy-1 is not running"));
        for (text, code, in_place, days, expected) in [
            (&real, trusted, there("03FA"), 60, None),
            (&real, staging, there("03FA"), 60, Some("browsers refuse it: unable to get local issuer certificate")),
            (&own, "18 (self-signed certificate)", there("03FA"), 60, Some("it is self-signed")),
            (&real, trusted, there("04"), 60, Some("something else answers at 127.0.0.1:8443")),
            (&real, trusted, away, 60, Some("nobody knows whether the site is what answers at 127.0.0.1:8443: magnetiq-proxy-1 is not")),
            (&real, trusted, there("03FA"), 6, Some("it ends in 6 days")),
        ] {
            let refused = refused(&format!("    Start Time: 1\n    Verify return code: {code}\n    Extended master secret: no\n"));
            let served = Served { certificate: certificate(text), refused: refused.expect("it is said") };
            let told = problems(&served, &in_place, days, &site, "magnetiq", &hosts);
            assert_eq!(told.len(), usize::from(expected.is_some()), "{told:?}");
            assert!(expected.is_none_or(|expected| told[0].contains(expected)), "{told:?}");
        }
    }
}
