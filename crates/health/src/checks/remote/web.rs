//! Requests over HTTP, bounded in time and size.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::checks::resolve::Lookup;
use crate::checks::say::chain;
use crate::deadline::Deadline;
use crate::error::Error;

use super::tls::{self, Trust};

/// One page, asked for again and again, each time over a new connection: one that is kept open hides that no other is accepted.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) url: String,
    lookup: Lookup,
    pub(crate) trust: Trust,
    pub(crate) redirects: u32,
    pub(crate) headers: Headers,
}

/// Names and values, of which only the names are shown.
#[derive(Default)]
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The beginning of the body.
    pub(crate) body: Vec<u8>,
    /// Whether the body went on.
    pub(crate) is_cut: bool,
    /// From the first byte sent to the last one read.
    pub(crate) took: Duration,
}

impl Web {
    /// For a page with an address such as `https://site.example/health`.
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Url { url: url.to_owned(), problem };
        let uri: Uri = url.parse().map_err(|error| wrong(format!("{error}")))?;
        let port = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return Err(wrong("it begins neither with http:// nor with https://".to_owned())),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it names no host".to_owned()))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let lookup = Lookup::new(host, authority.port_u16().unwrap_or(port));
        Ok(Self { url: url.to_owned(), lookup, trust: Trust::default(), redirects: 0, headers: Headers::default() })
    }

    /// Asks, and reads at most `body_max_bytes` of the answer.
    pub(crate) fn get(&mut self, body_max_bytes: u64, deadline: Deadline) -> Result<Answer, String> {
        let told = |error: &dyn std::error::Error| format!("{} does not answer: {}", self.url, chain(error));
        // The client starts a thread for each lookup; that of ours is never more than one, and it is the one that hangs.
        self.lookup.addresses(deadline.remaining())?;
        let agent = self.agent(deadline)?;
        let started = Instant::now();
        let request = self.headers.0.iter().fold(agent.get(&self.url), |request, (name, value)| request.header(name, value));
        let mut response = request.call().map_err(|error| told(&error))?;
        let mut body = Vec::new();
        let read = limited(response.body_mut(), body_max_bytes).read_to_end(&mut body);
        read.map_err(|error| format!("the answer of {} breaks off: {error}", self.url))?;
        let is_cut = body.len() as u64 > body_max_bytes;
        body.truncate(usize::try_from(body_max_bytes).unwrap_or(usize::MAX));
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body, is_cut, took: started.elapsed() })
    }

    fn agent(&self, deadline: Deadline) -> Result<Agent, String> {
        let roots = match &self.trust {
            Trust::File(path) => RootCerts::Specific(Arc::new(
                tls::certificates(path)?.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect(),
            )),
            Trust::Public | Trust::Anybody => RootCerts::WebPki,
        };
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .disable_verification(self.trust == Trust::Anybody)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        Ok(Agent::config_builder()
            .timeout_global(Some(deadline.remaining()))
            .http_status_as_error(false)
            .max_redirects(self.redirects)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(None)
            .user_agent(concat!("magnetiq-health/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build()
            .into())
    }
}

/// One byte more than the bound, to learn whether there are more.
fn limited(body: &mut Body, max: u64) -> impl Read + '_ {
    body.with_config().limit(u64::MAX).reader().take(max + 1)
}
