//! Pages in several languages: where they are, which say the same, and what programs are told of it.

use proptest::prelude::*;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site, etag};

fn site() -> Site {
    let site = Site::with(&[("MAGNETIQ__SITE__LANGUAGES", "de, pt-BR"), ("MAGNETIQ__SITE__TITLE", "Magnets")]);
    site.sign_in();
    site
}

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

fn create(site: &Site, fields: Value) -> Value {
    let answer = site.post("/api/v1/admin/pages", &fields);
    assert_eq!(answer.status, 201, "{answer:?}");
    let page = answer.json();
    assert_eq!(site.get(&path(&page)).json(), page);
    page
}

fn put(site: &Site, page: &Value, slug: &str) -> Answer {
    site.put(&path(page), "*", &json!({ "title": page["title"], "slug": slug, "summary": "", "body": "new" }))
}

fn set_language(site: &Site, page: &Value, language: Option<&str>, of: Option<&Value>) -> Answer {
    let body = json!({ "language": language, "translation_of": of.map(|page| &page["id"]) });
    site.put(&format!("{}/language", path(page)), &etag(page), &body)
}

fn slugs(site: &Site, address: &str) -> Vec<String> {
    let list = site.get(address).json();
    list["items"].as_array().unwrap().iter().map(|page| page["slug"].as_str().unwrap().to_owned()).collect()
}

/// The same page in English and German, both published.
fn pair(site: &Site) -> (Value, Value) {
    let en = site.publish(&create(site, json!({ "title": "About us", "body": "magnets", "tags": ["firm"] })));
    site.pass_time(60);
    let de = json!({ "title": "Über uns", "language": "DE", "translation_of": en["id"], "body": "Magnete magnets", "tags": ["firma"] });
    (en, site.publish(&create(site, de)))
}

#[test]
fn pages_of_other_languages_are_below_their_tag() {
    let site = site();
    assert_eq!(site.get("/api/v1/site").json()["languages"], json!(["de", "pt-BR"]));
    let (en, de) = pair(&site);
    assert_eq!((&en["slug"], &en["language"]), (&json!("about-us"), &Value::Null));
    assert_eq!((&de["slug"], &de["language"]), (&json!("de/uber-uns"), &json!("de")));
    let read = site.get("/api/v1/pages/de/uber-uns").json();
    assert_eq!(
        (&read["language"], &read["translations"]),
        (
            &json!("de"),
            &json!([
                { "language": null, "slug": "about-us", "title": "About us" },
                { "language": "de", "slug": "de/uber-uns", "title": "Über uns" },
            ])
        )
    );
    let home = site.publish(&create(&site, json!({ "title": "Start", "slug": "home", "language": "pt-br" })));
    assert_eq!((&home["slug"], &home["language"]), (&json!("pt-br"), &json!("pt-BR")));
    // The same words are an address in each language, and twice in none.
    let same = create(&site, json!({ "title": "x", "slug": "about-us", "language": "de" }));
    assert_eq!(same["slug"], "de/about-us");
    let twice = |fields: Value| site.post("/api/v1/admin/pages", &fields).json()["errors"][0]["pointer"].clone();
    assert_eq!(twice(json!({ "title": "x", "slug": "de/about-us", "language": "de" })), "/slug");
    assert_eq!(twice(json!({ "title": "x", "slug": "de/other" })), "/slug", "that is German");
    assert_eq!(twice(json!({ "title": "x", "slug": "de" })), "/slug");
    assert_eq!(twice(json!({ "title": "x", "language": "fr" })), "/language");
    let edited = put(&site, &same, "unter-uns").json();
    assert_eq!(edited["slug"], "de/unter-uns", "it is written with the tag or without");
    put(&site, &en, "de/about").check_problem(422, "invalid");
}

