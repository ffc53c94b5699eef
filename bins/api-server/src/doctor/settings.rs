//! Whether the settings are right.

use std::path::Path;

use magnetiq_config::{CONFIG_FILE, CONFIG_VARIABLE, Problem, Problems, Profile, Settings};
use magnetiq_doctor::{Finding, Outcome, Seen, as_root, quoted};

/// What came of reading the settings.
#[derive(Debug)]
pub(super) struct Loaded(Result<Settings, Problems>);

impl Loaded {
    pub(super) fn of(loaded: Result<Settings, Problems>) -> Self {
        Self(loaded)
    }

    pub(super) fn settings(&self) -> Option<&Settings> {
        self.0.as_ref().ok()
    }
}

const WHY: &str = "The programs do not start with settings that are not right, and a setting that nobody reads does nothing.";

pub(super) fn look(loaded: &Loaded) -> Outcome {
    match &loaded.0 {
        Ok(settings) => fine(settings).into(),
        Err(problems) if is_without_units(problems) => Seen::saying("those of the units were not given").with(of_units()).into(),
        Err(problems) => {
            let seen = Seen::saying(format!("{} wrong", problems.iter().count()));
            let begun = is_bare(problems).then(begin);
            seen.with_all(begun).with_all(problems.iter().map(finding)).into()
        }
    }
}

fn fine(settings: &Settings) -> Seen {
    let file = settings.file.as_ref().map_or_else(|| "the environment alone".to_owned(), |file| file.display().to_string());
    let profile = match settings.profile {
        Profile::Development => "development",
        Profile::Production => "production",
    };
    let seen = Seen::saying(format!("{} settings, profile {profile}, from {file}", settings.explain().len()));
    if settings.profile == Profile::Development && !settings.server.host.is_loopback() {
        let what = format!("the profile is development, and server.host = {} lets other machines in", settings.server.host);
        let why = "The secret of the development profile is known to everybody: who has it signs in as whom they like.";
        return seen.with(Finding::error(what, why).advice("Or let it run in production.").command(set("server.host", "127.0.0.1")));
    }
    seen
}

/// The variable that says a setting, for the shell that starts the program.
pub(super) fn set(key: &str, value: &str) -> String {
    format!("export {}={value}", magnetiq_config::variable(key))
}

/// Nothing says what this site is: no file, and no variable.
fn is_bare(problems: &Problems) -> bool {
    !Path::new(CONFIG_FILE).exists() && ["server.public_url", "auth.secret_key"].iter().all(|key| is_missing(problems, key))
}

fn is_missing(problems: &Problems, wanted: &str) -> bool {
    problems.iter().any(|problem| matches!(problem, Problem::Missing { key, .. } if key == wanted))
}

/// What the units of a machine without containers are told.
const OF_UNITS: &str = "/etc/magnetiq/magnetiq.env";

/// A site is here, and whoever asks has not what its units have: `as-site` would give the secret.
fn is_without_units(problems: &Problems) -> bool {
    !Path::new(CONFIG_FILE).exists() && is_missing(problems, "auth.secret_key") && has_units()
}

/// Whether the site of this machine runs without containers, so that `as-site` is there.
pub(super) fn has_units() -> bool {
    Path::new(OF_UNITS).exists()
}

/// Settings that are begun here would be those of another site, and in the folder of the data they would be read in the place of the right ones.
fn of_units() -> Finding {
    let seen = format!("the settings of this machine are those of its units ({OF_UNITS}), and they were not given");
    Finding::error(seen, "The doctor would look at a site that nobody runs.").command(as_root("as-site api-server doctor"))
}

fn begin() -> Finding {
    let finding = Finding::error(format!("there is no {CONFIG_FILE} here, and no variable says what is missing"), WHY)
        .advice("The address in it is yours to change; magnetiq.example.toml lists all settings.");
    finding.command(format!("umask 077; printf '{}' \"$(openssl rand -hex 32)\" > {CONFIG_FILE}", BEGINNING.replace('\n', "\\n"))).safe(
        || {
            let secret: String = random()?.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(magnetiq_backup::write_durably(Path::new(CONFIG_FILE), BEGINNING.replace("%s", &secret).as_bytes(), 0o600)?)
        },
    )
}

