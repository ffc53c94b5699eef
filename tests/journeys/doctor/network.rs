//! Faults between the server and the world.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use magnetiq_tests::{Folder, Server, SmtpServer};
use rustix::process::Signal;

use super::{PRODUCTION, apart, check, finding, fine, look, may_unshare, seen, shell, site};

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Settings for development, with these lines below `[server]`.
fn serving(folder: &Folder, port: u16) {
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
    let found = finding(&looks[0], "error", "www.magnetiq-doctor.invalid");
    assert_eq!(found["command"], "getent hosts www.magnetiq-doctor.invalid");
    fine(&looks[1]);
    folder.settings(&PRODUCTION.replace("localhost:8443", "www.example.com"));
    let mapped = "cp /etc/hosts hosts; echo '127.0.0.1 www.example.com' >> hosts; mount --bind hosts /etc/hosts\ndoctor dns";
    finding(&seen(apart(&folder, "--mount", mapped)).remove(0), "warning", "a name of examples");
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
    let found = finding(&look(&folder, "mail"), "error", "does not answer");
    assert!(found["command"].as_str().unwrap().contains(&server.address()), "{found:#}");
    server.restart();
    fine(&look(&folder, "mail"));
    // It takes letters in the clear only, and they would not be told to it so.
    let in_the_clear = folder.path("magnetiq.toml");
    let settings = fs::read_to_string(&in_the_clear).unwrap().replace("'none'", "'starttls'");
    folder.settings(&settings);
    finding(&look(&folder, "mail"), "error", "STARTTLS");
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
    finding(&look(&folder, "certificate"), "warning", "nobody answers at localhost");
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
    finding(&look(&folder, "certificate"), "error", "a browser would not trust");
    drop(tls);
}

#[test]
fn a_server_that_does_not_answer() {
    let folder = site();
    assert_eq!(look(&folder, "server")["status"], "skipped");
    serving(&folder, free_port());
    let server = Server::start(&folder);
    // Where nobody made a backup the server says so itself.
    seen(shell(&folder, "backupd once >&2; doctor server"));
    server.signal(Signal::STOP);
    finding(&look(&folder, "server"), "error", "does not answer");
    server.signal(Signal::CONT);
    let after = look(&folder, "server");
    assert_ne!(after["status"], "error", "{after:#}");
}
