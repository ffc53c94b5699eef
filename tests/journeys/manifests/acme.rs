//! Certificates as Compose gets them: the scripts as they are made, a real authority (pebble), a real certbot, nginx before the real server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use magnetiq_tests::{Folder, free_port};

use super::edge::{DOMAIN, Edge, Nginx, Place, open, said_of, self_signed};
use super::long_domain;

/// A program and all that it started, which are ended together.
struct Group {
    child: Child,
    _end: GroupEnd,
}

impl Group {
    fn start(mut command: Command) -> Self {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let _end = GroupEnd(rustix::process::Pid::from_child(&child));
        Self { child, _end }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The script of the proxy becomes nginx; what it started before is ended after it.
fn watching(mut script: Command) -> (Nginx, GroupEnd) {
    std::os::unix::process::CommandExt::process_group(&mut script, 0);
    let child = script.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let end = GroupEnd(rustix::process::Pid::from_child(&child));
    (Nginx(child), end)
}

struct GroupEnd(rustix::process::Pid);

impl Drop for GroupEnd {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process_group(self.0, rustix::process::Signal::KILL);
    }
}

/// An authority that asks for every name on this machine.
struct Authority {
    _names: Group,
    _pebble: Group,
    directory: String,
    /// The same at another address, which is another authority to who asks.
    another: String,
    /// Whom certbot trusts when it talks to it.
    trusted: PathBuf,
    management: String,
}

impl Authority {
    /// It asks on port `http`, and what it issues is valid for so many days.
    fn start(folder: &Path, http: u16, days: u32) -> Self {
        let (names, admin, listen, management) = (free_port(), free_port(), free_port(), free_port());
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(["localhost", "127.0.0.1"].map(str::to_owned)).unwrap().self_signed(&key).unwrap();
        let (trusted, key_file) = (folder.join("pebble.pem"), folder.join("pebble.key"));
        fs::write(&trusted, certificate.pem()).unwrap();
        fs::write(&key_file, key.serialize_pem()).unwrap();
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{listen}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": trusted,
            "privateKey": key_file,
            "httpPort": http,
            "tlsPort": 1,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": u64::from(days) * 86_400,
        }});
        fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
        let log = |name: &str| fs::File::create(folder.join(name)).unwrap();
        let mut server = Command::new("pebble-challtestsrv");
        server.args(["-dns01", &format!("127.0.0.1:{names}"), "-management", &format!("127.0.0.1:{admin}"), "-defaultIPv4", "127.0.0.1"]);
        server
            .args(["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""])
            .stdout(log("names.log"))
            .stderr(log("names.err"));
        let mut pebble = Command::new("pebble");
        pebble.args(["-dnsserver", &format!("127.0.0.1:{names}"), "-config"]).arg(folder.join("pebble.json"));
        // Nothing waits on purpose, and no request is refused on purpose.
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0").stdout(log("pebble.log")).stderr(log("pebble.err"));
        let authority = Self {
            _names: Group::start(server),
            _pebble: Group::start(pebble),
            directory: format!("https://localhost:{listen}/dir"),
            another: format!("https://127.0.0.1:{listen}/dir"),
            trusted,
            management: format!("https://localhost:{management}"),
        };
        until("the authority answers", String::new, || !authority.curl("/roots/0").is_empty());
        authority
    }

    fn curl(&self, path: &str) -> String {
        let output = Command::new("curl")
            .args(["--silent", "--noproxy", "*", "--cacert"])
            .arg(&self.trusted)
            .arg(format!("{}{path}", self.management))
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }
}

