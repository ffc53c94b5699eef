//! Accounts, passwords and sessions.

pub(crate) mod account;
pub(crate) mod password;
pub(crate) mod routes;
pub(crate) mod session;
pub(crate) mod throttle;

pub use account::Account;
pub(crate) use account::NewAccount;
