//! One Markdown file as the page it will be.

use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::front_matter::{self, FrontMatter, Mistake};
use crate::{
    clock::Time,
    pages::{markdown, redirects::HOME, slug},
};

/// A file that could be read.
#[derive(Debug)]
pub(super) struct Document {
    /// Relative to the imported folder.
    pub(super) source: PathBuf,
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) summary: Option<String>,
    pub(super) date: Option<Time>,
    /// All that the file says.
    pub(super) front: FrontMatter,
    pub(super) body: String,
    /// The line of the file that the body begins on.
    pub(super) body_line: usize,
    /// The whole file, where an export wrote it.
    pub(super) text: Option<String>,
    /// The draft over it, where the folder has one.
    pub(super) draft: Option<Box<Document>>,
}

/// Reads a file's text. `source` is its path relative to the imported folder.
pub(super) fn parse(source: &Path, bytes: &[u8]) -> Result<Document, Mistake> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Mistake { line, message: "the file is not UTF-8 text".into() }
    })?;
    let split = front_matter::split(text)?;
    let front = split.front_matter;
    if front.exact {
        return exact(source, text, front, split.body, split.body_line);
    }
    let (name_date, stem) = dated_stem(source);
    let heading = first_heading(split.body);
    let title = front
        .title
        .clone()
        .or_else(|| heading.as_ref().map(|heading| heading.text.clone()))
        .unwrap_or_else(|| title_of_stem(source, &stem));
    // A heading that only repeats the title would stand on the page twice.
    let (body, skipped) = match &heading {
        Some(heading) if heading.text == title => split_at_line(split.body, heading.end),
        _ => split_at_line(split.body, 0),
    };
    let slug = slug_of(source, &stem, &front);
    if let Some(problem) = slug::problem(&slug) {
        return Err(Mistake { line: 1, message: format!("its address would be {slug:?}: {problem}") });
    }
    Ok(Document {
        source: source.to_owned(),
        slug,
        title: title.chars().take(200).collect(),
        summary: front.summary.as_deref().map(|summary| shorten(summary, 500)),
        date: front.date.or(name_date),
        front,
        body: body.to_owned(),
        body_line: split.body_line + skipped,
        text: None,
        draft: None,
    })
}

/// What an export wrote is the page as it is.
fn exact(source: &Path, text: &str, front: FrontMatter, body: &str, body_line: usize) -> Result<Document, Mistake> {
    let missing = |key: &str| Mistake { line: 2, message: format!("an exported page has {key}, and this one has not") };
    let slug = match front.address.as_deref().ok_or_else(|| missing("permalink"))? {
        "/" => HOME,
        address => address.trim_matches('/'),
    };
    if let Some(problem) = slug::problem(slug) {
        return Err(Mistake { line: 2, message: format!("its address would be {slug:?}: {problem}") });
    }
    Ok(Document {
        source: source.to_owned(),
        slug: slug.to_owned(),
        title: front.title.clone().ok_or_else(|| missing("title"))?,
        summary: Some(front.summary.clone().unwrap_or_default()),
        date: front.date,
        front,
        body: body.to_owned(),
        body_line,
        text: Some(text.to_owned()),
        draft: None,
    })
}

/// The address: of `permalink`, else the folders and `slug` or the file's name. `index` and `readme` stand for their folder, and at the top
/// for the home page.
fn slug_of(source: &Path, stem: &str, front: &FrontMatter) -> String {
    let part = |text: &str| slug::part(text);
    if let Some(address) = front.address.as_deref().filter(|address| !address.contains([':', '{'])) {
        let whole = address.trim_matches('/');
        if slug::problem(whole).is_none() {
            return whole.to_owned();
        }
        let parts: Vec<String> = address.trim_end_matches(".html").split('/').map(part).filter(|part| !part.is_empty()).collect();
        return if parts.is_empty() { "home".into() } else { parts.join("/") };
    }
    // Jekyll's folder of posts is no part of their addresses.
    let placed = source.strip_prefix("_posts").unwrap_or(source);
    let mut parts: Vec<String> = placed
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .filter_map(|component| match component {
            Component::Normal(folder) => Some(part(&folder.to_string_lossy())),
            _ => None,
        })
        .filter(|part| !part.is_empty())
        .collect();
    let is_index = matches!(stem.to_ascii_lowercase().as_str(), "index" | "_index" | "readme");
    match &front.slug {
        Some(slug) if is_index => {
            parts.pop();
            parts.push(part(slug));
        }
        Some(slug) => parts.extend(slug.split('/').map(part).filter(|part| !part.is_empty())),
        None if is_index => {}
        None => parts.push(Some(part(stem)).filter(|part| !part.is_empty()).unwrap_or_else(|| "page".into())),
    }
    if parts.is_empty() { "home".into() } else { parts.join("/") }
}

