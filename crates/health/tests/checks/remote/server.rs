//! Servers on this machine, for as long as the test runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Listens, and gives each connection to `talk` on a thread of its own. The port.
pub(crate) fn listen(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(stream));
        }
    });
    port
}

/// Never answers, and never lets go.
pub(crate) fn silent(stream: TcpStream) {
    let _stream = stream;
    thread::sleep(Duration::from_secs(3600));
}

/// Sends a byte now and then, for ever.
pub(crate) fn trickle(mut stream: TcpStream, first: &str, byte: u8) {
    let mut alive = stream.write_all(first.as_bytes()).is_ok();
    while alive {
        thread::sleep(Duration::from_millis(20));
        alive = stream.write_all(&[byte]).is_ok();
    }
}

/// Reads a request of HTTP to its end and answers with these bytes.
pub(crate) fn answer(mut stream: impl Read + Write, response: &[u8]) {
    let mut reader = BufReader::new(&mut stream);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    stream.write_all(response).and_then(|()| stream.flush()).ok();
}

/// An authority, and what it has signed.
pub(crate) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pub(crate) pem: String,
}

/// A certificate with its key.
pub(crate) struct Signed {
    pub(crate) pem: String,
    der: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// Signs a certificate for `name` that is valid until a day.
    pub(crate) fn sign(&self, name: &str, until: (i32, u8, u8)) -> Signed {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(until.0, until.1, until.2);
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Signed { pem: signed.pem(), der: signed.der().clone(), key: key.serialize_der() }
    }
}

impl Signed {
    /// Encrypts a connection as the server; `None` if the handshake fails.
    pub(crate) fn encrypt(&self, stream: TcpStream) -> Option<StreamOwned<ServerConnection, TcpStream>> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone()], key)
            .unwrap();
        let mut stream = stream;
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).ok()?;
        }
        Some(StreamOwned::new(connection, stream))
    }
}