#[track_caller]
fn until(what: &str, said: impl Fn() -> String, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(90), "{what}: not after 90 s\n{}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the site sends, as openssl prints this of it.
fn served(edge: &Edge, what: &str) -> String {
    let script = format!(
        "openssl s_client -connect 127.0.0.1:{} -servername {} </dev/null 2>/dev/null | openssl x509 -noout {what} 2>/dev/null",
        edge.https, edge.domain
    );
    String::from_utf8(Command::new("sh").arg("-c").arg(script).output().unwrap().stdout).unwrap()
}

/// The two scripts, with the folders of this test, and waiting for seconds where they wait for hours.
fn scripts(place: &Place, authority: &Authority) -> (Command, Command) {
    let folder = &place.folder;
    let path = |name: &str| folder.path(name).display().to_string();
    fs::create_dir_all(folder.path("scratch")).unwrap();
    let placed = |file: &str| {
        let text = place.files.get(file).unwrap_or_else(|| panic!("{file} is made"));
        let replaced = [
            ("/tmp/", format!("{}/", path("scratch"))),
            ("/etc/magnetiq/tls", path("tls")),
            ("/var/lib/magnetiq/acme", path("acme")),
            ("pause=20", "pause=1".to_owned()),
            ("pause=43200", "pause=2".to_owned()),
            ("pause=900", "pause=2".to_owned()),
            ("pause=1800", "pause=2".to_owned()),
            ("sleep 10", "sleep 0.2".to_owned()),
            ("server=https://acme-v02.api.letsencrypt.org/directory", format!("server={}", authority.directory)),
        ];
        let text = replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let name = folder.path(Path::new(file).file_name().unwrap().to_str().unwrap());
        fs::write(&name, text).unwrap();
        name
    };
    // What the image has at the usual places.
    let programs = magnetiq_config::environment().get("PATH").cloned().unwrap_or_default();
    let nginx = folder.path("programs/nginx");
    fs::create_dir_all(folder.path("programs")).unwrap();
    fs::write(&nginx, format!("#!/bin/sh\nPATH='{programs}'\nexec {} -e stderr -c {} \"$@\"\n", place.program.name, path("proxy.conf")))
        .unwrap();
    fs::set_permissions(&nginx, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let log = |name: &str| fs::File::create(folder.path(name)).unwrap();
    let mut proxy = Command::new("sh");
    proxy.arg(placed("docker/proxy/start.sh")).env("PATH", format!("{}:{programs}", path("programs"))).stderr(log("proxy.err"));
    (proxy, certbot(folder, &placed("compose/certbot.sh"), authority))
}

fn certbot(folder: &Folder, script: &Path, authority: &Authority) -> Command {
    let log = |name: &str| fs::File::create(folder.path(name)).unwrap();
    let mut certbot = Command::new("sh");
    certbot.arg(script).env("REQUESTS_CA_BUNDLE", &authority.trusted).stdout(log("certbot.log")).stderr(log("certbot.err"));
    certbot
}

/// Asks for the site all the time while `work` is done, and gives what came back.
fn visited(edge: &Edge, work: impl FnOnce()) -> Vec<u16> {
    // They end also where `work` does not come to its end.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // The certificates come from different authorities, and what counts is that there is an answer.
        let visit = |version: &'static str| {
            let mut answers = Vec::new();
            while !done.load(Ordering::Relaxed) {
                answers.push(edge.visit("/assets/app-1.js", version).status);
            }
            answers
        };
        let visitors = ["--http1.1", "--http2"].map(|version| scope.spawn(move || visit(version)));
        let end = Done(&done);
        work();
        drop(end);
        visitors.into_iter().flat_map(|visitor| visitor.join().unwrap()).collect()
    })
}

/// What was said, for a journey that failed.
fn logs(edge: &Edge) -> String {
    ["certbot.err", "certbot.log", "proxy.err", "pebble.log"]
        .iter()
        .map(|name| format!("== {name}\n{}\n", fs::read_to_string(edge.folder.path(name)).unwrap_or_default()))
        .collect()
}

#[test]
fn a_certificate_is_issued_renewed_and_never_made_worse_while_people_ask() {
    check(DOMAIN);
}

/// Neither the subject of a certificate nor, without being told, nginx has room for such a name.
#[test]
fn a_domain_may_be_long() {
    // Twice in an answer of 512 bytes, which is what pebble reads.
    check(&long_domain(239));
}

/// `deploy.toml` named an authority for tests, and names the real one now: visitors need not wait until what the other one issued ends.
#[test]
fn another_authority_is_asked_at_once_and_once() {
    let Some(Begun { edge, authority, certbot, _watch }) = begin(DOMAIN, 90) else { return };
    until("one of the authority", || logs(&edge), || served(&edge, "-issuer").contains("Pebble"));
    let first = served(&edge, "-serial");
    let kept = || {
        let said = || fs::read_to_string(edge.folder.path("certbot.log")).unwrap();
        until("it is kept", || logs(&edge), || said().contains("not yet due for renewal"));
    };
    kept();
    assert_eq!(served(&edge, "-serial"), first);
    drop(certbot);
    let certbot = corrected(&edge, &authority);
    let of_another = || served(&edge, "-serial");
    until("one of the other authority", || logs(&edge), || !of_another().is_empty() && of_another() != first);
    let second = of_another();
    kept();
    assert_eq!(served(&edge, "-serial"), second);
    drop(certbot);
}

/// The script as it is made once `compose.acme_server` is another one; Compose starts it anew then.
fn corrected(edge: &Edge, authority: &Authority) -> Group {
    let script = edge.folder.path("certbot.sh");
    let text = fs::read_to_string(&script).unwrap().replace(&authority.directory, &authority.another);
    assert!(text.contains(&authority.another));
    fs::write(&script, text).unwrap();
    Group::start(certbot(&edge.folder, &script, authority))
}

/// A site whose first certificate is on its way.
struct Begun {
    certbot: Group,
    edge: Edge,
    authority: Authority,
    _watch: GroupEnd,
}

