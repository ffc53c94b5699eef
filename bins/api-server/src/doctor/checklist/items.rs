//! The schedule itself.

use std::time::Duration;

use jiff::SignedDuration;
use magnetiq_config::Settings;
use magnetiq_doctor::quoted;
use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::geteuid;

use super::last::{self, Last};
use crate::doctor::program::{by_supervisor, is_in_pod, restart, restart_of};
use crate::doctor::site::Site;

/// How often something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    Day,
    Week,
    Month,
    Quarter,
}

impl Every {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Quarter => "quarterly",
        }
    }

    /// With some time to do it in.
    pub(super) fn hours(self) -> i64 {
        match self {
            Self::Day => 26,
            Self::Week => 8 * 24,
            Self::Month => 33 * 24,
            Self::Quarter => 95 * 24,
        }
    }
}

/// A program that does something by itself, and leaves a trace of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Daemon {
    name: &'static str,
    /// When it last did.
    pub(super) last: fn(&Site) -> Last,
    /// How long the settings let it rest.
    rest: fn(&Settings) -> Duration,
}

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    Itself(Daemon),
    People,
}

impl By {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Itself(daemon) => daemon.name,
            Self::People => "people",
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Itself(daemon) => format!("{} does it by itself", daemon.name),
            Self::People => "people do it".to_owned(),
        }
    }
}

/// One line of the schedule.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: &'static str,
    pub(super) every: Every,
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    /// The command that does it, or with which people begin.
    how: fn(&Site) -> String,
    pub(super) by: By,
}

impl Item {
    /// How it is done by whoever asks: root needs no `sudo`, and a machine may have none.
    pub(super) fn how(&self, site: &Site) -> String {
        let how = (self.how)(site);
        if geteuid().is_root() { how.replace("sudo ", "") } else { how }
    }

    /// After so long it is due.
    pub(super) fn period(&self, settings: &Settings) -> SignedDuration {
        let rest = match self.by {
            By::Itself(daemon) => (daemon.rest)(settings),
            By::People => Duration::ZERO,
        };
        SignedDuration::from_hours(self.every.hours()).max(SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX))
    }
}

