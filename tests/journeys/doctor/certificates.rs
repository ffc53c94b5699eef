//! Faults of certificates: in the file, as visitors get them, and between the two.

use std::fs;
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use magnetiq_tests::{Folder, free_port};

use super::network::Listener;
use super::{PRODUCTION, fake, finding, fine, has, look, run, shell, until};

/// Something that speaks TLS with the certificate in the folder.
struct Tls(Child);

impl Tls {
    fn start(folder: &Folder, port: u16, name: &str) -> Self {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}"), "-www"]);
        openssl.arg("-cert").arg(folder.path(&format!("{name}.pem"))).arg("-key").arg(folder.path(&format!("{name}.key")));
        let child = openssl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed().as_secs() < 30, "openssl does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An authority, and certificates of it: their file, for which name, and from which day to which, counted from now.
pub(super) fn certificates(folder: &Folder, authority: &str, certificates: &[(&str, &str, Range<i64>)]) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, authority);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    fs::write(folder.path(&format!("{authority}.pem")), params.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(params, authority_key);
    let day = Duration::from_secs(86_400);
    let at = |days: i64| {
        let span = day * u32::try_from(days.unsigned_abs()).unwrap();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        (SystemTime::UNIX_EPOCH + if days < 0 { now - span } else { now + span }).into()
    };
    for (file, name, days) in certificates {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![(*name).to_owned()]).unwrap();
        (params.not_before, params.not_after) = (at(days.start), at(days.end));
        fs::write(folder.path(&format!("{file}.pem")), params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
        fs::write(folder.path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }
}

/// Makes the one that a site begins with, for all of its names, which no authority issued.
fn self_signed(name: &str) -> String {
    format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 80 -subj /O={name} \
         -addext subjectAltName=DNS:localhost,DNS:example.org -keyout {name}.key -out {name}.pem"
    )
}

const KINDS: [(&str, &str, Range<i64>); 7] = [
    ("good", "localhost", -60..80),
    ("newer", "localhost", -60..89),
    ("old", "localhost", -60..-1),
    ("soon", "localhost", -60..5),
    ("weak", "localhost", -60..15),
    ("early", "localhost", 1..80),
    ("foreign", "other.example", -60..80),
];

/// Settings of a site on this port of this machine, and what healthd is told of it.
fn settings(folder: &Folder, port: u16, told: &str) {
    let page = format!("page_url = 'https://localhost:{port}'");
    folder.settings(&format!("{}[healthd.sites.main]\n{page}\n{told}", PRODUCTION.replace("8443", &port.to_string())));
}

#[test]
fn certificates_that_are_old_foreign_or_not_taken_up() {
    if !has("openssl") {
        return;
    }
    let folder = Folder::new();
    certificates(&folder, "authority", &KINDS);
    let port = free_port();
    let with_file = |file: &str| settings(&folder, port, &format!("authority = 'authority.pem'\ncertificate = '{file}.pem'\n"));
    with_file("good");
    let command = finding(&look(&folder, "certificate"), "warning", "nobody answers at localhost")["command"].as_str().unwrap().to_owned();
    let refused = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("localhost"), "{refused:?}");
    for (served, file, severity, says) in [
        ("old", "old", "error", "expired"),
        ("soon", "soon", "error", "of its lifetime"),
        ("weak", "weak", "warning", "of its lifetime"),
        ("early", "early", "error", "is not valid before"),
        ("foreign", "foreign", "error", "is not for localhost but for other.example"),
        ("good", "newer", "warning", "sends another certificate than"),
    ] {
        let _tls = Tls::start(&folder, port, served);
        with_file(file);
        finding(&look(&folder, "certificate"), severity, says);
    }
    let _tls = Tls::start(&folder, port, "good");
    with_file("good");
    fine(&look(&folder, "certificate"));
    // Its authority is none that browsers trust.
    folder.settings(&PRODUCTION.replace("8443", &port.to_string()));
    let found = finding(&look(&folder, "certificate"), "error", "a browser would not trust");
    assert!(found["command"].as_str().unwrap().contains("certbot certonly --cert-name localhost"), "{found:#}");
}

