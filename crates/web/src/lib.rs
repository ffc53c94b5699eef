//! The React page of `ui/`, embedded: one binary is a whole site.
//!
//! `ui/dist` is put into the program when it is built. Where it is missing (a server built without Node), the shell is a page that says so.

use std::{borrow::Cow, sync::LazyLock};

use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "ui/dist"]
#[allow_missing = true]
struct Dist;

const NOT_BUILT: &str = include_str!("not_built.html");

/// The words of the public site, which the page and the server share: whatever arrives first reads the same.
pub const WORDS: [(&str, &str); 2] = [("en", include_str!("../ui/src/words/en.json")), ("de", include_str!("../ui/src/words/de.json"))];

/// A file of the page.
#[derive(Debug)]
pub struct Asset {
    /// Its content, in the encoding that `gzip` says.
    pub content: Cow<'static, [u8]>,
    /// Whether `content` is compressed with gzip.
    pub gzip: bool,
    /// Its media type.
    pub media_type: &'static str,
    /// A strong tag of this content.
    pub etag: String,
    /// Its name has a hash of its content in it: it never changes.
    pub immutable: bool,
}

/// The file at `path` (`assets/index-4f2a.js`), compressed where the client takes it and the build made it so. The shell is no file.
pub fn asset(path: &str, accepts_gzip: bool) -> Option<Asset> {
    let plain = Dist::get(path).filter(|_| path != INDEX)?;
    let compressed = if accepts_gzip { Dist::get(&format!("{path}.gz")) } else { None };
    let media_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let immutable = path.starts_with("assets/");
    let make = |file: EmbeddedFile, gzip: bool| Asset { etag: etag(&file, gzip), content: file.data, gzip, media_type, immutable };
    Some(match compressed {
        Some(file) => make(file, true),
        None => make(plain, false),
    })
}

const INDEX: &str = "index.html";
/// What stands in the shell where language, head, view and data go.
const MARKS: [&str; 4] = [r#"lang="en""#, "<title>Magnetiq</title>", "<!--view-->", "<!--data-->"];

static SHELL: LazyLock<[String; 5]> = LazyLock::new(|| {
    let built = Dist::get(INDEX).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    let built = built.as_deref().and_then(cut);
    built.or_else(|| cut(NOT_BUILT)).expect("not_built.html has every mark: a test says so")
});

/// The document around a view: scripts and styles are named in it, and nothing else is. `language` is a tag of BCP 47, the others are HTML:
/// what goes into the head, the view, and the data for the page that takes over.
pub fn document(language: &str, head: &str, view: &str, data: &str) -> String {
    let [start, to_head, to_view, to_data, end] = &*SHELL;
    [start, "lang=\"", language, "\"", to_head, head, to_view, view, to_data, data, end].concat()
}

/// Whether the page was there when this program was built.
pub fn is_built() -> bool {
    Dist::get(INDEX).is_some()
}

/// The shell in the parts between the marks; none when one is missing or out of order.
fn cut(shell: &str) -> Option<[String; 5]> {
    let (start, rest) = shell.split_once(MARKS[0])?;
    let (to_head, rest) = rest.split_once(MARKS[1])?;
    let (to_view, rest) = rest.split_once(MARKS[2])?;
    let (to_data, end) = rest.split_once(MARKS[3])?;
    Some([start, to_head, to_view, to_data, end].map(str::to_owned))
}

fn etag(file: &EmbeddedFile, gzip: bool) -> String {
    let hash: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    if gzip { format!("{hash}-gzip") } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shells_have_every_mark_once() {
        for shell in [NOT_BUILT, include_str!("../ui/index.html")] {
            assert!(cut(shell).is_some(), "{shell}");
            for mark in MARKS {
                assert_eq!(shell.matches(mark).count(), 1, "{mark} in {shell}");
            }
        }
    }
}
