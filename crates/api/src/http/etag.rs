//! Entity tags: a page's is its revision, so `If-Match` says which one the client saw.

use actix_web::{
    HttpRequest,
    http::header::{self, EntityTag, IfMatch, IfNoneMatch},
};

use crate::error::Error;

/// The revision as an entity tag.
pub(crate) fn of_revision(revision: i64) -> header::ETag {
    header::ETag(EntityTag::new_strong(revision.to_string()))
}

/// The revision that the client saw; `None` for `*`.
///
/// # Errors
///
/// [`Error::PreconditionRequired`] when the header is missing, [`Error::BadRequest`] when it is not one of our tags.
pub(crate) fn required_revision(request: &HttpRequest) -> Result<Option<i64>, Error> {
    if !request.headers().contains_key(header::IF_MATCH) {
        return Err(Error::PreconditionRequired);
    }
    let bad = || Error::BadRequest { detail: "If-Match must be an ETag that the server gave, as in \"7\".".into() };
    match header::Header::parse(request).map_err(|_malformed| bad())? {
        IfMatch::Any => Ok(None),
        IfMatch::Items(tags) => match tags.as_slice() {
            [tag] => tag.tag().parse().map(Some).map_err(|_malformed| bad()),
            _ => Err(bad()),
        },
    }
}

/// Whether the client's copy is the current one.
pub(crate) fn is_fresh(request: &HttpRequest, current: &EntityTag) -> bool {
    // Most clients have no copy.
    if !request.headers().contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    match header::Header::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(current)),
        Err(_) => false,
    }
}
