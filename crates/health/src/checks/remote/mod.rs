//! Checks that ask a server: over TLS, HTTP, SMTP.

mod certificate_served;
mod clock_skew;
mod http;
mod reply;
mod smtp;
mod tls;
mod told;
mod web;

pub use certificate_served::CertificateServed;
pub use clock_skew::ClockSkew;
pub use http::Http;
pub use smtp::{Encryption, Smtp};
pub use tls::Trust;
