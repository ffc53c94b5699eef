//! What the programs are told: settings that follow from the deployment, those that `[settings]` adds, and secrets by the name of their file.
//!
//! All of it is loaded by `magnetiq-config` before anything is rendered, so each name is one that a program reads, and each value one that
//! it takes.

use std::collections::{BTreeMap, BTreeSet};

use magnetiq_config::{Problem, Problems, Program, Settings, Sources, file_variable, nearest, variable};

/// What the programs of one place are told.
#[derive(Debug, Clone)]
pub struct Environment {
    /// As the programs will have it. Secrets in it are samples.
    pub settings: Settings,
    /// Settings and their text, without secrets; those of the deployment first.
    entries: Vec<(String, String)>,
    /// Settings that are secret, and what holds them.
    secrets: Vec<Secret>,
}

/// A setting whose value lies in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The setting: `auth.secret_key`.
    pub key: String,
    /// The name of the file, and of the key in a Kubernetes Secret: `auth-secret-key`. Two settings may share one.
    pub file: String,
    /// Whether it is anything that nobody can guess; else who provides a service has given it.
    is_random: bool,
}

impl Secret {
    /// Whether it is anything that nobody can guess; else who provides a service has given it.
    pub fn is_random(&self) -> bool {
        self.is_random
    }

    /// What makes one, for people.
    pub fn meaning(&self) -> String {
        if self.is_random { "openssl rand -hex 32".to_owned() } else { format!("The value of {}.", self.key) }
    }
}

/// Settings that follow from the place, and may not be given.
pub(super) type Fixed = Vec<(String, String)>;

impl Environment {
    /// Lays `fixed` over what was `given` (text and place by key), and has it loaded as each program does, with its own secrets. `more` are
    /// further settings that are secret.
    pub(super) fn load(fixed: &Fixed, given: &BTreeMap<String, (String, String)>, more: &[String]) -> Result<Self, Problems> {
        let mut problems: Vec<Problem> = given.iter().filter_map(|(key, (_, origin))| refusal(key, origin, fixed)).collect();
        let given_entries = given.iter().map(|(key, (text, _))| (key.clone(), text.clone()));
        let entries: Vec<(String, String)> =
            fixed.iter().cloned().chain(given_entries.filter(|(key, _)| fixed.iter().all(|(known, _)| known != key))).collect();
        let secrets = secrets(&entries, more);
        let load = |program: Program| {
            let own = secrets.iter().filter(|secret| program.uses(&secret.key)).map(|secret| (secret.key.as_str(), SAMPLE));
            let all = entries.iter().map(|(key, text)| (key.as_str(), text.as_str())).chain(own);
            let environment = all.map(|(key, text)| (variable(key), text.to_owned())).collect();
            Settings::load_for(program, Sources { file: None, environment })
        };
        let loaded = load(Program::Server).and_then(|settings| {
            load(Program::Backup)?;
            load(Program::Health)?;
            Ok(settings)
        });
        match loaded {
            Ok(settings) if problems.is_empty() => {
                problems.extend(shown_secrets(&settings, given));
                problems.extend(unfit_ports(&settings, given));
                if problems.is_empty() { Ok(Self { settings, entries, secrets }) } else { Err(problems.into_iter().collect()) }
            }
            Ok(_) => Err(problems.into_iter().collect()),
            Err(found) => Err(problems.into_iter().chain(found.into_iter().map(|problem| placed(problem, given))).collect()),
        }
    }

    /// Variables and their values, without secrets.
    pub fn variables(&self) -> impl Iterator<Item = (String, &str)> {
        self.entries.iter().map(|(key, text)| (variable(key), text.as_str()))
    }

    /// Variables that name the files of the secrets that `program` uses, below `folder`.
    pub fn secret_variables(&self, program: Program, folder: &str) -> impl Iterator<Item = (String, String)> {
        let own = self.secrets.iter().filter(move |secret| program.uses(&secret.key));
        own.map(move |secret| (file_variable(&secret.key), format!("{folder}/{}", secret.file)))
    }

    /// Variables for the secrets that `program` uses, and the names of the files with their values.
    pub fn secrets_by_variable(&self, program: Program) -> impl Iterator<Item = (String, &str)> {
        self.secrets.iter().filter(move |secret| program.uses(&secret.key)).map(|secret| (variable(&secret.key), secret.file.as_str()))
    }

    /// The secrets, one for each file.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        by_file(self.secrets.iter())
    }

    /// Those that `program` uses, one for each file.
    pub fn secrets_of(&self, program: Program) -> impl Iterator<Item = &Secret> {
        by_file(self.secrets.iter().filter(move |secret| program.uses(&secret.key)))
    }
}

fn by_file<'a>(secrets: impl Iterator<Item = &'a Secret>) -> impl Iterator<Item = &'a Secret> {
    let mut seen = BTreeSet::new();
    secrets.filter(move |secret| seen.insert(secret.file.as_str()))
}

/// The value that secrets have while everything is checked: an address, too, since some secrets are addresses.
const SAMPLE: &str = "https://hooks.invalid/0123456789abcdef0123456789abcdef";

/// The name that healthd has for this site. It stands in variables, so it is short.
pub(crate) const SITE_NAME: &str = "main";
/// What healthd is told of it lies below.
pub(super) const SITE: &str = "healthd.sites.main";

