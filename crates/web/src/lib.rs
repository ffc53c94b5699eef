//! The React page of `ui/`, embedded: one binary is a whole site.
//!
//! `ui/dist` is put into the program when it is built. Where it is missing (a server built without Node), [`index`] is a page that says so.

use std::borrow::Cow;

use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "ui/dist"]
#[allow_missing = true]
struct Dist;

const NOT_BUILT: &str = include_str!("not_built.html");

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

/// The file at `path` (`assets/index-4f2a.js`), compressed where the client takes it and the build made it so.
pub fn asset(path: &str, accepts_gzip: bool) -> Option<Asset> {
    let plain = Dist::get(path)?;
    let compressed = if accepts_gzip { Dist::get(&format!("{path}.gz")) } else { None };
    let media_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let immutable = path.starts_with("assets/");
    let make = |file: EmbeddedFile, gzip: bool| Asset { etag: etag(&file, gzip), content: file.data, gzip, media_type, immutable };
    Some(match compressed {
        Some(file) => make(file, true),
        None => make(plain, false),
    })
}

/// The page itself: every address that is no file and no part of the API.
pub fn index(accepts_gzip: bool) -> Asset {
    asset("index.html", accepts_gzip).unwrap_or(Asset {
        content: Cow::Borrowed(NOT_BUILT.as_bytes()),
        gzip: false,
        media_type: "text/html",
        etag: "not-built".into(),
        immutable: false,
    })
}

/// Whether the page was there when this program was built.
pub fn is_built() -> bool {
    Dist::get("index.html").is_some()
}

fn etag(file: &EmbeddedFile, gzip: bool) -> String {
    let hash: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    if gzip { format!("{hash}-gzip") } else { hash }
}
