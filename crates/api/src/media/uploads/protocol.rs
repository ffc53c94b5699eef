//! The headers of tus.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    http::header::{HeaderName, HeaderValue},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{clock::Time, error::Error};

/// What all addresses of uploads begin with.
pub(crate) const PATH: &str = "/api/v1/admin/media/uploads";
pub(crate) const VERSION: &str = "1.0.0";
pub(crate) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(crate) const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
pub(crate) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(crate) const EXTENSIONS: &str = "creation,termination,checksum,expiration";
pub(crate) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(crate) const CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(crate) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(crate) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(crate) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(crate) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(crate) const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// The kind of a part.
pub(crate) const PART: &str = "application/offset+octet-stream";
/// What a client may say of a file, in bytes.
const METADATA_MAX: usize = 4 * 1024;

pub(crate) fn value<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// # Errors
///
/// [`Error::TusVersion`] for a client of another version, or of none.
pub(crate) fn require_version(request: &HttpRequest) -> Result<(), Error> {
    if value(request, &RESUMABLE) == Some(VERSION) { Ok(()) } else { Err(Error::TusVersion) }
}

/// A number of bytes.
pub(crate) fn bytes(request: &HttpRequest, name: &HeaderName) -> Result<u64, Error> {
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = value(request, name).filter(digits).and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::BadRequest { detail: format!("{name} must be a number of bytes.") })
}

/// What the client says of a file: names with values in base64.
///
/// # Errors
///
/// [`Error::BadRequest`] where it is not written as tus does.
pub(crate) fn metadata(text: &str) -> Result<HashMap<&str, String>, Error> {
    let bad = || Error::BadRequest { detail: "Upload-Metadata must be names with values in base64, with commas between them.".into() };
    if text.len() > METADATA_MAX {
        return Err(Error::BadRequest { detail: format!("Upload-Metadata has at most {METADATA_MAX} bytes.") });
    }
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| pair(part).ok_or_else(bad)).collect()
}

fn pair(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once(' ').unwrap_or((text, ""));
    let value = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
    Some((name, value))
}

/// As HTTP writes a moment.
pub(crate) fn http_date(time: Time) -> HeaderValue {
    let text = Timestamp::from(time).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).unwrap_or_else(|_never| HeaderValue::from_static(""))
}

/// What a part should be, by its hash.
#[derive(Clone, Debug)]
pub(crate) struct Checksum {
    algorithm: Algorithm,
    expected: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Sha1,
    Sha256,
}

/// The hash of a part as far as it has come.
pub(crate) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    pub(crate) const ALGORITHMS: &'static str = "sha1,sha256";

    /// # Errors
    ///
    /// [`Error::BadRequest`] where it is not written as tus does, or by another algorithm.
    pub(crate) fn of(request: &HttpRequest) -> Result<Option<Self>, Error> {
        let Some(header) = request.headers().get(CHECKSUM) else { return Ok(None) };
        let bad = || Error::BadRequest { detail: "Upload-Checksum must be sha1 or sha256, and the hash in base64.".into() };
        let (name, hash) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(bad)?;
        let algorithm = match name {
            "sha1" => Algorithm::Sha1,
            "sha256" => Algorithm::Sha256,
            _ => return Err(bad()),
        };
        let expected = BASE64_STANDARD.decode(hash.trim()).map_err(|_malformed| bad())?;
        Ok(Some(Self { algorithm, expected }))
    }

    pub(crate) fn hasher(&self) -> Hasher {
        match self.algorithm {
            Algorithm::Sha1 => Hasher::Sha1(Sha1::new()),
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn fits(&self, hasher: Hasher) -> bool {
        match hasher {
            Hasher::Sha1(hasher) => hasher.finalize().as_slice() == self.expected,
            Hasher::Sha256(hasher) => hasher.finalize().as_slice() == self.expected,
        }
    }
}

impl Hasher {
    pub(crate) fn update(&mut self, part: &[u8]) {
        match self {
            Hasher::Sha1(hasher) => hasher.update(part),
            Hasher::Sha256(hasher) => hasher.update(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_as_it_is_written() {
        let read = metadata("filename TWVpbiBGb3RvLnBuZw==,is_confidential, type aW1hZ2UvcG5n").unwrap();
        assert_eq!(read.get("filename").unwrap(), "Mein Foto.png");
        assert_eq!((read["is_confidential"].as_str(), read["type"].as_str()), ("", "image/png"));
        for wrong in ["filename %%%", "filename /w==", "a aGVsbG8= x", &"x".repeat(5000)] {
            assert!(metadata(wrong).is_err(), "{wrong}");
        }
        assert!(metadata("").unwrap().is_empty());
    }

    #[test]
    fn a_moment_is_written_as_http_does() {
        assert_eq!(http_date(Time::from_millis(1_763_916_300_000)), "Sun, 23 Nov 2025 16:45:00 GMT");
    }
}
