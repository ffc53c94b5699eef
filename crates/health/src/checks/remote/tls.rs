//! The chain of certificates that a server really sends, whether it is to be trusted or not.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, StreamOwned};

use jiff::Timestamp;

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Trust {
    /// The authorities that browsers trust, as they were when this program was built.
    #[default]
    Public,
    /// The authorities in a PEM file. A certificate that signed itself is none: take [`Anybody`](Self::Anybody) for it.
    File(PathBuf),
    /// Anybody: for a certificate that signed itself. Dates and names are looked at all the same.
    Anybody,
}

/// What a server sent.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    /// Its own certificate, DER.
    pub(crate) leaf: Vec<u8>,
    /// Certificates that came with it.
    pub(crate) intermediates: usize,
    /// Why it is not to be trusted, where it is not.
    pub(crate) distrust: Option<String>,
}

/// Does the handshake on a connection, which then is encrypted.
///
/// The chain is looked at and never refused: the caller decides. The signature of the handshake is verified, so the server does have the key.
///
/// # Errors
///
/// A sentence that says what went wrong.
pub(crate) fn handshake<S: Read + Write>(
    mut stream: S,
    host: &str,
    trust: &Trust,
    now: Timestamp,
) -> Result<(Served, StreamOwned<ClientConnection, S>), String> {
    let provider = Arc::new(ring::default_provider());
    let inspector = Arc::new(Inspector::new(trust, now, Arc::clone(&provider))?);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&inspector) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{host:?} is no name of a server: {error}"))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| format!("TLS cannot be set up: {error}"))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| format!("the TLS handshake failed: {error}"))?;
    }
    let served = inspector.served.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok((served.ok_or("the server sent no certificate")?, StreamOwned::new(connection, stream)))
}

/// The certificates of a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: rustls::pki_types::pem::Error| format!("{} cannot be read: {error}", path.display());
    CertificateDer::pem_file_iter(path).map_err(told)?.collect::<Result<_, _>>().map_err(told)
}

/// Why a chain is not trusted, in words.
fn why(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "nobody who is trusted has signed it, or certificates between are not sent along (UnknownIssuer)".to_owned()
        }
        error => error.to_string(),
    }
}

/// Accepts every chain, and remembers what it thinks of it.
#[derive(Debug)]
struct Inspector {
    /// None: anybody is trusted.
    judge: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    now: Timestamp,
    served: Mutex<Option<Served>>,
}

impl Inspector {
    fn new(trust: &Trust, now: Timestamp, provider: Arc<CryptoProvider>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        match trust {
            Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Trust::File(path) => {
                let (_, refused) = roots.add_parsable_certificates(certificates(path)?);
                if roots.is_empty() {
                    return Err(format!("{} has no certificate of an authority ({refused} were not understood)", path.display()));
                }
            }
            Trust::Anybody => {}
        }
        let judge = if *trust == Trust::Anybody {
            None
        } else {
            let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
            Some(judge.map_err(|error| format!("TLS cannot be set up: {error}"))?)
        };
        Ok(Self { judge, provider, now, served: Mutex::default() })
    }
}

impl ServerCertVerifier for Inspector {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(self.now.as_second()).unwrap_or(0)));
        let verdict =
            self.judge.as_ref().map_or(Ok(()), |judge| judge.verify_server_cert(leaf, intermediates, name, ocsp, now).map(|_| ()));
        let served = Served { leaf: leaf.to_vec(), intermediates: intermediates.len(), distrust: verdict.err().map(|error| why(&error)) };
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = Some(served);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
