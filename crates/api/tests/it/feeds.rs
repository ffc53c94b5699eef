//! What search engines and readers of news get.

use expect_test::{Expect, expect};
use serde_json::json;
use ureq::http::Method;

use crate::site::Site;

fn site() -> Site {
    let site = Site::with(&[
        ("MAGNETIQ__SERVER__PUBLIC_URL", "https://www.example.com/"),
        ("MAGNETIQ__SITE__TITLE", "Ana & Bob"),
        ("MAGNETIQ__SITE__DESCRIPTION", "What we <do>"),
    ]);
    let base = [("origin", "https://www.example.com"), ("content-type", "application/json")];
    let body = json!({ "email": crate::site::EMAIL, "password": crate::site::PASSWORD }).to_string();
    let answer = site.request(Method::POST, "/api/v1/auth/login", &base, Some(body.as_bytes()));
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let mut headers = base.to_vec();
    headers.push(("cookie", &cookie));
    for (title, slug, summary) in [("Home", "home", ""), ("“Quotes” & <tags>", "guides/quotes", "A > B & \"C\""), ("Draft", "draft", "")]
    {
        site.pass_time(60);
        let page = json!({ "title": title, "slug": slug, "summary": summary });
        let page = site.request(Method::POST, "/api/v1/admin/pages", &headers, Some(page.to_string().as_bytes()));
        assert_eq!(page.status, 201, "{page:?}");
        if slug != "draft" {
            let path = format!("/api/v1/admin/pages/{}/publish", page.json()["id"].as_str().unwrap());
            let mut headers = headers.clone();
            headers.push(("if-match", "*"));
            assert_eq!(site.request(Method::POST, &path, &headers, None).status, 200);
        }
    }
    site
}

#[track_caller]
fn check(site: &Site, path: &str, media_type: &str, expected: Expect) {
    let answer = site.get(path);
    assert_eq!((answer.status, answer.header("content-type")), (200, media_type));
    let mut text = answer.text();
    // Ids are random.
    while let Some(at) = text.find("urn:uuid:") {
        text.replace_range(at..at + "urn:uuid:".len() + 36, "ID");
    }
    expected.assert_eq(&text.replace("><", ">\n<"));
    if !answer.header("etag").is_empty() {
        let fresh = site.request(Method::GET, path, &[("if-none-match", answer.header("etag"))], None);
        assert_eq!((fresh.status, fresh.body.len()), (304, 0));
    }
}

#[test]
fn robots_and_readers_find_what_is_published() {
    let site = site();
    check(
        &site,
        "/sitemap.xml",
        "application/xml",
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
            <url>
            <loc>https://www.example.com/</loc>
            <lastmod>2025-11-23T16:46:00Z</lastmod>
            </url>
            <url>
            <loc>https://www.example.com/guides/quotes</loc>
            <lastmod>2025-11-23T16:47:00Z</lastmod>
            </url>
            </urlset>"#]],
    );
    check(
        &site,
        "/feed.xml",
        "application/rss+xml; charset=utf-8",
        expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
        <channel>
        <title>Ana &amp; Bob</title>
        <link>https://www.example.com/</link>
        <description>What we &lt;do&gt;</description>
        <language>en</language>
        <atom:link rel="self" type="application/rss+xml" href="https://www.example.com/feed.xml"/>
        <item>
        <title>“Quotes” &amp; &lt;tags&gt;</title>
        <link>https://www.example.com/guides/quotes</link>
        <guid isPermaLink="false">ID</guid>
        <pubDate>Sun, 23 Nov 2025 16:47:00 GMT</pubDate>
        <description>A &gt; B &amp; &quot;C&quot;</description>
        </item>
        <item>
        <title>Home</title>
        <link>https://www.example.com/</link>
        <guid isPermaLink="false">ID</guid>
        <pubDate>Sun, 23 Nov 2025 16:46:00 GMT</pubDate>
        </item>
        </channel>
        </rss>"#]],
    );
    check(
        &site,
        "/atom.xml",
        "application/atom+xml; charset=utf-8",
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
            <id>https://www.example.com/atom.xml</id>
            <title>Ana &amp; Bob</title>
            <subtitle>What we &lt;do&gt;</subtitle>
            <updated>2025-11-23T16:47:00Z</updated>
            <author>
            <name>Ana &amp; Bob</name>
            </author>
            <link rel="self" type="application/atom+xml" href="https://www.example.com/atom.xml"/>
            <link rel="alternate" type="text/html" href="https://www.example.com/"/>
            <entry>
            <id>ID</id>
            <title>“Quotes” &amp; &lt;tags&gt;</title>
            <link rel="alternate" type="text/html" href="https://www.example.com/guides/quotes"/>
            <published>2025-11-23T16:47:00Z</published>
            <updated>2025-11-23T16:47:00Z</updated>
            <author>
            <name>Ana</name>
            </author>
            <summary>A &gt; B &amp; &quot;C&quot;</summary>
            </entry>
            <entry>
            <id>ID</id>
            <title>Home</title>
            <link rel="alternate" type="text/html" href="https://www.example.com/"/>
            <published>2025-11-23T16:46:00Z</published>
            <updated>2025-11-23T16:46:00Z</updated>
            <author>
            <name>Ana</name>
            </author>
            </entry>
            </feed>"#]],
    );
    check(
        &site,
        "/robots.txt",
        "text/plain; charset=utf-8",
        expect![[r#"
        User-agent: *
        Disallow: /admin$
        Disallow: /admin/

        Sitemap: https://www.example.com/sitemap.xml
    "#]],
    );
}

#[test]
fn a_site_without_pages_has_them_too() {
    let site = Site::start();
    assert!(site.get("/sitemap.xml").text().contains("<loc>"));
    assert!(!site.get("/feed.xml").text().contains("<item>"));
    let atom = site.get("/atom.xml").text();
    assert!(!atom.contains("<entry>") && atom.contains("<updated>1970-01-01T00:00:00Z</updated>"), "{atom}");
}
