//! A backup by the library without the verification that `backupd once` adds at once, because nobody else's backup has one. All that
//! comes after it is done by the real program.

use std::path::PathBuf;

use magnetiq_backup::{Backups, Compression, MediaMode, Options, Reason, Request};

/// `--create DATABASE MEDIA FOLDER gzip|zstd linked|full`
pub(crate) fn create(mut words: impl Iterator<Item = String>) {
    let mut word = || words.next().unwrap();
    let [database, media, folder] = [word(), word(), word()].map(PathBuf::from);
    let compression = if word() == "zstd" { Compression::Zstd } else { Compression::Gzip };
    let mode = if word() == "full" { MediaMode::Full } else { MediaMode::Linked };
    let storage = magnetiq_storage::Options::default().application_id(magnetiq_config::APPLICATION_ID);
    let options = Options::new(folder).database(database).storage_options(storage).media(media, mode).compression(compression);
    let entry = Backups::new(options).unwrap().create(&Request::new(Reason::Schedule), &mut |_| {}).unwrap();
    assert!(!entry.is_partial(), "{:?}", entry.record.problems);
}
