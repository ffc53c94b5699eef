//! The other places that backups are copied to.

use magnetiq_backup::Error;
use magnetiq_backup::remote::{Credentials, Target, TargetOptions, Verify};
use magnetiq_config::{BackupTarget, Settings};
use magnetiq_service::ResultExt;

use crate::options::retention;

/// All of them. Nothing is asked of them yet.
pub(crate) fn all(settings: &Settings) -> anyhow::Result<Vec<Target>> {
    settings.backup.targets.iter().map(|target| one(target).hint(format!("check backup.targets.{}", target.name))).collect()
}

fn one(target: &BackupTarget) -> Result<Target, Error> {
    let verify = if target.verify { Verify::Read } else { Verify::Size };
    let mut options = TargetOptions::new(&target.name, &target.url)
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

/// Settings files hold secrets: says so where they leave this machine as everybody could read them.
pub(crate) fn warn_of_plain_secrets(settings: &Settings) {
    let backup = &settings.backup;
    let has_files = settings.file.is_some() || !backup.config_files.is_empty();
    if has_files && backup.recipients.is_empty() {
        for target in backup.targets.iter().filter(|target| !target.url.starts_with("file:")) {
            tracing::warn!(
                target = target.name,
                "settings files leave this machine unencrypted; set backup.recipients to encrypt archives, or keep secrets in files of their own"
            );
        }
    }
    if !backup.recipients.is_empty() && backup.identity_files.is_empty() {
        tracing::warn!("archives are encrypted and backup.identity_files names no key: backups cannot be proven here, and count as failed");
    }
}
