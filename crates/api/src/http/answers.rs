//! Answers that everybody gets, kept until something is committed.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, EntityTag, HeaderValue},
        uri::PathAndQuery,
    },
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};
use magnetiq_storage::Commits;
use prometheus_client::{metrics::counter::Counter, registry::Registry};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{encoding, etag};
use crate::error::Error;

/// Of all answers together; when there is no more room, all are forgotten. A page has some kilobytes.
const KEPT_BYTES: usize = 16 << 20;
/// What an answer takes beside its texts: its tags, its headers, its place in the table.
const ENTRY_BYTES: usize = 640;
/// A longer address is one that somebody makes up.
const ADDRESS_BYTES: usize = 512;

/// What was answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    body: Bytes,
    /// The body compressed, where that is done once for all who get it.
    gzip: Option<Bytes>,
    media_type: HeaderValue,
    status: StatusCode,
    /// Of the body, and of the one that is compressed.
    tags: Option<[Tag; 2]>,
    /// To the next part of a list.
    link: Option<HeaderValue>,
}

/// An entity tag as it is compared, and as it is sent.
#[derive(Debug, Clone)]
struct Tag {
    tag: EntityTag,
    value: HeaderValue,
}

impl Tag {
    fn new(text: String) -> Self {
        let tag = EntityTag::new_strong(text);
        let value = HeaderValue::try_from(tag.to_string()).expect("a tag has visible characters only");
        Self { tag, value }
    }

    /// `etag`, and that of the compressed content: strong tags name bytes.
    fn both(etag: String) -> [Self; 2] {
        let gzip = format!("{etag}-gzip");
        [Self::new(etag), Self::new(gzip)]
    }
}

impl Answer {
    /// `etag` where clients may ask whether theirs is the current one.
    pub(crate) fn json(value: &impl Serialize, etag: Option<String>) -> Result<Self, Error> {
        let body = serde_json::to_vec(value).map_err(|source| Error::Json { source })?;
        let media_type = HeaderValue::from_static("application/json");
        Ok(Self { body: body.into(), gzip: None, media_type, status: StatusCode::OK, tags: etag.map(Tag::both), link: None })
    }

    /// With a `Link`.
    pub(crate) fn linked(self, link: Option<String>) -> Self {
        Self { link: link.and_then(|link| HeaderValue::try_from(link).ok()), ..self }
    }

    /// With a tag that is made of the content.
    pub(crate) fn json_with_tag(value: &impl Serialize) -> Result<Self, Error> {
        let answer = Self::json(value, None)?;
        Ok(Self { tags: Some(Tag::both(tag(&answer.body))), gzip: compressed(&answer.body), ..answer })
    }

    /// A document, with a tag that is made of its content.
    pub(crate) fn document(status: StatusCode, media_type: &'static str, document: String) -> Self {
        let body = Bytes::from(document);
        let media_type = HeaderValue::from_static(media_type);
        Self { tags: Some(Tag::both(tag(&body))), gzip: compressed(&body), body, media_type, status, link: None }
    }

    pub(crate) fn html(status: StatusCode, document: String) -> Self {
        Self::document(status, "text/html; charset=utf-8", document)
    }

    /// Of its texts.
    fn size_bytes(&self) -> usize {
        self.body.len() + self.gzip.as_ref().map_or(0, Bytes::len) + self.link.as_ref().map_or(0, HeaderValue::len)
    }

    /// To this request: a visitor may keep a copy, and must ask whether it is still the current one.
    pub(crate) fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        let gzip = self.gzip.as_ref().filter(|_| encoding::takes_gzip(request));
        if let Some([plain, compressed]) = &self.tags {
            let Tag { tag, value } = if gzip.is_some() { compressed } else { plain };
            // What is not there is not there again.
            let is_fresh = self.status == StatusCode::OK && etag::is_fresh(request, tag);
            if is_fresh {
                response = HttpResponse::NotModified();
            }
            response.insert_header((header::ETAG, value)).insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
            if is_fresh {
                return response.finish();
            }
        }
        if let Some(link) = &self.link {
            response.insert_header((header::LINK, link));
        }
        response.insert_header((header::CONTENT_TYPE, &self.media_type));
        response.insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
        match gzip {
            Some(gzip) => response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))).body(gzip.clone()),
            None => response.body(self.body.clone()),
        }
    }
}

fn tag(body: &[u8]) -> String {
    hex::encode(&Sha256::digest(body)[..12])
}

/// None for what is too short to gain by it.
fn compressed(body: &[u8]) -> Option<Bytes> {
    const SHORT_BYTES: usize = 500;
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::default());
    // Into memory: it can't fail.
    let written = (body.len() > SHORT_BYTES).then(|| encoder.write_all(body).ok())?;
    written.and_then(|()| encoder.finish().ok()).map(Bytes::from)
}

/// How often an answer was there. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    kept: Counter,
    made: Counter,
}

impl Counts {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("answers_kept", "Public answers that were there already, since the start", self.kept.clone());
        registry.register("answers_made", "Public answers that were read from the database, since the start", self.made.clone());
    }
}