pub(super) const ITEMS: &[Item] = &[
    Item {
        name: "backup",
        every: Every::Day,
        what: "a backup was made and restored to prove it",
        why: "What was written since the last one is lost with the disk.",
        how: |_| "backupd once".to_owned(),
        by: By::Itself(Daemon { name: "backupd", last: last::backup, rest: between_backups }),
    },
    Item {
        name: "watch",
        every: Every::Day,
        what: "the site was watched from outside",
        why: "Nobody is told when it is down.",
        how: |_| restart_of("healthd", "magnetiq-health"),
        by: By::Itself(Daemon { name: "healthd", last: last::watch, rest: |_| Duration::ZERO }),
    },
    Item {
        name: "optimize",
        every: Every::Week,
        what: "the query planner got fresh statistics",
        why: "Queries become slow when tables have changed much.",
        how: |_| restart(),
        by: By::Itself(Daemon { name: "api-server", last: last::optimize, rest: |_| Duration::ZERO }),
    },
    Item {
        name: "integrity",
        every: Every::Week,
        what: "the newest backup was checked with its indexes (backup.verify.integrity_days)",
        why: "An index that disagrees with its table gives wrong answers, and quick checks do not see it.",
        how: |_| "backupd verify latest --integrity".to_owned(),
        by: By::Itself(Daemon {
            name: "backupd",
            last: last::integrity,
            rest: |settings| between_proofs(settings, settings.backup.verify.integrity_days),
        }),
    },
    Item {
        name: "logs",
        every: Every::Week,
        what: "warnings and errors in the logs were read",
        why: "What goes wrong once a day is seen by nobody else.",
        how: |_| {
            let logs = by_supervisor(
                "docker compose logs --since 168h",
                "journalctl -u 'magnetiq-*' --since -7d -o cat",
                "logs --selector app.kubernetes.io/part-of=magnetiq --all-containers --prefix --max-log-requests 20 --since 168h --tail -1",
            );
            format!("({logs}) | grep -E '\"level\":\"(WARN|ERROR)\"| (WARN|ERROR) '")
        },
        by: By::People,
    },
    Item {
        name: "drill",
        every: Every::Month,
        what: "a server was started on restored data (backup.verify.drill_days)",
        why: "A backup that restores is not yet a site that serves.",
        how: |_| "backupd verify latest --drill".to_owned(),
        by: By::Itself(Daemon {
            name: "backupd",
            last: last::drill,
            rest: |settings| between_proofs(settings, settings.backup.verify.drill_days),
        }),
    },
    Item {
        name: "elsewhere",
        every: Every::Month,
        what: "the copy at another place was restored on another machine",
        why: "The machine, its keys and its provider may all be gone on the day that you need it: see docs/operations/restore.md.",
        how: rehearsal,
        by: By::People,
    },
    Item {
        name: "updates",
        every: Every::Month,
        what: "security updates of the system and of the base images are in",
        why: "Holes that are known are used within days: see docs/operations/upgrade.md.",
        how: updates,
        by: By::People,
    },
    Item {
        name: "dependencies",
        every: Every::Month,
        what: "dependencies were upgraded and looked up for advisories",
        why: "What we are built from has holes of its own.",
        how: |_| {
            "cargo deny check advisories; npm audit --prefix crates/web/ui; npm audit --prefix tests/browser\n\
             cargo update && npm update --prefix crates/web/ui && npm update --prefix tests/browser && cargo deny check && cargo xtask test"
                .to_owned()
        },
        by: By::People,
    },
    Item {
        name: "secrets",
        every: Every::Quarter,
        what: "secrets were changed",
        why: "Who once saw one need not know it for ever: see docs/operations/rotate-secrets.md.",
        how: |_| "api-server secrets plan".to_owned(),
        by: By::People,
    },
    Item {
        name: "access",
        every: Every::Quarter,
        what: "accounts and their roles were looked through",
        why: "People leave, and their accounts stay.",
        how: |_| "api-server admin list".to_owned(),
        by: By::People,
    },
    Item {
        name: "capacity",
        every: Every::Quarter,
        what: "growth of database, media and disk was looked at, and how quick answers are",
        why: "A disk that is full in two months is enlarged at leisure now.",
        how: |_| "healthd check; api-server doctor --only disk,database-size,memory".to_owned(),
        by: By::People,
    },
];

/// On another machine. A restore wants a folder that is not there, so each month has its own; and it goes again, since it is a whole site.
fn rehearsal(site: &Site) -> String {
    let Some(target) = site.settings.backup.targets.first() else { return "backupd list".to_owned() };
    let restore = format!("backupd restore latest --from {} --to", quoted(&target.name));
    let folder = format!("rehearsal-{}", site.clock.now().wall.strftime("%Y-%m"));
    if !is_in_image() {
        return format!("{restore} /var/tmp/{folder}\nsudo rm -r /var/tmp/{folder}");
    }
    // A container has no room of its own for a site.
    let user = geteuid().as_raw();
    format!(
        "sudo install -d -o {user} -g {user} out && docker compose run --rm --no-deps --volume \"$PWD/out:/out\" {restore} /out/{folder}\n\
         sudo rm -r out/{folder}"
    )
}

/// Without containers there is nothing below the programs but the system.
fn updates(_: &Site) -> String {
    let system = "sudo apt-get update && sudo apt-get upgrade";
    if !is_in_image() {
        return system.to_owned();
    }
    // What is built goes to where the site gets its images from, which is more than this machine.
    let target = if is_in_pod() { " --target k8s" } else { "" };
    format!("{system}\ncargo xtask deploy --pull{target}")
}

/// Whether this runs in a container of ours: nothing can be written to its root.
fn is_in_image() -> bool {
    statvfs("/").is_ok_and(|root| root.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// Who makes them more seldom than each day says so there.
fn between_backups(settings: &Settings) -> Duration {
    settings.health.backup_warn
}

/// A proof is renewed at the first backup after its days.
fn between_proofs(settings: &Settings, days: u32) -> Duration {
    Duration::from_secs(24 * 60 * 60) * days + between_backups(settings)
}
