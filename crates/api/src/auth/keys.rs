//! What is made from the secret key: a key of its own for each use, so that nothing made for one is taken for another.

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit as _, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use magnetiq_config::Auth;
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
    /// A setting that is a secret.
    Setting,
    /// What an attempt to make or use a passkey began with.
    Passkey,
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
            Self::Setting => "setting",
            Self::Passkey => "passkey",
        }
    }
}

/// The site's secret key, `auth.secret_key`, and for a time the one before it. What was made with neither holds no more.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    current: SecretString,
    previous: Option<SecretString>,
}

/// A keyed hash by which something may be kept: with the key now, or with the one before.
#[derive(Clone, Debug)]
pub(crate) struct Hashes {
    pub(crate) current: String,
    pub(crate) previous: Option<String>,
}

/// What became of a sealed value under the key now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resealed {
    /// It was sealed with that key before.
    Already,
    /// This takes its place.
    Anew(Vec<u8>),
}

impl Keys {
    pub(crate) fn of(settings: &Auth) -> Self {
        Self { current: settings.secret_key.clone(), previous: settings.secret_key_previous.clone() }
    }

    /// The keyed hash by which something is kept: a copy of the database gives nobody a way in.
    pub(crate) fn hash(&self, purpose: Use, text: &str) -> String {
        hex::encode(mac(&self.current, purpose, text))
    }

    /// Every keyed hash by which it may have been kept.
    pub(crate) fn hashes(&self, purpose: Use, text: &str) -> Hashes {
        let previous = self.previous.as_ref().map(|key| hex::encode(mac(key, purpose, text)));
        Hashes { current: self.hash(purpose, text), previous }
    }

    /// Whether `hash` is the keyed hash of `text`, in the same time for every wrong one.
    pub(crate) fn fits(&self, purpose: Use, text: &str, hash: &str) -> bool {
        let Hashes { current, previous } = self.hashes(purpose, text);
        let fits = |own: &String| own.as_bytes().ct_eq(hash.as_bytes());
        (fits(&current) | previous.as_ref().map_or(0.into(), fits)).into()
    }

    /// Encrypts what the server itself must be able to read again. `owner` is whom it belongs to: moved to another row it can't be opened.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub(crate) fn seal(&self, purpose: Use, owner: &str, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| Error::internal("get random bytes", error))?;
        let payload = Payload { msg: secret, aad: owner.as_bytes() };
        let sealed = cipher(&self.current, purpose).encrypt(XNonce::from_slice(&nonce), payload).map_err(|_opaque| Error::Sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What [`seal`](Self::seal) encrypted.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] with another secret key, another owner, or when it was changed.
    pub(crate) fn open(&self, purpose: Use, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let opened = open(&self.current, purpose, owner, sealed);
        match &self.previous {
            Some(previous) => opened.or_else(|_| open(previous, purpose, owner, sealed)),
            None => opened,
        }
    }

    /// The same value, sealed with the key now.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] when neither key opens it, [`Error::Internal`].
    pub(crate) fn reseal(&self, purpose: Use, owner: &str, sealed: &[u8]) -> Result<Resealed, Error> {
        if open(&self.current, purpose, owner, sealed).is_ok() {
            return Ok(Resealed::Already);
        }
        Ok(Resealed::Anew(self.seal(purpose, owner, &self.open(purpose, owner, sealed)?)?))
    }
}

#[cfg(test)]
impl Keys {
    /// One that a test makes up.
    pub(crate) fn for_tests(key: &str) -> Self {
        Self { current: key.to_owned().into(), previous: None }
    }
}

fn mac(key: &SecretString, purpose: Use, text: &str) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.name().as_bytes());
    mac.update(b"\0");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// XChaCha20-Poly1305 with a key that HKDF makes for this purpose alone.
fn cipher(key: &SecretString, purpose: Use) -> XChaCha20Poly1305 {
    let mut derived = [0; 32];
    let label = format!("magnetiq seal {}", purpose.name());
    Hkdf::<Sha256>::new(None, key.expose_secret().as_bytes())
        .expand(label.as_bytes(), &mut derived)
        .expect("32 bytes are no more than HKDF gives");
    XChaCha20Poly1305::new(Key::from_slice(&derived))
}

fn open(key: &SecretString, purpose: Use, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Sealed)?;
    let payload = Payload { msg: sealed, aad: owner.as_bytes() };
    cipher(key, purpose).decrypt(XNonce::from_slice(nonce), payload).map_err(|_opaque| Error::Sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: &str, previous: Option<&str>) -> Keys {
        Keys { current: current.to_owned().into(), previous: previous.map(|key| key.to_owned().into()) }
    }

    #[test]
    fn the_key_before_still_opens_and_fits() {
        let (old, both, new) = (keys("an old key", None), keys("a new key", Some("an old key")), keys("a new key", None));
        let sealed = old.seal(Use::Setting, "mail.smtp_password", b"secret").unwrap();
        assert_eq!(both.open(Use::Setting, "mail.smtp_password", &sealed).unwrap(), b"secret");
        assert!(both.fits(Use::Link, "link", &old.hash(Use::Link, "link")) && !new.fits(Use::Link, "link", &old.hash(Use::Link, "link")));
        let Resealed::Anew(anew) = both.reseal(Use::Setting, "mail.smtp_password", &sealed).unwrap() else {
            panic!("it is sealed with the old one")
        };
        assert_eq!(new.open(Use::Setting, "mail.smtp_password", &anew).unwrap(), b"secret");
        assert_eq!(both.reseal(Use::Setting, "mail.smtp_password", &anew).unwrap(), Resealed::Already);
        assert!(matches!(new.reseal(Use::Setting, "mail.smtp_password", &sealed), Err(Error::Sealed)));
        assert!(matches!(both.reseal(Use::Setting, "social.x.token", &sealed), Err(Error::Sealed)));
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let own = keys("one secret key of some length", None);
        let sealed = own.seal(Use::SecondFactor, "ana", b"secret").unwrap();
        assert_eq!(own.open(Use::SecondFactor, "ana", &sealed).unwrap(), b"secret");
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        let other = keys("another secret key", None);
        for opened in [
            own.open(Use::SecondFactor, "bo", &sealed),
            own.open(Use::Link, "ana", &sealed),
            own.open(Use::SecondFactor, "ana", &changed),
            own.open(Use::SecondFactor, "ana", &sealed[..10]),
            other.open(Use::SecondFactor, "ana", &sealed),
        ] {
            assert!(matches!(opened, Err(Error::Sealed)), "{opened:?}");
        }
        assert_ne!(sealed, own.seal(Use::SecondFactor, "ana", b"secret").unwrap());
    }

    #[test]
    fn a_hash_of_one_use_is_none_of_another() {
        let own = keys("one secret key of some length", None);
        let hash = own.hash(Use::Session, "token");
        assert!(own.fits(Use::Session, "token", &hash));
        assert!(!own.fits(Use::ApiToken, "token", &hash));
        assert!(!own.fits(Use::Session, "tokem", &hash));
    }
}