#[test]
fn lists_and_tags_are_of_one_language_or_of_all() {
    let site = site();
    pair(&site);
    assert_eq!(slugs(&site, "/api/v1/pages"), ["de/uber-uns", "about-us"]);
    assert_eq!(slugs(&site, "/api/v1/pages?language=de"), ["de/uber-uns"]);
    assert_eq!(slugs(&site, "/api/v1/pages?language=en"), ["about-us"]);
    assert_eq!(slugs(&site, "/api/v1/pages?language=fr").len(), 0);
    assert_eq!(slugs(&site, "/api/v1/pages?language=DE&q=magnets"), ["de/uber-uns"]);
    assert_eq!(slugs(&site, "/api/v1/pages?language=de&tag=firm").len(), 0);
    assert_eq!(site.get("/api/v1/tags?language=de").json(), json!([{ "tag": "firma", "pages": 1 }]));
    assert_eq!(slugs(&site, "/api/v1/admin/pages?language=de"), ["de/uber-uns"]);
    assert_eq!(slugs(&site, "/api/v1/admin/pages?missing=pt-BR"), ["de/uber-uns", "about-us"]);
    assert_eq!(slugs(&site, "/api/v1/admin/pages?missing=de").len(), 0);
    let alone = create(&site, json!({ "title": "Alone" }));
    assert_eq!(slugs(&site, "/api/v1/admin/pages?missing=de&q=alone"), ["alone"]);
    assert_eq!(alone["translations"], json!([]));
}

#[test]
fn translations_are_linked_moved_and_parted() {
    let site = site();
    let (en, de) = pair(&site);
    let other = create(&site, json!({ "title": "Sobre", "language": "pt-BR" }));
    let answer = site.post("/api/v1/admin/pages", &json!({ "title": "x", "language": "de", "translation_of": en["id"] }));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/language", "it has one in German already");
    let linked = set_language(&site, &other, Some("pt-BR"), Some(&de)).json();
    let languages = |page: &Value| page["translations"].as_array().unwrap().iter().map(|page| page["language"].clone()).collect::<Vec<_>>();
    assert_eq!(languages(&linked), [Value::Null, json!("de")]);
    assert_eq!(site.get("/api/v1/pages/about-us").json()["translations"].as_array().unwrap().len(), 2, "one of them is hidden");
    let same = set_language(&site, &linked, Some("pt-BR"), Some(&en)).json();
    assert_eq!(same["revision"], linked["revision"], "a change of nothing is none");
    set_language(&site, &other, None, None).check_problem(412, "precondition-failed");
    site.put(&format!("{}/language", path(&other)), "\"2\"", &json!({ "language": null, "translation_of": other["id"] }))
        .check_problem(422, "invalid");

    // A page that changes its language changes its address; the old one leads there.
    let parted = set_language(&site, &site.get(&path(&de)).json(), None, None).json();
    assert_eq!((&parted["slug"], languages(&parted).len()), (&json!("uber-uns"), 0));
    assert_eq!(site.get("/api/v1/pages/de/uber-uns").header("location"), "/api/v1/pages/uber-uns");
    assert_eq!(site.get("/api/v1/pages/about-us").json()["translations"], json!([]));
    let entry = site.get("/api/v1/admin/audit?action=page.language").json()["items"][0].clone();
    assert_eq!((&entry["before"]["slug"], &entry["after"]["slug"]), (&json!("de/uber-uns"), &json!("uber-uns")));

    // With a draft over it, both move.
    let draft = put(&site, &parted, "uns").json();
    let moved = set_language(&site, &draft, Some("de"), Some(&en)).json();
    assert_eq!((&moved["slug"], &moved["live_slug"]), (&json!("de/uns"), &json!("de/uber-uns")));

    // One that comes back from the trash finds its place taken.
    assert_eq!(site.request(Method::DELETE, &path(&moved), &[("if-match", "*")], None).status, 204);
    let second = create(&site, json!({ "title": "Wir", "language": "de", "translation_of": en["id"] }));
    assert_eq!(languages(&second).len(), 2);
    let back = site.restore(&moved["id"], &json!({ "slug": "zuruck" })).json();
    assert_eq!((&back["slug"], languages(&back).len()), (&json!("de/zuruck"), 0));
}

