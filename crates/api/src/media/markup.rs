//! Pictures in the HTML of a page: their size, so that nothing jumps when they come, and the smaller ones that there are.
//!
//! Done when a page is read, not when it is saved: pictures are made in the background, and made anew with other presets, another focal
//! point or another content. What visitors get is kept by the number of the last commit, so this is done once for each.

use magnetiq_storage::rusqlite::Connection;

use super::{Media, rows};
use crate::error::Error;

/// How wide a picture is shown: that of the column of text, in a browser that can't tell by itself (`auto`).
const SIZES: &str = "auto, (min-width: 46rem) 44rem, 100vw";
const ADDRESS: &str = "/media/";
const HASH: usize = 64;

/// Completes the pictures of a sanitised HTML: it has no comments, and no `<` in its text.
pub(crate) fn complete(conn: &Connection, html: String) -> Result<String, Error> {
    if !html.contains(ADDRESS) {
        return Ok(html);
    }
    let mut complete = String::with_capacity(html.len() + 1024);
    let mut rest = html.as_str();
    while let Some(start) = rest.find('<') {
        let end = start + end_of_tag(&rest[start..]);
        complete.push_str(&rest[..start]);
        let tag = &rest[start..end];
        match picture(conn, tag)? {
            Some(picture) => complete.push_str(&picture),
            None => complete.push_str(tag),
        }
        rest = &rest[end..];
    }
    complete.push_str(rest);
    Ok(complete)
}

/// Where the first picture of a sanitised HTML comes from.
pub(crate) fn first_picture(html: &str) -> Option<String> {
    let tag = &html[html.find("<img ")?..];
    let source = value(&tag[..end_of_tag(tag)], "src")?;
    Some(source.replace("&amp;", "&"))
}

/// Bytes of the tag that a text begins with: its values are in double quotes and may have a `>`.
fn end_of_tag(text: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The value of an attribute, as it is written.
fn value<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        if before.rsplit(' ').next() == Some(attribute) {
            return Some(value);
        }
        rest = next;
    }
    None
}

/// The tag of a picture of ours, complete; `None` where it is something else.
fn picture(conn: &Connection, tag: &str) -> Result<Option<String>, Error> {
    let Some(source) = tag.strip_prefix("<img ").and_then(|tag| value(tag, "src")) else { return Ok(None) };
    let Some(hash) = source.strip_prefix(ADDRESS).and_then(|path| path.get(..HASH)) else { return Ok(None) };
    let Some(media) = rows::at_address(conn, hash)? else { return Ok(None) };
    let is_original = source[ADDRESS.len() + HASH..].matches('/').count() == 1;
    // One that shows a variant wants it as it is.
    if !is_original {
        return Ok(None);
    }
    let mut tag = if media.sha256 == hash { tag.to_owned() } else { tag.replacen(source, &media.url, 1) };
    let end = tag.len() - 1;
    tag.truncate(end);
    if let Some((width, height)) = media.width.zip(media.height)
        && value(&tag, "width").is_none()
        && value(&tag, "height").is_none()
    {
        tag.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
    }
    if let Some(srcset) = srcset(&media) {
        tag.push_str(&format!(" srcset=\"{srcset}\" sizes=\"{SIZES}\""));
    }
    tag.push('>');
    Ok(Some(tag))
}

/// Every width that there is of the whole picture; none where there is only the file itself.
fn srcset(media: &Media) -> Option<String> {
    let mut widths: Vec<String> = Vec::new();
    for variant in media.variants.iter().filter(|variant| !variant.cropped) {
        widths.push(format!("{} {}w", variant.url, variant.width));
    }
    if widths.is_empty() {
        return None;
    }
    if let Some(width) = media.width.filter(|width| media.variants.iter().all(|variant| variant.cropped || variant.width < *width)) {
        widths.push(format!("{} {width}w", media.url));
    }
    Some(widths.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_picture_is_found() {
        let html = "<p>a</p><p><img srcset=\"/media/s.png 1w\" alt=\"x > y\" src=\"/media/a/b.png?x=1&amp;y=2\" loading=\"lazy\"></p><img src=\"/second.png\">";
        assert_eq!(first_picture(html).as_deref(), Some("/media/a/b.png?x=1&y=2"));
        assert_eq!(first_picture("<p>none</p>"), None);
    }
}
