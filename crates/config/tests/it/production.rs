use magnetiq_config::Program;

use crate::{load, load_for, report, report_for, settings};

const SECRET: &str = "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C";
const ADDRESS: (&str, &str) = ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test");

#[test]
fn production_is_the_default_and_demands_a_secret_and_an_address() {
    insta::assert_snapshot!(report("", &[]));
}

#[test]
fn a_secret_and_an_address_are_enough() {
    let settings = settings("", &[("SECRET_KEY", SECRET), ADDRESS]);
    assert!(!settings.server.debug);
    assert!(!format!("{settings:?}").contains(SECRET));
}

#[test]
fn unsafe_settings_are_refused_together() {
    let file = "[server]\ndebug = true\ncors_origins = ['*']\npublic_url = 'http://magnetiq.test'\n[auth]\nsecret_key = 'short'\n";
    insta::assert_snapshot!(report(file, &[]));
}

#[test]
fn weak_secrets_are_refused_and_never_shown() {
    for secret in ["", "change-me", "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1", "please-change-this-secret-before-you-deploy-it", &"ab".repeat(40)] {
        let report = report("", &[("SECRET_KEY", secret), ADDRESS]);
        assert!(report.starts_with("one problem"), "{report}");
        assert!(report.contains("auth.secret_key = (hidden)"), "{report}");
        assert!(secret.is_empty() || !report.contains(secret), "{report}");
    }
}

#[test]
fn the_known_secret_of_development_is_refused() {
    let development = settings("", &[crate::DEVELOPMENT]);
    let secret = secrecy::ExposeSecret::expose_secret(&development.auth.secret_key);
    assert!(report("", &[("SECRET_KEY", secret), ADDRESS]).contains("auth.secret_key"));
}

#[test]
fn plain_http_is_refused_even_for_this_machine() {
    for address in ["http://localhost:8036", "http://127.0.0.1", "https://example.com"] {
        let report = report("", &[("SECRET_KEY", SECRET), ("MAGNETIQ__SERVER__PUBLIC_URL", address)]);
        assert!(report.contains("production needs the https address"), "{report}");
    }
}

#[test]
fn each_program_demands_what_it_uses() {
    let open = "[server]\ncors_origins = ['*']\n[backup]\nhost = '0.0.0.0'\n[health]\nmetrics_host = '0.0.0.0'\nmetrics_port = 3039\n";
    for (program, keys) in [
        (Program::Server, &["auth.secret_key", "server.cors_origins", "health.token"][..]),
        (Program::Backup, &["backup.token"]),
        (Program::Health, &[]),
    ] {
        let (_folder, loaded) = load_for(program, open, &[ADDRESS]);
        let problems = loaded.err().map(|problems| problems.to_string()).unwrap_or_default();
        for key in ["auth.secret_key", "server.cors_origins", "health.token", "backup.token"] {
            assert_eq!(problems.contains(key), keys.contains(&key), "{program:?} {key}: {problems}");
        }
        assert!(report_for(program, open, &[]).contains("server.public_url"), "{program:?}");
    }
}

/// Each of them once, in a deployment that has every section.
#[test]
fn every_secret_is_for_somebody_and_no_one_else_needs_it() {
    let file = "[mail]\nsmtp_host = 'smtp.magnetiq.test'\nsmtp_user = 'site'\nfrom = 'site@magnetiq.test'\n\
        [backup]\nhost = '0.0.0.0'\n[backup.targets.offsite]\nurl = 's3://bucket/site'\naccess_key_id = 'AKIA'\n\
        [social]\nmastodon.url = 'https://mastodon.test'\nlinkedin.author = 'urn:li:organization:1'\n\
        [healthd.mail]\nhost = 'smtp.magnetiq.test'\nuser = 'watcher'\nto = ['ops@magnetiq.test']\n\
        [healthd.sites.main]\nurl = 'https://magnetiq.test'\n[healthd.webhooks.team]\nheader = 'X-Api-Key'\n";
    let value = |key: &str| if key.ends_with("url") { "https://hooks.magnetiq.test/x" } else { SECRET };
    let password = ("MAGNETIQ__MAIL__SMTP_PASSWORD", SECRET);
    let all = load(file, &[crate::DEVELOPMENT, password]).1;
    let secrets: Vec<String> = match all {
        Ok(settings) => settings.explain().iter().filter(|entry| entry.value == "(hidden)").map(|entry| entry.key.clone()).collect(),
        Err(problems) => panic!("{problems}"),
    };
    assert!(secrets.len() >= 15, "{secrets:?}");
    for program in Program::ALL {
        let own: Vec<(String, &str)> =
            secrets.iter().filter(|key| program.uses(key)).map(|key| (magnetiq_config::variable(key), value(key))).collect();
        assert!(!own.is_empty() && own.len() < secrets.len(), "{program:?}");
        let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (name.as_str(), *value)).chain([ADDRESS]).collect();
        let (_folder, loaded) = load_for(program, file, &own);
        assert!(loaded.is_ok(), "{program:?} asks for the secret of another one: {}", loaded.unwrap_err());
    }
}
