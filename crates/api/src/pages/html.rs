//! Plain Markdown to HTML without the sanitiser, which takes ten times as long as all the rest of a save.
//!
//! Safe by construction: the elements and attributes are those that are written out below, every text in them is escaped, and an address
//! goes through the same test of its scheme. What is not known here by name (HTML of the author, tables, footnotes, an odd address) goes
//! through the sanitiser. A property test holds both ways to the same bytes.

use std::fmt::Write;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use url::Url;

use super::markdown::{SCHEMES, anchor};

/// Less than what is flattened.
const DEPTH_MAX: usize = 32;

/// What the sanitiser would leave of these events; `None` where it has to see them.
pub(super) fn direct(events: &[Event<'_>], capacity: usize) -> Option<String> {
    let mut writer = Writer { html: String::with_capacity(capacity), depth: 0, in_link: false };
    let mut events = events.iter();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Image { dest_url, title, .. }) => writer.image(dest_url, title, &mut events)?,
            Event::Start(tag) => writer.start(tag)?,
            Event::End(tag) => writer.end(*tag)?,
            Event::Text(text) => writer.text(text)?,
            Event::Code(text) => {
                writer.html.push_str("<code>");
                writer.text(text)?;
                writer.html.push_str("</code>");
            }
            Event::SoftBreak => writer.html.push('\n'),
            Event::HardBreak => writer.html.push_str("<br>\n"),
            Event::Rule => writer.block("<hr>\n"),
            _ => return None,
        }
    }
    Some(writer.html)
}

struct Writer {
    html: String,
    depth: usize,
    in_link: bool,
}

