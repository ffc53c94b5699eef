use std::path::Path;

use magnetiq_config::HealthdSite;
use secrecy::ExposeSecret;

use crate::{DEVELOPMENT, report, settings};

const EXAMPLE: &str = include_str!("../../../../magnetiq.example.toml");

fn site(file: &str, variables: &[(&str, &str)]) -> HealthdSite {
    let mut variables = variables.to_vec();
    variables.push(DEVELOPMENT);
    let [site] = <[_; 1]>::try_from(settings(file, &variables).healthd.sites).expect("one site");
    site
}

/// A site has no default to show, so the example has one to uncomment.
#[test]
fn the_site_of_the_example_is_right_once_it_is_uncommented() {
    let lines = EXAMPLE.lines().skip_while(|line| *line != "# [healthd.sites.main]").take_while(|line| line.starts_with('#'));
    let lines: Vec<_> = lines.map(|line| line.trim_start_matches("# ")).collect();
    let main = site(&lines.join("\n"), &[("MAGNETIQ__HEALTHD__SITES__MAIN__TOKEN_FILE", "{folder}/secret")]);
    assert_eq!(main.name, "main");
    assert_eq!(main.url.map(String::from).as_deref(), Some("http://127.0.0.1:3036/"));
    assert!(main.token.is_some_and(|token| token.expose_secret().starts_with("from a file")));
    assert_eq!(main.data_folder.as_deref(), Some(Path::new("/var/lib/magnetiq/data")));
    assert_eq!(main.authority, None);
}

#[test]
fn wrong_sites() {
    let file = "[healthd]\ntimeout_ms = 1\n[healthd.sites.a]\n[healthd.sites.b]\nurl = 'localhost:3036'\n[healthd.sites.c]\n\
        page_url = 'https://ana:hunter22@www.example.com'\n[healthd.sites.d]\nurll = 'http://127.0.0.1'\n";
    let report = report(file, &[DEVELOPMENT]);
    let keys = ["healthd.timeout_ms", "healthd.sites.a.url", "healthd.sites.b.url", "healthd.sites.c.page_url", "healthd.sites.d.url"];
    for part in keys.into_iter().chain(["nothing of this site", "did you mean healthd.sites.d.url?"]) {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
    assert!(!report.contains("hunter22"), "{report}");
}

#[test]
fn limits() {
    let file = "[healthd.limits.slow]\ncheck = 'http-page'\nmeasurement = 'latency'\nwarn = 1\nfail = '2.5'\n";
    let [slow] = <[_; 1]>::try_from(settings(file, &[DEVELOPMENT]).healthd.limits).expect("one limit");
    assert_eq!((slow.name.as_str(), slow.check.as_str(), slow.measurement.as_str()), ("slow", "http-page", "latency"));
    assert_eq!((slow.warn, slow.fail), (Some(1.0), Some(2.5)));
    let report = report("[healthd.limits.a]\nfail = 'much'\n[healthd.limits.b]\nwarm = 1\ncheck = 'disk'\n", &[DEVELOPMENT]);
    for part in ["limits.a.fail = much", "limits.a.check", "limits.a.measurement", "limits.b.warn", "did you mean healthd.limits.b.warn?"] {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
}

#[test]
fn wrong_settings_of_the_daemon() {
    let file = "[healthd]\ninterval_s = 0\nraw_days = 91\nhost = 'localhost'\ntoken = 'hunter22'\npublic = 'perhaps'\npublic_url = 'example.com'\n\
        page_title = ' '\ndatabse = 'x'\n";
    let report = report(file, &[DEVELOPMENT]);
    for key in ["interval_s", "raw_days", "host", "token", "public", "public_url", "page_title"] {
        assert!(report.contains(&format!("healthd.{key} = ")), "{key} is not in:\n{report}");
    }
    for part in ["from 1 to 3600", "openssl rand", "did you mean healthd.database?"] {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
    assert!(!report.contains("hunter22"), "{report}");
}
