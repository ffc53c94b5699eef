//! Accounts and their passwords, sessions, tokens; who may do what.

pub(crate) mod account;
pub(crate) mod accounts;
mod area;
pub(crate) mod caller;
pub(crate) mod first;
pub(crate) mod guard;
pub(crate) mod keys;
mod known_passwords;
pub(crate) mod known_sessions;
pub(crate) mod link;
pub(crate) mod own;
pub(crate) mod own_factor;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod recovery;
pub(crate) mod role;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod throttle;
pub(crate) mod token;
pub(crate) mod tokens;

pub(crate) use account::NewAccount;
pub use account::{Account, State as AccountState};
pub(crate) use caller::{Caller, SignedIn};
pub use role::Role;
pub use rules::{Access, Body, RULES, Rule};
