//! Accounts, passwords and sessions.

pub(crate) mod account;
pub(crate) mod guard;
pub(crate) mod password;
pub(crate) mod role;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod session;
pub(crate) mod throttle;

pub use account::Account;
pub(crate) use account::NewAccount;
pub use role::Role;
pub use rules::{Access, Body, RULES, Rule};