/// A new one is for no fewer names than the one in place; and where that is still the first one, what certbot has already is put there.
#[test]
fn certificates_of_a_site_with_aliases() {
    if !has("openssl") {
        return;
    }
    let folder = Folder::new();
    certificates(&folder, "authority", &KINDS[..1]);
    run(&folder, &self_signed("first"));
    let port = free_port();
    let both = "--domain localhost --domain example.org --deploy-hook";
    for (name, domains, is_hook_first) in [("first", both, true), ("good", "--domain localhost --deploy-hook", false)] {
        let _tls = Tls::start(&folder, port, name);
        settings(&folder, port, &format!("certificate = '{name}.pem'\n"));
        let command = finding(&look(&folder, "certificate"), "error", "a browser would not trust")["command"].as_str().unwrap().to_owned();
        let (first, certbot) = command.split_once("certbot ").unwrap();
        assert_eq!(first.contains("/etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh || "), is_hook_first, "{command}");
        assert!(first.contains("nginx -t && "), "nothing is asked for that nginx would not take up: {command}");
        assert!(certbot.contains(domains) && certbot.contains(" --force-renewal "), "{command}");
    }
}

/// A new one is in place, and nginx has not taken it up: to ask for another one costs one of the few, and changes nothing.
#[test]
fn a_certificate_that_nginx_has_not_taken_up() {
    if !has("openssl") {
        return;
    }
    let folder = Folder::new();
    certificates(&folder, "authority", &KINDS);
    run(&folder, &self_signed("first"));
    let port = free_port();
    for (served, says) in [("first", "a browser would not trust"), ("old", "expired"), ("foreign", "is not for localhost")] {
        let _tls = Tls::start(&folder, port, served);
        settings(&folder, port, "certificate = 'good.pem'\n");
        let entry = look(&folder, "certificate");
        finding(&entry, "error", says);
        finding(&entry, "warning", "sends another certificate than");
        for found in entry["findings"].as_array().unwrap() {
            let command = found["command"].as_str().unwrap();
            assert!(command.ends_with("nginx -s reload") && !command.contains("certbot"), "{found:#}");
        }
    }
    // What is in place is no better.
    let _tls = Tls::start(&folder, port, "old");
    settings(&folder, port, "certificate = 'first.pem'\n");
    let found = finding(&look(&folder, "certificate"), "error", "expired");
    assert!(found["command"].as_str().unwrap().contains("certbot renew"), "{found:#}");
}

/// What healthd watches besides is nothing of this site.
#[test]
fn certificates_of_other_sites() {
    if !has("openssl") {
        return;
    }
    let folder = Folder::new();
    certificates(&folder, "authority", &KINDS[..1]);
    certificates(&folder, "stranger", &[("foreign", "other.example", -60..5)]);
    let port = free_port();
    let _tls = Tls::start(&folder, port, "good");
    let other = "[healthd.sites.another]\npage_url = 'https://other.example'\nauthority = 'stranger.pem'\ncertificate = 'foreign.pem'\n";
    settings(&folder, port, &format!("authority = 'authority.pem'\ncertificate = 'good.pem'\n{other}"));
    fine(&look(&folder, "certificate"));
    settings(&folder, port, other);
    let entry = look(&folder, "certificate");
    finding(&entry, "error", "a browser would not trust");
    assert!(!entry.to_string().contains("foreign.pem"), "{entry:#}");
}

/// What a new certificate would not change is looked at by hand: it costs one of the few that an authority issues in a week.
#[test]
fn faults_that_no_new_certificate_mends() {
    if !has("openssl") {
        return;
    }
    let folder = Folder::new();
    certificates(&folder, "authority", &KINDS[..1]);
    let port = free_port();
    let told = |authority: &str, file: &str| settings(&folder, port, &format!("authority = '{authority}'\ncertificate = '{file}'\n"));
    told("authority.pem", "good.pem");
    let in_the_clear = Listener::start(port, "HTTP/1.1 400 Bad Request\r\n\r\n");
    let command = finding(&look(&folder, "certificate"), "error", "the TLS handshake failed")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &command).output().unwrap().status.success(), "there is none to show");
    told("authority.pem", "nowhere.pem");
    let found = finding(&look(&folder, "certificate"), "error", "nowhere.pem cannot be read");
    assert!(found["command"].as_str().unwrap().contains("certbot certonly --cert-name localhost"), "nobody gets one: {found:#}");
    told("authority.pem", "good.pem");
    drop(in_the_clear);
    let _tls = Tls::start(&folder, port, "good");
    assert!(run(&folder, &command).contains("DNS:localhost"), "it shows the one that is sent");
    fine(&look(&folder, "certificate"));
    told("authority.pem", "nowhere.pem");
    let found = finding(&look(&folder, "certificate"), "error", "nowhere.pem cannot be read");
    assert_eq!(found["command"], "namei -l nowhere.pem", "visitors get a valid one");
    assert!(found["advice"].as_str().unwrap().contains("correct healthd.sites.NAME.certificate"), "{found:#}");
    told("later.pem", "good.pem");
    let command = finding(&look(&folder, "certificate"), "error", "later.pem cannot be read")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &command).output().unwrap().status.success(), "there is none to show");
    fs::write(folder.path("later.pem"), "no certificate").unwrap();
    assert_eq!(finding(&look(&folder, "certificate"), "error", "later.pem has no certificate of an authority")["command"], command);
    fs::copy(folder.path("authority.pem"), folder.path("later.pem")).unwrap();
    run(&folder, &command);
    fine(&look(&folder, "certificate"));
    fs::create_dir(folder.path("folder.pem")).unwrap();
    told("authority.pem", "folder.pem");
    let command = finding(&look(&folder, "certificate"), "error", "folder.pem cannot be read")["command"].as_str().unwrap().to_owned();
    assert!(run(&folder, &command).contains("d"), "it shows what stands there");
}

