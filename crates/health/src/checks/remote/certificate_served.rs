//! The certificate that a server really sends.

use std::path::PathBuf;

use crate::check::{Check, CheckError};
use crate::checks::bounded::Bounded;
use crate::checks::certificate_file;
use crate::checks::resolve::Lookup;
use crate::checks::say::budget;
use crate::checks::x509::Certificate;
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::tls::{self, Trust};

/// Does a TLS handshake and looks at what comes: until when the certificate is valid, for which names, whether a browser would trust the chain, and
/// whether it is the one in the file. "Renewed, but not reloaded" is seen here.
#[derive(Debug)]
pub struct CertificateServed {
    name: String,
    at: String,
    lookup: Lookup,
    trust: Trust,
    file: Option<PathBuf>,
    clock: Clock,
}

impl CertificateServed {
    /// Of the server of `name`, on `port`.
    pub fn new(name: &str, port: u16, clock: Clock) -> Self {
        let at = format!("{name}:{port}");
        Self { name: name.to_owned(), at, lookup: Lookup::new(name, port), trust: Trust::default(), file: None, clock }
    }

    /// Connects to `host` and `port`, and asks there for the name all the same: for a server behind another name or on this machine.
    #[must_use]
    pub fn at(self, host: &str, port: u16) -> Self {
        Self { at: format!("{host}:{port}"), lookup: Lookup::new(host, port), ..self }
    }

    /// Trusts others than the public authorities.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// It should be the first certificate of this PEM file.
    #[must_use]
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..self }
    }

    fn compare(&self, facts: Facts, served: &Certificate) -> Facts {
        let Some(path) = &self.file else { return facts };
        match certificate_file::read(path) {
            Ok(file) if file.is(served) => facts.with("is_file", Value::Bool(true)),
            Ok(file) => facts.with("is_file", Value::Bool(false)).warning(format!(
                "{} sends another certificate than {} has: that one is valid until {}, the sent one until {}",
                self.at,
                path.display(),
                file.not_after,
                served.not_after
            )),
            Err(error) => facts.without("is_file", error),
        }
    }
}

impl Check for CertificateServed {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let deadline = budget(deadline);
        let at = &self.at;
        let addresses = self.lookup.addresses(deadline.remaining()).map_err(CheckError::failed)?;
        let stream =
            Bounded::connect(&addresses, deadline).map_err(|error| CheckError::failed(format!("{at} does not answer: {error}")))?;
        let now = self.clock.now().wall;
        let (served, _) =
            tls::handshake(stream, &self.name, &self.trust, now).map_err(|error| CheckError::failed(format!("{at}: {error}")))?;
        let certificate = Certificate::from_der(&served.leaf)
            .map_err(|problem| CheckError::failed(format!("what {at} sends is of no use: {problem}")))?;
        let subject = format!("the certificate that {at} sends");
        let facts = certificate_file::tell(Facts::new(), &certificate, &[self.name.as_str()], now, &subject)
            .with("chain", Value::Count(1 + served.intermediates as u64))
            .with("trusted", Value::Bool(served.distrust.is_none()));
        let facts = self.compare(facts, &certificate);
        Ok(match served.distrust {
            // What is said already is not said again.
            Some(why) if facts.findings.iter().all(|finding| finding.level < crate::Level::Fail) => {
                facts.failing(format!("a browser would not trust {subject}: {why}"))
            }
            _ => facts,
        })
    }
}
