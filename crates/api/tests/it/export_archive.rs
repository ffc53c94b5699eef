//! The site as one archive: downloaded by an administrator, and taken in whole or not at all.

use std::{fs, io::Read};

use serde_json::json;

use crate::export::{self, create, everything, files, pretty_eq};

#[test]
fn an_administrator_downloads_it() {
    let site = export::site();
    site.publish(&create(&site, json!({ "title": "One", "body": "x".repeat(300_000) })));
    site.upload("a.txt", "text".repeat(50_000).as_bytes());
    let answer = site.get("/api/v1/admin/export");
    assert_eq!((answer.status, answer.header("content-type"), answer.header("content-encoding")), (200, "application/gzip", ""));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"site-2025-11-23.tar.gz\"");
    let folder = tempfile::tempdir().unwrap();
    tar::Archive::new(flate2::read::GzDecoder::new(&answer.body[..])).unpack(folder.path()).unwrap();
    let direct = tempfile::tempdir().unwrap();
    site.export(direct.path()).unwrap();
    let mut expected = files(direct.path());
    expected.remove(".magnetiq-export.json");
    assert_eq!(files(&folder.path().join("site")), expected);
    let mut end = Vec::new();
    flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut end).unwrap();
    // An import takes it as it is.
    let archive = folder.path().join("site.tar.gz");
    fs::write(&archive, &answer.body).unwrap();
    let other = export::site();
    assert_eq!(other.try_import(&archive).unwrap().findings, []);
    pretty_eq(&everything(&other), &everything(&site));
    assert_eq!(site.get("/api/v1/admin/audit?action=site.export").json()["items"].as_array().unwrap().len(), 1);
}

/// An archive of entries: name, type, content or where a link leads.
fn archive(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        // As a program writes it that wants to get out: `set_path` refuses that.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let is_file = *kind == tar::EntryType::Regular;
        if !is_file && !content.is_empty() {
            header.set_link_name(content).unwrap();
        }
        header.set_size(if is_file { content.len() as u64 } else { 0 });
        header.set_cksum();
        builder.append(&header, if is_file { content.as_bytes() } else { b"" }).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn an_archive_goes_in_whole_or_not_at_all() {
    use tar::EntryType::{Directory, Regular, Symlink};
    let site = export::site();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.gz");
    let import = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        site.try_import(&path)
    };
    let whole = archive(&[
        ("./site/", Directory, ""),
        ("./._site", Regular, "of a Mac"),
        ("./site/a.md", Regular, "# A"),
        ("site/b/c.md", Regular, "# C"),
    ]);
    for (what, bytes, reason) in [
        ("half of it", &whole[..whole.len() / 2], ""),
        ("all but its end", &whole[..whole.len() - 4], ""),
        ("text", &b"# A page"[..], ""),
        ("nothing", &b""[..], ""),
        ("an empty one", &archive(&[])[..], "has no folder"),
        ("up and out", &archive(&[("site/a.md", Regular, "# A"), ("site/../../x.md", Regular, "# X")])[..], "site/../../x.md"),
        ("from the top", &archive(&[("/tmp/x.md", Regular, "# X")])[..], "/tmp/x.md"),
        ("a link", &archive(&[("site/a.md", Regular, "# A"), ("site/b.md", Symlink, "/etc/passwd")])[..], "site/b.md"),
        ("two folders", &archive(&[("a/a.md", Regular, "# A"), ("b/b.md", Regular, "# B")])[..], "the one folder"),
        ("no folder", &archive(&[("a.md", Regular, "# A")])[..], "the one folder"),
    ] {
        let error = import(bytes).expect_err(what);
        let text = format!("{error} {:?}", std::error::Error::source(&error));
        assert!(text.contains("unpack") && text.contains(reason), "{what}: {text}");
        assert_eq!(site.get("/api/v1/admin/pages").json()["items"], json!([]), "{what}");
    }
    let report = import(&whole).unwrap();
    assert_eq!((report.created, &report.findings[..]), (2, &[][..]));
    // The folder itself is the same to it.
    let root = folder.path().join("site");
    fs::create_dir_all(root.join("b")).unwrap();
    fs::write(root.join("a.md"), "# A").unwrap();
    fs::write(root.join("b/c.md"), "# C").unwrap();
    assert_eq!(site.import(&root).unchanged, 2);
}