/// What a site needs to start.
const BEGINNING: &str = "profile = \"production\"\n\n[server]\npublic_url = \"https://www.example.com\"\n\n[auth]\nsecret_key = \"%s\"\n";

fn random() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(bytes)
}

fn finding(problem: &Problem) -> Finding {
    let subject = problem.subject();
    let told = |what: String, expected: &str| Finding::error(what, WHY).advice(format!("{expected}."));
    match problem {
        Problem::Unfit { key, value, origin, expected } => {
            told(format!("{key} = {value}, from {origin}"), expected).command(edit(origin, key, expected))
        }
        Problem::Missing { key, expected } => told(format!("{key} is missing"), expected).command(given(key, expected)),
        Problem::Unknown { name, origin, expected } => {
            told(format!("{name} is not a setting, from {origin}"), expected).command(edit(origin, name, expected))
        }
        Problem::Twice { key, first, second } => {
            told(format!("{key} is given twice, by {first} and {second}"), "keep one of them").command(taken_back(second, key))
        }
        Problem::Syntax { path, line, column, message, .. } => {
            told(format!("{path}:{line}:{column}: {message}"), "mend the line").command(editor(&format!("{path}:{line}")))
        }
        Problem::UnreadableFile { path, source } => {
            let is_named = magnetiq_config::environment().get(CONFIG_VARIABLE).is_some_and(|named| Path::new(named) == path);
            let command = if is_named { format!("unset {CONFIG_VARIABLE}") } else { format!("namei -l {}", quoted(path)) };
            told(format!("{} cannot be read: {source}", path.display()), "name a file that is there, and that this user may read")
                .command(command)
        }
        Problem::UnreadableValue { key, path, variable, source } => {
            let what = format!("{} cannot be read for {key}: {source}", path.display());
            told(what, &format!("{variable} names it: or let it name a file that is there, and that this user may read"))
                .command(format!("unset {variable}"))
        }
        other => told(format!("{subject}: {other}"), "magnetiq.example.toml lists all settings"),
    }
}

/// A variable that is one too many.
fn taken_back(origin: &str, key: &str) -> String {
    match origin.rsplit_once(", named by ").map(|(_, variable)| variable).or_else(|| origin.strip_prefix("environment variable ")) {
        Some(variable) => format!("unset {variable}"),
        None => edit(origin, key, ""),
    }
}

/// Where a value came from is where it is changed.
fn edit(origin: &str, name: &str, expected: &str) -> String {
    if let Some(variable) = origin.strip_prefix("environment variable ") {
        return match made_with(expected) {
            Some(command) => format!("export {variable}=\"$({command})\""),
            None => format!("unset {variable}"),
        };
    }
    if let Some((path, _)) = origin.strip_prefix("file ").and_then(|rest| rest.split_once(", named by ")) {
        return match made_with(expected) {
            Some(command) => format!("{command} > {}", quoted(path)),
            None => editor(path),
        };
    }
    if origin.contains(':') { editor(origin) } else { format!("export {}=", magnetiq_config::variable(name)) }
}

/// For what is nowhere yet: the shell that starts the program gives it.
fn given(key: &str, expected: &str) -> String {
    match made_with(expected) {
        Some(command) => set(key, &format!("\"$({command})\"")),
        None => expected.rsplit_once("such as ").map_or_else(|| editor(CONFIG_FILE), |(_, example)| set(key, example)),
    }
}

/// The command in "…; make one with: openssl rand -base64 48".
fn made_with(expected: &str) -> Option<&str> {
    expected.split_once("make one with: ").map(|(_, command)| command)
}

/// Opens `file:line`; without quotes, since the name of an editor may have arguments.
fn editor(place: &str) -> String {
    match place.rsplit_once(':') {
        Some((file, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => format!("${{EDITOR:-vi}} +{line} {}", quoted(file)),
        _ => format!("${{EDITOR:-vi}} {}", quoted(place)),
    }
}
