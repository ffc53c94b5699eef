//! The application: a small CMS over HTTP, on one SQLite file.
//!
//! [`AppState`] puts the parts together, [`serve`] answers, [`routes`] is the list of all that it answers. [`commands`] is what the command
//! line does without a server, [`import`] brings a folder of Markdown, [`export`] makes one.

mod audit;
mod auth;
mod blocking;
mod clock;
pub mod commands;
mod error;
pub mod export;
mod feeds;
mod health;
mod http;
mod id;
pub mod import;
mod leads;
mod live;
mod media;
mod menus;
mod operations;
mod outbound;
mod outbox;
mod page;
mod pages;
pub mod routes;
pub mod schema;
mod scrub;
mod secrets;
mod server;
mod settings;
mod site;
mod state;
pub mod upkeep;

pub use auth::{Access, Account, AccountState, Body, RULES, Role, Rule};
pub use clock::{Clock, Time};
pub use error::Error;
pub use health::Reserve;
pub use http::{
    problem::{FieldProblem, Position, Problem},
    rate_limit::Limit,
};
pub use id::{AccountId, FormId, LeadId, LinkId, MediaId, MenuId, OutboxId, PageId, PasskeyId, SessionId, TokenId, UploadId};
pub use media::Media;
pub use menus::{Menu, MenuItem, MenuPage, MenuRow};
pub use operations::log::Tail as LogTail;
pub use pages::{
    Page, PageCard, PageRow, PublicPage, Seo, Status,
    revisions::{Reason, Revision, RevisionRow},
    translations::{PublicTranslation, Translation},
};
pub use scrub::{Without, scrub};
pub use secrets::Rotation;
pub use server::serve;
pub use state::AppState;