/// The answers, by the address that was asked for.
///
/// They belong to the number of the last commit, which was looked up before the database was read: what was read is as new as that, or newer. A
/// commit is counted before its writer hears of it, so nobody who has changed something gets an answer from before.
#[derive(Debug)]
pub(crate) struct Answers {
    commits: Commits,
    kept: Mutex<Kept>,
    pub(crate) counts: Counts,
}

#[derive(Debug, Default)]
struct Kept {
    commit: u64,
    bytes: usize,
    answers: HashMap<String, Arc<Answer>>,
}

impl Kept {
    /// Forgets what is older.
    fn at(&mut self, commit: u64) {
        if self.commit < commit {
            *self = Self { commit, ..Self::default() };
        }
    }
}

/// What was found for a request.
pub(crate) enum Found<'a> {
    /// The answer.
    Kept(Arc<Answer>),
    /// Where the answer goes once it is made.
    Place(Place<'a>),
}

/// Where an answer is to be kept.
pub(crate) struct Place<'a> {
    answers: &'a Answers,
    commit: u64,
    address: String,
}

impl Answers {
    pub(crate) fn new(commits: Commits) -> Self {
        Self { commits, kept: Mutex::default(), counts: Counts::default() }
    }

    pub(crate) fn find(&self, request: &HttpRequest) -> Found<'_> {
        self.find_under(request, 0)
    }

    /// The same for an answer that depends on the settings, too: a change of them is committed before it is in force.
    pub(crate) fn find_under(&self, request: &HttpRequest, settings_revision: i64) -> Found<'_> {
        let commit = self.commits.number();
        let address = request.uri().path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
        let address = &format!("{settings_revision} {address}");
        let mut kept = self.kept();
        kept.at(commit);
        match kept.answers.get(address).filter(|_| kept.commit == commit) {
            Some(answer) => {
                self.counts.kept.inc();
                Found::Kept(Arc::clone(answer))
            }
            None => Found::Place(Place { answers: self, commit, address: address.to_owned() }),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Keeps the answer, unless something was committed meanwhile.
    pub(crate) fn keep(self, answer: &Answer) {
        self.answers.counts.made.inc();
        let bytes = ENTRY_BYTES + self.address.len() + answer.size_bytes();
        if self.address.len() > ADDRESS_BYTES || bytes > KEPT_BYTES / 16 {
            return;
        }
        let mut kept = self.answers.kept();
        kept.at(self.commit);
        if kept.commit != self.commit {
            return;
        }
        if kept.bytes + bytes > KEPT_BYTES {
            *kept = Kept { commit: self.commit, ..Kept::default() };
        }
        if kept.answers.insert(self.address, Arc::new(answer.clone())).is_none() {
            kept.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use magnetiq_storage::{Options, Store};

    use super::*;

    fn store() -> Store {
        let store = Store::temporary(Options::default()).unwrap();
        store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT")?)).wait().unwrap();
        store
    }

    fn request(address: &str) -> HttpRequest {
        TestRequest::with_uri(address).to_http_request()
    }

    fn is_kept(answers: &Answers, address: &str) -> bool {
        matches!(answers.find(&request(address)), Found::Kept(_))
    }

    fn keep(answers: &Answers, address: &str, text: &str) {
        match answers.find(&request(address)) {
            Found::Place(place) => place.keep(&Answer::json(&text, None).unwrap()),
            Found::Kept(_) => panic!("{address} is kept already"),
        }
    }

    fn commit(store: &Store) {
        store.write(|tx| Ok(tx.execute_batch("INSERT INTO note DEFAULT VALUES")?)).wait().unwrap();
    }

    #[test]
    fn a_commit_ends_them() {
        let store = store();
        let answers = Answers::new(store.commits());
        keep(&answers, "/pages", "one");
        assert!(is_kept(&answers, "/pages") && !is_kept(&answers, "/pages?limit=1"));
        commit(&store);
        assert!(!is_kept(&answers, "/pages"));
        // Read before the commit, and made after it.
        let Found::Place(place) = answers.find(&request("/pages")) else { panic!("it is kept") };
        commit(&store);
        keep(&answers, "/other", "two");
        place.keep(&Answer::json(&"old", None).unwrap());
        assert!(!is_kept(&answers, "/pages") && is_kept(&answers, "/other"));
        store.close().unwrap();
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let store = store();
        let answers = Answers::new(store.commits());
        keep(&answers, &format!("/pages?q={}", "x".repeat(ADDRESS_BYTES)), "long address");
        keep(&answers, "/large", &"x".repeat(KEPT_BYTES));
        assert!(answers.kept().answers.is_empty());
        let text = "x".repeat(100_000);
        for n in 0..1_000 {
            keep(&answers, &format!("/pages?q={n}"), &text);
            let kept = answers.kept();
            assert!(kept.bytes <= KEPT_BYTES && kept.answers.values().map(|answer| answer.body.len()).sum::<usize>() <= kept.bytes);
        }
        // Of many small ones little is text.
        for n in 0..30_000 {
            keep(&answers, &format!("/tags?language={n}"), "");
        }
        assert!(answers.kept().answers.len() * ENTRY_BYTES <= KEPT_BYTES);
        store.close().unwrap();
    }
}
