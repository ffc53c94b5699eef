//! What lies between the server and the world: ports, names, mail, certificates.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use magnetiq_config::{HealthdSite, Profile, SmtpTls};
use magnetiq_doctor::{Finding, Outcome, Seen, Severity, as_root, holder, quoted, said};
use magnetiq_health::checks::{CertificateFile, CertificateServed, Dns, Encryption, Smtp, Trust};
use magnetiq_health::{Check, Deadline};

use super::look::{known, look};
use super::program::local;
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
    let why = format!("{program} does not start while another program listens there.");
    let advice = format!("Or choose another port: {setting}.");
    let Some(holder) = holder(port) else {
        let is_held = TcpListener::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
        let finding = if is_held { unseen(site, setting, address, program, why) } else { None };
        return finding.map(|finding| finding.advice(advice).command(as_root(format!("ss -ltnp 'sport = :{port}'"))));
    };
    if holder.program == program && (program != "api-server" || site.server() == Some(holder.pid)) {
        return None;
    }
    let seen = format!("port {port} ({setting}) is held by {} (process {})", holder.program, holder.pid);
    Some(Finding::error(seen, why).advice(advice).command(format!("kill {}", holder.pid)))
}

/// How long a program may take to say who it is: four are asked one after the other.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Who has users of its own, as our units have, or is in another container of the pod, is not seen even by its own user: so it is asked.
fn unseen(site: &Site, setting: &str, address: SocketAddr, program: &str, why: String) -> Option<Finding> {
    // The server says that it lives; what else is ours has nothing at an address that there is not.
    let (path, status, says) =
        if setting == "server.port" { ("/livez", 200, r#""status":"pass""#) } else { ("/nothing", 404, "There is nothing here.") };
    let mut asked = local(address.ip(), address.port(), path).statuses(status..=status).containing(says);
    // The server of another site would say the same.
    let is_of_site = setting != "server.port" || site.owner().is_some_and(|owner| owner.program == program);
    let held = format!("port {} ({setting}) is held by a program of another user or container", address.port());
    match asked.run(Deadline::after(ANSWER_LIMIT)) {
        Err(_) => {
            let why = format!("It is another program, beside which {program} does not start, or {program} itself, which should answer.");
            Some(Finding::warning(format!("{held}, which does not answer"), why))
        }
        Ok(facts) if is_of_site && facts.findings.is_empty() => None,
        Ok(_) => Some(Finding::error(format!("{held}, and not by {program} of this site"), why)),
    }
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
        SmtpTls::StartTls | SmtpTls::Tls => format!("timeout 10 openssl s_client -connect {at}{start_tls} </dev/null"),
    };
    let trust = smtp.authority.clone().map_or(Trust::Public, Trust::File);
    let mut seen = look("smtp", Smtp::new(&smtp.host, smtp.port, encryption, site.clock.clone()).trust(trust));
    let mended = |finding: Finding| match &smtp.authority {
        Some(file) if finding.seen.starts_with(&format!("{at}: {} ", file.display())) => of_authority(finding, file, "mail.smtp_authority"),
        _ if finding.seen.contains(" whose certificate is not to be trusted: ") => {
            let advice = format!("{} An authority of your own: mail.smtp_authority.", finding.advice);
            finding.advice(advice).command(by_hand.clone())
        }
        _ => finding.command(by_hand.clone()),
    };
    seen.findings = seen.findings.into_iter().map(mended).collect();
    seen.into()
}

/// How long the addresses of the site, all together, may take to take a connection of its own server.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The certificate in the file where there is one, and the one that visitors get.
pub(super) fn certificate(site: &Site) -> Outcome {
    let url = &site.settings.server.public_url;
    if url.scheme() != "https" {
        return Outcome::skipped("the address of the site is not https");
    }
    let (host, port) = (host(site), url.port_or_known_default().unwrap_or(443));
    let file = certificate_file(site, &host);
    let authority = watched(site).find_map(|site| site.authority.clone());
    let place = Place { at: format!("{host}:{port}"), host, port, file, authority };
    let clock = || site.clock.clone();
    let in_file = place.file.as_ref().map(|file| look("certificate-file", CertificateFile::new(file, clock()).name(&place.host)));
    let served = if place.answers() {
        let mut check = CertificateServed::new(&place.host, port, clock());
        check = check.trust(place.authority.clone().map_or(Trust::Public, Trust::File));
        look("certificate-served", place.file.iter().fold(check, CertificateServed::file))
    } else {
        let why =
            "Perhaps visitors don't get an answer, either; some networks only do not let a machine reach itself by its public address.";
        let said = format!("nobody answers at {} from here", place.at);
        Seen::saying(said.clone()).with(Finding::warning(said, why))
    };
    let says = in_file.iter().chain([&served]).map(|seen| seen.says.clone()).collect::<Vec<_>>().join("; ");
    let is_served = served.findings.is_empty();
    let is_another = served.findings.iter().any(|finding| finding.seen.starts_with(&place.another()));
    let is_right = in_file.as_ref().is_some_and(|seen| seen.worst() < Some(Severity::Error));
    let is_left = is_another && is_right && place.in_place().is_issued;
    let of_file = in_file.into_iter().flat_map(|seen| seen.findings).map(|finding| place.mended(finding, is_served));
    let of_served = served.findings.into_iter().map(|finding| if is_left { taken_up(finding) } else { place.mended(finding, is_served) });
    Seen::saying(says).with_all(of_file).with_all(of_served).into()
}

/// What healthd is told of this site: it may watch others, too.
fn watched(site: &Site) -> impl Iterator<Item = &HealthdSite> {
    let host = site.settings.server.public_url.host_str();
    site.settings.healthd.sites.iter().filter(move |watched| watched.page_url.as_ref().is_some_and(|page| page.host_str() == host))
}

/// As healthd is told, or where Compose and certbot put it.
fn certificate_file(site: &Site, host: &str) -> Option<PathBuf> {
    let told = watched(site).find_map(|site| site.certificate.clone());
    let usual = ["/etc/magnetiq/tls/live/fullchain.pem".to_owned(), format!("/etc/letsencrypt/live/{host}/fullchain.pem")];
    told.or_else(|| usual.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Where visitors get the certificate of a site, and where it comes from.
struct Place {
    host: String,
    port: u16,
    /// Both, as what is said of it begins.
    at: String,
    file: Option<PathBuf>,
    /// Others than browsers trust.
    authority: Option<PathBuf>,
}

impl Place {
    fn answers(&self) -> bool {
        let addresses: Vec<SocketAddr> = (self.host.as_str(), self.port).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
        // A firewall that drops what comes lets each of them take its whole share.
        let share = u32::try_from(addresses.len()).ok().and_then(|count| CONNECT_LIMIT.checked_div(count));
        share.is_some_and(|share| addresses.iter().any(|address| TcpStream::connect_timeout(address, share).is_ok()))
    }

    /// How it begins that what is sent is not what is in the file.
    fn another(&self) -> String {
        format!("{} sends another certificate ", self.at)
    }

    /// A new certificate costs one of the few that an authority issues in a week, so it is asked for only where one was seen that is wrong,
    /// and not where visitors get a valid one (`is_served`) and the file is not there.
    fn mended(&self, finding: Finding, is_served: bool) -> Finding {
        let Self { host, at, .. } = self;
        let said = |start: &str| finding.seen.starts_with(start);
        if let Some(file) = self.file.as_deref().filter(|file| said(&format!("{} ", file.display()))) {
            let is_missing = std::fs::metadata(file).is_err_and(|error| error.kind() == ErrorKind::NotFound);
            let advice = match (is_missing, is_served) {
                (true, true) => {
                    "Visitors get a valid one, so it lies elsewhere: correct healthd.sites.NAME.certificate. Where it was removed, put it back \
                     before nginx is started again."
                }
                (false, _) if said(&format!("{} cannot be read", file.display())) => {
                    "It is a folder, or whoever runs the doctor may not read it."
                }
                _ => return self.got_anew(finding),
            };
            return finding.advice(advice).command(format!("namei -l {}", quoted(file)));
        }
        if let Some(authority) = self.authority.as_deref().filter(|authority| said(&format!("{at}: {} ", authority.display()))) {
            return of_authority(finding, authority, "healthd.sites.NAME.authority");
        }
        if said("nobody answers at ") {
            return finding.command(format!("curl -sv --max-time 10 -o /dev/null https://{at}/"));
        }
        if said(&self.another()) {
            return taken_up(finding);
        }
        if said("a browser would not trust ") || finding.seen.contains(&format!(" is not for {host} but for ")) {
            return self.got_anew(finding);
        }
        if said("the certificate ") || said("what is left ") {
            let is_early = finding.seen.contains(" is not valid before ");
            let clock = if is_early { "Where the clock of this machine is behind, set that right first. " } else { "" };
            let command = as_root(format!("certbot renew --cert-name {host} --force-renewal && {}", reload()));
            return finding.advice(advice(clock)).command(command);
        }
        let names = "openssl x509 -noout -dates -ext subjectAltName";
        finding
            .advice("What listens there does not speak TLS, or not as browsers do: look at what it is, and at its log.")
            .command(format!("timeout 10 openssl s_client -connect {at} -servername {host} </dev/null | {names}"))
    }

    /// A renewal is for the same names, by the same authority. Where no authority issued what is in place, certbot may have a certificate already that
    /// its hook did not bring there: to put that in place costs none.
    fn got_anew(&self, finding: Finding) -> Finding {
        let in_place = self.in_place();
        let names: Vec<String> = in_place.names(&self.host).iter().map(|name| format!("--domain {}", quoted(name))).collect();
        // Without force, one for the same names that is not due would be kept, whoever issued it.
        let certbot = as_root(format!(
            "certbot certonly --cert-name {} --force-renewal --webroot --webroot-path /var/lib/magnetiq-acme {} --deploy-hook {HOOK}",
            self.host,
            names.join(" ")
        ));
        let asked = if in_place.is_issued { certbot } else { format!("{{ {} || {certbot}; }}", as_root(HOOK)) };
        // What nginx would not take up is not asked for. Where it has nothing to read there, it takes nothing before.
        let may = if in_place.is_read { format!("{} && ", as_root("nginx -t")) } else { String::new() };
        let more = if names.len() > 1 { "" } else { "Add a --domain for each of the site's aliases, which the new one would lack. " };
        finding.advice(advice(more)).command(format!("{may}{asked} && {}", reload()))
    }

    /// As openssl tells of it.
    fn in_place(&self) -> InPlace {
        let told = self.file.as_ref().and_then(|file| {
            said("openssl", &["x509", "-noout", "-subject", "-issuer", "-ext", "subjectAltName", "-in", &file.display().to_string()])
        });
        InPlace::of(&told.unwrap_or_default())
    }
}

/// What certbot starts once it has one, and what puts that in place.
const HOOK: &str = "/etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh";

/// The certificate in the file. The first one, which no browser believes, has all names of the site, too.
struct InPlace {
    /// Whether there is one.
    is_read: bool,
    /// Whether another one than itself did.
    is_issued: bool,
    hosts: Vec<String>,
}

impl InPlace {
    fn of(told: &str) -> Self {
        let field = |name: &str| told.lines().find_map(|line| line.strip_prefix(name));
        let hosts = told.split([',', '\n']).filter_map(|part| part.trim().strip_prefix("DNS:")).map(str::to_owned).collect();
        Self { is_read: field("issuer=").is_some(), is_issued: field("subject=") != field("issuer="), hosts }
    }

    /// What a new one has to be for: not less than this one, where it is one of the site.
    fn names(&self, host: &str) -> Vec<String> {
        if self.hosts.iter().any(|known| known == host) { self.hosts.clone() } else { vec![host.to_owned()] }
    }
}

/// What is in the file is right: nginx has only to take it up, and nobody is asked for another one.
fn taken_up(finding: Finding) -> Finding {
    finding.advice(advice("")).command(reload())
}

fn reload() -> String {
    format!("{} && {}", as_root("nginx -t"), as_root("nginx -s reload"))
}

/// What the catalog says, and how it is done with containers.
fn advice(more: &str) -> String {
    let known = known("certificate-served").fix.split("\n\n").next().unwrap_or_default();
    format!("{known} {more}With Compose: docker compose restart certbot, then docker compose logs certbot.")
}

/// The file of an authority that does not do: nobody is believed then.
fn of_authority(finding: Finding, file: &Path, setting: &str) -> Finding {
    finding
        .advice(format!("{setting} names a file with the certificate of an authority: put it there, or take the setting away."))
        .command(format!("openssl x509 -in {} -noout -subject -dates", quoted(file)))
}
