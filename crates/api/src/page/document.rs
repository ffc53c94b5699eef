//! A view as a whole document.

use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use serde_json::Value;

use super::{
    article, form, head, layout, lists,
    view::{Content, View},
    words::Words,
};
use crate::error::Error;

/// The document of a view: what is in it for people and for programs, and the view itself for the page that takes over. `base`: the site's
/// address without a slash at its end.
pub(super) fn of(view: &View, base: &str) -> Result<String, Error> {
    let words = Words::of(&view.language);
    let head = head::of(view, base)?;
    let body = if view.content.is_drawn_by_the_page() { noscript(words) } else { layout::around(view, words, &content(view, words)) };
    let data = html! { script id="view" type="application/json" { (data(&without_text(view)?)?) } };
    Ok(magnetiq_web::document(&view.language, &head.into_string(), &body.into_string(), &data.into_string()))
}

/// The document without a view: the page asks the API for all that it shows.
pub(super) fn admin(site: &magnetiq_config::Site) -> String {
    magnetiq_web::document(&site.language, &html! { title { (site.title) } }.into_string(), "", "")
}

/// The text of a page stands in the document already: the page takes it from there.
fn without_text(view: &View) -> Result<Value, Error> {
    let mut value = serde_json::to_value(view).map_err(|source| Error::Json { source })?;
    if let Some(Value::Object(page)) = value.pointer_mut("/content/page") {
        page.remove("html");
    }
    Ok(value)
}

/// JSON as it may stand in a `<script>`: nothing in a text ends the element, since every `<` is written as an escape.
pub(super) fn data(value: &impl Serialize) -> Result<Markup, Error> {
    let json = serde_json::to_string(value).map_err(|source| Error::Json { source })?;
    Ok(PreEscaped(json.replace('<', "\\u003c")))
}

fn noscript(words: &Words) -> Markup {
    html! { noscript { p { (words.needs_script) } } }
}

fn content(view: &View, words: &Words) -> Markup {
    let lang = &view.language;
    match &view.content {
        Content::Home { page, list } => lists::home(&view.site, page.as_ref(), list, words),
        Content::Page { page } => article::page(page, lang, words),
        Content::Tag { tag, list } => lists::tag(tag, list, words),
        Content::Tags { tags } => lists::tags(tags, words),
        Content::Search { q, list } => lists::search(q, list, words),
        Content::SiteMap { pages } => lists::site_map(pages, words),
        Content::Form { form } => form::form(form, words),
        Content::NotFound | Content::Moved { .. } => layout::not_found(words),
        Content::Confirm | Content::Preview => html! {},
    }
}
