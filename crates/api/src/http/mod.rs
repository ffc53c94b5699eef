//! What every route shares: problem+json, request ids, origins, addresses, entity tags, cursors, sparse lists, kept answers, rate limits.

pub(crate) mod address;
pub(crate) mod answers;
pub(crate) mod compression;
pub(crate) mod connections;
pub(crate) mod cors;
pub(crate) mod csv;
pub(crate) mod cursor;
pub(crate) mod encoding;
pub(crate) mod etag;
pub(crate) mod fields;
pub(crate) mod head;
pub(crate) mod headers;
pub(crate) mod idempotency;
pub(crate) mod matched;
pub(crate) mod origin;
pub(crate) mod panics;
pub(crate) mod problem;
pub(crate) mod rate_limit;
pub(crate) mod request_log;
pub(crate) mod slow_body;