fn secrets(entries: &[(String, String)], more: &[String]) -> Vec<Secret> {
    let is_given = |key: &str| entries.iter().any(|(known, text)| known == key && !text.is_empty());
    let development = entries.iter().any(|(key, text)| key == "profile" && text == "development");
    if development {
        return Vec::new();
    }
    let secret = |key: &str, is_random| Secret { key: key.to_owned(), file: key.replace(['.', '_'], "-"), is_random };
    let mut secrets =
        vec![secret("auth.secret_key", true), secret("health.token", true), secret("backup.token", true), secret("healthd.token", true)];
    // One token, two who know it: who asks, and who is asked.
    secrets.push(Secret { key: format!("{SITE}.token"), file: "health-token".to_owned(), is_random: true });
    for (asked_by, key) in [("mail.smtp_user", "mail.smtp_password"), ("healthd.mail.user", "healthd.mail.password")] {
        if is_given(asked_by) {
            secrets.push(secret(key, false));
        }
    }
    let targets = entries.iter().filter_map(|(key, _)| key.strip_prefix("backup.targets.")?.strip_suffix(".access_key_id"));
    for target in targets {
        secrets.push(secret(&format!("backup.targets.{target}.secret_access_key"), false));
    }
    for key in more {
        // One that follows from the rest may be listed all the same.
        if secrets.iter().all(|known| known.key != *key) {
            secrets.push(secret(key, false));
        }
    }
    secrets
}

/// A setting that the deployment decides, or that is a secret by its name already.
fn refusal(key: &str, origin: &str, fixed: &Fixed) -> Option<Problem> {
    let (_, text) = fixed.iter().find(|(known, _)| known == key)?;
    Some(Problem::Unfit {
        key: format!("settings.{key}"),
        value: "(given)".to_owned(),
        origin: origin.to_owned(),
        expected: format!("follows from the rest of the deployment, here {text}: leave it out"),
    })
}

/// A secret that was written where everybody reads it.
fn shown_secrets(settings: &Settings, given: &BTreeMap<String, (String, String)>) -> Vec<Problem> {
    let hidden = settings.explain().iter().filter(|entry| entry.value == "(hidden)");
    let shown = hidden.filter_map(|entry| Some((entry.key.as_str(), given.get(&entry.key)?)));
    shown.map(|(key, (_, origin))| secret_shown(key, origin)).collect()
}

/// A port that nobody could be led to, and one that two programs of a machine or a pod would have.
fn unfit_ports(settings: &Settings, given: &BTreeMap<String, (String, String)>) -> Vec<Problem> {
    let ports = [("server.port", settings.server.port), ("backup.port", settings.backup.port), ("healthd.port", settings.healthd.port)];
    let is_unfit = |(key, port): &(&str, u16)| *port == 0 || ports.iter().any(|(other, taken)| other != key && taken == port);
    let unfit = ports.into_iter().filter(is_unfit).filter_map(|(key, port)| Some((key, port, given.get(key)?)));
    let problem = |(key, port, (_, origin)): (&str, u16, &(String, String))| Problem::Unfit {
        key: format!("settings.{key}"),
        value: port.to_string(),
        origin: origin.clone(),
        expected: "should be a port from 1 to 65535, and another one than those of the other programs".to_owned(),
    };
    unfit.map(problem).collect()
}

fn secret_shown(key: &str, origin: &str) -> Problem {
    Problem::Unfit {
        key: format!("settings.{key}"),
        value: "(hidden)".to_owned(),
        origin: origin.to_owned(),
        expected: format!(
            "is a secret, and what stands there is read by everybody who sees the file or the command line: change it where it is used, \
             leave it out here, and put the new one into the file of its own that the guide names; if it has none, list it: secrets = [\"{key}\"]"
        ),
    }
}

/// The same problem, in the words of `deploy.toml`.
fn placed(problem: Problem, given: &BTreeMap<String, (String, String)>) -> Problem {
    let place = |key: &str| given.get(key).map(|(_, origin)| origin.clone());
    match problem {
        Problem::Unfit { key, value, origin, expected } => {
            let origin = place(&key).unwrap_or(origin);
            Problem::Unfit { key: format!("settings.{key}"), value, origin, expected }
        }
        Problem::Missing { key, expected } => Problem::Missing { key: format!("settings.{key}"), expected },
        Problem::Unknown { name, origin, expected } => {
            let Some((key, (_, place))) = given.iter().find(|(key, _)| variable(key) == name) else {
                return Problem::Unknown { name, origin, expected };
            };
            let known = Settings::load(Sources { file: None, environment: development() });
            let known: Vec<String> =
                known.map(|settings| settings.explain().iter().map(|entry| entry.key.clone()).collect()).unwrap_or_default();
            let guess = nearest(key, known.iter().map(String::as_str)).map(|nearest| format!("did you mean settings.{nearest}?"));
            Problem::Unknown { name: format!("settings.{key}"), origin: place.clone(), expected: guess.unwrap_or(expected) }
        }
        problem => problem,
    }
}

fn development() -> BTreeMap<String, String> {
    BTreeMap::from([(variable("profile"), "development".to_owned())])
}
