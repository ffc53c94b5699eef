//! The certificate in a file.

use std::path::PathBuf;

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value, seconds};

use super::read::bytes;
use super::x509::Certificate;

/// A chain has a few thousand bytes.
const SIZE_MAX_BYTES: u64 = 1 << 20;

/// Looks at the first certificate of a PEM file: until when, and for which names. Only the file: what a server sends may be an older one.
#[derive(Debug)]
pub struct CertificateFile {
    path: PathBuf,
    names: Vec<String>,
    clock: Clock,
}

impl CertificateFile {
    /// Of the certificate in `path`.
    pub fn new(path: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { path: path.into(), names: Vec::new(), clock }
    }

    /// It should be for this name; call it once for each.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }
}

impl Check for CertificateFile {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let path = self.path.display();
        let certificate = read(&self.path).map_err(CheckError::failed)?;
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        Ok(tell(Facts::new(), &certificate, &names, self.clock.now().wall, &format!("the certificate in {path}")))
    }
}

/// The first certificate of a PEM file.
pub(crate) fn read(path: &std::path::Path) -> Result<Certificate, String> {
    let pem = bytes(path, SIZE_MAX_BYTES).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Certificate::from_pem(&pem).map_err(|problem| format!("{} is of no use: {problem}", path.display()))
}

/// What `certificate` says, as seen at `now` by somebody who wants it for `names`.
pub(crate) fn tell(facts: Facts, certificate: &Certificate, names: &[&str], now: jiff::Timestamp, subject: &str) -> Facts {
    let left = certificate.not_after.duration_since(now).as_secs_f64();
    let mut facts = facts
        .with("left", Value::Percent(certificate.left_percent(now)))
        .with("expires_in", Value::Seconds(left))
        .with("serial", Value::Text(certificate.serial.clone()))
        .saying(format!("{subject} for {} is valid until {}", certificate.names(), certificate.not_after));
    if left <= 0.0 {
        facts = facts.failing(format!("{subject} expired {} ago", seconds(-left)));
    }
    if certificate.not_before > now {
        facts = facts.failing(format!("{subject} is not valid before {}", certificate.not_before));
    }
    for name in names.iter().filter(|name| !certificate.is_for(name)) {
        facts = facts.failing(format!("{subject} is not for {name} but for {}", certificate.names()));
    }
    facts
}
