//! Bits that flip and files that are cut short: verification finds every one.

use std::{fs, io::Read, path::PathBuf};

use magnetiq_backup::{Backups, Compression, Depth, Entry, MediaMode, Options, Outcome, Reason, Request, Which};
use magnetiq_storage::Store;
use magnetiq_tests::{Random, ledger};
use tempfile::TempDir;

use crate::{
    proof::seed,
    site::{add_media, storage_options},
};

/// The smallest site there is, and one archive of it.
struct Small {
    _folder: TempDir,
    backups: Backups,
    archive: PathBuf,
    record: PathBuf,
    whole: Vec<u8>,
}

impl Small {
    fn new(compression: Compression, mode: MediaMode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [database, media, backups] = ["site.sqlite3", "media", "backups"].map(|name| folder.path().join(name));
        fs::create_dir_all(media.join("incoming")).unwrap();
        let store = Store::open(&database, storage_options()).unwrap();
        ledger::create(&store).unwrap();
        store.write(|tx| Ok(tx.execute_batch("CREATE TABLE media (sha256 TEXT PRIMARY KEY, size_bytes INTEGER)")?)).wait().unwrap();
        add_media(&store, &media, b"\xff\xd8\xff\xe0 something that looks like a picture");
        add_media(&store, &media, "text that compresses ".repeat(40).as_bytes());
        store.close().unwrap();
        let options = Options::new(&backups).database(&database).storage_options(storage_options()).media(&media, mode);
        let backups = Backups::new(options.compression(compression)).unwrap();
        let entry = backups.create(&Request::new(Reason::Manual), &mut |_| {}).unwrap();
        let record = entry.path.parent().unwrap().join(format!("magnetiq-{}.proof.json", entry.id));
        let whole = fs::read(&entry.path).unwrap();
        let small = Self { _folder: folder, backups, archive: entry.path, record, whole };
        assert_eq!(small.verify(), Some(Outcome::Proven));
        small
    }

    /// What a verification says; `None` where the archive is not even listed.
    fn verify(&self) -> Option<Outcome> {
        let entry: Entry = self.backups.find(&Which::Latest).ok()?;
        Some(self.backups.verify(&entry, Depth::Restore, &mut |_| {}).map_or(Outcome::Inconclusive, |proof| proof.outcome))
    }

    /// The record knows the hash of the archive; without it the archive speaks for itself.
    fn verify_without_record(&self) -> Option<Outcome> {
        fs::remove_file(&self.record).unwrap();
        let found = self.verify();
        // The next one begins as this one did.
        fs::write(&self.archive, &self.whole).unwrap();
        let _ = fs::remove_file(&self.record);
        self.backups.list().unwrap();
        found
    }
}

#[test]
fn every_bit_that_flips_is_found() {
    flips(200);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_bits() {
    flips(1000);
}

fn flips(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    for (compression, mode) in [(Compression::Gzip, MediaMode::Full), (Compression::Zstd, MediaMode::Linked)] {
        let small = Small::new(compression, mode);
        let meaning = unpacked(&small.whole, compression);
        assert!(meaning.is_some());
        let mut unseen = 0;
        for _ in 0..count / 2 {
            let bit = random.below(small.whole.len() as u64 * 8);
            let place = usize::try_from(bit / 8).unwrap();
            let mut flipped = small.whole.clone();
            flipped[place] ^= 1 << (bit % 8);
            fs::write(&small.archive, &flipped).unwrap();
            let about = format!("seed {seed}, {compression:?}, bit {bit} of {} bytes", flipped.len());
            assert_eq!(small.verify(), Some(Outcome::Failed), "{about}");
            // Without the hash in the record, bits that mean nothing may change: the time that a gzip header tells, what fills the last
            // byte of a compressed block, what zstd leaves free. All that can be unpacked is the same then.
            if small.verify_without_record() == Some(Outcome::Proven) {
                unseen += 1;
                assert_eq!(unpacked(&flipped, compression), meaning, "{about}: not found without the record");
            }
        }
        eprintln!("{compression:?}: {unseen} of {} flips in what has no meaning", count / 2);
    }
}

/// What other programs find in an archive.
fn unpacked(archive: &[u8], compression: Compression) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    match compression {
        Compression::Gzip => flate2::read::MultiGzDecoder::new(archive).read_to_end(&mut found).ok()?,
        _ => zstd::Decoder::new(archive).ok()?.read_to_end(&mut found).ok()?,
    };
    Some(found)
}

#[test]
fn every_cut_is_found() {
    for (compression, mode) in [(Compression::Gzip, MediaMode::Full), (Compression::Zstd, MediaMode::Linked)] {
        let small = Small::new(compression, mode);
        for percent in 0..100 {
            let kept = small.whole.len() * percent / 100;
            fs::write(&small.archive, &small.whole[..kept]).unwrap();
            assert_eq!(small.verify(), Some(Outcome::Failed), "{compression:?}, {percent} %");
            let found = small.verify_without_record();
            assert!(matches!(found, None | Some(Outcome::Failed)), "{compression:?}, {percent} %: {found:?} without the record");
        }
        assert_eq!(small.verify(), Some(Outcome::Proven));
    }
}
