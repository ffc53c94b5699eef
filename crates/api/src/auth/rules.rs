//! Who may call which route: one table of all of them.

use std::fmt;

use actix_web::http::Method;

use super::Role;
use crate::{error::Error, http::rate_limit::Limit};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Everybody sees the state or nothing; the rest needs the token of `health.token`, which the handler asks for.
    Operator,
    /// Accounts of this role and of those above it, and tokens for it.
    AtLeast(Role),
    /// The same, signed in themselves: a token must not be a way to more than it was made for.
    Session(Role),
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("everybody"),
            Self::Operator => f.write_str("operator"),
            Self::AtLeast(role) => role.fmt(f),
            Self::Session(role) => write!(f, "{role}, no token"),
        }
    }
}

/// What a route reads from the request's body, and by which setting that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON, up to `server.json_limit_bytes`.
    Json,
    /// A file, up to `media.upload_limit_bytes`.
    File,
    /// A part of a file, up to what the whole was said to have, which is up to `media.resumable_limit_bytes`.
    Part,
}

/// One row of [`RULES`].
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `OPTIONS`; HEAD goes by GET.
    pub method: &'static str,
    /// The pattern, as the route has it: with `{name:regex}` where it has one.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it reads.
    pub body: Body,
}

/// Asked by machines, at times every second: their answers are not counted.
const PROBES: [&str; 4] = ["/livez", "/healthz", "/readyz", "/startupz"];

impl Rule {
    /// What its requests are counted for.
    pub fn limit(&self) -> Limit {
        match self.access {
            Access::AtLeast(_) | Access::Session(_) => Limit::Api,
            Access::Public if PROBES.contains(&self.path) => Limit::None,
            Access::Public if self.method != "GET" && self.path.starts_with("/api/v1/auth/") => Limit::Login,
            Access::Public if !matches!(self.method, "GET" | "OPTIONS") => Limit::PublicWrite,
            Access::Public | Access::Operator => Limit::PublicRead,
        }
    }
}

const fn rule(method: &'static str, path: &'static str, access: Access, body: Body) -> Rule {
    Rule { method, path, access, body }
}

use Access::{AtLeast, Operator, Public, Session};
use Body::{Empty, File, Json, Part};

/// A member of the team who may read.
const VIEWER: Access = AtLeast(Role::Viewer);
const EDITOR: Access = AtLeast(Role::Editor);
const ADMIN: Access = AtLeast(Role::Admin);
/// Somebody with their own account.
const THEMSELVES: Access = Session(Role::Viewer);
const ADMIN_THEMSELVES: Access = Session(Role::Admin);

