use crate::{DEVELOPMENT, load, report};

#[test]
fn everything_wrong_is_told_at_once() {
    let file = r#"
[site]
titel = "A"
language = "english!"

[server]
port = 70000
host = "localhost"
debug = "maybe"
trusted_proxies = ["10.0.0.0/8", "here"]
workers = 1.5

[sevrer]

[auth]
secret_key = 12345678
session_idle_hours = -1

[database.path]
file = "x"
"#;
    let variables = [DEVELOPMENT, ("MAGNETIQ__LOG__FROMAT", "text"), ("MAGNETIQ__LOG__LEVEL", "loud"), ("MAGNETIQ__ZZZ", "1")];
    insta::assert_snapshot!(report(file, &variables));
}

#[test]
fn a_section_where_a_value_stands_and_the_reverse() {
    insta::assert_snapshot!(report("server = 5\ntitle = 'x'\n[log.level]\n", &[DEVELOPMENT]));
}

#[test]
fn broken_toml_shows_the_place() {
    insta::assert_snapshot!(report("[server]\nport = 3036\nhost = \"127.0.0.1\nworkers = = 2\nport = 1\n", &[DEVELOPMENT]));
}

#[test]
fn broken_toml_shows_no_secret() {
    let files = ["[auth]\nsecret_key = \"hunter22\nx = 1", "[auth]\nsecret_key = \"\"\"\nhunter22 \\q\n\"\"\"", "secret_key = hunter22"];
    let unclosed =
        ["mail.smtp_password", "social.mastodon.token", "health.token", "backup.target.away.secret_access_key", "healthd.mail.password"]
            .map(|key| format!("{key} = \"hunter22\nx = 1"));
    let twice = "[health]\ntoken = \"a\"\ntoken = \"hunter22\"".to_owned();
    for file in files.map(str::to_owned).into_iter().chain(unclosed).chain([twice]) {
        let report = report(&file, &[DEVELOPMENT]);
        assert!(report.contains("magnetiq.toml:"), "{report}");
        assert!(!report.contains("hunter22"), "{report}");
    }
}

#[test]
fn a_named_file_must_exist() {
    let sources = magnetiq_config::Sources { file: Some("/nowhere/magnetiq.toml".into()), ..Default::default() };
    let problems = magnetiq_config::Settings::load(sources).expect_err("the file does not exist");
    insta::assert_snapshot!(problems, @r"
    one problem in the settings

      cannot read the settings file /nowhere/magnetiq.toml
          No such file or directory (os error 2)
    ");
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    load("\u{feff}profile = 'development'\r\n[server]\r\nport = 1\r\n", &[]).1.expect("the settings are right");
}
