//! `systemd/`: a machine without containers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use magnetiq_config::Program;

use crate::backup_folders;
use crate::certificate;
use crate::deployment::{Deployment, Environment, Limit};
use crate::files::{Files, MARK};
use crate::fill::{fill, header};
use crate::nginx;

const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");

/// One program that always runs.
struct Unit {
    name: &'static str,
    description: &'static str,
    program: Program,
    command: &'static str,
    /// What starts before it, where both do. It wants nothing: what somebody stopped stays so, whichever other unit is started.
    after: &'static str,
    /// Folders below that of the site which it writes to.
    folders: &'static [&'static str],
    limit: Limit,
    /// Calls of the kernel.
    calls: &'static str,
}

/// Everything for a machine without containers; `README` tells where each file goes.
pub(crate) fn files(deployment: &Deployment) -> Files {
    let mut files = Files::default();
    for unit in units(deployment) {
        files.add(format!("systemd/system/{}.service", unit.name), service(deployment, &unit));
    }
    files.add("systemd/magnetiq.env", environment(deployment));
    files.add("systemd/sysusers.d/magnetiq.conf", sysusers(deployment));
    files.add("systemd/tmpfiles.d/magnetiq.conf", with_header("Folders that no program makes by itself.", &folders(deployment)));
    files.add(
        "systemd/sysctl.d/90-magnetiq.conf",
        with_header("The kernel, for a machine that serves a site.", include_str!("sysctl.conf")),
    );
    files.add("systemd/limits.d/90-magnetiq.conf", limits(deployment));
    files.add(
        "systemd/logrotate.d/magnetiq",
        with_header("The log of nginx; the programs write to the journal.", include_str!("logrotate.conf")),
    );
    files.add("systemd/letsencrypt/deploy-hook.sh", hook(deployment));
    files.add("systemd/nginx/magnetiq.conf", nginx::linux(deployment, "/etc/magnetiq/tls/live"));
    for (name, text) in nginx::pages() {
        files.add(format!("systemd/nginx/pages/{name}"), text);
    }
    files.add("systemd/install.sh", install(deployment));
    files.add("systemd/as-site", as_site(deployment));
    files
}

fn units(deployment: &Deployment) -> [Unit; 3] {
    let limits = &deployment.limits;
    [
        Unit {
            name: "magnetiq-server",
            description: "Magnetiq: the site",
            program: Program::Server,
            command: "serve",
            after: "",
            folders: &["database", "media", "backups"],
            limit: limits.backend,
            calls: "@system-service ~@privileged ~@resources",
        },
        Unit {
            name: "magnetiq-backup",
            description: "Magnetiq: backups that are proven by restoring them",
            program: Program::Backup,
            command: "run",
            after: "magnetiq-server.service",
            folders: &["database", "media", "backups"],
            limit: limits.backupd,
            // It works behind everything else, which is a call of its own.
            calls: "@system-service ~@privileged",
        },
        Unit {
            name: "magnetiq-health",
            description: "Magnetiq: the watcher",
            program: Program::Health,
            command: "run",
            after: "magnetiq-server.service",
            folders: &["health"],
            limit: limits.healthd,
            calls: "@system-service ~@privileged ~@resources",
        },
    ]
}

fn service(deployment: &Deployment, unit: &Unit) -> String {
    let systemd = &deployment.systemd;
    let environment = &deployment.environments.linux;
    let mut credentials = String::new();
    for secret in environment.secrets_of(unit.program) {
        credentials += &format!("LoadCredential={}:/etc/magnetiq/secrets/{}\n", secret.file, secret.file);
    }
    for (name, path) in environment.secret_variables(unit.program, "%d") {
        credentials += &format!("Environment={name}={path}\n");
    }
    let below = systemd.folder.trim_start_matches("/var/lib/");
    let state: Vec<String> =
        std::iter::once(below.to_owned()).chain(unit.folders.iter().map(|folder| format!("{below}/{folder}"))).collect();
    // One line for what is allowed and one for each exception: on one line they would all be allowed.
    let calls = unit.calls.replace(' ', "\nSystemCallFilter=");
    fill(
        include_str!("unit.service"),
        &[
            ("header", &header(unit.description)),
            ("description", unit.description),
            ("source", SOURCE),
            ("after", &if unit.after.is_empty() { String::new() } else { format!(" {}", unit.after) }),
            ("programs", &systemd.programs),
            ("program", unit.program.name()),
            ("command", unit.command),
            ("user", &systemd.user),
            ("credentials", &credentials),
            ("state", &state.join(" ")),
            ("backup_folders", &if unit.program == Program::Backup { folders_elsewhere(environment) } else { String::new() }),
            ("folder", &systemd.folder),
            ("descriptors", &deployment.limits.descriptors.to_string()),
            ("memory_mib", &unit.limit.memory_mib.to_string()),
            ("cpu_percent", &(unit.limit.cpu_milli / 10).max(1).to_string()),
            ("pids", &unit.limit.pids.to_string()),
            ("system_calls", &calls),
        ],
    )
}

