//! The site as a folder, and back: nothing is lost on the way, and nothing that is not ours is touched.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::Site;

pub(crate) fn site() -> Site {
    let site = Site::with(&[("MAGNETIQ__SITE__LANGUAGES", "de, pt-BR")]);
    site.sign_in();
    site
}

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

pub(crate) fn create(site: &Site, fields: Value) -> Value {
    let answer = site.post("/api/v1/admin/pages", &fields);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn edit(site: &Site, page: &Value, change: Value) -> Value {
    let mut body = json!({ "title": page["title"], "slug": page["slug"], "summary": page["summary"], "body": page["body"] });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let answer = site.put(&path(page), "*", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Everything that a site is, as its API tells it; without what an export does not have: authors, revisions, and when rows were written.
pub(crate) fn everything(site: &Site) -> Value {
    let mut pages = Vec::new();
    for row in site.get("/api/v1/admin/pages?limit=100").json()["items"].as_array().unwrap() {
        let mut page = site.get(&path(row)).json();
        let live = page["live_slug"].as_str().map(|slug| {
            let mut live = site.get(&format!("/api/v1/pages/{slug}")).json();
            live["author"] = Value::Null;
            live
        });
        for key in ["author", "revision", "live_revision", "updated_at"] {
            page.as_object_mut().unwrap().remove(key);
        }
        pages.push((page["id"].to_string(), page, live));
    }
    pages.sort_by(|a, b| a.0.cmp(&b.0));
    let menus: Vec<Value> = site
        .get("/api/v1/admin/menus")
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|menu| {
            let menu = site.get(&format!("/api/v1/admin/menus/{}", menu["id"].as_str().unwrap())).json();
            json!([menu["name"], menu["language"], menu["items"], menu["pages"]])
        })
        .collect();
    let mut media: Vec<String> = site.get("/api/v1/admin/media?limit=100").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| json!([file["url"], file["alt"], file["tags"], file["focal_point"]]).to_string())
        .collect();
    media.sort();
    let redirects = site.store.read(|conn| {
        let mut statement = conn.prepare("SELECT concat(page_redirect.slug, ' ', id) FROM page_redirect JOIN page ON number = page_number WHERE deleted_at IS NULL ORDER BY 1")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    });
    json!({
        "pages": pages.into_iter().map(|(_, page, live)| json!([page, live])).collect::<Vec<_>>(),
        "menus": menus, "media": media, "redirects": redirects.wait().unwrap(),
        "feed": site.get("/feed.xml").text().replace(&site.address.to_string(), ""), "tags": site.get("/api/v1/tags").json(),
        "list": site.get("/api/v1/pages?limit=100").json()["items"].as_array().unwrap().iter().map(|card| json!([card["slug"], card["updated_at"]])).collect::<Vec<_>>(),
    })
}

/// Every file of a folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[track_caller]
fn check_round_trip(site: &Site) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("site");
    let report = site.export(&root).unwrap();
    assert_eq!(report.refused, []);
    let before = files(&root);
    let again = site.export(&root).unwrap();
    assert_eq!((again.written, again.removed, again.unchanged), (0, 0, report.written));
    assert_eq!(files(&root), before);
    let other = self::site();
    let imported = other.import(&root);
    assert_eq!(imported.findings, []);
    pretty_eq(&everything(&other), &everything(site));
    let third = folder.path().join("third");
    other.export(&third).unwrap();
    assert_eq!(files(&third), before);
    let twice = other.import(&root);
    assert_eq!((twice.created, twice.updated, twice.media, twice.menus, &twice.findings[..]), (0, 0, 0, 0, &[][..]));
    // Where it came from it changes nothing either.
    let own = site.import(&root);
    assert_eq!((own.created, own.updated, own.media, own.menus, &own.findings[..]), (0, 0, 0, 0, &[][..]));
}

#[track_caller]
pub(crate) fn pretty_eq(is: &Value, expected: &Value) {
    if is != expected {
        let [is, expected] = [is, expected].map(|value| serde_json::to_string_pretty(value).unwrap());
        let differ: Vec<(&str, &str)> = is.lines().zip(expected.lines()).filter(|(a, b)| a != b).take(20).collect();
        panic!("{differ:#?}");
    }
}