/// Jekyll's `2024-05-06-hello.md` has its date in its name.
fn dated_stem(source: &Path) -> (Option<Time>, String) {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let (Some(date), Some(rest)) = (stem.get(..10), stem.get(10..))
        && let (Some(date), Some(name)) = (front_matter::parse_date(date), rest.strip_prefix('-'))
        && date.as_millis() >= 0
        && !name.is_empty()
    {
        return (Some(date), name.to_owned());
    }
    (None, stem)
}

/// `getting_started` becomes `Getting started`.
fn title_of_stem(source: &Path, stem: &str) -> String {
    let named = match stem.to_ascii_lowercase().as_str() {
        "index" | "_index" | "readme" => {
            source.parent().and_then(Path::file_name).map_or("Home".into(), |name| name.to_string_lossy().into_owned())
        }
        _ => stem.to_owned(),
    };
    let words = named.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(|| "Untitled".into(), |first| first.to_uppercase().chain(letters).collect())
}

struct Heading {
    text: String,
    /// Byte in the body after it.
    end: usize,
}

/// The heading of the first level that the body begins with.
fn first_heading(body: &str) -> Option<Heading> {
    let mut events = Parser::new_ext(body, markdown::options()).into_offset_iter();
    let Some((Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), range)) = events.next() else { return None };
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::End(TagEnd::Heading(_)) => break,
            _ => {}
        }
    }
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(Heading { text, end: range.end })
}

/// What comes after `end` and the empty lines there, and how many lines were skipped.
fn split_at_line(body: &str, end: usize) -> (&str, usize) {
    let rest = body[end..].trim_start_matches(['\n', '\r']);
    let skipped = body[..body.len() - rest.len()].matches('\n').count();
    (rest, skipped)
}

/// The first sentence or two of the text, for lists.
pub(super) fn summary_of(plain: &str) -> String {
    shorten(plain.lines().find(|line| line.trim().len() > 20).unwrap_or_default().trim(), 200)
}

fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max - 1).collect();
    let end = cut.rfind(' ').filter(|at| *at > max / 2).unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(source: &str, text: &str) -> Document {
        parse(Path::new(source), text.as_bytes()).unwrap()
    }

    #[test]
    fn files_get_addresses() {
        for (source, text, slug) in [
            ("README.md", "", "home"),
            ("guides/backup.md", "", "guides/backup"),
            ("guides/_index.md", "", "guides"),
            ("guides/my page/index.md", "", "guides/my-page"),
            ("_posts/2024-05-06-hello-world.md", "", "hello-world"),
            ("posts/_index.md", "", "posts"),
            ("posts/hello.md", "", "posts/hello"),
            ("a.md", "---\npermalink: /about/us/\n---\n", "about/us"),
            ("blog/a.md", "---\nslug: other\n---\n", "blog/other"),
            ("blog/a/index.md", "---\nslug: other\n---\n", "blog/other"),
            ("Über.md", "", "uber"),
        ] {
            assert_eq!(document(source, text).slug, slug, "{source}");
        }
        assert!(parse(Path::new("admin/x.md"), b"").is_err());
    }

    #[test]
    fn titles_come_from_where_they_are() {
        for (text, title, body, line) in [
            ("# A `b`\n\ntext", "A b", "text", 3),
            ("---\ntitle: T\n---\n\n# T\n\ntext", "T", "text", 7),
            ("---\ntitle: T\n---\n\n# Other\n", "T", "# Other\n", 5),
            ("text", "My page", "text", 1),
        ] {
            let document = document("my-page.md", text);
            assert_eq!((document.title.as_str(), document.body.as_str(), document.body_line), (title, body, line), "{text:?}");
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_told_with_its_line() {
        assert_eq!(parse(Path::new("a.md"), b"ok\nok\n\xff").unwrap_err().line, 3);
    }
}
