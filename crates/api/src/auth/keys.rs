//! What is made from the secret key: a key of its own for each use, so that nothing made for one is taken for another.

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit as _, Payload},
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::Error;

const NONCE_BYTES: usize = 24;

/// What a keyed hash or a sealed value is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    /// The token in a session's cookie.
    Session,
    /// The token of a program.
    ApiToken,
    /// The token in a link to choose a password.
    Link,
    /// A recovery code.
    RecoveryCode,
    /// The key of a request that may be sent twice.
    Idempotency,
    /// The token in a link to read a page that is not published.
    PreviewLink,
    /// The token that a visitor's form is sent with.
    FormToken,
    /// The token in a link that confirms the address of a lead.
    LeadLink,
    /// The secret of a second factor.
    SecondFactor,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ApiToken => "api-token",
            Self::Link => "link",
            Self::RecoveryCode => "recovery-code",
            Self::Idempotency => "idempotency",
            Self::PreviewLink => "preview-link",
            Self::FormToken => "form",
            Self::LeadLink => "lead-link",
            Self::SecondFactor => "second-factor",
        }
    }
}

/// The site's secret key, `auth.secret_key`. With another one every session, token and link ends.
#[derive(Clone, Debug)]
pub(crate) struct Keys(SecretString);

impl Keys {
    pub(crate) fn new(secret_key: SecretString) -> Self {
        Self(secret_key)
    }

    fn mac(&self, purpose: Use, text: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(purpose.name().as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The keyed hash by which something is kept: a copy of the database gives nobody a way in.
    pub(crate) fn hash(&self, purpose: Use, text: &str) -> String {
        hex::encode(self.mac(purpose, text))
    }

    /// Whether `hash` is the keyed hash of `text`, in the same time for every wrong one.
    pub(crate) fn fits(&self, purpose: Use, text: &str, hash: &str) -> bool {
        self.hash(purpose, text).as_bytes().ct_eq(hash.as_bytes()).into()
    }

    fn cipher(&self, purpose: Use) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&self.mac(purpose, "seal")))
    }

    /// Encrypts what the server itself must be able to read again. `owner` is whom it belongs to: moved to another row it can't be opened.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub(crate) fn seal(&self, purpose: Use, owner: &str, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| Error::Random { detail: error.to_string() })?;
        let payload = Payload { msg: secret, aad: owner.as_bytes() };
        let sealed = self.cipher(purpose).encrypt(XNonce::from_slice(&nonce), payload).map_err(|_opaque| Error::Sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What [`seal`](Self::seal) encrypted.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] with another secret key, another owner, or when it was changed.
    pub(crate) fn open(&self, purpose: Use, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Sealed)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        self.cipher(purpose).decrypt(XNonce::from_slice(nonce), payload).map_err(|_opaque| Error::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let keys = Keys::new("one secret key of some length".to_owned().into());
        let sealed = keys.seal(Use::SecondFactor, "ana", b"secret").unwrap();
        assert_eq!(keys.open(Use::SecondFactor, "ana", &sealed).unwrap(), b"secret");
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        let other = Keys::new("another secret key".to_owned().into());
        for opened in [
            keys.open(Use::SecondFactor, "bo", &sealed),
            keys.open(Use::Link, "ana", &sealed),
            keys.open(Use::SecondFactor, "ana", &changed),
            keys.open(Use::SecondFactor, "ana", &sealed[..10]),
            other.open(Use::SecondFactor, "ana", &sealed),
        ] {
            assert!(matches!(opened, Err(Error::Sealed)), "{opened:?}");
        }
        assert_ne!(sealed, keys.seal(Use::SecondFactor, "ana", b"secret").unwrap());
    }

    #[test]
    fn a_hash_of_one_use_is_none_of_another() {
        let keys = Keys::new("one secret key of some length".to_owned().into());
        let hash = keys.hash(Use::Session, "token");
        assert!(keys.fits(Use::Session, "token", &hash));
        assert!(!keys.fits(Use::ApiToken, "token", &hash));
        assert!(!keys.fits(Use::Session, "tokem", &hash));
    }
}
