//! The harness of the whole-system tests: real binaries in temporary folders, on free ports.
#![allow(clippy::unwrap_used, reason = "a harness fails as tests do")]
#![allow(missing_docs, clippy::missing_errors_doc, reason = "a harness is read, not documented")]

mod fault;
pub mod ledger;
mod metrics;
mod port;
mod power_cut;
mod program;
mod random;
pub mod schema;
mod server;
mod skip;
mod smtp;

pub use fault::{Fault, Missing};
pub use metrics::check_text_format;
pub use port::free_port;
pub use power_cut::{Forget, PowerCut};
pub use program::{Ended, Folder, api_server, backupd, cargo, healthd, program};
pub use random::Random;
pub use server::{Client, EMAIL, PASSWORD, Server};
pub use skip::skip;
pub use smtp::SmtpServer;