/// Every route. A new one needs its line here: what is not listed is answered as if it weren't there, and a test says so.
pub const RULES: &[Rule] = &[
    rule("GET", "/livez", Public, Empty),
    rule("GET", "/healthz", Public, Empty),
    rule("GET", "/readyz", Public, Empty),
    rule("GET", "/startupz", Public, Empty),
    rule("GET", "/health", Operator, Empty),
    rule("GET", "/health/features", Public, Empty),
    rule("GET", "/health/style.css", Public, Empty),
    rule("GET", "/health/{node:.*}", Operator, Empty),
    rule("GET", "/metrics", Operator, Empty),
    rule("GET", "/sitemap.xml", Public, Empty),
    rule("GET", "/sitemap-{part}.xml", Public, Empty),
    rule("GET", "/feed.xml", Public, Empty),
    rule("GET", "/{language}/feed.xml", Public, Empty),
    rule("GET", "/atom.xml", Public, Empty),
    rule("GET", "/{language}/atom.xml", Public, Empty),
    rule("GET", "/robots.txt", Public, Empty),
    rule("GET", "/media/{sha256}/{name}", Public, Empty),
    rule("GET", "/media/{sha256}/{preset}/{name}", Public, Empty),
    rule("GET", "/api/openapi.json", Public, Empty),
    // Development only.
    rule("GET", "/api/docs/{_:.*}", Public, Empty),
    rule("GET", "/api/v1/site", Public, Empty),
    rule("GET", "/api/v1/view", Public, Empty),
    rule("GET", "/api/v1/pages", Public, Empty),
    rule("GET", "/api/v1/tags", Public, Empty),
    rule("GET", "/api/v1/menus/{name}", Public, Empty),
    rule("POST", "/api/v1/preview", Public, Json),
    rule("GET", "/api/v1/pages/{slug:.*}", Public, Empty),
    rule("POST", "/api/v1/auth/login", Public, Json),
    rule("POST", "/api/v1/auth/passkey/options", Public, Empty),
    rule("POST", "/api/v1/auth/passkey", Public, Json),
    rule("POST", "/api/v1/auth/logout", Public, Empty),
    rule("POST", "/api/v1/auth/first", Public, Json),
    rule("POST", "/api/v1/auth/forgotten", Public, Json),
    rule("POST", "/api/v1/auth/password-link", Public, Json),
    rule("GET", "/api/v1/auth/me", VIEWER, Empty),
    rule("PUT", "/api/v1/auth/me", THEMSELVES, Json),
    rule("PUT", "/api/v1/auth/password", THEMSELVES, Json),
    rule("GET", "/api/v1/auth/sessions", THEMSELVES, Empty),
    rule("DELETE", "/api/v1/auth/sessions", THEMSELVES, Empty),
    rule("DELETE", "/api/v1/auth/sessions/{id}", THEMSELVES, Empty),
    rule("GET", "/api/v1/auth/tokens", THEMSELVES, Empty),
    rule("POST", "/api/v1/auth/tokens", THEMSELVES, Json),
    rule("DELETE", "/api/v1/auth/tokens/{id}", THEMSELVES, Empty),
    rule("POST", "/api/v1/auth/second-factor", THEMSELVES, Json),
    rule("POST", "/api/v1/auth/second-factor/confirm", THEMSELVES, Json),
    rule("POST", "/api/v1/auth/second-factor/recovery-codes", THEMSELVES, Json),
    rule("POST", "/api/v1/auth/second-factor/remove", THEMSELVES, Json),
    rule("GET", "/api/v1/auth/passkeys", THEMSELVES, Empty),
    rule("POST", "/api/v1/auth/passkeys/options", THEMSELVES, Json),
    rule("POST", "/api/v1/auth/passkeys", THEMSELVES, Json),
    rule("PUT", "/api/v1/auth/passkeys/{id}", THEMSELVES, Json),
    rule("POST", "/api/v1/auth/passkeys/{id}/remove", THEMSELVES, Json),
    rule("GET", "/api/v1/admin/accounts", ADMIN, Empty),
    rule("POST", "/api/v1/admin/accounts", ADMIN_THEMSELVES, Json),
    rule("GET", "/api/v1/admin/accounts/{id}", ADMIN, Empty),
    rule("PUT", "/api/v1/admin/accounts/{id}", ADMIN_THEMSELVES, Json),
    rule("DELETE", "/api/v1/admin/accounts/{id}", ADMIN_THEMSELVES, Empty),
    rule("POST", "/api/v1/admin/accounts/{id}/link", ADMIN_THEMSELVES, Empty),
    rule("DELETE", "/api/v1/admin/accounts/{id}/sessions", ADMIN_THEMSELVES, Empty),
    rule("DELETE", "/api/v1/admin/accounts/{id}/tokens", ADMIN_THEMSELVES, Empty),
    rule("DELETE", "/api/v1/admin/accounts/{id}/second-factor", ADMIN_THEMSELVES, Empty),
    rule("DELETE", "/api/v1/admin/accounts/{id}/passkeys", ADMIN_THEMSELVES, Empty),
    rule("GET", "/api/v1/admin/audit", ADMIN, Empty),
    rule("GET", "/api/v1/admin/audit.csv", ADMIN, Empty),
    rule("GET", "/api/v1/forms/{slug}", Public, Empty),
    rule("POST", "/api/v1/forms/{slug}/leads", Public, Json),
    rule("POST", "/api/v1/leads/confirm", Public, Json),
    rule("GET", "/api/v1/admin/forms", VIEWER, Empty),
    rule("POST", "/api/v1/admin/forms", EDITOR, Json),
    rule("GET", "/api/v1/admin/forms/{id}", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/forms/{id}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/forms/{id}", EDITOR, Empty),
    // What visitors sent is theirs: not for everybody who may look around.
    rule("GET", "/api/v1/admin/leads", EDITOR, Empty),
    rule("GET", "/api/v1/admin/leads.csv", ADMIN, Empty),
    rule("GET", "/api/v1/admin/leads/{id}", EDITOR, Empty),
    rule("PUT", "/api/v1/admin/leads/{id}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/leads/{id}", ADMIN, Empty),
    rule("POST", "/api/v1/admin/people/export", ADMIN_THEMSELVES, Json),
    rule("POST", "/api/v1/admin/people/erase", ADMIN_THEMSELVES, Json),
    rule("GET", "/api/v1/admin/overview", VIEWER, Empty),
    rule("GET", "/api/v1/admin/events", THEMSELVES, Empty),
    rule("GET", "/api/v1/admin/export", ADMIN, Empty),
    rule("GET", "/api/v1/admin/pages", VIEWER, Empty),
    rule("POST", "/api/v1/admin/pages", EDITOR, Json),
    rule("GET", "/api/v1/admin/pages/{id}", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/pages/{id}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/pages/{id}", EDITOR, Empty),
    rule("POST", "/api/v1/admin/pages/{id}/publish", EDITOR, Empty),
    rule("POST", "/api/v1/admin/pages/{id}/unpublish", EDITOR, Empty),
    rule("DELETE", "/api/v1/admin/pages/{id}/draft", EDITOR, Empty),
    rule("POST", "/api/v1/admin/preview", EDITOR, Json),
    rule("PUT", "/api/v1/admin/pages/{id}/schedule", EDITOR, Json),
    rule("POST", "/api/v1/admin/pages/{id}/preview-link", EDITOR, Json),
    rule("POST", "/api/v1/admin/pages/bulk", EDITOR, Json),
    rule("PUT", "/api/v1/admin/pages/{id}/language", EDITOR, Json),
    rule("GET", "/api/v1/admin/tags", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/tags/{tag}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/tags/{tag}", EDITOR, Empty),
    rule("GET", "/api/v1/admin/menus", VIEWER, Empty),
    rule("POST", "/api/v1/admin/menus", EDITOR, Json),
    rule("GET", "/api/v1/admin/menus/{id}", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/menus/{id}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/menus/{id}", EDITOR, Empty),
    rule("GET", "/api/v1/admin/trash", VIEWER, Empty),
    rule("POST", "/api/v1/admin/trash/{id}/restore", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/trash/{id}", EDITOR, Empty),
    rule("GET", "/api/v1/admin/pages/{id}/revisions", VIEWER, Empty),
    rule("GET", "/api/v1/admin/pages/{id}/revisions/{revision}", VIEWER, Empty),
    rule("GET", "/api/v1/admin/pages/{id}/revisions/{revision}/diff", VIEWER, Empty),
    rule("POST", "/api/v1/admin/pages/{id}/revisions/{revision}/restore", EDITOR, Empty),
    rule("GET", "/api/v1/admin/media", VIEWER, Empty),
    rule("POST", "/api/v1/admin/media", EDITOR, File),
    rule("GET", "/api/v1/admin/media/summary", VIEWER, Empty),
    rule("OPTIONS", "/api/v1/admin/media/uploads", Public, Empty),
    rule("POST", "/api/v1/admin/media/uploads", EDITOR, Empty),
    rule("GET", "/api/v1/admin/media/uploads/{id}", EDITOR, Empty),
    rule("PATCH", "/api/v1/admin/media/uploads/{id}", EDITOR, Part),
    rule("DELETE", "/api/v1/admin/media/uploads/{id}", EDITOR, Empty),
    rule("GET", "/api/v1/admin/media/{id}", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/media/{id}", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/media/{id}", EDITOR, Empty),
    rule("PUT", "/api/v1/admin/media/{id}/content", EDITOR, File),
    rule("GET", "/api/v1/outbox", VIEWER, Empty),
    rule("GET", "/api/v1/outbox/{id}", VIEWER, Empty),
    rule("POST", "/api/v1/outbox/{id}/retry", ADMIN, Empty),
    // Letters: administrators only, as the handler says.
    rule("POST", "/api/v1/outbox/{id}/cancel", EDITOR, Empty),
    rule("GET", "/api/v1/admin/letters", VIEWER, Empty),
    rule("POST", "/api/v1/admin/letters/test", ADMIN_THEMSELVES, Json),
    rule("POST", "/api/v1/admin/posts/preview", EDITOR, Json),
    rule("POST", "/api/v1/admin/posts", EDITOR, Json),
    rule("GET", "/api/v1/admin/pages/{id}/announcement", VIEWER, Empty),
    rule("PUT", "/api/v1/admin/pages/{id}/announcement", EDITOR, Json),
    rule("DELETE", "/api/v1/admin/pages/{id}/announcement", EDITOR, Empty),
    rule("GET", "/api/v1/admin/settings", ADMIN, Empty),
    rule("PUT", "/api/v1/admin/settings", ADMIN_THEMSELVES, Json),
    rule("GET", "/api/v1/admin/operations/health", ADMIN, Empty),
    rule("GET", "/api/v1/admin/operations/traffic", VIEWER, Empty),
    rule("GET", "/api/v1/admin/operations/database", ADMIN, Empty),
    rule("GET", "/api/v1/admin/operations/log", ADMIN_THEMSELVES, Empty),
    rule("GET", "/api/v1/admin/operations/certificate", ADMIN, Empty),
    rule("GET", "/api/v1/admin/operations/backups", ADMIN, Empty),
    rule("POST", "/api/v1/admin/operations/backups", ADMIN, Empty),
    rule("GET", "/api/v1/admin/operations/backups/{id}/archive", ADMIN_THEMSELVES, Empty),
    rule("GET", "/api/v1/admin/operations/backups/{id}/restore-plan", ADMIN, Empty),
];

/// The path as [`RULES`] has it, where it is one of theirs.
pub(crate) fn path(pattern: &str) -> Option<&'static str> {
    RULES.iter().map(|rule| rule.path).find(|path| *path == pattern)
}

/// The row of a route.
///
/// # Errors
///
/// [`Error::MethodNotAllowed`] where the address takes other methods; [`Error::NotFound`] where there is no row for it at all.
pub(crate) fn find(method: &Method, path: &str) -> Result<&'static Rule, Error> {
    if let Some(rule) = RULES.iter().find(|rule| rule.path == path && rule.method == method.as_str()) {
        return Ok(rule);
    }
    let allowed = RULES.iter().filter(|rule| rule.path == path).map(|rule| if rule.method == "GET" { "GET, HEAD" } else { rule.method });
    let allowed: Vec<_> = allowed.collect();
    if allowed.is_empty() { Err(Error::NotFound { what: "address" }) } else { Err(Error::MethodNotAllowed { allow: allowed.join(", ") }) }
}
