//! The whole site of Compose, behind its proxy.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use serde_json::json;

use crate::engine::{Engine, PATIENCE, until};
use crate::site::{SERVICES, Site};

const PASSWORD: &str = "correct horse battery";

/// One site for all of it: building and starting takes most of the time.
#[test]
fn a_site_of_containers_lives_through_the_loss_of_each() {
    let Some(engine) = Engine::find() else { return };
    let site = Site::build(&engine);
    images_have_only_what_runs(&site);
    site.up();
    first_administrator_by_the_link_in_the_log(&site);
    let page = json!({ "title": "Kept", "slug": "kept", "summary": "", "body": "Kept *for ever*." });
    let created = site.api("POST", "/api/v1/admin/pages", Some(&page)).created();
    let address = format!("/api/v1/admin/pages/{}/publish", created["id"].as_str().unwrap());
    let published = site.ask("POST", &address, &[("If-Match", &format!("\"{}\"", created["revision"]))], Some(&json!({})));
    assert_eq!(published.status, 200, "{published:?}");
    visitors_read_it(&site);
    a_backup_is_proven(&site);
    nothing_runs_with_more_than_it_needs(&site);
    nobody_has_the_secrets_of_others(&site);
    the_watcher_sees_the_server_and_the_disk(&site);
    what_asks_for_too_much_gets_no_more(&site);
    a_certificate_is_issued_and_renewed_and_nobody_notices(&site);
    the_command_tells_of_the_certificate(&site);
    for service in SERVICES {
        site.kill(service);
        visitors_read_it(&site);
    }
    site.restart();
    for service in SERVICES {
        site.wait_until_healthy(service);
    }
    visitors_read_it(&site);
}

/// I01 to I12. What the base brings is the base's.
fn images_have_only_what_runs(site: &Site) {
    let base = site.suspicious_files_of_base();
    for image in ["backend", "frontend", "proxy"] {
        let seen = site.image(image);
        let config = &seen["Config"];
        assert_eq!(config["User"], "65532:65532", "{image}");
        assert_eq!(config["Healthcheck"]["Test"][0], "CMD", "{image}");
        assert!(config["Entrypoint"].is_array(), "{image}");
        for label in ["version", "revision", "source", "licenses"] {
            assert!(config["Labels"][format!("org.opencontainers.image.{label}")].is_string(), "{image}: {label}");
        }
        let shown = config["Env"].to_string().to_uppercase();
        assert!(!["SECRET", "TOKEN", "PASSWORD"].iter().any(|word| shown.contains(word)), "{image}: {shown}");
        assert_eq!(site.suspicious_files(image), base, "{image}");
    }
}

fn first_administrator_by_the_link_in_the_log(site: &Site) {
    let log = site.log("backend");
    let token = log.split("admin/first#").nth(1).and_then(|rest| rest.split('"').next()).expect("the log has the link");
    let first = json!({ "token": token, "email": "ana@example.com", "name": "Ana", "password": PASSWORD });
    let made = site.api("POST", "/api/v1/auth/first", Some(&first));
    assert!([200, 201].contains(&made.status), "{made:?}");
    let credentials = json!({ "email": "ana@example.com", "password": PASSWORD });
    let signed_in = site.api("POST", "/api/v1/auth/login", Some(&credentials));
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
}

#[track_caller]
fn visitors_read_it(site: &Site) {
    let read = site.until("/api/v1/pages/kept", 200);
    assert!(read.body.contains("Kept"), "{read:?}");
    let page = site.until("/kept", 200);
    assert!(page.body.contains("<!doctype html>"), "{page:?}");
    assert!(page.headers.contains("strict-transport-security:"), "{page:?}");
    let plain = site.plain("/kept");
    assert_eq!(plain.status, 301, "{plain:?}");
    for closed in ["/metrics", "/health/database"] {
        assert!([403, 404].contains(&site.api("GET", closed, None).status), "{closed} is for operators");
    }
}

fn a_backup_is_proven(site: &Site) {
    let said = site.exec("backupd", &["/usr/local/bin/backupd", "once"]);
    assert!(said.to_lowercase().contains("proven"), "{said}");
    let list = site.exec("backupd", &["/usr/local/bin/backupd", "list"]);
    assert!(list.contains("proven"), "{list}");
}

/// L01 to L07.
fn nothing_runs_with_more_than_it_needs(site: &Site) {
    for service in SERVICES {
        let status = site.exec(service, &["cat", "/proc/1/status"]);
        let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap().to_owned();
        assert_eq!(value("CapEff:"), "0000000000000000", "{service}");
        assert_eq!(value("NoNewPrivs:"), "1", "{service}");
        assert!(value("Uid:").starts_with("65532"), "{service}: {}", value("Uid:"));
        let limits = site.exec(service, &["cat", "/proc/1/limits"]);
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert!(files.contains("16384"), "{service}: {files}");
        let seen = site.inspect(service);
        let host = &seen["HostConfig"];
        assert_eq!(host["ReadonlyRootfs"], true, "{service}");
        assert!(host["Memory"].as_u64().unwrap() > 0 && host["PidsLimit"].as_u64().unwrap() > 0, "{service}: {host}");
        assert_eq!(host["LogConfig"]["Config"]["max-file"], "2", "{service}");
        site.fails_in(service, &["touch", "/etc/x"]);
    }
}

