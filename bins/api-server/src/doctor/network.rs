//! What lies between the server and the world: ports, names, mail, certificates.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use magnetiq_config::{Profile, SmtpTls};
use magnetiq_doctor::{Finding, Outcome, Seen, Severity, holder, quoted};
use magnetiq_health::checks::{CertificateFile, CertificateServed, Dns, Encryption, Smtp, Trust};

use super::look::{known, look};
use super::settings::set;
use super::site::Site;

/// Ports that the programs listen on, and the programs.
pub(super) fn ports(site: &Site) -> Outcome {
    let settings = &site.settings;
    let mut ports = vec![
        ("server.port", settings.server.host, settings.server.port, "api-server"),
        ("backup.port", settings.backup.host, settings.backup.port, "backupd"),
        ("healthd.port", settings.healthd.host, settings.healthd.port, "healthd"),
    ];
    ports.extend(settings.health.metrics_port.map(|port| ("health.metrics_port", settings.health.metrics_host, port, "api-server")));
    // The system chooses where it is 0.
    ports.retain(|(_, _, port, _)| *port != 0);
    let taken = ports.iter().filter_map(|(setting, host, port, program)| taken(site, setting, SocketAddr::new(*host, *port), program));
    let numbers = ports.iter().map(|(_, _, port, _)| port.to_string()).collect::<Vec<_>>().join(", ");
    Seen::saying(format!("ports {numbers}")).with_all(taken).into()
}

fn taken(site: &Site, setting: &str, address: SocketAddr, program: &str) -> Option<Finding> {
    let port = address.port();
    let holder = holder(port);
    if holder.is_none() && !TcpListener::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse) {
        return None;
    }
    let is_ours =
        holder.as_ref().is_some_and(|holder| holder.program == program && (program != "api-server" || site.server() == Some(holder.pid)));
    if is_ours {
        return None;
    }
    let why = format!("{program} does not start while another program listens there.");
    let advice = format!("Or choose another port: {setting}.");
    Some(match holder {
        Some(holder) => Finding::error(format!("port {port} ({setting}) is held by {} (process {})", holder.program, holder.pid), why)
            .advice(advice)
            .command(format!("kill {}", holder.pid)),
        None => Finding::error(format!("port {port} ({setting}) is held by a program of another user"), why)
            .advice(advice)
            .command(format!("sudo ss -ltnp 'sport = :{port}'")),
    })
}

/// Whether the name in the address of the site is resolved.
pub(super) fn dns(site: &Site) -> Outcome {
    let host = host(site);
    if site.settings.profile == Profile::Development || host == "localhost" || host.parse::<IpAddr>().is_ok() {
        return Outcome::skipped("the address of the site needs no name server");
    }
    let why = "Visitors do not find the site, and no authority issues a certificate for it.";
    let mut seen = look("dns", Dns::new(&host));
    let advice = "Set an A or AAAA record of that name with your provider; it may take hours until everybody sees it. A name that others \
        resolve: see /etc/resolv.conf.";
    seen.findings =
        seen.findings.into_iter().map(|finding| finding.because(why).advice(advice).command(format!("getent hosts {host}"))).collect();
    if ["example.com", "example.org", "example.net"].iter().any(|name| host == *name || host.ends_with(&format!(".{name}"))) {
        let sample =
            Finding::warning(format!("{host} is a name of examples, and nobody's"), why).advice("Set the address that visitors type.");
        seen = seen.with(sample.command(set("server.public_url", "https://www.your-site.org")));
    }
    seen.into()
}

