//! The other places that backups are copied to.

use anyhow::Context;
use magnetiq_backup::Error;
use magnetiq_backup::remote::{Credentials, Target, TargetOptions, Verify};
use magnetiq_config::{Backup, BackupTarget, Settings};
use magnetiq_service::ResultExt;

use crate::options::retention;

/// The settings of the one with this name.
pub(crate) fn named<'a>(settings: &'a Settings, name: &str) -> anyhow::Result<&'a BackupTarget> {
    let named = settings.backup.targets.iter().find(|target| target.name == name);
    named.with_context(|| format!("there is no target {name}")).hint("`backup.targets` in the settings names them")
}

/// One of them, at the moment when it is needed: what is wrong with it is in nobody else's way. Nothing is asked of it yet, but a folder has
/// to be there.
pub(crate) fn connect(backup: &Backup, target: &BackupTarget) -> Result<Target, Error> {
    let verify = if target.verify { Verify::Read } else { Verify::Size };
    let mut options = TargetOptions::new(&target.name, &target.url)
        .backup_name(&backup.name)
        .credentials(credentials(target))
        .allow_http(target.allow_http)
        .verify(verify)
        .retention(retention(&target.retention));
    if let Some(endpoint) = &target.endpoint {
        options = options.endpoint(endpoint);
    }
    if let Some(region) = &target.region {
        options = options.region(region);
    }
    Target::new(options)
}

fn credentials(target: &BackupTarget) -> Credentials {
    match (&target.access_key_id, &target.secret_access_key) {
        (Some(id), Some(secret)) => Credentials::Keys { id: id.clone(), secret: secret.clone() },
        (None, Some(key)) => Credentials::ServiceAccount(key.clone()),
        _ => Credentials::Ambient,
    }
}

/// Settings files hold secrets: says so where copies of them can be read by whoever has the disk or the bucket.
pub(crate) fn warn_of_plain_secrets(settings: &Settings) {
    let backup = &settings.backup;
    let has_files = settings.file.is_some() || !backup.config_files.is_empty();
    if has_files && backup.recipients.is_empty() {
        for target in &backup.targets {
            tracing::warn!(
                target = target.name,
                "settings files are copied there unencrypted; set backup.recipients to encrypt archives, or keep secrets in files of their own"
            );
        }
    }
    if !backup.recipients.is_empty() && backup.identity_files.is_empty() {
        tracing::warn!(
            "backup.recipients is set and backup.identity_files names no key: no backup can be proven here, so every run counts as failed, \
             `backupd once` ends with code 1; name the file with the secret key in backup.identity_files"
        );
    }
}