#[test]
fn visitors_copies_follow_what_is_beside_a_page() {
    let site = site();
    let (en, de) = pair(&site);
    let first = site.get("/api/v1/pages/about-us");
    let fresh = || site.request(Method::GET, "/api/v1/pages/about-us", &[("if-none-match", first.header("etag"))], None);
    assert_eq!(fresh().status, 304);
    let hidden = site.request(Method::POST, &format!("{}/unpublish", path(&de)), &[("if-match", "*")], None);
    assert_eq!(hidden.status, 200);
    assert_eq!((fresh().status, &fresh().json()["translations"]), (200, &json!([])));
    assert_eq!(en["translations"], json!([]));
}

#[test]
fn programs_are_told_of_translations() {
    let site = site();
    pair(&site);
    let sitemap = site.get("/sitemap.xml").text();
    let both = r#"<xhtml:link rel="alternate" hreflang="en" href="BASE/about-us"/><xhtml:link rel="alternate" hreflang="de" href="BASE/de/uber-uns"/><xhtml:link rel="alternate" hreflang="x-default" href="BASE/about-us"/>"#;
    let base = sitemap.split_once("<loc>").unwrap().1.split_once("/</loc>").unwrap().0.to_owned();
    assert_eq!(sitemap.matches(&both.replace("BASE", &base)).count(), 2, "{sitemap}");
    let feed = |address: &str| site.get(address).text();
    assert!(feed("/feed.xml").contains("<title>About us</title>") && !feed("/feed.xml").contains("Über"));
    let german = feed("/de/feed.xml");
    assert!(german.contains("<language>de</language>") && german.contains(&format!("<link>{base}/</link>")), "{german}");
    assert!(
        german.contains("Über uns")
            && german.contains("<category>firma</category>")
            && german.contains(&format!("href=\"{base}/de/feed.xml\""))
    );
    assert!(!feed("/feed.xml?tag=other").contains("<item>") && feed("/feed.xml?tag=firm").contains("<title>Magnets: firm</title>"));
    let atom = feed("/de/atom.xml?tag=firma");
    assert!(atom.contains("xml:lang=\"de\"") && atom.contains("/de/atom.xml?tag=firma\"/>"), "{atom}");
    site.get("/fr/atom.xml").check_problem(404, "feed-not-found");
    site.get("/fr/feed.xml").check_problem(404, "feed-not-found");
    site.get("/en/feed.xml").check_problem(404, "feed-not-found");
    let page = site.get("/de/uber-uns").text();
    for (language, path) in [("en", "about-us"), ("de", "de/uber-uns"), ("x-default", "about-us")] {
        assert!(page.contains(&format!("<link rel=\"alternate\" hreflang=\"{language}\" href=\"{base}/{path}\">")), "{page}");
    }
    assert!(page.contains("<html lang=\"de\""), "{page}");
    assert!(!site.get("/nothing").text().contains("hreflang"));
    for (path, feeds) in [("/de/uber-uns", "/de"), ("/about-us", ""), ("/", "")] {
        let page = site.get(path).text();
        for feed in ["type=\"application/rss+xml\" href=\"FEEDS/feed.xml\"", "href=\"FEEDS/atom.xml\"", "<a href=\"FEEDS/feed.xml\">"] {
            assert!(page.contains(&feed.replace("FEEDS", feeds)), "{path}: {page}");
        }
    }
}

#[test]
fn programs_are_told_of_what_is_to_be_found_alone() {
    let site = site();
    let (_, de) = pair(&site);
    let start = "<url><loc>BASE/</loc></url>"
        .replace("BASE", site.get("/robots.txt").text().split_once("Sitemap: ").unwrap().1.split_once("/sitemap").unwrap().0);
    let linked = |path: &str| site.get(path).text().matches("<link rel=\"alternate\" hreflang").count();
    assert_eq!((site.get("/sitemap.xml").text().matches(&start).count(), linked("/about-us"), linked("/de/uber-uns")), (1, 3, 3));
    let hide = |page: &Value| {
        let answer = site.put(
            &path(page),
            "*",
            &json!({ "title": page["title"], "slug": page["slug"], "summary": "", "body": "", "seo": { "noindex": true } }),
        );
        assert_eq!(answer.status, 200, "{answer:?}");
        site.publish(&answer.json());
    };
    hide(&de);
    assert_eq!((linked("/about-us"), linked("/de/uber-uns")), (0, 0));
    assert!(site.get("/about-us").text().contains("<a href=\"/de/uber-uns\" lang=\"de\""), "readers find it");
    let canonical = "https://example.com/start";
    let home = site.publish(&create(&site, json!({ "title": "Start", "slug": "home", "seo": { "canonical": canonical } })));
    assert!(site.get("/").text().contains(&format!("<link rel=\"canonical\" href=\"{canonical}\">")));
    hide(&home);
    let sitemap = site.get("/sitemap.xml").text();
    assert!(!sitemap.contains("/</loc>") && sitemap.matches("<url>").count() == 1, "{sitemap}");
    site.publish(&create(&site, json!({ "title": "Anfang", "slug": "home", "language": "de" })));
    assert!(site.get("/de/feed.xml").text().contains("/de</link>"), "there is a first page in German");
}

