use std::path::Path;
use std::time::Duration;

use magnetiq_config::{LogFormat, Profile};
use secrecy::ExposeSecret;

use crate::{DEVELOPMENT, effective, load, report, settings};

#[test]
fn each_layer_lies_over_the_ones_before() {
    let file = "profile = 'development'\n[server]\nport = 4000\nworkers = 3\n";
    let merged = settings(file, &[("MAGNETIQ__SERVER__PORT", "5000")]);
    assert_eq!(merged.profile, Profile::Development);
    assert_eq!(effective(&merged, "server.port"), ("5000".to_owned(), "environment variable MAGNETIQ__SERVER__PORT".to_owned()));
    assert_eq!(effective(&merged, "server.host").1, "default");
    let (value, origin) = effective(&merged, "server.workers");
    assert_eq!(value, "3");
    assert!(origin.ends_with("magnetiq.toml:4"), "{origin}");
}

#[test]
fn the_profile_decides_defaults() {
    let development = settings("", &[DEVELOPMENT]);
    assert!(development.server.debug);
    assert_eq!(development.log.format, LogFormat::Text);
    assert_eq!(development.server.public_url.as_str(), "http://localhost:8036/");
}

#[test]
fn durations_and_sizes_have_their_unit() {
    let file = "[server]\nshutdown_timeout_ms = 1500\n[auth]\nsession_idle_hours = 2\nsession_max_days = 1\n";
    let settings = settings(file, &[DEVELOPMENT]);
    assert_eq!(settings.server.shutdown_timeout, Duration::from_millis(1500));
    assert_eq!(settings.auth.session_idle, Duration::from_secs(7200));
    assert_eq!(settings.auth.session_max, Duration::from_secs(86400));
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_end() {
    for name in ["SECRET_KEY_FILE", "MAGNETIQ__AUTH__SECRET_KEY_FILE"] {
        let (folder, settings) = load("", &[DEVELOPMENT, (name, "{folder}/secret")]);
        let settings = settings.expect("the settings are right");
        assert_eq!(settings.auth.secret_key.expose_secret(), "from a file, and long enough to be one");
        let origin = format!("file {}/secret, named by {name}", folder.path().display());
        assert_eq!(effective(&settings, "auth.secret_key"), ("(hidden)".to_owned(), origin));
    }
}

#[test]
fn a_file_with_a_secret_wins_over_magnetiq_toml() {
    let settings = settings("[auth]\nsecret_key = 'x'\n", &[DEVELOPMENT, ("SECRET_KEY_FILE", "{folder}/secret")]);
    assert!(settings.auth.secret_key.expose_secret().starts_with("from a file"));
}

#[test]
fn a_value_and_its_file_are_one_too_many() {
    insta::assert_snapshot!(report("", &[DEVELOPMENT, ("SECRET_KEY", "a"), ("SECRET_KEY_FILE", "/run/secrets/key")]), @r"
    one problem in the settings

      auth.secret_key is given twice
          by environment variable SECRET_KEY
          and file /run/secrets/key, named by SECRET_KEY_FILE
          keep one of them
    ");
}

#[test]
fn a_missing_file_of_a_secret_is_one_problem_not_two() {
    let variables = [("SECRET_KEY_FILE", "/nowhere"), ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test")];
    insta::assert_snapshot!(report("", &variables), @r"
    one problem in the settings

      cannot read /nowhere for auth.secret_key
          named by SECRET_KEY_FILE
          No such file or directory (os error 2)
    ");
}

#[test]
fn lists_are_written_with_commas_in_the_environment() {
    let variables = [DEVELOPMENT, ("MAGNETIQ__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.1")];
    let proxies = settings("", &variables).server.trusted_proxies;
    assert_eq!(proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "192.168.1.1/32"]);
    let none = settings("", &[DEVELOPMENT, ("MAGNETIQ__SERVER__TRUSTED_PROXIES", "")]);
    assert!(none.server.trusted_proxies.is_empty());
}

#[test]
fn the_database_is_a_path_or_a_url() {
    let check = |given: &str, path: &str| {
        assert_eq!(settings("", &[DEVELOPMENT, ("DATABASE_URL", given)]).database.path, Path::new(path), "{given}");
    };
    check("data/site.db", "data/site.db");
    check("/var/lib/site.db", "/var/lib/site.db");
    check("sqlite:///var/lib/site.db", "/var/lib/site.db");
    check("sqlite:////var/lib/site.db", "/var/lib/site.db");
    check("sqlite://data/site.db", "data/site.db");
    check("sqlite:///./data/site.db", "./data/site.db");
    check("sqlite:site.db", "site.db");
    check("odd name: ünï.db", "odd name: ünï.db");
}

#[test]
fn another_database_is_refused_without_showing_its_password() {
    for given in ["postgres://app:hunter22@db/site", "sqlite::memory:", "sqlite:///site.db?mode=ro", ""] {
        let report = report("", &[DEVELOPMENT, ("DATABASE_URL", given)]);
        assert!(report.contains("database.path"), "{report}");
        assert!(!report.contains("hunter22"), "{report}");
    }
}

#[test]
fn variables_of_other_programs_are_left_alone() {
    let kubernetes = ("MAGNETIQ_SERVER_PORT", "tcp://10.0.0.1:3036");
    let settings = settings("", &[DEVELOPMENT, kubernetes, ("MAGNETIQ_CONFIG", "magnetiq.toml"), ("PATH", "/bin")]);
    assert_eq!(settings.server.port, magnetiq_config::API_PORT);
}