/// `None`, said aloud, where something is missing. What the authority issues is valid for so many days.
fn begin(domain: &str, days: u32) -> Option<Begun> {
    if ["pebble", "pebble-challtestsrv", "certbot"].iter().any(|name| Command::new(name).arg("--version").output().is_err()) {
        crate::proof::skip("there is no pebble or no certbot (Debian: pebble, certbot); cargo xtask test installs them");
        return None;
    }
    let http = free_port();
    let place = Place::first(domain, http)?;
    let authority = Authority::start(&place.folder.path(""), http, days);
    let (proxy, certbot) = scripts(&place, &authority);
    // As in Compose: the proxy first, which waits for a certificate, then certbot, which waits for the proxy.
    let (proxy, _watch) = watching(proxy);
    let edge = place.behind(proxy);
    assert!(edge.curl(&format!("http://{domain}:{http}/"), &[]).is_err(), "nothing is served before there is a certificate");
    let certbot = Group::start(certbot);
    until("the first certificate, of its own", || logs(&edge), || served(&edge, "-issuer").contains("first"));
    until("the site answers", || logs(&edge), || edge.ask("/assets/app-1.js", &["--insecure"]).status == 200);
    open(&edge.folder.path("acme"));
    Some(Begun { certbot, edge, authority, _watch })
}

fn check(domain: &str) {
    // Valid for so short that certbot renews it each time that it is asked.
    let Some(Begun { edge, authority, certbot, _watch }) = begin(domain, 20) else { return };

    let answers = visited(&edge, || {
        until("one of the authority", || logs(&edge), || served(&edge, "-issuer").contains("Pebble"));
        let (first, names) = (served(&edge, "-serial"), served(&edge, "-ext subjectAltName"));
        assert!(names.contains(&format!("DNS:{domain}")) && names.contains("DNS:example.org"), "{names}");
        until(
            "a renewed one",
            || logs(&edge),
            || {
                let serial = served(&edge, "-serial");
                !serial.is_empty() && serial != first
            },
        );
    });
    assert!(answers.len() > 20 && answers.iter().all(|status| *status == 200), "{answers:?}\n{}", logs(&edge));

    // Who asks trusts the authority, and nothing else.
    let root = edge.folder.path("root.pem");
    fs::write(&root, authority.curl("/roots/0")).unwrap();
    let trusted = Command::new("openssl")
        .args(["s_client", "-verify_return_error", "-verify_hostname", domain, "-servername", domain, "-CAfile"])
        .arg(&root)
        .args(["-connect", &format!("127.0.0.1:{}", edge.https)])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(trusted.status.success(), "{trusted:?}");
    drop(certbot);
    refuses_what_is_wrong(&edge, &authority);
}

/// A certificate whose key is another one, one for another host, one that ends: each stays out, and the site goes on with the one that it has. The
/// clock was set back and stands still: by its time, no version has a name of its own, and none comes last.
fn refuses_what_is_wrong(edge: &Edge, authority: &Authority) {
    let folder = &edge.folder;
    let script = fs::read_to_string(folder.path("certbot.sh")).unwrap();
    // The rest of the script asks the authority; what is put in place is looked at by this part of it.
    let (functions, _) = script.split_once("[ -s \"$tls/live/fullchain.pem\" ] || first").unwrap();
    let put = |certificate: &Path| {
        let line = format!("{functions}\ndate() {{ echo 20200101T000000Z; }}\nput {}", certificate.display());
        Command::new("sh").arg("-c").arg(line).output().unwrap()
    };
    let make = |name: &str, hosts: [&str; 2], days: u32| {
        let made = folder.path(&format!("made/{name}"));
        fs::create_dir_all(&made).unwrap();
        self_signed(&made, &hosts, days);
        made
    };
    let both = [edge.domain.as_str(), "example.org"];
    let wrong = [make("another-key", both, 90), make("another-host", [&edge.domain, "other.example"], 90), make("ends-today", both, 1)];
    fs::copy(folder.path("pebble.key"), wrong[0].join("privkey.pem")).unwrap();
    let right = make("right", both, 90);
    let in_place = put(&right);
    assert!(in_place.status.success(), "{in_place:?}");
    let before = said_of(&right.join("fullchain.pem"), "-serial");
    until("the right one", || logs(edge), || served(edge, "-serial") == before);
    let answers = visited(edge, || {
        for wrong in &wrong {
            let refused = put(wrong);
            let said = String::from_utf8_lossy(&refused.stderr);
            assert!(
                !refused.status.success() && said.contains("is not right for this site: the one before stays"),
                "{}: {said}",
                wrong.display()
            );
        }
        // Past the script, the proxy itself takes up nothing that nginx can not read.
        let live = folder.path("tls/live/fullchain.pem");
        let good = fs::read(&live).unwrap();
        fs::write(&live, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n").unwrap();
        std::thread::sleep(Duration::from_secs(1));
        fs::write(&live, good).unwrap();
    });
    assert!(!answers.is_empty() && answers.iter().all(|status| *status == 200), "{answers:?}\n{}", logs(edge));
    assert_eq!(served(edge, "-serial"), before);
    assert!(!authority.directory.is_empty());
}