#[test]
fn a_site_comes_back_as_it_was() {
    let site = site();
    let file = site.upload("Große Datei.txt", b"some text").json();
    let words = json!({ "name": "Datei 2.txt", "alt": "What it \"says\"", "tags": ["b", "a"], "focal_point": { "x": 0.1, "y": 1.0 } });
    let file = site.put(&format!("/api/v1/admin/media/{}", file["id"].as_str().unwrap()), "*", &words).json();
    // No page, whatever it is called.
    assert_eq!(site.upload("notes.md", b"# Notes").status, 201);
    let home = site.publish(&create(&site, json!({ "title": "Home", "slug": "home", "body": "# Home\n\nhello" })));
    let body = format!("---\nno front matter\n---\n\n[file]({})\n\n[relative](home) `/media/x`\r\n\ttab", file["url"].as_str().unwrap());
    let seo = json!({ "title": "S: 'x' \"y\"", "description": "#no", "canonical": "https://example.com/?a=1&b", "noindex": true });
    let about = create(&site, json!({ "title": "  true  ", "summary": "- null: [x]", "body": body, "tags": ["a", "b c"], "seo": seo }));
    let about = site.publish(&about);
    site.pass_time(60);
    let about = site.publish(&edit(&site, &about, json!({ "slug": "firm/about", "title": "About \u{2028} us" })));
    let draft = edit(&site, &about, json!({ "slug": "firm/us", "title": "Draft", "body": "waits", "tags": [], "seo": {} }));
    let plan = json!({ "publish_at": "2026-01-01T00:00:00Z", "unpublish_at": "2026-02-01T00:00:00Z" });
    assert_eq!(site.put(&format!("{}/schedule", path(&draft)), "*", &plan).status, 200);
    let german = site.publish(&create(&site, json!({ "title": "Über uns", "language": "de", "translation_of": about["id"] })));
    create(&site, json!({ "title": "Start", "slug": "home", "language": "de", "body": "\n\nbegins with lines\n\n" }));
    let hidden = site.publish(&create(&site, json!({ "title": "Was shown" })));
    assert_eq!(site.request(Method::POST, &format!("{}/unpublish", path(&hidden)), &[("if-match", "*")], None).status, 200);
    let trashed = create(&site, json!({ "title": "Trash" }));
    assert_eq!(site.request(Method::DELETE, &path(&trashed), &[("if-match", "*")], None).status, 204);
    let items = json!([{ "page": about["id"], "label": "", "url": null, "items": [{ "label": "x", "url": "/search", "page": null, "items": [] }] }]);
    for language in [None, Some("de")] {
        assert_eq!(site.post("/api/v1/admin/menus", &json!({ "name": "main", "language": language, "items": items })).status, 201);
    }
    check_round_trip(&site);
    assert_eq!((home["slug"].as_str(), german["slug"].as_str()), (Some("home"), Some("de/uber-uns")));
}

/// A page as strange as the API takes it.
fn page() -> impl Strategy<Value = Value> {
    let line = "[ -~äß€\u{2028}\u{feff}\u{1f600}]{0,20}";
    let words = proptest::collection::vec("[a-z0-9 ü#:'-]{1,10}", 0..3);
    (
        ("[a-zA-Z\"'\\\\:#{\\[ -]{0,10}[a-z0-9]", line, "(\\PC|[\n\t\r]){0,40}", words),
        (line, any::<bool>()),
        (0..3usize, any::<bool>(), any::<bool>()),
    )
        .prop_map(|((title, summary, body, tags), (seo_title, noindex), (language, publish, draft))| {
            let tags: Vec<String> = tags.into_iter().filter(|tag| !tag.trim().is_empty()).collect();
            json!({
                "fields": {
                    "title": title, "summary": summary, "body": body, "tags": tags, "language": ([None, Some("de"), Some("pt-BR")][language]),
                    "seo": { "title": seo_title, "noindex": noindex },
                },
                "publish": publish, "draft": draft,
            })
        })
}

