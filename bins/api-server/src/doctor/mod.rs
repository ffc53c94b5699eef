//! `api-server doctor`

mod backups;
mod checklist;
mod database;
mod disks;
mod folders;
mod kernel;
mod limits;
mod lock;
mod look;
mod network;
mod program;
mod secrets;
mod settings;
mod site;
mod tools;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use magnetiq_config::{Problems, Settings};
use magnetiq_doctor::{Check, Entry, Options, Outcome, Report, Wanted, examine};
use magnetiq_service::{LogFormat, LogOptions, init_logging};

use site::Site;

/// Look over everything that this site stands on, and say what is wrong, why it matters and which command mends it
///
/// Changes nothing unless told to with --fix, and works beside a running server. Exit codes: 0 nothing is broken, 1 something is (with
/// --checklist: due, or what tells can not be read), 2 wrong command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    options: Options,
    /// What is to do each day, week, month and quarter, who does it, and when it was last done
    #[arg(long, conflicts_with_all = ["fix", "only", "list", "done"])]
    checklist: bool,
    /// Write down that something of the checklist was done now
    #[arg(long, value_name = "NAME", conflicts_with_all = ["fix", "only", "list", "json"])]
    done: Option<String>,
}

/// What needs no settings that are right.
const OF_MACHINE: [Check<settings::Loaded>; 4] = [
    Check::new("settings", "The settings are right", settings::look),
    Check::new("tools", "Programs of others are new enough", tools::look),
    Check::new("kernel", "The kernel is set up for a server", kernel::look),
    Check::new("containers", "Containers stay up", |_| magnetiq_doctor::containers("docker", None)),
];

/// All else, in the order in which people should read it: what is wrong first explains what is wrong later.
const OF_SITE: [Check<Site>; 22] = [
    Check::new("secrets", "Secrets are secret", secrets::look),
    Check::new("folders", "Folders are there, and ours", folders::look),
    Check::new("file-system", "Data lie on a local disk that can be written", disks::file_system),
    Check::new("disk", "There is room on the disks", disks::room),
    Check::new("file-descriptors", "Files and connections can be opened", limits::file_descriptors),
    Check::new("memory", "There is memory for what the settings allow", limits::memory),
    Check::new("clock", "The clock is right", limits::clock),
    Check::new("ports", "Ports are free, or held by us", network::ports),
    Check::new("dns", "The name of the site leads somewhere", network::dns),
    Check::new("mail", "The mail server talks", network::mail),
    Check::new("certificate", "The certificate is valid, and the one that visitors get", network::certificate),
    Check::new("server", "The server answers", program::server),
    Check::new("restarts", "The server stays up", program::restarts),
    Check::new("log", "The log is written and rotated", program::log),
    Check::new("lock", "Nobody else holds the database", lock::look),
    Check::new("database", "The database is ours, whole and has a write-ahead log", database::opens),
    Check::new("quick-check", "The pages of the database are whole", database::quick_check).limit(Duration::from_secs(3600)),
    Check::new("migrations", "The schema fits the program", database::migrations),
    Check::new("wal", "The write-ahead log is used again", database::log),
    Check::new("database-size", "The database stays below its limit", database::size),
    Check::new("backups", "There is a young backup that restores", backups::look),
    Check::new("maintenance", "What is to do regularly was done", checklist::look),
];

const NOTE: &str = "An export is for this shell alone: what a service is to know goes into deploy.toml, or /etc/magnetiq/magnetiq.env. How commands are \
    given where the site runs, also in containers, which have no shell: docs/operations/README.md";

impl Doctor {
    pub(crate) fn run(self, settings: impl Fn() -> Result<Settings, Problems>) -> ExitCode {
        // What is wrong is in the report.
        let off = LogOptions { format: LogFormat::Text, level: "off".to_owned(), file: None, recent: None };
        let _log = match init_logging(&off) {
            Ok(log) => log,
            Err(error) => return magnetiq_service::report(Err(error)),
        };
        if self.checklist {
            return checklist::print(settings(), self.options.is_json());
        }
        if let Some(name) = &self.done {
            return checklist::done(settings(), name);
        }
        let known: Vec<(&str, &str)> =
            OF_MACHINE.iter().map(|check| (check.name, check.title)).chain(OF_SITE.iter().map(|check| (check.name, check.title))).collect();
        // Read anew each time: what was mended may be the settings.
        self.options.run(&known, |wanted| examined(&Arc::new(settings::Loaded::of(settings())), wanted))
    }
}

fn examined(loaded: &Arc<settings::Loaded>, wanted: &Wanted) -> Report {
    let of_machine = examine(OF_MACHINE.iter().filter(|check| wanted.has(check.name)), loaded);
    let of_site = OF_SITE.iter().filter(|check| wanted.has(check.name));
    of_machine.note(NOTE).and(match loaded.settings() {
        Some(settings) => examine(of_site, &Arc::new(Site::new(settings.clone()))),
        None => {
            let skipped = |check: &Check<Site>| Entry {
                name: check.name,
                title: check.title,
                outcome: Outcome::skipped("the settings have to be right first"),
            };
            Report { entries: of_site.map(skipped).collect(), note: "" }
        }
    })
}
