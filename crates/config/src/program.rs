//! Who is told which secret.

use Program::{Backup, Health, Server};

/// The program that settings are loaded for. What only another one uses may be missing: a container has the secrets of its own program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Program {
    /// `api-server`, in all its commands.
    #[default]
    Server,
    /// `backupd`.
    Backup,
    /// `healthd`.
    Health,
}

/// Every setting that is secret, and who uses it; `*` is the name of a section that somebody chose. A secret that is not here stops each
/// program at its start.
const SECRETS: [(&str, &[Program]); 13] = [
    ("auth.secret_key", &[Server]),
    ("auth.secret_key_previous", &[Server]),
    ("mail.smtp_password", &[Server]),
    ("social.*.token", &[Server]),
    // Who asks knows it, too: healthd looks at the server, administrators see what backupd says.
    ("health.token", &[Server, Health]),
    ("backup.token", &[Backup, Server]),
    ("backup.ping_url", &[Backup]),
    ("backup.targets.*.secret_access_key", &[Backup]),
    ("healthd.token", &[Health]),
    ("healthd.sites.*.token", &[Health]),
    ("healthd.mail.password", &[Health]),
    ("healthd.webhooks.*.url", &[Health]),
    ("healthd.webhooks.*.token", &[Health]),
];

impl Program {
    /// All of them.
    pub const ALL: [Self; 3] = [Server, Backup, Health];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Server => "api-server",
            Backup => "backupd",
            Health => "healthd",
        }
    }

    /// Whether it uses the setting `key`. Secrets are for some programs, everything else is for all.
    pub fn uses(self, key: &str) -> bool {
        users(key).is_none_or(|users| users.contains(&self))
    }
}

/// Who uses the secret `key`; `None` when it is none.
pub(crate) fn users(key: &str) -> Option<&'static [Program]> {
    let fits = |pattern: &str| match pattern.split_once('*') {
        Some((before, after)) => {
            let name = key.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
        }
        None => key == pattern,
    };
    SECRETS.iter().find(|(pattern, _)| fits(pattern)).map(|(_, users)| *users)
}
