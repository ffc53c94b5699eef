//! What a file is, by its content. Its name and what the client says of it are not believed.

/// How many of the first bytes are looked at.
pub(crate) const HEAD: usize = 8 * 1024;

/// Kinds that are binary and may be kept, as `infer` names them.
const TAKEN: &[&str] = &[
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/epub+zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-flac",
    "audio/x-wav",
    "audio/m4a",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-m4v",
];

/// Kinds that a browser may show in place; everything else is offered for saving.
const INLINE: &[&str] = &[
    "application/pdf",
    "audio/mpeg",
    "audio/ogg",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/webp",
    "text/plain",
    "video/mp4",
    "video/webm",
];

/// Pictures that smaller ones are made of. AVIF is not read, and SVG fits every size as it is.
const SCALED: &[&str] = &["image/gif", "image/jpeg", "image/png", "image/webp"];

/// The media type of a file with these first bytes.
///
/// # Errors
///
/// What was seen, where it is a kind that is not taken.
pub(crate) fn sniff(head: &[u8]) -> Result<&'static str, String> {
    if head.is_empty() {
        return Err("the file is empty".into());
    }
    if let Some(kind) = infer::get(head) {
        let media_type = kind.mime_type();
        return match media_type {
            "text/html" | "text/xml" | "image/svg+xml" => Ok(markup(head)),
            taken if TAKEN.contains(&taken) => Ok(taken),
            other => Err(other.into()),
        };
    }
    if is_text(head) { Ok(markup(head)) } else { Err("unknown binary data".into()) }
}

/// Whether smaller pictures are made of it.
pub(crate) fn is_scaled(media_type: &str) -> bool {
    SCALED.contains(&media_type)
}

/// Whether a browser may show it in place.
pub(crate) fn is_inline(media_type: &str) -> bool {
    INLINE.contains(&media_type)
}

/// UTF-8 without control characters; the last character may be cut off by the end of the head.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}'))
}

/// SVG, HTML, XML or plain text: by its first tag.
fn markup(head: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // what may stand before the root element
    loop {
        let end = if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<!doctype svg") {
            rest.find('>').map(|at| at + 1)
        } else {
            None
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => break,
        }
    }
    let html =
        ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<h1", "<div", "<table", "<p>", "<a ", "<style", "<title"];
    if rest.starts_with("<svg") {
        "image/svg+xml"
    } else if html.iter().any(|tag| rest.starts_with(tag)) {
        "text/html"
    } else if text.trim_start().starts_with("<?xml") {
        "text/xml"
    } else {
        "text/plain"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Result<&str, ()>) {
        assert_eq!(sniff(head).map_err(|_seen| ()), expected, "{:?}", String::from_utf8_lossy(head));
    }

    #[test]
    fn content_decides() {
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Ok("image/png"));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Ok("image/jpeg"));
        check(b"%PDF-1.7\n", Ok("application/pdf"));
        check(b"<svg xmlns='http://www.w3.org/2000/svg'>", Ok("image/svg+xml"));
        check(b"<?xml version='1.0'?>\n<!-- a picture --><svg>", Ok("image/svg+xml"));
        check(b"<!DOCTYPE html><html>", Ok("text/html"));
        check(b"  <script>alert(1)</script>", Ok("text/html"));
        check("Grüße\n".as_bytes(), Ok("text/plain"));
        check(&"ü".as_bytes()[..1], Ok("text/plain"));
        check(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", Err(()));
        check(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0", Err(()));
        check(b"\0\x01\x02\x03", Err(()));
        check(b"", Err(()));
    }

    #[test]
    fn what_can_run_is_not_shown_in_place() {
        for media_type in ["text/html", "text/xml", "application/zip"] {
            assert!(!is_inline(media_type), "{media_type}");
        }
    }
}
