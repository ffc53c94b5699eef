//! Faults between the server and the world.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use magnetiq_tests::{Folder, Server, SmtpServer};

use super::{PRODUCTION, apart, check, fake, finding, fine, look, may_unshare, run, seen, shell, site, until};

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Settings for development, with these lines below `[server]`.
pub(super) fn serving(folder: &Folder, port: u16) {
    folder.settings(&format!(
        "profile = 'development'\n[server]\nport = {port}\n[log]\nformat = 'json'\n[backup]\nport = 0\n[healthd]\nport = 0\n"
    ));
}

#[test]
fn a_port_that_another_program_holds() {
    let (folder, other) = (site(), Folder::new());
    let port = free_port();
    serving(&folder, port);
    fine(&look(&folder, "ports"));
    serving(&other, port);
    let server = Server::start_new(&other);
    check(&folder, "", "ports", "error", &format!("port {port} (server.port) is held by api-server (process {})", server.pid()));
    assert!(server.wait().0.success(), "it was asked to end");
    let server = Server::start(&folder);
    fine(&look(&folder, "ports"));
    drop(server);
}

#[test]
fn a_name_that_leads_nowhere() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.magnetiq-doctor.invalid"));
    let hosts =
        "cp /etc/hosts hosts; mount --bind hosts /etc/hosts\ndoctor dns\necho '127.0.0.1 www.magnetiq-doctor.invalid' >> hosts\ndoctor dns";
    let looks = seen(apart(&folder, "--mount", hosts));
    // The record is set at the provider: the command tells whether it is there by now.
    let command = finding(&looks[0], "error", "www.magnetiq-doctor.invalid")["command"].as_str().unwrap().to_owned();
    fine(&looks[1]);
    let asked = hosts.replace("doctor dns", &format!("{command}; echo $?"));
    let asked = String::from_utf8(apart(&folder, "--mount", &asked).output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = asked.lines().collect();
    assert!(lines[0] != "0" && lines[1].starts_with("127.0.0.1") && lines[2] == "0", "{asked}");
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.example.com"));
    let mapped = "cp /etc/hosts hosts; echo '127.0.0.1 www.example.com www.your-site.org' >> hosts; mount --bind hosts /etc/hosts";
    let entry = seen(apart(&folder, "--mount", &format!("{mapped}\ndoctor dns"))).remove(0);
    let command = finding(&entry, "warning", "a name of examples")["command"].as_str().unwrap().to_owned();
    fine(&seen(apart(&folder, "--mount", &format!("{mapped}\n{command}\ndoctor dns"))).remove(0));
}

#[test]
fn a_mail_server_that_does_not_talk() {
    let folder = Folder::new();
    assert_eq!(look(&folder, "mail")["status"], "skipped");
    let Some(mut server) = SmtpServer::start() else { return };
    folder
        .settings(&format!("profile = 'development'\n[mail]\nsmtp_host = '127.0.0.1'\nsmtp_port = {}\nsmtp_tls = 'none'\n", server.port()));
    fine(&look(&folder, "mail"));
    server.kill();
    // It is somebody else's server: the command shows how it answers.
    let command = finding(&look(&folder, "mail"), "error", "does not answer")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &command).output().unwrap().status.success());
    server.restart();
    let answer = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&answer.stderr).contains("< 220 "), "{answer:?}");
    fine(&look(&folder, "mail"));
    // It takes letters in the clear only, and they would not be told to it so.
    let in_the_clear = folder.path("magnetiq.toml");
    let settings = fs::read_to_string(&in_the_clear).unwrap().replace("'none'", "'starttls'");
    folder.settings(&settings);
    let command = finding(&look(&folder, "mail"), "error", "STARTTLS")["command"].as_str().unwrap().to_owned();
    let answer = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&answer.stderr).to_lowercase().contains("starttls"), "{answer:?}");
}

/// Something that speaks TLS with the certificate in the folder.
struct Tls(Child);

impl Tls {
    fn start(folder: &Folder, port: u16, name: &str) -> Self {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}"), "-www"]);
        openssl.arg("-cert").arg(folder.path(&format!("{name}.pem"))).arg("-key").arg(folder.path(&format!("{name}.key")));
        let child = openssl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed().as_secs() < 30, "openssl does not answer");
            std::thread::sleep(std::time::Duration::from_millis(20));
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

