//! The format: readable by everybody's tools, the same bytes for the same content.

use std::fs;
use std::path::Path;
use std::process::Command;

use magnetiq_backup::{Backups, Compression, Manifest, Outcome, RestoreRequest, Seal, Which};
use serde_json::Value;

use crate::support::{Site, create, names, noise, proven, verify};

fn tar(arguments: &[&str], archive: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let run = Command::new("tar").args(arguments).arg(archive).arg("-C").arg(to).output().unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn the_tar_of_the_system_unpacks_it() {
    let site = Site::new();
    // More than one block, compressed and stored.
    site.put("media/ef/film.mp4", &noise(5 << 20));
    site.put("media/ef/text", "all work and no play ".repeat(300_000).as_bytes());
    site.put("media/ü ber/long ".repeat(12).as_str(), b"long");
    for (compression, arguments) in [(Compression::Gzip, &["-xzf"][..]), (Compression::Zstd, &["--zstd", "-xf"])] {
        let folder = format!("backups-{compression:?}");
        let mut options = site.options().compression(compression);
        options.folder = site.path(&folder);
        let backups = Backups::new(options).unwrap();
        let entry = create(&backups);
        proven(&backups, &entry);
        let to = site.path(&format!("unpacked-{compression:?}"));
        tar(arguments, &entry.path, &to);
        for media in names(&site.path("media")) {
            let (original, copy) = (site.path("media").join(&media), to.join("media").join(&media));
            assert!(fs::read(original).unwrap() == fs::read(copy).unwrap(), "{media}");
        }
        assert_eq!(fs::read(to.join("config/site.toml")).unwrap(), b"name = \"a site\"\n");
        let copy = magnetiq_backup::magnetiq_storage::rusqlite::Connection::open(to.join("database.sqlite3")).unwrap();
        let rows: i64 = copy.query_row("SELECT count(*) FROM note", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 3);
        let manifest: Manifest = serde_json::from_slice(&fs::read(to.join("MANIFEST.json")).unwrap()).unwrap();
        let seal: Seal = serde_json::from_slice(&fs::read(to.join("SEAL.json")).unwrap()).unwrap();
        assert_eq!((manifest.format_version, seal.entries), (1, 7));
    }
}

#[test]
fn the_same_content_and_clock_give_the_same_bytes() {
    let site = Site::new();
    site.put("media/ef/text", "all work and no play ".repeat(300_000).as_bytes());
    for compression in [Compression::Gzip, Compression::Zstd] {
        let mut all = [1, 2, 5].map(|threads| {
            let mut options = site.options().compression(compression).threads(threads);
            options.folder = site.path(&format!("backups-{compression:?}-{threads}"));
            fs::read(create(&Backups::new(options).unwrap()).path).unwrap()
        });
        assert!(all.iter().all(|archive| *archive == all[0]), "{compression:?}");
        all[0].clear();
    }
}

#[test]
fn an_archive_that_was_compressed_again_by_hand_is_read() {
    let site = Site::new();
    for (compression, program) in [(Compression::Gzip, "gzip"), (Compression::Zstd, "zstd")] {
        let backups = Backups::new(site.options().compression(compression)).unwrap();
        let entry = create(&backups);
        let shell = format!("{program} -dc < \"$0\" | {program} -c > again && mv again \"$0\" && rm \"${{0%%.tar*}}\".proof.json");
        let run = Command::new("sh").args(["-c", &shell]).arg(&entry.path).current_dir(site.path("")).status().unwrap();
        assert!(run.success());
        let again = backups.find(&Which::Latest).unwrap();
        assert_ne!(again.record.archive.sha256, entry.record.archive.sha256);
        proven(&backups, &again);
    }
}

/// Unpacks an archive, changes it, and packs it as somebody would who wants us to read it.
fn forged(change: impl Fn(&mut Vec<(tar::Header, Vec<u8>, Vec<u8>)>)) -> (Site, Backups, Outcome, String) {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let mut entries = Vec::new();
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(fs::File::open(&entry.path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        entries.push((entry.header().clone(), entry.path_bytes().into_owned(), content));
    }
    change(&mut entries);
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for (mut header, path, content) in entries {
        // Not `set_path`, which refuses what a forger would write.
        header.as_old_mut().name = [0; 100];
        header.as_old_mut().name[..path.len()].copy_from_slice(&path);
        header.set_cksum();
        std::io::Write::write_all(&mut out, header.as_bytes()).unwrap();
        std::io::Write::write_all(&mut out, &content).unwrap();
        std::io::Write::write_all(&mut out, &vec![0; content.len().next_multiple_of(512) - content.len()]).unwrap();
    }
    std::io::Write::write_all(&mut out, &[0; 1024]).unwrap();
    let path = site.path("forged.tar.gz");
    fs::write(&path, out.finish().unwrap()).unwrap();
    let proof = backups.find(&Which::File(path)).and_then(|entry| verify(&backups, &entry));
    let (outcome, problem) = match proof {
        Ok(proof) => (proof.outcome, proof.problem.unwrap_or_default()),
        Err(error) => (Outcome::Inconclusive, error.to_string()),
    };
    (site, backups, outcome, problem)
}

/// What is changed in an archive, and what is said of it.
type Forgery = (&'static str, fn(&mut Vec<(tar::Header, Vec<u8>, Vec<u8>)>));

/// Changes the seal.
fn seal(entries: &mut [(tar::Header, Vec<u8>, Vec<u8>)], change: impl Fn(&mut Value)) {
    let last = entries.last_mut().unwrap();
    let mut seal: Value = serde_json::from_slice(&last.2).unwrap();
    change(&mut seal);
    last.2 = serde_json::to_vec(&seal).unwrap();
    let bytes = last.2.len() as u64;
    last.0.set_size(bytes);
}

/// Changes the manifest and makes the seal fit.
fn manifest(entries: &mut [(tar::Header, Vec<u8>, Vec<u8>)], change: impl Fn(&mut Value)) {
    let mut manifest: Value = serde_json::from_slice(&entries[0].2).unwrap();
    change(&mut manifest);
    entries[0].2 = serde_json::to_vec(&manifest).unwrap();
    let bytes = entries[0].2.len() as u64;
    entries[0].0.set_size(bytes);
    let last = entries.len() - 1;
    let mut seal: Value = serde_json::from_slice(&entries[last].2).unwrap();
    seal["manifest_sha256"] = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&entries[0].2)).into();
    entries[last].2 = serde_json::to_vec(&seal).unwrap();
    let bytes = entries[last].2.len() as u64;
    entries[last].0.set_size(bytes);
}

fn unreadable(path: &str) -> Value {
    serde_json::json!([{ "path": path, "problem": "made up" }])
}

#[test]
fn no_seal_removes_a_file_of_somebody_else() {
    let (site, backups, ..) = forged(|entries| seal(entries, |s| s["unreadable"] = unreadable("media/../../../site.toml")));
    let request = RestoreRequest::new().to(site.path("to")).allow_partial(true);
    let plan = backups.plan_restore(&Which::File(site.path("forged.tar.gz")), request).unwrap();
    let error = backups.restore(&plan, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("the seal names"), "{error}");
    assert!(site.path("site.toml").exists());
}

#[test]
fn forged_archives_are_refused() {
    let (_, _, outcome, problem) = forged(|_| ());
    assert_eq!((outcome, problem.as_str()), (Outcome::Proven, ""), "unchanged");
    let (_, _, outcome, problem) = forged(|entries| manifest(entries, |m| m["reason"] = "manual".into()));
    assert_eq!((outcome, problem.as_str()), (Outcome::Proven, ""), "another reason, and a seal that fits");
    let cases: &[Forgery] = &[
        ("announced elsewhere", |entries| entries[2].1 = b"media/../../evil".to_vec()),
        ("announced elsewhere", |entries| entries[2].1 = b"/etc/evil".to_vec()),
        ("no name for a file", |entries| manifest(entries, |m| m["media"]["files"][0]["path"] = "../evil".into())),
        ("no name for a file", |entries| manifest(entries, |m| m["media"]["files"][0]["path"] = "/etc/evil".into())),
        ("no name for a file", |entries| manifest(entries, |m| m["config"][0]["path"] = "sub/evil".into())),
        ("no name for a file", |entries| manifest(entries, |m| m["media"]["files"][0]["sha256"] = "../../evil".into())),
        ("twice", |entries| manifest(entries, |m| m["media"]["files"][1]["path"] = m["media"]["files"][0]["path"].clone())),
        ("no regular file", |entries| entries[2].0.set_entry_type(tar::EntryType::Symlink)),
        ("no regular file", |entries| entries[2].0.set_entry_type(tar::EntryType::Link)),
        ("no regular file", |entries| entries[2].0.set_entry_type(tar::EntryType::Char)),
        ("no regular file", |entries| entries[2].0.set_entry_type(tar::EntryType::Directory)),
        ("no regular file", |entries| entries[2].0.set_entry_type(tar::EntryType::GNUSparse)),
        ("announced elsewhere", |entries| entries.insert(3, entries[2].clone())),
        ("announced elsewhere", |entries| entries.swap(2, 3)),
        ("were announced", |entries| {
            entries[2].2.push(0);
            let bytes = entries[2].2.len() as u64;
            entries[2].0.set_size(bytes);
        }),
        ("the hash of media/ab/picture", |entries| entries[2].2[9] ^= 1),
        ("the hash of the database", |entries| entries[1].2[9] ^= 1),
        ("the seal does not fit", |entries| drop(entries.remove(2))),
        ("is announced and missing", |entries| {
            let gone = entries.remove(2);
            let last = entries.last_mut().unwrap();
            let mut seal: Value = serde_json::from_slice(&last.2).unwrap();
            seal["entries"] = 3.into();
            seal["content_bytes"] = (seal["content_bytes"].as_u64().unwrap() - gone.2.len() as u64).into();
            last.2 = serde_json::to_vec(&seal).unwrap();
            let bytes = last.2.len() as u64;
            last.0.set_size(bytes);
        }),
        ("the seal names", |entries| seal(entries, |s| s["unreadable"] = unreadable("media/../../../site.toml"))),
        ("the seal names", |entries| seal(entries, |s| s["unreadable"] = unreadable("media//etc/evil"))),
        ("the seal names", |entries| seal(entries, |s| s["unreadable"] = unreadable("config/../site.toml"))),
        ("the seal names", |entries| seal(entries, |s| s["vanished"] = vec!["../evil"].into())),
        ("ends without its seal", |entries| drop(entries.pop())),
        ("follows the seal", |entries| entries.push(entries[2].clone())),
        ("begin with a manifest", |entries| entries.swap(0, 1)),
        ("the seal does not fit", |entries| entries[0].2[1] = b' '),
        ("its manifest cannot be read", |entries| entries[0].2[0] = b'['),
        ("has format 2", |entries| manifest(entries, |m| m["format_version"] = 2.into())),
        // Everything fits but what the rows are.
        ("the rows of table note", |entries| manifest(entries, |m| m["database"]["tables"][0]["rows"] = 4.into())),
        ("1 of 4096 were backed up", |entries| manifest(entries, |m| m["database"]["page_count"] = 1.into())),
        ("the schema", |entries| manifest(entries, |m| m["database"]["schema_hash"] = "00".into())),
    ];
    for (expected, change) in cases {
        let (site, _, outcome, problem) = forged(change);
        assert_ne!(outcome, Outcome::Proven, "{expected}");
        assert!(problem.contains(expected), "{problem:?} does not tell: {expected}");
        assert!(!site.path("evil").exists() && names(&site.path("backups/.partial")).is_empty());
    }
}
