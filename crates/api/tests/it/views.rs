//! What stands at an address of the site: as HTML, and as data for the page.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site};

const SITE: &[(&str, &str)] = &[
    ("MAGNETIQ__SITE__TITLE", "Glass & House"),
    ("MAGNETIQ__SITE__DESCRIPTION", "About plants"),
    ("MAGNETIQ__SERVER__PUBLIC_URL", "https://glass.example"),
];

fn published(site: &Site, fields: &Value) -> Value {
    let answer = site.post("/api/v1/admin/pages", fields);
    assert_eq!(answer.status, 201, "{answer:?}");
    site.publish(&answer.json())
}

fn with_pages() -> Site {
    let site = Site::with(SITE);
    site.sign_in();
    let body = "Words </script><b>about</b> it.\n\n![x](/media/ab/rose.png)";
    published(&site, &json!({ "title": "Roses <i>& co", "slug": "roses", "summary": "Red \"ones\"", "body": body, "tags": ["über uns"] }));
    site.create_page("Hidden plans", "secret");
    site
}

/// The document has each of these.
#[track_caller]
fn check(answer: &Answer, status: u16, parts: &[&str]) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("Hidden plans") && !text.contains("secret"), "{text}");
}

/// The view that the document carries.
fn data(answer: &Answer) -> Value {
    let text = answer.text();
    let (_, rest) = text.split_once(r#"<script id="view" type="application/json">"#).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_page_arrives_whole() {
    let site = with_pages();
    let answer = site.get("/roses");
    check(
        &answer,
        200,
        &[
            "<html lang=\"en\">",
            "<title>Roses &lt;i&gt;&amp; co · Glass &amp; House</title>",
            "<meta name=\"description\" content=\"Red &quot;ones&quot;\">",
            "<link rel=\"canonical\" href=\"https://glass.example/roses\">",
            "<meta property=\"og:type\" content=\"article\">",
            "<meta property=\"og:title\" content=\"Roses &lt;i&gt;&amp; co\">",
            "<meta property=\"og:image\" content=\"https://glass.example/media/ab/rose.png\">",
            "<meta name=\"twitter:card\" content=\"summary_large_image\">",
            "\"headline\":\"Roses \\u003ci>& co\"",
            "<h1 tabindex=\"-1\">Roses &lt;i&gt;&amp; co</h1>",
            "<b>about</b> it.",
            "<time datetime=\"2025-11-23T16:45:00Z\">23 November 2025</time>",
            "<a href=\"/tags/%C3%BCber%20uns\">über uns</a>",
        ],
    );
    let view = data(&answer);
    assert_eq!(view["content"]["page"]["title"], "Roses <i>& co");
    // The text is there once.
    assert_eq!(view["content"]["page"]["html"], Value::Null);
    let api = site.get("/api/v1/view?address=/roses").json();
    assert!(api["content"]["page"]["html"].as_str().unwrap().contains("<b>about</b>"));
    assert_eq!(api["title"], view["title"]);
}

#[test]
fn every_view_has_its_document_and_its_data() {
    let site = with_pages();
    let home = "\"@type\":\"WebSite\"";
    for (path, status, kind, parts) in [
        ("/", 200, "home", &["<title>Glass &amp; House</title>", "content=\"About plants\"", ">Roses &lt;i&gt;&amp; co</a>", home][..]),
        ("/?cursor=nonsense", 404, "not-found", &[][..]),
        ("/tags", 200, "tags", &["href=\"/tags/%C3%BCber%20uns\">über uns<span>1</span>"]),
        ("/tags/%C3%BCber%20uns", 200, "tag", &["Pages tagged “über uns”", "href=\"/roses\""]),
        ("/tags/none", 404, "not-found", &["Nothing is held here"]),
        ("/search?q=word", 200, "search", &["<mark>Words</mark>", "1 page for “word”", "value=\"word\"", "content=\"noindex\""]),
        ("/search?q=%3Cb%3E", 200, "search", &["0 pages for “&lt;b&gt;”", "Nothing was found"]),
        ("/search", 200, "search", &["Type a word or two"]),
        ("/sitemap", 200, "site-map", &["<a href=\"/roses\">"]),
        ("/confirm", 200, "confirm", &["content=\"noindex\""]),
        ("/preview", 200, "preview", &["content=\"noindex\""]),
        ("/hidden-plans", 404, "not-found", &["<title>Page not found · Glass &amp; House</title>", "content=\"noindex\""]),
        ("/%2e%2e%2fetc", 404, "not-found", &[]),
    ] {
        let answer = site.get(path);
        check(&answer, status, parts);
        assert_eq!(data(&answer)["content"]["kind"], kind, "{path}");
        let address: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let api = site.get(&format!("/api/v1/view?address={address}"));
        assert_eq!((api.status, &api.json()["content"]["kind"], &api.json()["status"]), (200, &json!(kind), &json!(status)), "{path}");
    }
    site.get("/api/v1/view").check_problem(400, "bad-request");
}

#[test]
fn what_has_moved_is_told_to_both() {
    let site = with_pages();
    let page = published(&site, &json!({ "title": "Old" }));
    let path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    let renamed = site.put(&path, "*", &json!({ "title": "Old", "slug": "new", "summary": "", "body": "" })).json();
    check(&site.get("/old"), 200, &[]);
    site.publish(&renamed);
    let moved = site.get("/old");
    assert_eq!((moved.status, moved.header("location")), (301, "/new"));
    assert_eq!(site.get("/api/v1/view?address=/old").json()["content"], json!({ "kind": "moved", "to": "/new" }));
    published(&site, &json!({ "title": "Start", "slug": "home", "body": "Welcome in" }));
    assert_eq!(site.get("/home").header("location"), "/");
    check(&site.get("/"), 200, &["<p>Welcome in</p>", "<title>Glass &amp; House</title>"]);
}

#[test]
fn a_document_is_kept_until_something_changes() {
    let site = with_pages();
    for path in ["/roses", "/api/v1/view?address=/roses"] {
        let get = |headers: &[(&str, &str)]| site.request(Method::GET, path, headers, None);
        let plain = get(&[]);
        let (etag, cache) = (plain.header("etag").to_owned(), plain.header("cache-control"));
        assert_eq!((cache, get(&[("if-none-match", &etag)]).status), ("no-cache", 304), "{path}");
        let small = get(&[("accept-encoding", "gzip")]);
        assert_eq!(small.header("content-encoding"), "gzip", "{path}");
        assert!(small.header("vary").contains("Accept-Encoding"), "{path}");
        assert_ne!(small.header("etag"), etag);
        assert_eq!(get(&[("accept-encoding", "gzip"), ("if-none-match", small.header("etag"))]).status, 304);
    }
    let etag = site.get("/").header("etag").to_owned();
    published(&site, &json!({ "title": "Another" }));
    assert_ne!(site.get("/").header("etag"), etag);
}

#[test]
fn a_form_is_for_one_visitor() {
    let site = with_pages();
    let field = |name: &str, kind: &str| json!({ "name": name, "label": name, "kind": kind, "required": true, "hint": "A hint" });
    let fields = json!([field("email", "email"), field("long", "long-text"), field("agree", "consent")]);
    let form = json!({ "slug": "contact", "title": "Write to us", "kind": "contact", "fields": fields, "notify": [], "double_opt_in": false,
        "thanks": "", "kept_days": 30, "open": true });
    assert_eq!(site.post("/api/v1/admin/forms", &form).status, 201);
    let (one, other) = (site.get("/forms/contact"), site.get("/forms/contact"));
    check(&one, 200, &["<h1 tabindex=\"-1\">Write to us</h1>", "<label for=\"field-email\">email</label>", "type=\"checkbox\"", "A hint"]);
    assert_eq!(one.header("cache-control"), "no-store");
    assert_ne!(data(&one)["content"]["form"]["token"], data(&other)["content"]["form"]["token"]);
    check(&site.get("/forms/none"), 404, &[]);
}

#[test]
fn the_words_are_those_of_the_sites_language() {
    let site = Site::with(&[("MAGNETIQ__SITE__LANGUAGE", "de-CH")]);
    check(&site.get("/gone"), 404, &["<html lang=\"de-CH\">", "Hier ist nichts", "Zum Inhalt springen", "content=\"de_CH\""]);
}

#[test]
fn the_menu_and_other_languages_stand_on_a_page() {
    let site = Site::with(&[("MAGNETIQ__SITE__LANGUAGES", "de")]);
    site.sign_in();
    let english = published(&site, &json!({ "title": "Opening hours", "slug": "hours" }));
    let german = json!({ "title": "Öffnungszeiten", "slug": "zeiten", "language": "de", "translation_of": english["id"] });
    published(&site, &german);
    let items = json!([
        { "label": "Guides", "items": [{ "page": english["id"], "items": [{ "label": "A & B", "url": "/search" }] }] },
        { "label": "Write", "url": "mailto:ana@example.com" },
    ]);
    assert_eq!(site.post("/api/v1/admin/menus", &json!({ "name": "main", "items": items })).status, 201);
    let answer = site.get("/hours");
    check(
        &answer,
        200,
        &[
            "<nav id=\"site-menu\" popover=\"auto\" class=\"site-menu\" aria-label=\"Menu\"><ul><li><details name=\"site-menu\"><summary>Guides</summary>",
            "<ul><li><a href=\"/hours\">Opening hours</a><ul><li><a href=\"/search\">A &amp; B</a></li></ul></li></ul></details></li>",
            "<li><a href=\"mailto:ana@example.com\">Write</a></li></ul></nav>",
            "<button class=\"tool menu-button\" type=\"button\" popovertarget=\"site-menu\" aria-label=\"Menu\">",
            "<a href=\"/hours\" lang=\"en\" hreflang=\"en\" title=\"Opening hours\" aria-current=\"true\">EN</a>",
            "<a href=\"/de/zeiten\" lang=\"de\" hreflang=\"de\" title=\"Öffnungszeiten\">DE</a>",
        ],
    );
    assert_eq!(data(&answer)["menu"][0]["label"], "Guides");
    check(&site.get("/de/zeiten"), 200, &["aria-label=\"Menü\"", "aria-label=\"Sprachen\"", "aria-current=\"true\">DE</a>"]);
}
