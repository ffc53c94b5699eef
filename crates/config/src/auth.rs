use std::time::Duration;

use secrecy::SecretString;

use crate::production::DEVELOPMENT_SECRET;
use crate::reader::Reader;

/// `[auth]`: accounts and sessions.
#[derive(Debug, Clone)]
pub struct Auth {
    /// Signs what the server hands out and wants back unchanged. Programs that are not the server may have the default.
    pub secret_key: SecretString,
    /// The one before: what was made with it still holds. Only for the time after a change of the key.
    pub secret_key_previous: Option<SecretString>,
    /// A session ends when it was not used for this long.
    pub session_idle: Duration,
    /// A session ends this long after the login, used or not.
    pub session_max: Duration,
    /// Passwords that are hashed at the same time; each takes 19 MiB and one core.
    pub hashes_at_once: usize,
    /// Login attempts per minute for one account from one address; five times as many for all accounts from one address.
    pub login_attempts_per_minute: u32,
}

impl Auth {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self {
            secret_key: reader.secret("auth.secret_key", DEVELOPMENT_SECRET).into(),
            secret_key_previous: reader.secret_if_any("auth.secret_key_previous"),
            session_idle: HOUR * reader.number("auth.session_idle_hours", 12, 1..=24 * 365),
            session_max: HOUR * 24 * reader.number("auth.session_max_days", 30, 1..=365),
            hashes_at_once: reader.count_or_cores("auth.hashes_at_once"),
            login_attempts_per_minute: reader.number("auth.login_attempts_per_minute", 10, 1..=10_000),
        }
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
