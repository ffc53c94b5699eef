use std::{fs, path::Path};

use magnetiq_api::import::Report;
use serde_json::json;

use crate::site::{Site, etag};

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn counts(report: &Report) -> (usize, usize, usize, usize, usize) {
    (report.created, report.updated, report.unchanged, report.media, report.failed())
}

#[test]
fn a_folder_becomes_pages_and_media() {
    let site = Site::signed_in();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "README.md", "# Welcome\n\nSee the [guide](guides/first.md#start) and ![logo](img/logo.svg).\n");
    write(root, "guides/first.md", "+++\ntitle = 'First'\ndate = 2024-05-06\n+++\n[home](../README.md), [file](../img/a%20b.txt)\n");
    write(root, "_posts/2023-01-02-old.md", "---\ntitle: Old\ndraft: true\n---\ntext");
    write(root, "img/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    write(root, "img/a b.txt", "hello");
    write(root, ".git/x.md", "# hidden");

    let report = site.import(root);
    assert_eq!((counts(&report), report.findings), ((3, 0, 0, 2, 0), vec![]));
    let home = site.get("/api/v1/pages/home").json();
    assert_eq!(home["title"], "Welcome");
    let html = home["html"].as_str().unwrap();
    assert!(html.contains("href=\"/guides/first#section-start\""), "{html}");
    let logo = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(site.get(logo).header("content-type"), "image/svg+xml");
    let first = site.get("/api/v1/pages/guides/first").json();
    assert_eq!(first["published_at"], "2024-05-06T00:00:00Z");
    assert!(first["html"].as_str().unwrap().contains("<a href=\"/\""), "{first}");
    site.get("/api/v1/pages/old").check_problem(404, "page-not-found");
    assert_eq!(site.get("/api/v1/admin/audit?action=media.create").json()["items"].as_array().unwrap().len(), 2);

    let again = site.import(root);
    assert_eq!((counts(&again), again.findings), ((0, 0, 3, 0, 0), vec![]));
}

#[test]
fn changes_go_in_and_edits_stay() {
    let site = Site::signed_in();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", "# A\n\none");
    write(folder.path(), "b.md", "# B\n\none");
    site.import(folder.path());
    write(folder.path(), "a.md", "# A\n\ntwo");
    assert_eq!(counts(&site.import(folder.path())), (0, 1, 1, 0, 0));
    let noted = site.get("/api/v1/admin/audit?action=page.import").json();
    let told: Vec<_> = noted["items"].as_array().unwrap().iter().map(|entry| (&entry["subject"], &entry["via"])).collect();
    let by_hand = json!("command-line");
    assert_eq!(told, [(&json!("A"), &by_hand), (&json!("B"), &by_hand), (&json!("A"), &by_hand)], "{noted}");
    assert!(noted["items"][0]["before"]["revision"].is_number() && noted["items"][1]["before"].is_null(), "{noted}");

    let list = site.get("/api/v1/admin/pages?q=B").json();
    let path = format!("/api/v1/admin/pages/{}", list["items"][0]["id"].as_str().unwrap());
    let page = site.get(&path).json();
    let edit = json!({ "title": "B", "slug": "b", "summary": "", "body": "edited here" });
    assert_eq!(site.put(&path, &etag(&page), &edit).status, 200);
    assert_eq!(counts(&site.import(folder.path())), (0, 0, 2, 0, 0), "the file did not change");
    write(folder.path(), "b.md", "# B\n\ntwo");
    let report = site.import(folder.path());
    assert_eq!(counts(&report), (0, 0, 1, 0, 1));
    assert!(report.findings[0].message.contains("edited here"), "{:?}", report.findings);
    assert_eq!(site.get(&path).json()["body"], "edited here");
}