/// Ends with its workers, which outlive one that is killed.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// nginx with a certificate that is changed under it, and a certbot that gets the newer one.
#[test]
fn certificates_that_are_renewed_or_taken_up() {
    let folder = Folder::new();
    let nginx = String::from_utf8(shell(&folder, "command -v nginx").output().unwrap().stdout).unwrap();
    if nginx.is_empty() {
        return crate::proof::skip("there is no nginx");
    }
    certificates(&folder, "authority", &KINDS);
    // By an authority that nobody knows.
    certificates(&folder, "stranger", &[("unknown", "localhost", -60..80)]);
    let put = |name: &str| {
        for ending in ["pem", "key"] {
            fs::copy(folder.path(&format!("{name}.{ending}")), folder.path(&format!("served.{ending}"))).unwrap();
        }
    };
    put("good");
    let port = free_port();
    settings(&folder, port, "authority = 'authority.pem'\ncertificate = 'served.pem'\n");
    let here = folder.path("").display().to_string();
    let places: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].iter().map(|of| format!("{of}_temp_path {here}/{of}; ")).collect();
    let conf = format!(
        "daemon off; pid {here}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {places} server {{ listen 127.0.0.1:{port} ssl; \
         ssl_certificate {here}/served.pem; ssl_certificate_key {here}/served.key; }} }}\n"
    );
    fs::write(folder.path("nginx.conf"), conf).unwrap();
    // The one of this folder.
    fake(&folder, "nginx", &format!("exec {} -p {here} -c {here}/nginx.conf \"$@\"", nginx.trim()));
    let certbot = "case \"$*\" in\n'renew --cert-name localhost --force-renewal') ;;\n\
        'certonly --cert-name localhost --force-renewal --webroot --webroot-path /var/lib/magnetiq-acme --domain localhost --deploy-hook \
        /etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh') ;;\n*) exit 1 ;;\nesac\n\
        cp newer.pem served.pem && cp newer.key served.key";
    fake(&folder, "certbot", certbot);
    fake(&folder, "sudo", "exec \"$@\"");
    let _nginx = Nginx(shell(&folder, "exec nginx").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until(&folder, "certificate", |entry| entry["status"] == "fine");
    for (name, severity, says) in [
        ("newer", "warning", "sends another certificate than"),
        ("old", "error", "expired"),
        ("soon", "error", "of its lifetime"),
        ("weak", "warning", "of its lifetime"),
        ("early", "error", "is not valid before"),
        ("foreign", "error", "is not for localhost but for other.example"),
        ("unknown", "error", "a browser would not trust"),
    ] {
        put(name);
        if name != "newer" {
            run(&folder, "nginx -s reload");
        }
        // For a moment after a reload, a connection may still meet a worker of before.
        let entry = until(&folder, "certificate", |entry| {
            entry.to_string().contains(says) && (name == "newer" || !entry.to_string().contains("sends another certificate"))
        });
        let command = finding(&entry, severity, says)["command"].as_str().unwrap().to_owned();
        run(&folder, &command);
        until(&folder, "certificate", |entry| entry["status"] == "fine");
    }
    // nginx goes on with what it had.
    run(&folder, "echo no certificate > served.pem");
    let found = finding(&look(&folder, "certificate"), "error", "served.pem is of no use: it has no certificate");
    run(&folder, found["command"].as_str().unwrap());
    until(&folder, "certificate", |entry| entry["status"] == "fine");
}
