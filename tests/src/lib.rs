//! The harness of the whole-system tests: real binaries in temporary folders, on free ports.
#![allow(clippy::unwrap_used, reason = "a harness fails as tests do")]
#![allow(missing_docs, clippy::missing_errors_doc, reason = "a harness is read, not documented")]

mod program;
mod server;

pub use program::{Ended, Folder, api_server, program};
pub use server::{Client, EMAIL, PASSWORD, Server};