#[test]
fn mistakes_are_named_and_the_rest_goes_in() {
    let site = Site::signed_in();
    site.create_page("Taken", "");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "bad-yaml.md", "---\ntitle: [a\n---\n");
    write(root, "bad-date.md", "---\ntitle: x\ndate: soon\n---\n");
    write(root, "bad-text.md", b"ok\n\xff\xfe");
    write(root, "taken.md", "x");
    write(root, "twice.md", "x");
    write(root, "z/twice.md", "---\npermalink: /twice/\n---\nx");
    write(root, "admin/page.md", "x");
    write(root, "links.md", "# L\n\n![gone](gone.png)\n\n[out](../../etc/passwd)\n\n![bad](bad.bin)\n\n[link](link.txt)\n\nfine\n");
    write(root, "bad.bin", b"\0\x01\x02");
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.join("link.txt")).unwrap();
    write(root, "huge.md", "x".repeat(2 << 20));

    let report = site.import(root);
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let expected = [
        "admin/page.md:1: error: its address would be \"admin/page\"",
        "bad-date.md:3: error: date is no date since 1970: soon",
        "bad-text.md:2: error: the file is not UTF-8 text",
        "bad-yaml.md:2: error: the front matter is no YAML",
        "huge.md: error: is larger than 1 MiB",
        "links.md:3: warning: gone.png is not in the imported folder",
        "links.md:5: warning: ../../etc/passwd points out of the imported folder",
        "links.md:7: warning: bad.bin: this kind of file is not taken",
        "links.md:9: warning: link.txt is not in the imported folder",
        "taken.md: error: its address /taken is taken",
        "z/twice.md:1: error: its address /twice is that of twice.md already",
    ];
    assert_eq!(findings.len(), expected.len(), "{findings:#?}");
    for (finding, start) in findings.iter().zip(expected) {
        assert!(finding.starts_with(start), "{finding}\n{start}");
    }
    assert_eq!((report.created, report.failed()), (2, 7));
    assert!(site.get("/api/v1/pages/links").json()["html"].as_str().unwrap().contains("fine"));
    assert!(site.media_files().is_empty());
}

#[test]
fn pages_that_change_addresses_stop_nothing() {
    let site = Site::signed_in();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "1.md", "---\nslug: one\n---\n1");
    write(root, "2.md", "---\nslug: two\n---\n2");
    site.import(root);
    write(root, "1.md", "---\nslug: two\n---\n1");
    write(root, "2.md", "---\nslug: three\n---\n2");
    write(root, "3.md", "---\ndate: 0001-01-01T00:00:00Z\n---\n3");
    let report = site.import(root);
    assert_eq!((report.updated, report.failed()), (1, 2), "{:?}", report.findings);
    assert_eq!(counts(&site.import(root)), (0, 1, 1, 0, 1), "the address is free by now");
}

#[test]
fn a_file_that_came_in_parts_comes_in_again() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__UPLOAD_LIMIT_BYTES", "100000"), ("MAGNETIQ__MEDIA__RESUMABLE_LIMIT_BYTES", "1000000")]);
    site.sign_in();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", "# A\n\n[film](film.txt) [too long](long.txt)");
    write(folder.path(), "film.txt", "x".repeat(200_000));
    write(folder.path(), "long.txt", "x".repeat(1_000_001));
    let report = site.import(folder.path());
    assert_eq!(counts(&report), (1, 0, 0, 1, 0));
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert!(matches!(&findings[..], [one] if one.contains("long.txt")), "{findings:?}");
}

#[test]
fn moments_that_have_passed_have_happened() {
    let site = Site::signed_in();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "shown.md", "---\npublishDate: 2024-01-01\n---\ntext");
    write(folder.path(), "over.md", "---\npublishDate: 2024-01-01\nexpiryDate: 2024-06-01\n---\ntext");
    write(folder.path(), "draft.md", "---\npublishDate: 2024-01-01\ndraft: true\n---\ntext");
    write(folder.path(), "draft-ahead.md", "---\npublishDate: 2025-11-24\ndraft: true\n---\none");
    write(folder.path(), "later.md", "---\npublishDate: 2025-11-24\n---\none");
    assert_eq!(site.import(folder.path()).created, 5);
    let state = |name: &str| {
        let page = site.get(&format!("/api/v1/admin/pages?q={name}")).json()["items"][0].clone();
        (page["status"].as_str().unwrap().to_owned(), page["publish_at"].clone(), page["unpublish_at"].clone())
    };
    assert_eq!(state("shown"), ("published".into(), json!(null), json!(null)));
    assert_eq!(state("over"), ("draft".into(), json!(null), json!(null)));
    assert_eq!(state("draft"), ("draft".into(), json!(null), json!(null)));
    assert_eq!(state("later"), ("draft".into(), json!("2025-11-24T00:00:00Z"), json!(null)));
    assert_eq!(state("draft-ahead"), ("draft".into(), json!(null), json!(null)), "a draft is not shown by itself");
    // What was to happen by itself is no edit of somebody: the file goes on being its page.
    site.pass_time(8 * 3600);
    for _ in 0..1500 {
        if site.get("/api/v1/pages/later").status == 200 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    site.sign_in();
    assert_eq!(site.import(folder.path()).unchanged, 5);
    write(folder.path(), "later.md", "---\npublishDate: 2025-11-24\n---\ntwo");
    let report = site.import(folder.path());
    assert_eq!((report.updated, &report.findings[..]), (1, &[][..]));
    assert!(site.get("/api/v1/pages/later").json()["html"].as_str().unwrap().contains("two"));
}