#[test]
fn a_long_sitemap_has_parts() {
    let site = site();
    assert_eq!(site.get("/sitemap-1.xml").status, 200);
    site.get("/sitemap-2.xml").check_problem(404, "not-found");
    let many =
        "INSERT INTO page (id, slug, title, summary, body, html, plain, renderer, status, revision, created_at, updated_at, published_at,
            live_at, live_revision)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2001)
        SELECT printf('00000000-0000-7000-8000-%012x', i), 'p' || i, 'P', '', '', '', '', 1, 'published', 1, 1, 1, 1, 1, 1 FROM n";
    site.store.write(move |tx| Ok(tx.execute_batch(many)?)).wait().unwrap();
    let index = site.get("/sitemap.xml").text();
    assert!(index.contains("<sitemapindex") && index.matches("<loc>").count() == 2 && index.contains("/sitemap-2.xml</loc>"), "{index}");
    let urls = |part: u32| site.get(&format!("/sitemap-{part}.xml")).text().matches("<url>").count();
    assert_eq!((urls(1), urls(2)), (2_001, 1), "with the start of the site");
    let kept = || {
        let metrics = site.get("/metrics").text();
        metrics.lines().find_map(|line| line.strip_prefix("magnetiq_answers_kept_total ")).unwrap().parse::<u64>().unwrap()
    };
    let before = kept();
    for address in ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/feed.xml", "/feed.xml"] {
        assert_eq!(site.get(address).status, 200);
    }
    assert_eq!(kept(), before + 4, "all but the feed were there");
    let home = create(&site, json!({ "title": "Start", "slug": "home" }));
    site.publish(&home);
    assert_eq!((urls(1), urls(2)), (2_000, 2), "it is named once");
    site.get("/sitemap-0.xml").check_problem(404, "not-found");
    site.get("/sitemap-3.xml").check_problem(404, "not-found");
}

/// What editors do to two pages.
#[derive(Clone, Debug)]
enum Step {
    Move(bool, u8),
    Speak(bool, u8),
    Publish(bool),
    Hide(bool),
    Discard(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (any::<bool>(), 0..4u8).prop_map(|(page, slug)| Step::Move(page, slug)),
        (any::<bool>(), 0..3u8).prop_map(|(page, language)| Step::Speak(page, language)),
        any::<bool>().prop_map(Step::Publish),
        any::<bool>().prop_map(Step::Hide),
        any::<bool>().prop_map(Step::Discard),
    ];
    proptest::collection::vec(step, 1..25)
}

