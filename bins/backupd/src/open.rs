//! Opening what every subcommand works on, and what to do when that fails.

use std::borrow::Cow;

use anyhow::anyhow;
use magnetiq_backup::{Backups, Error, Which};
use magnetiq_config::{BackupMedia, Settings};
use magnetiq_service::{LogFormat, LogGuard, LogOptions, ResultExt, init_logging};

use crate::options::options;

/// The backup folder, ready for use.
pub(crate) fn backups(settings: &Settings) -> anyhow::Result<Backups> {
    hinted(Backups::new(options(settings)))
}

/// The same, with a site that is whole: what an interrupted restore had begun is carried out before anything is done with it.
pub(crate) fn site(settings: &Settings) -> anyhow::Result<Backups> {
    let backups = backups(settings)?;
    hinted(backups.repair())?;
    Ok(backups)
}

/// Refuses a backup whose archive would be encrypted, and the media beside it not. What is there is read with such settings as with others.
pub(crate) fn require_sealed(settings: &Settings) -> anyhow::Result<()> {
    if settings.backup.media == BackupMedia::Linked && !settings.backup.recipients.is_empty() {
        return Err(anyhow!("linked media lie beside the archives and are not encrypted, which backup.recipients ask for"))
            .hint("set backup.media to full; or leave backup.recipients out, and archives are not encrypted either");
    }
    Ok(())
}

/// The log of a command that a person waits for: only what is out of the ordinary.
pub(crate) fn quiet_log() -> anyhow::Result<LogGuard> {
    init_logging(&LogOptions { format: LogFormat::Text, level: "warn,backupd=info".to_owned(), file: None, recent: None })
}

/// The log of the settings, for what runs by itself.
pub(crate) fn log(settings: &Settings) -> anyhow::Result<LogGuard> {
    let log = &settings.log;
    let is_json = log.format == magnetiq_config::LogFormat::Json;
    // The scheduler tells at info of each time that it sets for itself. Who asks for it in log.level gets it: what comes later counts.
    let level = format!("tokio_cron_scheduler=warn,{}", log.level);
    init_logging(&LogOptions::of_daemon("backupd", is_json, &level, log.folder.as_deref(), log.file_limit_bytes, log.files_kept))
}

/// `latest`, `proven`, the path of an archive, or how an id begins.
pub(crate) fn which(text: &str) -> Which {
    match text {
        "latest" => Which::Latest,
        "proven" => Which::LatestProven,
        path if path.contains('/') || path.contains(".tar.") => Which::File(path.into()),
        id => Which::Id(id.to_owned()),
    }
}

/// Adds the next step, where there is one to name.
pub(crate) fn hinted<T>(result: Result<T, Error>) -> anyhow::Result<T> {
    result.or_else(|error| match what_to_do(&error) {
        Some(hint) => Err(error).hint(hint),
        None => Err(error.into()),
    })
}

/// The next step after an error, where there is one.
pub(crate) fn what_to_do(error: &Error) -> Option<Cow<'static, str>> {
    if let Error::TargetOwned { target, .. } = error {
        let choice = format!(
            "to get that site here: `backupd restore latest --from {target}`; to go on there with this one, such as after an import: \
             `backupd adopt {target}`; to keep both: another prefix in backup.targets.{target}.url"
        );
        return Some(choice.into());
    }
    let step = match error {
        Error::Locked { .. } => {
            "one program at a time works in a backup folder: wait for it, or stop it (`systemctl stop magnetiq-backup`, `docker compose stop backupd`)"
        }
        Error::Space { .. } => "make room there, or set backup.folder to a larger disk",
        Error::NotFound { .. } => "`backupd list` shows what there is",
        Error::Ambiguous { .. } => "give more of the id",
        Error::Key { .. } => "name the file with the age secret key in backup.identity_files",
        Error::AgeKey { .. } => "check backup.recipients and backup.identity_files",
        Error::NoArchive { .. } | Error::Damaged { .. } => {
            "nothing was changed: `backupd list` shows which backups are proven; `backupd restore --allow-partial` takes what one still has"
        }
        Error::Newer { .. } => "nothing was changed: use the backupd of the release that made it, or a newer one",
        Error::ForeignApplication { .. } => "nothing was changed: this archive belongs to another program",
        Error::InUse { .. } => {
            "a restore replaces the site only while nobody writes it: stop the server, then try again; --to DIR unpacks beside it"
        }
        Error::Partial { .. } => "--allow-partial takes it all the same; `backupd show` says what is missing",
        Error::NotEmpty { .. } => "name a folder that is empty or not there yet",
        Error::RestoreUnclear { .. } => {
            "nothing is thrown away: move the folder of the site aside, whole, and restore again into a new one: `backupd restore latest`; what was \
             written since that backup is in one of the two"
        }
        Error::NothingToUndo { .. } => "there was no restore, or no site before it",
        Error::TargetConnect { .. } | Error::TargetOptions { .. } => "check [backup.targets] in the settings",
        Error::Target { .. } => "check the network, and the keys in [backup.targets]; what has arrived is not sent again",
        Error::NotAtTarget { .. } => "`backupd list` names the targets that have a copy",
        Error::Database { .. } => "check database.path, and that this runs as the user of the server",
        error if error.is_disk_full() => "the disk is full: make room, or set backup.folder to a larger disk",
        _ => return None,
    };
    Some(step.into())
}
