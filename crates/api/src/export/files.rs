//! Every file of an export, one after the other.

use std::collections::BTreeMap;

use magnetiq_storage::Store;
use serde_json::{Value, json};

use super::{Content, MEDIA, MEDIA_WORDS, MENUS, page_file, rows};
use crate::{
    error::Error,
    media::{details::MediaChange, folder::MediaFolder},
};

/// Pages that are read at once.
const BATCH: u32 = 50;

/// Hands over each file: its path with slashes, and what it has. Whoever changes the site meanwhile finds some of it before the change and
/// some after it; no page is half one and half the other.
pub(super) fn each(store: &Store, media: &MediaFolder, take: &mut dyn FnMut(&str, Content) -> Result<(), Error>) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let pages = store.read(move |conn| Ok(rows::pages(conn, after, BATCH)?)).wait()?;
        let Some(last) = pages.last() else { break };
        after = last.number;
        for page in &pages {
            take(&page_file::path(page), Content::Text(page_file::page_text(page)))?;
            if let Some(draft) = &page.draft {
                take(&page_file::draft_path(page), Content::Text(page_file::draft_text(page, draft)))?;
            }
        }
    }
    let menus = store.read(|conn| Ok(rows::all_menus(conn)?)).wait()?;
    if !menus.is_empty() {
        let menus: Vec<_> =
            menus.iter().map(|menu| json!({ "name": menu.row.name, "language": menu.row.language, "items": menu.items })).collect();
        take(MENUS, in_full(&json!({ "magnetiq": 1, "menus": menus }))?)?;
    }
    let mut words = BTreeMap::new();
    let mut after = String::new();
    loop {
        let files = store.read(move |conn| Ok(rows::media(conn, &after, BATCH)?)).wait()?;
        let Some(last) = files.last() else { break };
        after = last.sha256.clone();
        for rows::File { sha256, words: said } in files {
            take(&format!("{MEDIA}/{sha256}/{}", said.name), Content::Media { path: media.path(&sha256), sha256: sha256.clone() })?;
            if said != MediaChange::of_a_new_file(&said.name) {
                words.insert(sha256, said);
            }
        }
    }
    if words.is_empty() { Ok(()) } else { take(MEDIA_WORDS, in_full(&json!({ "magnetiq": 1, "media": words }))?) }
}

/// As people read it, and compare it with `diff`.
fn in_full(value: &Value) -> Result<Content, Error> {
    let text = serde_json::to_string_pretty(value).map_err(|source| Error::Json { source })?;
    Ok(Content::Text(text + "\n"))
}