/// Whatever editors do: each page that is shown is read at its own address, none is at another's, and every address at which one was shown
/// leads to a page that is shown, or to nothing.
#[test]
fn addresses_are_right_whatever_editors_do() {
    let site = site();
    let made = std::cell::Cell::new(0);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&steps(), |steps| {
        let number = made.get() + 1;
        made.set(number);
        let names = [format!("a{number}"), format!("b{number}")];
        let ids: Vec<Value> = names.iter().map(|name| create(&site, json!({ "title": name, "slug": name }))).collect();
        let mut shown = std::collections::BTreeSet::new();
        for step in steps {
            let page = |second: bool| &ids[usize::from(second)];
            let act = |second: bool, method: Method, action: &str| {
                site.request(method, &format!("{}/{action}", path(page(second))), &[("if-match", "*")], None)
            };
            let answer = match step {
                Step::Move(second, slug) => put(&site, page(second), &format!("{}{number}", ["a", "b", "c", "c/d"][usize::from(slug)])),
                Step::Speak(second, language) => site.put(
                    &format!("{}/language", path(page(second))),
                    "*",
                    &json!({ "language": ([None, Some("de"), Some("pt-BR")][usize::from(language)]), "translation_of": null }),
                ),
                Step::Publish(second) => act(second, Method::POST, "publish"),
                Step::Hide(second) => act(second, Method::POST, "unpublish"),
                Step::Discard(second) => act(second, Method::DELETE, "draft"),
            };
            prop_assert!(matches!(answer.status, 200 | 422), "{answer:?}");
            let now: Vec<Value> = ids.iter().map(|page| site.get(&path(page)).json()).collect();
            for page in &now {
                let prefix = page["language"].as_str().map(|tag| format!("{}/", tag.to_lowercase())).unwrap_or_default();
                let slug = page["slug"].as_str().unwrap();
                prop_assert!(slug.starts_with(&prefix) && (!prefix.is_empty() || !slug.starts_with("de/")), "{page}");
                if let Some(live) = page["live_slug"].as_str() {
                    shown.insert(live.to_owned());
                    let read = site.get(&format!("/api/v1/pages/{live}"));
                    prop_assert_eq!((read.status, &read.json()["slug"]), (200, &json!(live)));
                    prop_assert!(page["has_draft"] == true || page["slug"] == live);
                }
            }
            let live: Vec<&str> = now.iter().filter_map(|page| page["live_slug"].as_str()).collect();
            for slug in &shown {
                let answer = site.get(&format!("/api/v1/pages/{slug}"));
                match answer.status {
                    200 => prop_assert!(live.contains(&slug.as_str())),
                    301 => prop_assert!(live.iter().any(|live| answer.header("location").strip_prefix("/api/v1/pages/") == Some(*live))),
                    status => prop_assert_eq!(status, 404),
                }
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_page_that_left_its_translations_begins_anew() {
    let site = site();
    let (en, de) = pair(&site);
    let pt = create(&site, json!({ "title": "Sobre", "language": "pt-BR", "translation_of": de["id"] }));
    let alone = set_language(&site, &site.get(&path(&en)).json(), None, None).json();
    assert_eq!(alone["translations"], json!([]));
    // It was the first of them, and has another German one now, which has nothing to do with those that stayed together.
    let second = create(&site, json!({ "title": "Wir", "language": "de", "translation_of": en["id"] }));
    let ids = |page: &Value| -> Vec<Value> {
        let page = site.get(&path(page)).json();
        page["translations"].as_array().unwrap().iter().map(|other| other["id"].clone()).collect()
    };
    assert_eq!((ids(&en), ids(&second)), (vec![second["id"].clone()], vec![en["id"].clone()]));
    assert_eq!((ids(&de), ids(&pt)), (vec![pt["id"].clone()], vec![de["id"].clone()]));
}

#[test]
fn no_page_comes_to_where_it_can_not_be() {
    let site = site();
    let in_german = |slug: &str| create(&site, json!({ "title": "x", "slug": slug, "language": "de" }));
    let (of_ours, of_others) = (in_german("de/admin"), in_german("pt-br/x"));
    let long = create(&site, json!({ "title": "x", "slug": "x".repeat(199) }));
    for (page, language) in [(&of_ours, None), (&of_others, None), (&long, Some("de"))] {
        let refused = set_language(&site, page, language, None);
        refused.check_problem(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/slug");
        assert_eq!(site.get(&path(page)).json(), *page);
    }
    assert_eq!(set_language(&site, &of_others, Some("pt-BR"), None).json()["slug"], "pt-br/x");

    let page = create(&site, json!({ "title": "About" }));
    assert_eq!(site.request(Method::DELETE, &path(&page), &[("if-match", "*")], None).status, 204);
    for slug in ["de/about", "de", "media/about"] {
        site.restore(&page["id"], &json!({ "slug": slug })).check_problem(422, "invalid");
    }
    assert_eq!(site.restore(&page["id"], &json!({})).json()["slug"], "about");
}
