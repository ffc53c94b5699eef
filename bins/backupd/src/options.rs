//! From settings to the options of the library.

use magnetiq_backup::{Compression, MediaMode, Options, Retention};
use magnetiq_config::{BackupCompression, BackupMedia, BackupRetention, Settings};

/// What is backed up, where to and how.
pub(crate) fn options(settings: &Settings) -> Options {
    let backup = &settings.backup;
    let media = match backup.media {
        BackupMedia::Linked => MediaMode::Linked,
        BackupMedia::Full => MediaMode::Full,
    };
    let compression = match backup.compression {
        BackupCompression::Gzip => Compression::Gzip,
        BackupCompression::Zstd => Compression::Zstd,
    };
    let mut options = Options::new(&backup.folder)
        .database(&settings.database.path)
        .storage_options(settings.database.options())
        .media(&settings.media.folder, media)
        .name(&backup.name)
        .compression(compression)
        .recipients(backup.recipients.clone())
        .identities(backup.identity_files.clone())
        .retention(retention(&backup.retention))
        .program(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    // The settings in use belong to the site as much as its database.
    for file in settings.file.iter().chain(&backup.config_files) {
        options = options.config_file(file);
    }
    if let Some(threads) = backup.threads {
        options = options.threads(threads);
    }
    match backup.level.and_then(|level| i32::try_from(level).ok()) {
        Some(level) => options.level(level),
        None => options,
    }
}

pub(crate) fn retention(kept: &BackupRetention) -> Retention {
    Retention::daily(kept.daily)
        .weekly(kept.weekly)
        .monthly(kept.monthly)
        .yearly(kept.yearly)
        .keep_special_days(kept.special_days)
        .size_limit_bytes(Some(kept.size_limit_bytes).filter(|limit| *limit > 0))
}

#[cfg(test)]
mod tests {
    use magnetiq_config::Sources;

    use super::*;

    /// Two crates that do not know each other state the same defaults.
    #[test]
    fn the_defaults_are_those_of_the_library() {
        let environment = [("MAGNETIQ__PROFILE".to_owned(), "development".to_owned())];
        let settings = Settings::load(Sources { file: None, environment: environment.into() }).unwrap();
        let ours = options(&settings);
        let theirs = Options::new("data/backups");
        assert_eq!(ours.folder, theirs.folder);
        assert_eq!(ours.name, theirs.name);
        assert_eq!(ours.media_mode, theirs.media_mode);
        assert_eq!(ours.compression, theirs.compression);
        assert_eq!(ours.level, theirs.level);
        assert_eq!(ours.threads, theirs.threads);
        assert_eq!(ours.retention, theirs.retention);
        assert_eq!(ours.recipients, theirs.recipients);
        assert_eq!(ours.identities, theirs.identities);
        assert_eq!(ours.config_files, theirs.config_files);
    }
}