/// An authority, and a certificate of it for `name`, which is valid for so many days from now on.
fn certificates(folder: &Folder, certificates: &[(&str, &str, i64)]) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    fs::write(folder.path("authority.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    for (file, name, days) in certificates {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![(*name).to_owned()]).unwrap();
        let day = std::time::Duration::from_secs(86_400);
        let (now, span) = (std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap(), day * u32::try_from(days.abs()).unwrap());
        let end = if *days < 0 { now - span } else { now + span };
        let at = |since: std::time::Duration| (std::time::SystemTime::UNIX_EPOCH + since).into();
        (params.not_before, params.not_after) = (at(now - day * 60), at(end));
        fs::write(folder.path(&format!("{file}.pem")), params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
        fs::write(folder.path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }
}

#[test]
fn certificates_that_are_old_foreign_or_not_taken_up() {
    let folder = Folder::new();
    if Command::new("openssl").arg("version").output().is_err() {
        return crate::proof::skip("there is no openssl");
    }
    certificates(
        &folder,
        &[
            ("good", "localhost", 80),
            ("newer", "localhost", 89),
            ("old", "localhost", -1),
            ("soon", "localhost", 5),
            ("foreign", "other.example", 80),
        ],
    );
    let port = free_port();
    let with_file = |file: &str| {
        let site = format!("[healthd.sites.main]\nauthority = 'authority.pem'\ncertificate = '{file}.pem'\n");
        folder.settings(&format!("{}{site}", PRODUCTION.replace("8443", &port.to_string())));
    };
    with_file("good");
    let command = finding(&look(&folder, "certificate"), "warning", "nobody answers at localhost")["command"].as_str().unwrap().to_owned();
    let refused = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("localhost"), "{refused:?}");
    for (served, file, severity, says) in [
        ("old", "old", "error", "expired"),
        ("soon", "soon", "error", "of its lifetime"),
        ("foreign", "foreign", "error", "is not for localhost but for other.example"),
        ("good", "newer", "warning", "sends another certificate than"),
    ] {
        let _tls = Tls::start(&folder, port, served);
        with_file(file);
        finding(&look(&folder, "certificate"), severity, says);
    }
    let tls = Tls::start(&folder, port, "good");
    with_file("good");
    fine(&look(&folder, "certificate"));
    // Its authority is none that browsers trust.
    folder.settings(&PRODUCTION.replace("8443", &port.to_string()));
    let found = finding(&look(&folder, "certificate"), "error", "a browser would not trust");
    assert!(found["command"].as_str().unwrap().starts_with("certbot certonly --cert-name localhost"), "{found:#}");
    drop(tls);
    fs::write(folder.path("good.pem"), "no certificate").unwrap();
    with_file("good");
    let command = finding(&look(&folder, "certificate"), "error", "good.pem")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &command).output().unwrap().status.success(), "it shows that there is none");
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
    let kinds = [
        ("good", "localhost", 80),
        ("newer", "localhost", 89),
        ("old", "localhost", -1),
        ("soon", "localhost", 5),
        ("foreign", "other.example", 80),
    ];
    certificates(&folder, &kinds);
    let put = |name: &str| {
        for ending in ["pem", "key"] {
            fs::copy(folder.path(&format!("{name}.{ending}")), folder.path(&format!("served.{ending}"))).unwrap();
        }
    };
    put("good");
    let port = free_port();
    let site = "[healthd.sites.main]\nauthority = 'authority.pem'\ncertificate = 'served.pem'\n";
    folder.settings(&format!("{}{site}", PRODUCTION.replace("8443", &port.to_string())));
    let here = folder.path("").display().to_string();
    let places: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].iter().map(|of| format!("{of}_temp_path {here}/{of}; ")).collect();
    let settings = format!(
        "daemon off; pid {here}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {places} server {{ listen 127.0.0.1:{port} ssl; \
         ssl_certificate {here}/served.pem; ssl_certificate_key {here}/served.key; }} }}\n"
    );
    fs::write(folder.path("nginx.conf"), settings).unwrap();
    // The one of this folder.
    fake(&folder, "nginx", &format!("exec {} -p {here} -c {here}/nginx.conf \"$@\"", nginx.trim()));
    let certbot = "case \"$*\" in\n'renew --force-renewal') ;;\n\
        'certonly --cert-name localhost --webroot --webroot-path /var/lib/magnetiq-acme --domain localhost --deploy-hook \
        /etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh') ;;\n*) exit 1 ;;\nesac\n\
        cp newer.pem served.pem && cp newer.key served.key";
    fake(&folder, "certbot", certbot);
    let _nginx = Nginx(shell(&folder, "exec nginx").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until(&folder, "certificate", |entry| entry["status"] == "fine");
    for (name, severity, says) in [
        ("newer", "warning", "sends another certificate than"),
        ("old", "error", "expired"),
        ("soon", "error", "of its lifetime"),
        ("foreign", "error", "is not for localhost but for other.example"),
    ] {
        put(name);
        if name != "newer" {
            run(&folder, "nginx -s reload");
        }
        until(&folder, "certificate", |entry| {
            entry.to_string().contains(says) && (name == "newer" || !entry.to_string().contains("sends another certificate"))
        });
        let command = finding(&look(&folder, "certificate"), severity, says)["command"].as_str().unwrap().to_owned();
        run(&folder, &command);
        until(&folder, "certificate", |entry| entry["status"] == "fine");
    }
}
