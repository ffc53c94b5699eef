//! Markdown to what visitors get: sanitised HTML, and plain text for the search.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::slug;

/// Counts the versions of this renderer: a page that an older one made is rendered again when it is read.
pub(crate) const RENDERER: i64 = 1;

/// Schemes of addresses that a text may link to, and show pictures from.
pub(super) const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Goes before each id, so that nothing in a text can pose as a part of the page around it.
const ANCHOR_PREFIX: &str = "section-";

/// What a body becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Safe to put into a page as it is.
    pub(crate) html: String,
    /// Words only.
    pub(crate) plain: String,
}

/// The Markdown that we understand, the same everywhere.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Renders a body.
pub(crate) fn render(body: &str) -> Rendered {
    let (events, plain) = parse(body);
    let html = direct(body, &events).unwrap_or_else(|| sanitized(body, events));
    Rendered { html, plain }
}

/// Renders a body that needs no sanitiser, which takes some microseconds.
pub(crate) fn render_plain(body: &str) -> Option<Rendered> {
    let (events, plain) = parse(body);
    Some(Rendered { html: direct(body, &events)?, plain })
}

fn parse(body: &str) -> (Vec<Event<'_>>, String) {
    let mut events: Vec<Event<'_>> = Parser::new_ext(body, options()).collect();
    flatten(&mut events);
    let plain = plain(&events);
    anchor_headings(&mut events);
    (events, plain)
}

fn direct(body: &str, events: &[Event<'_>]) -> Option<String> {
    super::html::direct(events, body.len() * 3 / 2)
}

fn sanitized(body: &str, events: Vec<Event<'_>>) -> String {
    let mut raw = String::with_capacity(body.len() * 3 / 2);
    html::push_html(&mut raw, events.into_iter());
    SANITIZER.clean(&raw).to_string()
}

/// What is nested deeper loses its nesting, and its HTML becomes text: the parser behind the sanitiser walks every open element for each
/// new one, so that a few kilobytes of `>` would keep a core busy for seconds.
const DEPTH_MAX: usize = 64;

fn flatten(events: &mut Vec<Event<'_>>) {
    let mut depth = 0_usize;
    let mut open = Vec::new();
    events.retain_mut(|event| match event {
        Event::Start(_) => {
            depth += 1;
            depth <= DEPTH_MAX
        }
        Event::End(_) => {
            depth -= 1;
            depth < DEPTH_MAX
        }
        Event::Html(html) | Event::InlineHtml(html) => {
            note_elements(html, &mut open);
            if open.len() > DEPTH_MAX {
                open.truncate(DEPTH_MAX);
                let text = std::mem::replace(html, CowStr::Borrowed(""));
                *event = Event::Text(text);
            }
            true
        }
        _ => true,
    });
}

/// Follows which elements are open, by name, but for those that have no end or need none.
fn note_elements(html: &str, open: &mut Vec<String>) {
    const ENDLESS: [&str; 12] = ["br", "hr", "img", "input", "wbr", "source", "p", "li", "td", "th", "tr", "col"];
    let name = |rest: &str| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    for rest in html.split('<').skip(1) {
        if let Some(closed) = rest.strip_prefix('/') {
            let closed = name(closed);
            if let Some(at) = open.iter().rposition(|element| *element == closed) {
                open.truncate(at);
            }
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) && !ENDLESS.contains(&name(rest).as_str()) && open.len() <= DEPTH_MAX
        {
            open.push(name(rest));
        }
    }
}

/// Gives each heading an id made of its words, and sends links to `/page#words` there; links within the page are seen to at the end.
fn anchor_headings(events: &mut [Event<'_>]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for i in 0..events.len() {
        match &events[i] {
            Event::Start(Tag::Heading { .. }) => {
                let end = events[i..].iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_)))).map_or(i, |n| i + n);
                let name = slug::part(&plain(&events[i..end]));
                let count = seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(0);
                let anchor = if *count == 0 { format!("{ANCHOR_PREFIX}{name}") } else { format!("{ANCHOR_PREFIX}{name}-{count}") };
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[i] {
                    *id = Some(CowStr::from(anchor));
                }
            }
            Event::Start(Tag::Link { .. }) => {
                if let Event::Start(Tag::Link { dest_url, .. }) = &mut events[i]
                    && let Some((page, fragment)) = dest_url.split_once('#')
                    && page.starts_with('/')
                    && !page.starts_with("//")
                    && !fragment.is_empty()
                {
                    *dest_url = CowStr::from(format!("{page}#{ANCHOR_PREFIX}{fragment}"));
                }
            }
            _ => {}
        }
    }
}

