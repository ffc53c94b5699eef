//! Names and numbers that the programs, the tools and the manifests agree on.

/// Port of the API server.
pub const API_PORT: u16 = 3036;

/// Port of the health daemon.
pub const HEALTH_PORT: u16 = 3037;

/// Port of the backup daemon: status and metrics.
pub const BACKUP_PORT: u16 = 3038;

/// Port of the page: nginx in production, Vite in development.
pub const PAGE_PORT: u16 = 8036;

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
pub(crate) const ALIASES: [(&str, &str); 2] = [("DATABASE_URL", "database.path"), ("SECRET_KEY", "auth.secret_key")];

/// The name of the variable that sets `key`: `server.port` is `MAGNETIQ__SERVER__PORT`.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// The key that a variable without its `_FILE` sets; `None` when the variable is not one of ours.
pub(crate) fn key(variable: &str) -> Option<String> {
    if let Some((_, key)) = ALIASES.iter().find(|(alias, _)| *alias == variable) {
        return Some((*key).to_owned());
    }
    variable.strip_prefix(PREFIX).map(|rest| rest.to_ascii_lowercase().replace("__", "."))
}