#[test]
fn whatever_people_write_comes_back() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6,
        failure_persistence: None,
        max_shrink_iters: 30,
        ..ProptestConfig::default()
    });
    let result = runner.run(&proptest::collection::vec(page(), 1..12), |pages| {
        let site = site();
        for (number, page) in pages.iter().enumerate() {
            let mut fields = page["fields"].clone();
            fields["slug"] = json!(format!("p{number}--x/y"));
            let mut made = create(&site, fields.clone());
            if page["publish"] == true {
                made = site.publish(&made);
                site.pass_time(1);
                made = site.publish(&edit(&site, &made, json!({ "slug": format!("q{number}") })));
            }
            if page["draft"] == true {
                edit(&site, &made, json!({ "title": format!("{} later", made["title"].as_str().unwrap()), "body": "new" }));
            }
        }
        check_round_trip(&site);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let site = site();
    let page = site.publish(&create(&site, json!({ "title": "One" })));
    let two = create(&site, json!({ "title": "Two", "slug": "deep/down/two" }));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("mine.txt"), "mine").unwrap();
    let error = site.export(root).unwrap_err();
    assert!(magnetiq_api::Error::to_string(&error).contains("export into"), "{error}");
    assert_eq!(files(root).len(), 1);
    fs::remove_file(root.join("mine.txt")).unwrap();
    assert_eq!(site.export(root).unwrap().written, 2);

    // A file beside them stays; one that was changed stays, too, and is named.
    fs::write(root.join("mine.txt"), "mine").unwrap();
    fs::write(root.join("one.md"), "changed").unwrap();
    edit(&site, &two, json!({ "body": "new" }));
    let report = site.export(root).unwrap();
    let refused: Vec<String> = report.refused.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!((report.written, refused), (1, vec!["one.md".to_owned()]));
    assert_eq!(fs::read_to_string(root.join("one.md")).unwrap(), "changed");
    // Put away, it comes again.
    fs::remove_file(root.join("one.md")).unwrap();
    assert_eq!(site.export(root).unwrap().written, 1);

    // What is gone is removed, with the folders that are empty then.
    assert_eq!(site.request(Method::DELETE, &path(&two), &[("if-match", "*")], None).status, 204);
    assert_eq!(site.export(root).unwrap().removed, 1);
    assert!(!root.join("deep").exists());
    // Unless it was changed.
    fs::write(root.join("one.md"), "changed").unwrap();
    assert_eq!(site.request(Method::DELETE, &path(&page), &[("if-match", "*")], None).status, 204);
    assert_eq!(site.export(root).unwrap().refused.len(), 1);
    assert_eq!(files(root).keys().filter(|name| !name.starts_with('.')).collect::<Vec<_>>(), ["mine.txt", "one.md"]);

    // No link is followed out of the folder.
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
    create(&site, json!({ "title": "x", "slug": "out/x" }));
    assert!(site.export(root).unwrap().refused.iter().any(|(path, _)| path == Path::new("out/x.md")));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn what_is_said_of_a_file_here_stays() {
    let site = site();
    let file = site.upload("a.txt", b"text").json();
    let path = format!("/api/v1/admin/media/{}", file["id"].as_str().unwrap());
    let words = |alt: &str| json!({ "name": "a.txt", "alt": alt, "tags": [], "focal_point": { "x": 0.5, "y": 0.5 } });
    create(&site, json!({ "title": "One" }));
    assert_eq!(site.put(&path, "*", &words("first")).status, 200);
    let folder = tempfile::tempdir().unwrap();
    site.export(folder.path()).unwrap();
    assert_eq!(site.put(&path, "*", &words("second")).status, 200);
    let report = site.import(folder.path());
    assert!(report.findings.iter().any(|finding| !finding.fatal && finding.message.contains("left alone")), "{:?}", report.findings);
    assert_eq!(site.get(&path).json()["alt"], "second");
    assert_eq!(site.put(&path, "*", &words("")).status, 200);
    assert_eq!(site.import(folder.path()).findings.iter().filter(|finding| finding.message.contains("is said")).count(), 0);
    assert_eq!(site.get(&path).json()["alt"], "first");
}

#[test]
fn what_others_wrote_says_more_now() {
    let site = site();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("about.md", "---\ntitle: About\ntags: [Firm, ' we ']\naliases: [/old/about.html, /a]\ntranslationKey: about\n---\ntext");
    write("ueber.md", "---\ntitle: Über\nlang: de\ntranslationKey: about\n---\n[about](about.md)");
    write("later.md", "---\ntitle: Later\npublishDate: 2026-01-01\n---\ntext");
    write("odd.md", "---\ntitle: Odd\nlang: tlh\n---\ntext");
    let report = site.import(folder.path());
    assert_eq!((report.created, report.findings.len()), (4, 1), "{:?}", report.findings);
    let about = site.get("/api/v1/pages/about").json();
    assert_eq!((&about["tags"], about["translations"].as_array().unwrap().len()), (&json!(["firm", "we"]), 2));
    assert_eq!(site.get("/old/about").header("location"), "/about");
    assert_eq!(site.get("/a").header("location"), "/about");
    assert!(site.get("/api/v1/pages/de/ueber").json()["html"].as_str().unwrap().contains("href=\"/about\""));
    let later = &site.get("/api/v1/admin/pages?q=later").json()["items"][0];
    assert_eq!((&later["status"], &later["publish_at"]), (&json!("draft"), &json!("2026-01-01T00:00:00Z")));
    assert_eq!(site.import(folder.path()).unchanged, 4);
}

#[test]
fn a_plan_whose_moment_passes_on_the_way_is_caught_up_with() {
    let site = site();
    let page = create(&site, json!({ "title": "Sale" }));
    let plan = json!({ "publish_at": "2025-11-24T00:00:00Z", "unpublish_at": null });
    assert_eq!(site.put(&format!("{}/schedule", path(&page)), "*", &plan).status, 200);
    let folder = tempfile::tempdir().unwrap();
    site.export(folder.path()).unwrap();
    let other = self::site();
    other.pass_time(24 * 3600);
    assert_eq!(other.import(folder.path()).created, 1);
    for _ in 0..1500 {
        if other.get("/api/v1/pages/sale").status == 200 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("it stays hidden");
}