impl Writer {
    fn start(&mut self, tag: &Tag<'_>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        match tag {
            Tag::Paragraph => self.block("<p>"),
            Tag::Heading { level, id, classes, attrs } if classes.is_empty() && attrs.is_empty() => {
                self.block("<");
                write!(self.html, "{level}").ok()?;
                if let Some(id) = id {
                    self.attribute("id", &anchor(id))?;
                }
                self.html.push('>');
            }
            Tag::BlockQuote(None) => self.block("<blockquote>\n"),
            Tag::CodeBlock(kind) => {
                self.block("<pre><code");
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split(' ').next().unwrap_or_default(),
                    CodeBlockKind::Indented => "",
                };
                if !language.is_empty() {
                    self.attribute("class", &format!("language-{language}"))?;
                }
                self.html.push('>');
            }
            Tag::List(None) => self.block("<ul>\n"),
            Tag::List(Some(1)) => self.block("<ol>\n"),
            Tag::List(Some(first)) => {
                self.block("<ol");
                self.attribute("start", &first.to_string())?;
                self.html.push_str(">\n");
            }
            Tag::Item => self.block("<li>"),
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => self.html.push_str("<del>"),
            Tag::Link { link_type, dest_url, title, .. } if !self.in_link && *link_type != LinkType::Email => {
                self.in_link = true;
                self.html.push_str("<a");
                match dest_url.strip_prefix('#').filter(|name| !name.is_empty()) {
                    Some(name) => self.address("href", &format!("#{}", anchor(name)))?,
                    None => self.address("href", dest_url)?,
                }
                self.title(title)?;
                self.html.push_str(" rel=\"noopener noreferrer\">");
            }
            _ => return None,
        }
        Some(())
    }

    fn end(&mut self, tag: TagEnd) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        match tag {
            TagEnd::Paragraph => self.html.push_str("</p>\n"),
            TagEnd::Heading(level) => writeln!(self.html, "</{level}>").ok()?,
            TagEnd::BlockQuote(_) => self.html.push_str("</blockquote>\n"),
            TagEnd::CodeBlock => self.html.push_str("</code></pre>\n"),
            TagEnd::List(true) => self.html.push_str("</ol>\n"),
            TagEnd::List(false) => self.html.push_str("</ul>\n"),
            TagEnd::Item => self.html.push_str("</li>\n"),
            TagEnd::Emphasis => self.html.push_str("</em>"),
            TagEnd::Strong => self.html.push_str("</strong>"),
            TagEnd::Strikethrough => self.html.push_str("</del>"),
            TagEnd::Link => {
                self.in_link = false;
                self.html.push_str("</a>");
            }
            _ => return None,
        }
        Some(())
    }

    /// With what stands in it as the text for those who don't see it.
    fn image<'e>(&mut self, address: &str, title: &str, events: &mut impl Iterator<Item = &'e Event<'e>>) -> Option<()> {
        self.html.push_str("<img");
        self.address("src", address)?;
        let mut text = String::new();
        loop {
            match events.next()? {
                Event::Text(part) | Event::Code(part) => text.push_str(part),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                Event::End(TagEnd::Image) => break,
                _ => return None,
            }
        }
        self.attribute("alt", &text)?;
        self.title(title)?;
        self.html.push_str(" loading=\"lazy\">");
        Some(())
    }

    /// The beginning of something that stands on a line of its own.
    fn block(&mut self, html: &str) {
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
        self.html.push_str(html);
    }

    fn title(&mut self, title: &str) -> Option<()> {
        if title.is_empty() { Some(()) } else { self.attribute("title", title) }
    }

    /// An address in the usual letters, with a scheme that links may have or without one.
    fn address(&mut self, name: &str, address: &str) -> Option<()> {
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:?#=%+,;@!$*()&".contains(&byte);
        let is_allowed = match Url::parse(address) {
            Ok(url) => SCHEMES.contains(&url.scheme()),
            Err(url::ParseError::RelativeUrlWithoutBase) => true,
            Err(_) => false,
        };
        if is_allowed && address.bytes().all(is_usual) { self.attribute(name, address) } else { None }
    }

    fn attribute(&mut self, name: &str, value: &str) -> Option<()> {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        self.escaped(value, true)?;
        self.html.push('"');
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.escaped(text, false)
    }

    /// Escaped as browsers write it; none with a character that a parser of HTML would replace.
    fn escaped(&mut self, text: &str, quotes: bool) -> Option<()> {
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let (replacement, length) = match byte {
                b'&' => ("&amp;", 1),
                b'<' => ("&lt;", 1),
                b'>' => ("&gt;", 1),
                b'"' if quotes => ("&quot;", 1),
                // U+00A0
                0xC2 if text.as_bytes().get(at + 1) == Some(&0xA0) => ("&nbsp;", 2),
                b'\n' | b'\t' => continue,
                0..0x20 | 0x7F => return None,
                _ => continue,
            };
            self.html.push_str(&text[from..at]);
            self.html.push_str(replacement);
            from = at + length;
        }
        self.html.push_str(&text[from..]);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::markdown::{render_plain, sanitize};

    fn check(body: &str) {
        if let Some(rendered) = render_plain(body) {
            assert_eq!(rendered.html, sanitize(body), "{body:?}");
        }
    }

    #[test]
    fn plain_texts_need_no_sanitiser() {
        for body in [
            "A [link](https://example.com/1?a=b&c=d#e \"Title\") and [another](/guides/first#part), [down](#there).",
            "# One *two*\n\n## One `two`\n\n---\n\nText  \nnext line\nand & < > \" ' \u{a0} <https://example.com>",
            "- a\n- b\n\n  c\n\n3. d\n   > e\n\n```rust\nlet a = 1 < 2;\n```\n\n    indented\n\n![alt *x*](/media/a.png)",
            "![alt](/media/a.png \"title\") ~~gone~~ __strong__ \\*no\\* &amp; &copy; \u{feff}ä",
            "",
        ] {
            assert!(render_plain(body).is_some() || body.contains("alt *x*"), "{body:?}");
            check(body);
        }
    }

    #[test]
    fn what_could_do_harm_goes_through_it() {
        for body in ["<b>x</b>", "a <i>b</i>", "[x](javascript:alert(1))", "[x](<a\"b>)", "![x](data:image/png;base64,AA==)", "a&#13;b"] {
            assert!(render_plain(body).is_none(), "{body:?}");
        }
    }

    /// Whatever Markdown, HTML and addresses are made of.
    fn parts() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => "[a-z]{1,4}",
            4 => proptest::sample::select(vec![
                " ", "\n", "\n\n", "# ", "## ", "- ", "1. ", "7) ", "> ", "    ", "```", "~~~", "`", "``", "*", "**", "_", "~~", "[", "]", "(", ")",
                "](", "![", "](/a)", "](#a)", "](https://a.b/c?d=e&f)", "](javascript:a)", "](//a)", "](a:b)", "](mailto:a@b)", "](tel:1)", " \"t\")",
                "<", ">", "</", "<a ", "<p>", "<https://a.b>", "<a@b.c>", "[a]: /b\n", "[^1]", "[^1]: ", "|", "|-|-|\n", "- [ ] ", "---\n", "===\n",
                "\\", "&", "&amp;", "&#0;", "&#13;", "&nbsp;", "\"", "'", "\u{a0}", "\u{feff}", "\r\n", "\t", "\u{7f}", "\u{0}", "  \n", "%", "é", "https://[",
            ]).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn both_ways_lead_to_the_same(body in parts()) {
            check(&body);
        }
    }
}
