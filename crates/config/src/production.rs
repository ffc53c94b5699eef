//! What the production profile refuses to run with.

use secrecy::ExposeSecret;

use crate::profile::Profile;
use crate::program::Program;
use crate::reader::Reader;
use crate::settings::Settings;

/// The secret of the development profile: public, hence refused in production.
pub(crate) const DEVELOPMENT_SECRET: &str = "development-only-secret-key-known-to-everybody";

const SECRET_MIN_BYTES: usize = 32;
/// A repeated word is long and still guessable; 32 random bytes written in hexadecimal have some fifteen.
const SECRET_MIN_DISTINCT_BYTES: usize = 8;
/// Words that a secret from a manual or an example has in it.
const SAMPLE_WORDS: [&str; 8] = ["change", "replace", "example", "sample", "your-", "your_", "secret-key", "secret_key"];

/// Of each program what it uses itself.
pub(crate) fn check(program: Program, settings: &Settings, reader: &mut Reader) {
    if settings.profile != Profile::Production {
        return;
    }
    match program {
        Program::Server => check_server(settings, reader),
        Program::Backup if !settings.backup.host.is_loopback() && settings.backup.token.is_none() => {
            reader.refuse(
                "backup.token",
                "production shows backups to other machines only with a token; make one with: openssl rand -hex 32",
            );
        }
        Program::Backup | Program::Health => {}
    }
    if settings.server.public_url.scheme() != "https" || is_example(settings.server.public_url.host_str()) {
        reader.refuse("server.public_url", "production needs the https address that visitors type, such as https://www.example.com");
    }
}

fn check_server(settings: &Settings, reader: &mut Reader) {
    if let Some(expected) = secret_refused(settings.auth.secret_key.expose_secret()) {
        reader.refuse("auth.secret_key", &format!("{expected}; make one with: openssl rand -base64 48"));
    }
    if settings.server.debug {
        reader.refuse("server.debug", "production does not run with debug on: set it to false");
    }
    if settings.server.cors_origins.iter().any(|origin| origin == "*") {
        reader.refuse("server.cors_origins", "production does not open the API to every site: name the origins that need it");
    }
    if settings.health.metrics_port.is_some() && !settings.health.metrics_host.is_loopback() && settings.health.token.is_none() {
        reader.refuse("health.token", "production shows metrics to other machines only with a token; make one with: openssl rand -hex 32");
    }
}

fn is_example(host: Option<&str>) -> bool {
    host == Some("example.com")
}

fn secret_refused(secret: &str) -> Option<String> {
    let lower = secret.to_lowercase();
    let distinct = secret.bytes().collect::<std::collections::BTreeSet<_>>().len();
    if SAMPLE_WORDS.iter().any(|word| lower.contains(word)) {
        Some("production needs a secret of its own, not a sample".to_owned())
    } else if secret.len() < SECRET_MIN_BYTES {
        Some(format!("production needs a secret of at least {SECRET_MIN_BYTES} bytes"))
    } else if distinct < SECRET_MIN_DISTINCT_BYTES {
        Some("production needs a secret that nobody can guess".to_owned())
    } else {
        None
    }
}