fn nobody_has_the_secrets_of_others(site: &Site) {
    for (service, secrets) in
        [("backend", "auth-secret-key backup-token health-token"), ("backupd", "backup-token"), ("healthd", "health-token healthd-token")]
    {
        let there = site.exec(service, &["ls", "/run/secrets"]);
        assert_eq!(there.split_whitespace().collect::<Vec<_>>().join(" "), secrets, "{service}");
    }
    for service in ["frontend", "proxy", "certbot"] {
        site.fails_in(service, &["ls", "/run/secrets"]);
    }
}

/// It has the disks read-only, which is no failure of theirs. The page is out of its reach: nothing here leads to the port of the machine.
fn the_watcher_sees_the_server_and_the_disk(site: &Site) {
    let tree = site.says("healthd", &["/usr/local/bin/healthd", "check"]);
    let words = tree.split_whitespace().collect::<Vec<_>>().join(" ");
    // The server warns that it has no mail server, so its token was taken.
    for part in ["pass disk-data-main:", "pass http-api-main:", "warn http-health-main:", "mail.smtp_host", "pass backup-main"] {
        assert!(words.contains(part), "{part} is not in:\n{tree}");
    }
    assert!(!tree.contains("read-only"), "{tree}");
}

/// Memory, processes, disk: what is in the image of the proxy and of certbot could be told to take all of it.
fn what_asks_for_too_much_gets_no_more(site: &Site) {
    for service in ["proxy", "certbot"] {
        site.fails_in(service, &["sh", "-c", "head -c 600000000 /dev/zero | tail >/dev/null"]);
        site.fails_in(service, &["sh", "-c", "for i in $(seq 100); do sleep 2 & done; wait"]);
        site.fails_in(service, &["dd", "if=/dev/zero", "of=/tmp/full", "bs=1M", "count=100"]);
        site.exec(service, &["rm", "/tmp/full"]);
    }
    // A log of 1 MiB in two files, and something that talks without end.
    site.exec("certbot", &["sh", "-c", "yes 'a line of the log' | head -c 6000000 >/proc/1/fd/1"]);
    let kept = site.log("certbot").len();
    assert!(kept > 100_000 && kept < 3_000_000, "{kept} bytes of the log are kept");
    visitors_read_it(site);
}

fn a_certificate_is_issued_and_renewed_and_nobody_notices(site: &Site) {
    let first = until(|| Some(site.certificate()).filter(|it| it.contains("Pebble")).ok_or_else(|| site.log("certbot")));
    let asked_again = ["certbot", "renew", "--force-renewal", "--no-random-sleep-on-renew", "--cert-name", "site"];
    let folders = ["--config-dir", "/etc/magnetiq/tls/letsencrypt", "--work-dir", "/tmp/certbot", "--logs-dir", "/tmp/certbot"];
    site.exec("certbot", &[&asked_again[..], &folders].concat());
    let done = AtomicBool::new(false);
    let asked = std::thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            let (mut asked, begin) = (Vec::new(), Instant::now());
            while !done.load(Ordering::Relaxed) && begin.elapsed() < PATIENCE {
                asked.push(site.api("GET", "/readyz", None).status);
            }
            asked
        });
        // It looks at what there is when it starts, and every 12 hours.
        site.kill("certbot");
        let renewed =
            until(|| Some(site.certificate()).filter(|it| it.contains("Pebble") && *it != first).ok_or_else(|| site.log("proxy")));
        assert_ne!(renewed, first);
        done.store(true, Ordering::Relaxed);
        visitor.join().unwrap()
    });
    assert!(asked.len() > 10 && asked.iter().all(|status| *status == 200), "{asked:?}");
}

fn the_command_tells_of_the_certificate(site: &Site) {
    let (code, said) = site.certificate_status(true);
    assert_eq!(code, Some(0), "{said}");
    for part in
        ["www.example.org serves a certificate for www.example.org", "issued by    CN = Pebble", "in place     the one that is served"]
    {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let (code, said) = site.certificate_status(false);
    assert!(code == Some(1) && said.contains("browsers refuse it"), "{said}");
    // While nobody can say what is in place, nobody says that all is well.
    site.stop("proxy");
    let (code, said) = site.certificate_status(true);
    assert_eq!(code, Some(1), "{said}");
    site.up();
}