fn plain(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak | Event::Rule | Event::End(TagEnd::TableCell) => text.push(' '),
            Event::End(end) if is_block(end) && !text.ends_with(['\n', ' ']) => text.push('\n'),
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn is_block(end: &TagEnd) -> bool {
    !matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

pub(super) fn anchor(id: &str) -> Cow<'_, str> {
    if id.starts_with(ANCHOR_PREFIX) { Cow::Borrowed(id) } else { Cow::Owned(format!("{ANCHOR_PREFIX}{id}")) }
}

static SANITIZER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut sanitizer = ammonia::Builder::default();
    let headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
    sanitizer
        .add_tags(["input", "section"])
        // task lists: a box that shows and can't be ticked
        .add_tag_attribute_values("input", "type", ["checkbox"])
        .add_tag_attributes("input", ["checked"])
        .set_tag_attribute_value("input", "disabled", "")
        .set_tag_attribute_value("img", "loading", "lazy")
        .add_allowed_classes("sup", ["footnote-reference"])
        .add_allowed_classes("div", ["footnote-definition"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("div", ["id"])
        .url_schemes(HashSet::from(SCHEMES))
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // the only classes are those of code blocks' languages
            ("code", "class") => value.starts_with("language-").then_some(Cow::Borrowed(value)),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "div", "id") => Some(anchor(value)),
            ("a", "href") if value.len() > 1 && value.starts_with('#') => Some(Cow::Owned(format!("#{}", anchor(&value[1..])))),
            _ => Some(Cow::Borrowed(value)),
        });
    for heading in headings {
        sanitizer.add_tag_attributes(heading, ["id"]);
    }
    sanitizer
});

/// The long way, to compare with.
#[cfg(test)]
pub(super) fn sanitize(body: &str) -> String {
    sanitized(body, parse(body).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, html: &str) {
        assert_eq!(render(body).html.trim(), html, "{body}");
    }

    #[test]
    fn markdown_becomes_html() {
        check("# A *title*", r#"<h1 id="section-a-title">A <em>title</em></h1>"#);
        check("## Same\n\n## Same", "<h2 id=\"section-same\">Same</h2>\n<h2 id=\"section-same-1\">Same</h2>");
        check("[down](#same)", r##"<p><a href="#section-same" rel="noopener noreferrer">down</a></p>"##);
        check("![x](/media/a/b.png)", r#"<p><img src="/media/a/b.png" alt="x" loading="lazy"></p>"#);
        check("```rust\nlet a;\n```", "<pre><code class=\"language-rust\">let a;\n</code></pre>");
        // the order of its attributes is not ours to say
        let task = render("- [x] done").html;
        assert!(task.contains("checkbox") && task.contains("checked") && task.contains("disabled"), "{task}");
    }

    #[test]
    fn nothing_in_a_body_can_run() {
        for body in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<a href=\"vbscript:x\">x</a>",
            "<iframe src=https://evil.example></iframe>",
            "<svg onload=alert(1)>",
            "<div id=\"root\" style=\"position:fixed\" onclick=x>x</div>",
            "<form action=https://evil.example><input type=password></form>",
            "<math><mtext></p><style><img src=x onerror=alert(1)></style>",
        ] {
            let html = render(body).html;
            for bad in
                ["<script", "onerror", "javascript:", "data:", "vbscript", "<iframe", "onload", "style=", "onclick", "<form", "password"]
            {
                assert!(!html.contains(bad), "{body} became {html}");
            }
        }
    }

    #[test]
    fn deep_nesting_costs_no_time() {
        for deep in [
            ">".repeat(200_000),
            "<div>".repeat(40_000),
            "- ".repeat(50_000),
            "<b><i>\n\n".repeat(20_000),
            "<div></z>\n\n".repeat(20_000),
            "[".repeat(50_000),
        ] {
            let html = render(&deep).html;
            assert!(html.matches("<blockquote>").count().max(html.matches("<div>").count()) <= DEPTH_MAX, "{}", &html[..200]);
        }
        let shallow = "<div>\n\ntext\n\n</div>\n\n".repeat(200);
        assert_eq!(render(&shallow).html.matches("<div>").count(), 200);
    }

    #[test]
    fn ids_are_apart_from_those_of_the_page() {
        check("<div id=\"root\">x</div>", "<div id=\"section-root\">x</div>");
        let note = render("a[^1]\n\n[^1]: b").html;
        assert!(note.contains("href=\"#section-1\"") && note.contains("id=\"section-1\""), "{note}");
    }

    #[test]
    fn plain_text_has_the_words_only() {
        let body = "# Title\n\nSome **bold** `code` and [a link](https://example.com).\n\n| a | b |\n|---|---|\n| c | d |";
        assert_eq!(render(body).plain, "Title\nSome bold code and a link.\na b c d");
    }
}