fn host(site: &Site) -> String {
    site.settings.server.public_url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Whether letters can leave: says hello to the mail server, and sends nothing.
pub(super) fn mail(site: &Site) -> Outcome {
    let Some(smtp) = &site.settings.mail.smtp else {
        return Outcome::skipped("no mail server is set by file or environment (mail.smtp_host)");
    };
    let (encryption, start_tls) = match smtp.tls {
        SmtpTls::StartTls => (Encryption::StartTls, " -starttls smtp"),
        SmtpTls::Tls => (Encryption::Tls, ""),
        SmtpTls::None => (Encryption::None, ""),
    };
    let at = format!("{}:{}", smtp.host, smtp.port);
    let by_hand = match smtp.tls {
        SmtpTls::None => format!("curl -v --max-time 10 smtp://{at}"),
        SmtpTls::StartTls | SmtpTls::Tls => format!("openssl s_client -connect {at}{start_tls} </dev/null"),
    };
    let trust = smtp.authority.clone().map_or(Trust::Public, Trust::File);
    let mut seen = look("smtp", Smtp::new(&smtp.host, smtp.port, encryption, site.clock.clone()).trust(trust));
    seen.findings = seen.findings.into_iter().map(|finding| finding.command(by_hand.clone())).collect();
    seen.into()
}

/// How long the site may take to take a connection of its own server.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The certificate in the file where there is one, and the one that visitors get.
pub(super) fn certificate(site: &Site) -> Outcome {
    let url = &site.settings.server.public_url;
    if url.scheme() != "https" {
        return Outcome::skipped("the address of the site is not https");
    }
    let (host, port) = (host(site), url.port_or_known_default().unwrap_or(443));
    let file = certificate_file(site, &host);
    let mut all = Seen::default();
    if let Some(file) = &file {
        all = look("certificate-file", CertificateFile::new(file, site.clock.clone()).name(&host));
    }
    let served = served(site, &host, port, file.as_deref());
    all.says = if all.says.is_empty() { served.says } else { format!("{}; {}", all.says, served.says) };
    all.findings.extend(served.findings);
    all.findings = all.findings.into_iter().map(|finding| mended(finding, file.as_deref(), &host, port)).collect();
    all.into()
}

fn served(site: &Site, host: &str, port: u16, file: Option<&Path>) -> Seen {
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
    if !addresses.iter().any(|address| TcpStream::connect_timeout(address, CONNECT_LIMIT).is_ok()) {
        let said = format!("nobody answers at {host}:{port} from here");
        let why =
            "Perhaps visitors don't get an answer, either; some networks only do not let a machine reach itself by its public address.";
        return Seen::saying(said.clone()).with(Finding::warning(said, why));
    }
    let authority = site.settings.healthd.sites.iter().find_map(|site| site.authority.clone());
    let mut check = CertificateServed::new(host, port, site.clock.clone()).trust(authority.map_or(Trust::Public, Trust::File));
    if let Some(file) = file {
        check = check.file(file);
    }
    look("certificate-served", check)
}

/// As healthd is told, or where Compose and certbot put it.
fn certificate_file(site: &Site, host: &str) -> Option<PathBuf> {
    let told = site.settings.healthd.sites.iter().find_map(|site| site.certificate.clone());
    let usual = ["/etc/magnetiq/tls/live/fullchain.pem".to_owned(), format!("/etc/letsencrypt/live/{host}/fullchain.pem")];
    told.or_else(|| usual.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}

fn mended(finding: Finding, file: Option<&Path>, host: &str, port: u16) -> Finding {
    let by_hand =
        format!("openssl s_client -connect {host}:{port} -servername {host} </dev/null | openssl x509 -noout -dates -ext subjectAltName");
    let command = if finding.seen.contains("another certificate") {
        "nginx -t && nginx -s reload".to_owned()
    } else if finding.severity == Severity::Warning && finding.seen.starts_with("nobody answers") {
        return finding.command(format!("curl -sv --max-time 10 -o /dev/null https://{host}:{port}/"));
    } else if ["is not for", "trust"].iter().any(|said| finding.seen.contains(said)) {
        // A renewal is for the same names, by the same authority.
        format!(
            "certbot certonly --cert-name {host} --webroot --webroot-path /var/lib/magnetiq-acme --domain {host} --deploy-hook \
             /etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh && nginx -t && nginx -s reload"
        )
    } else if finding.seen.contains("cannot be read") {
        file.map_or(by_hand, |file| format!("openssl x509 -in {} -noout -dates -ext subjectAltName", quoted(file)))
    } else {
        "certbot renew --force-renewal && nginx -t && nginx -s reload".to_owned()
    };
    let aliases = if command.contains("certonly") { " Add a --domain for each of the site's aliases." } else { "" };
    let advice = format!(
        "{}{aliases} With Compose: docker compose restart certbot, then docker compose logs certbot.",
        known("certificate-served").fix.split("\n\n").next().unwrap_or_default()
    );
    finding.advice(advice).command(command)
}
