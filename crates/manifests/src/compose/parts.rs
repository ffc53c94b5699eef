//! What the services share.

use crate::deployment::{BACKUPS_FOLDER, DATABASE_FOLDER, Deployment, HEALTH_FOLDER, Limit, MEDIA_FOLDER};
use crate::docker::USER;
use crate::nginx::{ACME_FOLDER, COPIES_FOLDER, STATE_FOLDER, TLS_FOLDER};
use crate::yaml::{Map, Yaml, yaml};
use magnetiq_config::Program;

use super::SECRETS_FOLDER;

/// The only folder that every container may write to.
pub(super) const SCRATCH: &str = "/tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777";

/// Copies of pages: twice as much as nginx keeps, since it looks only every ten seconds.
pub(super) fn copies() -> String {
    format!("{COPIES_FOLDER}:rw,noexec,nosuid,nodev,size=128m,mode=0700,uid={USER},gid={USER}")
}

/// What lasts longer than a container.
#[derive(Debug, Clone, Copy)]
pub(super) enum Volume {
    Database,
    Media,
    Backups,
    Health,
    Certificates,
    Acme,
    Proxy,
}

impl Volume {
    const ALL: [Self; 7] = [Self::Database, Self::Media, Self::Backups, Self::Health, Self::Certificates, Self::Acme, Self::Proxy];

    /// Its name, and where every container has it.
    pub(super) fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Database => ("database", DATABASE_FOLDER),
            Self::Media => ("media", MEDIA_FOLDER),
            Self::Backups => ("backups", BACKUPS_FOLDER),
            Self::Health => ("health", HEALTH_FOLDER),
            Self::Certificates => ("certificates", TLS_FOLDER),
            Self::Acme => ("acme", ACME_FOLDER),
            Self::Proxy => ("proxy", STATE_FOLDER),
        }
    }
}

pub(super) fn volumes() -> Yaml {
    let mut volumes = Map::default();
    for volume in Volume::ALL {
        volumes.put("", volume.place().0, yaml!({}));
    }
    volumes.into()
}

/// A dollar sign is a variable to Compose unless there are two.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// The variables that all programs have.
pub(super) fn environment(deployment: &Deployment) -> Yaml {
    let environment = &deployment.environments.compose;
    let mut variables = Map::default();
    for (name, text) in environment.variables() {
        variables.put("", name, literal(text));
    }
    variables.into()
}

/// What `program` is told, and its secrets, which no other container has.
pub(super) fn told(deployment: &Deployment, program: Program) -> Yaml {
    let environment = &deployment.environments.compose;
    let mut variables = Map::default();
    variables.put("", "<<", Yaml::Same("environment"));
    for (name, path) in environment.secret_variables(program, SECRETS_FOLDER) {
        variables.put("", name, path);
    }
    let secrets: Vec<&str> = environment.secrets_of(program).map(|secret| secret.file.as_str()).collect();
    yaml!({ environment: Yaml::from(variables), secrets: secrets })
}

pub(super) fn secrets(deployment: &Deployment) -> Yaml {
    let mut secrets = Map::default();
    for secret in deployment.environments.compose.secrets() {
        secrets.put("", &secret.file, yaml!({ file: format!("./secrets/{}", secret.file) }));
    }
    secrets.into()
}

/// What holds for every container: it comes back, writes nothing but its volumes, may do nothing, and its log does not fill the disk.
pub(super) fn hardened(deployment: &Deployment) -> Yaml {
    let (descriptors, compose) = (deployment.limits.descriptors, &deployment.compose);
    yaml!({
        restart: "unless-stopped",
        init: true,
        user: format!("{USER}:{USER}"),
        read_only: true,
        tmpfs: [SCRATCH],
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        networks: ["site"],
        # "Longer than a server needs to finish what runs and to close the database."
        stop_grace_period: "45s",
        # "Where the hard limit of the host is lower, no container starts: then limits.descriptors."
        ulimits: { nofile: { soft: descriptors, hard: descriptors } },
        logging: {
            driver: "json-file",
            options: { "max-size": format!("{}m", compose.log_mib), "max-file": compose.log_files.to_string() },
        },
    })
}

pub(super) fn limits(limit: Limit) -> Yaml {
    yaml!({
        cpus: format!("{}.{:03}", limit.cpu_milli / 1000, limit.cpu_milli % 1000),
        mem_limit: format!("{}m", limit.memory_mib),
        # "The same as the memory: no swap, which would make a database wait."
        memswap_limit: format!("{}m", limit.memory_mib),
        pids_limit: limit.pids,
    })
}

/// How often a container is asked how it is. Each time a process starts in it, which costs a small machine a tenth of a second; asking more
/// often while it starts (`start_interval`) is refused by Compose before Docker 25, which Debian 12 doesn't have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    /// Others wait for it.
    Often,
    /// Nobody does.
    Seldom,
}

/// One command, asked again and again.
pub(super) fn healthcheck(command: &[&str], asked: Asked, start_period: &str) -> Yaml {
    let test: Vec<&str> = std::iter::once("CMD").chain(command.iter().copied()).collect();
    let interval = match asked {
        Asked::Often => "5s",
        Asked::Seldom => "30s",
    };
    yaml!({ test: test, interval: interval, timeout: "10s", retries: 5, start_period: start_period })
}

/// A page of one of the programs, asked by the program that is in the same image.
pub(super) fn page_answers(port: u16, path: &str, asked: Asked, start_period: &str) -> Yaml {
    let url = format!("http://127.0.0.1:{port}{path}");
    healthcheck(&["/usr/local/bin/healthd", "check", "--url", &url, "--timeout", "4"], asked, start_period)
}

/// A file beside the Compose file. Where it is missing nothing starts, instead of a folder being made in its place.
pub(super) fn file(source: &str, target: &str) -> Yaml {
    yaml!({ type: "bind", source: source, target: target, read_only: true, bind: { create_host_path: false } })
}

/// A folder of the machine that copies of backups go to, under its own name. One that is not there is made, and backupd says that it is no target:
/// a disk that is away keeps no other backup from being made.
pub(super) fn of_machine(folder: &str) -> Yaml {
    let folder = literal(folder);
    yaml!({ type: "bind", source: &folder, target: &folder, bind: { create_host_path: true } })
}

/// Says which text a mounted file has: FNV-1a, 64 bits, so that it is the same for ever.
pub(super) fn labels(text: &str) -> Yaml {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    yaml!({ "org.magnetiq.file": format!("{hash:016x}") })
}
