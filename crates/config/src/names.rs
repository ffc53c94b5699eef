//! Names and numbers that the programs, the tools and the manifests agree on.

/// Port of the API server.
pub const API_PORT: u16 = 3036;

/// Port of the health daemon.
pub const HEALTH_PORT: u16 = 3037;

/// Port of the backup daemon: status and metrics.
pub const BACKUP_PORT: u16 = 3038;

/// Port of the page: nginx in production, Vite in development.
pub const PAGE_PORT: u16 = 8036;

/// The security headers of the page and the API, whoever serves them: the server itself, or nginx before it. The policy lets the page load
/// its own files and pictures from anywhere over https (pages embed them), nothing inline.
pub const PAGE_HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data: blob: https:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// `MAGQ`: marks a database file as ours, so that no other program's is opened by mistake.
pub const APPLICATION_ID: i32 = 0x4D41_4751;

/// The settings file that is read from the working folder when no other is named.
pub const CONFIG_FILE: &str = "magnetiq.toml";

/// The variable that names another settings file.
pub const CONFIG_VARIABLE: &str = "MAGNETIQ_CONFIG";

/// What every variable that holds a setting starts with.
///
/// The second underscore matters: a Kubernetes service called `magnetiq-server` puts a `MAGNETIQ_SERVER_PORT` of its own into
/// every container, so variables with a single one are not ours to judge.
pub(crate) const PREFIX: &str = "MAGNETIQ__";

/// Ends the name of a variable that names a file which holds the value.
pub(crate) const FILE_SUFFIX: &str = "_FILE";

/// Variables with a name of their own, and the keys that they stand for.
pub(crate) const ALIASES: [(&str, &str); 3] =
    [("DATABASE_URL", "database.path"), ("SECRET_KEY", "auth.secret_key"), ("SECRET_KEY_PREVIOUS", "auth.secret_key_previous")];

/// The name of the variable that sets `key`: `server.port` is `MAGNETIQ__SERVER__PORT`.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// The name of the variable that names a file with the value of `key`, as secrets are mounted.
pub fn file_variable(key: &str) -> String {
    format!("{}{FILE_SUFFIX}", variable(key))
}

/// The key that a variable without its `_FILE` sets; `None` when the variable is not one of ours.
pub(crate) fn key(variable: &str) -> Option<String> {
    if let Some((_, key)) = ALIASES.iter().find(|(alias, _)| *alias == variable) {
        return Some((*key).to_owned());
    }
    variable.strip_prefix(PREFIX).map(|rest| rest.to_ascii_lowercase().replace("__", "."))
}
