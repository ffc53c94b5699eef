//! A page as a file: front matter in YAML, and the text as it was written.

use std::fmt::Write;

use magnetiq_storage::rusqlite::Connection;

use super::rows::{self, Page, Text};
use crate::{
    error::Error,
    id::PageId,
    pages::{Status, redirects},
};

/// The files of a page that is there, for whoever has some in hand to compare them: its own, and that of its draft.
pub(crate) fn of(conn: &Connection, id: PageId) -> Result<Option<(String, Option<String>)>, Error> {
    Ok(rows::page(conn, id)?.map(|page| (page_text(&page), page.draft.as_ref().map(|draft| draft_text(&page, draft)))))
}

/// The path of a page's file.
pub(super) fn path(page: &Page) -> String {
    format!("{}.md", page.text.slug)
}

/// The path of the file of a page's draft. No address has a dot.
pub(super) fn draft_path(page: &Page) -> String {
    format!("{}.draft.md", page.text.slug)
}

pub(super) fn page_text(page: &Page) -> String {
    let mut front = Front::begin();
    front.text("id", &page.id.to_string());
    front.fields(&page.text);
    if !page.language.is_empty() {
        front.text("language", &page.language);
    }
    if let Some(group) = &page.group {
        front.text("translationKey", group);
    }
    if page.status == Status::Draft {
        front.raw("draft", "true");
    }
    for (key, time) in [
        ("created", Some(page.created_at)),
        ("date", page.published_at),
        ("lastmod", page.live_at),
        ("publishDate", page.publish_at),
        ("expiryDate", page.unpublish_at),
    ] {
        if let Some(time) = time {
            front.raw(key, &time.to_string());
        }
    }
    let aliases: Vec<String> = page.aliases.iter().map(|slug| redirects::path(slug)).collect();
    front.list("aliases", &aliases);
    front.end(&page.text.body)
}

pub(super) fn draft_text(page: &Page, draft: &Text) -> String {
    let mut front = Front::begin();
    front.text("draftOf", &page.id.to_string());
    front.fields(draft);
    front.end(&draft.body)
}

/// Front matter as it grows.
struct Front(String);

impl Front {
    /// `magnetiq`: the file is to be read to the letter. It counts the versions of this format.
    fn begin() -> Self {
        Self("---\nmagnetiq: 1\n".into())
    }

    fn raw(&mut self, key: &str, value: &str) {
        writeln!(self.0, "{key}: {value}").expect("a text takes all that is written");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &quoted(value));
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            self.raw(key, &format!("[{}]", values.join(", ")));
        }
    }

    fn fields(&mut self, text: &Text) {
        self.text("title", &text.title);
        self.text("permalink", &redirects::path(&text.slug));
        if !text.summary.is_empty() {
            self.text("summary", &text.summary);
        }
        self.list("tags", &text.tags);
        let seo = &text.seo;
        if *seo != crate::pages::Seo::default() {
            self.0.push_str("seo:\n");
            for (key, value) in [("title", &seo.title), ("description", &seo.description), ("canonical", &seo.canonical)] {
                if !value.is_empty() {
                    self.text(&format!("  {key}"), value);
                }
            }
            if seo.noindex {
                self.raw("  noindex", "true");
            }
        }
    }

    fn end(self, body: &str) -> String {
        format!("{}---\n{body}", self.0)
    }
}

/// In quotes, with escapes that JSON and YAML share.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // What ends a line to YAML, what is invisible, and what is no text at all.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                write!(quoted, "\\u{:04x}", u32::from(c)).expect("a text takes all that is written");
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
