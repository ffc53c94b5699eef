//! Checks that ask a server, against servers that are well, late, wrong, and gone.

mod certificate;
mod clock;
mod http;
mod server;
mod smtp;