/// Folders elsewhere on the machine that copies go to; one that is not there, such as a disk that is away, keeps the unit from nothing.
fn folders_elsewhere(environment: &Environment) -> String {
    let escaped = |folder: PathBuf| folder.display().to_string().replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    backup_folders::of(environment).map(|folder| format!("ReadWritePaths=\"-{}\"\n", escaped(folder))).collect()
}

/// Values in double quotes, in which a backslash keeps what would mean something else.
fn environment(deployment: &Deployment) -> String {
    let lines = deployment.environments.linux.variables().map(|(name, text)| {
        let escaped = text.chars().fold(String::new(), |escaped, c| {
            if "\"\\`$".contains(c) { escaped + "\\" + c.encode_utf8(&mut [0; 4]) } else { escaped + c.encode_utf8(&mut [0; 4]) }
        });
        format!("{name}=\"{escaped}\"\n")
    });
    lines.fold(header("What the programs are told, without secrets: /etc/magnetiq/magnetiq.env"), |text, line| text + &line)
}

fn install(deployment: &Deployment) -> String {
    let values = [
        ("mark", MARK),
        ("secrets", &secrets(deployment)),
        ("lineage", deployment.lineage()),
        ("acme", nginx::LINUX_ACME_FOLDER),
        ("names", &certificate::names(deployment)),
    ];
    fill(include_str!("install.sh"), &values)
}

/// What certbot starts after each renewal, and `install.sh` once before.
fn hook(deployment: &Deployment) -> String {
    let values = [("mark", MARK), ("lineage", deployment.lineage()), ("certificate", &certificate::functions(deployment))];
    fill(include_str!("deploy-hook.sh"), &values)
}

/// What runs a program by hand as its unit does.
fn as_site(deployment: &Deployment) -> String {
    let (systemd, environment) = (&deployment.systemd, &deployment.environments.linux);
    let secrets = |program| -> String {
        let named = environment.secrets_by_variable(program);
        named.map(|(variable, file)| format!("secret {variable} {file}\n")).collect()
    };
    fill(
        include_str!("as-site.sh"),
        &[
            ("mark", MARK),
            ("folder", &systemd.folder),
            ("of_backup", &secrets(Program::Backup)),
            ("of_health", &secrets(Program::Health)),
            ("of_server", &secrets(Program::Server)),
            ("programs", &systemd.programs),
            ("user", &systemd.user),
        ],
    )
}

fn folders(deployment: &Deployment) -> String {
    let systemd = &deployment.systemd;
    let all: BTreeSet<&str> = units(deployment).iter().flat_map(|unit| unit.folders).copied().collect();
    let lines: String = all.iter().map(|name| format!("d {}/{name} 0750 {} {}\n", systemd.folder, systemd.user, systemd.user)).collect();
    fill(include_str!("tmpfiles.conf"), &[("folder", &systemd.folder), ("user", &systemd.user), ("folders", &lines)])
}

fn secrets(deployment: &Deployment) -> String {
    let lines = deployment.environments.linux.secrets().map(|secret| {
        if secret.is_random() { format!("random {}\n", secret.file) } else { format!("given {} \"{}\"\n", secret.file, secret.key) }
    });
    lines.collect()
}

fn sysusers(deployment: &Deployment) -> String {
    let systemd = &deployment.systemd;
    format!("{}u {} - \"Magnetiq\" {} /usr/sbin/nologin\n", header("Who the programs run as."), systemd.user, systemd.folder)
}

fn limits(deployment: &Deployment) -> String {
    let (user, descriptors) = (&deployment.systemd.user, deployment.limits.descriptors);
    format!(
        "{}# For commands that are started by hand; the units say it themselves.\n{user} soft nofile {descriptors}\n{user} hard nofile {descriptors}\n",
        header("Files and connections that the user of the programs may have open.")
    )
}

fn with_header(what: &str, text: &str) -> String {
    format!("{}{text}", header(what))
}
