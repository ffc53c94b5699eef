//! From an address to its view.

use magnetiq_storage::rusqlite::Connection;

use super::{
    address::Asked,
    rows,
    view::{Content, View},
    words::Words,
};
use crate::{
    error::Error,
    http::cursor::List,
    leads, menus,
    pages::{
        self, PageCard, languages,
        lists::{self, Asked as Which},
        redirects, search_index, tags,
    },
    site::Site,
    state::AppState,
};

/// The menu that stands on every page.
const MENU: &str = "main";

/// The view of `address`, a path with its query. What is not there is a view as well.
pub(super) async fn view(state: &AppState, address: &str) -> Result<View, Error> {
    let asked = Asked::of(address);
    let content = match content(state, &asked).await {
        Err(Error::NotFound { .. } | Error::BadRequest { .. }) => Content::NotFound,
        content => content?,
    };
    let site = Site::of(&state.live.current().settings.site);
    let words = Words::of(&site.language);
    let base = state.settings.server.public_url.as_str().trim_end_matches('/');
    let is_missing = matches!(content, Content::NotFound);
    let language = match &content {
        Content::Home { page: Some(page), .. } | Content::Page { page } => page.language.clone(),
        _ => None,
    };
    let kept = language.clone().unwrap_or_default();
    // One that the site does not have any more has no feeds.
    let feeds = if site.languages.contains(&kept) { redirects::path(&languages::home(&kept)) } else { String::new() };
    let menu = state.read(move |conn| menus::rows::shown(conn, MENU, &kept)).await?.map_or_else(Vec::new, |(_, items)| items);
    Ok(View {
        status: match content {
            Content::NotFound => 404,
            Content::Moved { .. } => 301,
            _ => 200,
        },
        title: title(&content, words),
        description: description(&content, &site),
        language: language.unwrap_or_else(|| site.language.clone()),
        canonical: match &content {
            Content::Home { page: Some(page), .. } | Content::Page { page } if !page.seo.canonical.is_empty() => page.seo.canonical.clone(),
            _ if is_missing => String::new(),
            _ => format!("{base}{}", asked.path()),
        },
        noindex: content.is_unlisted(&asked),
        feeds,
        site,
        menu,
        content,
    })
}

async fn content(state: &AppState, asked: &Asked) -> Result<Content, Error> {
    match asked {
        Asked::Form { slug } => Ok(Content::Form { form: leads::public::open(state, slug.clone()).await? }),
        Asked::Confirm => Ok(Content::Confirm),
        Asked::Preview => Ok(Content::Preview),
        asked => {
            let asked = asked.clone();
            if matches!(asked, Asked::Search { .. }) {
                search_index::before(state, &asked.list()).await;
            }
            state.read(move |conn| read(conn, asked)).await
        }
    }
}

fn read(conn: &Connection, asked: Asked) -> Result<Content, Error> {
    let query = asked.list();
    match asked {
        Asked::Home { .. } => {
            let own = Which { language: Some(String::new()), ..Which::default() };
            let mut list = lists::list_published(conn, &query, &own)?;
            list.items.retain(|card| card.slug != redirects::HOME);
            Ok(Content::Home { page: pages::rows::published(conn, redirects::HOME)?, list })
        }
        Asked::Page { slug } => match pages::rows::published(conn, &slug)? {
            // It has one address.
            Some(page) if page.slug == redirects::HOME => Ok(Content::Moved { to: "/".into() }),
            Some(page) => Ok(Content::Page { page }),
            None => {
                let target = redirects::target(conn, &slug)?;
                Ok(target.map_or(Content::NotFound, |slug| Content::Moved { to: redirects::path(&slug) }))
            }
        },
        Asked::Tag { tag, cursor } => {
            let list = lists::list_published(conn, &query, &Which { tag: Some(tag.clone()), ..Which::default() })?;
            let is_missing = list.items.is_empty() && cursor.is_none();
            Ok(if is_missing { Content::NotFound } else { Content::Tag { tag, list } })
        }
        Asked::Tags => Ok(Content::Tags { tags: tags::public_tags(conn, None)? }),
        Asked::Search { q, .. } if q.is_empty() => {
            Ok(Content::Search { q, list: List::<PageCard> { items: Vec::new(), next_cursor: None } })
        }
        Asked::Search { q, .. } => Ok(Content::Search { list: lists::list_published(conn, &query, &Which::default())?, q }),
        Asked::SiteMap => Ok(Content::SiteMap { pages: rows::names(conn)? }),
        Asked::Form { .. } | Asked::Confirm | Asked::Preview => Ok(Content::NotFound),
    }
}

fn title(content: &Content, words: &Words) -> String {
    match content {
        Content::Home { page: Some(page), .. } => page.seo.title.clone(),
        Content::Home { page: None, .. } | Content::Moved { .. } => String::new(),
        Content::Page { page } if page.seo.title.is_empty() => page.title.clone(),
        Content::Page { page } => page.seo.title.clone(),
        Content::Tag { tag, .. } => words.tagged(tag),
        Content::Tags { .. } => words.tags.clone(),
        Content::Search { q, .. } if q.is_empty() => words.search.clone(),
        Content::Search { q, .. } => format!("“{q}”"),
        Content::SiteMap { .. } => words.site_map.clone(),
        Content::Form { form } => form.title.clone(),
        Content::Confirm => words.confirm_title.clone(),
        Content::Preview => words.preview.clone(),
        Content::NotFound => words.not_found.clone(),
    }
}

fn description(content: &Content, site: &Site) -> String {
    let of_page = match content {
        Content::Home { page: Some(page), .. } | Content::Page { page } if page.seo.description.is_empty() => page.summary.clone(),
        Content::Home { page: Some(page), .. } | Content::Page { page } => page.seo.description.clone(),
        _ => String::new(),
    };
    match content {
        Content::Home { .. } if of_page.is_empty() => site.description.clone(),
        _ => of_page,
    }
}
