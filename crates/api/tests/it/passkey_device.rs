//! An authenticator in software: it makes keys and signs as a phone does, and wrongly where a test wants it to.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The default of `server.public_url` in development.
pub(crate) const ORIGIN: &str = "http://localhost:8036";
const SITE: &str = "localhost";

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_KEY: u8 = 1 << 6;

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) key: SigningKey,
    pub(crate) id: Vec<u8>,
    /// What the site called the account.
    pub(crate) user: Vec<u8>,
    /// Signatures so far; a device that does not count says 0.
    pub(crate) count: u32,
    pub(crate) site: &'static str,
    pub(crate) origin: &'static str,
    /// Whether it asks for a finger, a face or a PIN.
    pub(crate) verifies: bool,
    pub(crate) synced: bool,
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A byte string in CBOR, of fewer than 256 bytes.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0x58, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

impl Device {
    pub(crate) fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).unwrap(),
            id: vec![number; 20],
            user: Vec::new(),
            count: 0,
            site: SITE,
            origin: ORIGIN,
            verifies: true,
            synced: false,
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false }).to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let synced = if self.synced { BACKUP_ELIGIBLE | BACKED_UP } else { 0 };
        let flags = USER_PRESENT | verified | synced | more;
        [&Sha256::digest(self.site.as_bytes())[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    /// What `navigator.credentials.create` gives, as JSON.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        self.user = BASE64_URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let point = self.key.verifying_key().to_encoded_point(false);
        let public =
            [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], point.x().unwrap(), &[0x22, 0x58, 32], point.y().unwrap()].concat();
        let id_length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&self.data(HAS_KEY)[..], &[0; 16], &id_length, &self.id, &public].concat();
        let attestation = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"[..], &cbor_bytes(&data)].concat();
        self.credential(&json!({
            "clientDataJSON": encode(&self.client_data("webauthn.create", options)),
            "attestationObject": encode(&attestation),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` gives, as JSON.
    pub(crate) fn sign(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(0);
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        self.credential(&json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": encode(&self.user),
        }))
    }

    fn credential(&self, response: &Value) -> Value {
        let id = encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}, "authenticatorAttachment": "platform" })
    }
}
