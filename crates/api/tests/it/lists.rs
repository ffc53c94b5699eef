//! What holds for every list that comes in parts.

use serde_json::{Value, json};

use crate::{
    leads,
    site::{Answer, Site},
};

/// Where the next part is, as `Link` says it.
fn next(answer: &Answer) -> Option<String> {
    let (next, _) = answer.header("link").strip_prefix('<')?.split_once(">; rel=\"next\"")?;
    Some(next.to_owned())
}

#[test]
fn a_list_leads_to_its_next_part() {
    let site = Site::signed_in();
    for n in 0..5 {
        site.publish(&site.create_page(&format!("Page {n}"), "text"));
    }
    for first in
        ["/api/v1/admin/pages?status=published&limit=2", "/api/v1/pages?language=en&limit=2", "/api/v1/pages?q=text&fields=title&limit=2"]
    {
        let (mut path, mut titles) = (Some(first.to_owned()), Vec::new());
        while let Some(here) = path {
            // The second answer comes from memory.
            let [answer, again] = [site.get(&here), site.get(&here)];
            assert_eq!((answer.text(), answer.header("link")), (again.text(), again.header("link")), "{here}");
            let list = answer.json();
            titles.extend(list["items"].as_array().unwrap().iter().map(|page| page["title"].as_str().unwrap().to_owned()));
            path = next(&answer);
            assert_eq!(path.is_none(), list["next_cursor"].is_null(), "{list}");
            assert!(path.iter().all(|next| first.split(['?', '&']).all(|part| next.contains(part))), "{path:?}");
        }
        titles.sort();
        assert_eq!(titles, ["Page 0", "Page 1", "Page 2", "Page 3", "Page 4"], "{first}");
    }
}

#[test]
fn lists_have_the_fields_that_were_asked_for() {
    let site = leads::site_with_a_lead();
    let page = site.publish(&site.create_page("One", "text"));
    let trashed = site.create_page("Two", "text");
    assert_eq!(site.upload("a.txt", b"text").status, 201);
    let path = |page: &Value| format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    assert_eq!(site.request(ureq::http::Method::DELETE, &path(&trashed), &[("if-match", "*")], None).status, 204);
    let revisions = format!("{}/revisions", path(&page));
    for (list, some) in [
        ("/api/v1/pages", "slug,title"),
        ("/api/v1/pages?q=text", "excerpt"),
        ("/api/v1/admin/pages?status=published", "id,revision"),
        ("/api/v1/admin/media", "url,id"),
        ("/api/v1/admin/leads", "id,email,state"),
        ("/api/v1/admin/audit", "at, action"),
        ("/api/v1/outbox", "id,state"),
        ("/api/v1/admin/trash", "id"),
        (&*revisions, "revision,saved_at"),
    ] {
        let and = if list.contains('?') { '&' } else { '?' };
        let whole = site.get(list).json();
        let items = whole["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{list}");
        let sparse = site.get(&format!("{list}{and}fields={}", some.replace(' ', "%20"))).json();
        let names: Vec<&str> = some.split(',').map(str::trim).collect();
        let expected: Vec<Value> = items
            .iter()
            .map(|item| names.iter().map(|name| ((*name).to_owned(), item[*name].clone())).collect::<serde_json::Map<_, _>>().into())
            .collect();
        assert_eq!(sparse, json!({ "items": expected, "next_cursor": whole["next_cursor"] }), "{list}");
        assert_eq!(site.get(&format!("{list}{and}fields=")).json(), whole, "{list}");

        // What can be chosen is all that an item has, and is told.
        let detail = site.get(&format!("{list}{and}fields={},secret", names[0])).check_problem(400, "bad-request");
        assert!(detail.contains("\"secret\""), "{detail}");
        let (_, told) = detail.split_once("They have: ").unwrap();
        let mut told: Vec<&str> = told.trim_end_matches('.').split(", ").collect();
        let mut known: Vec<&String> = items[0].as_object().unwrap().keys().collect();
        told.sort_unstable();
        known.sort_unstable();
        assert_eq!(told, known, "{list}");
    }
    // Also of a list that has nothing.
    site.get("/api/v1/pages?q=nothing&fields=body").check_problem(400, "bad-request");
    site.get("/api/v1/pages?fields=slug&fields=title").check_problem(400, "bad-request");
}
