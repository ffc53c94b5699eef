//! Passwords: argon2id with OWASP's minimum (19 MiB, 2 passes, 1 lane), a bounded number at once.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{blocking::Bounded, error::Error, http::problem::FieldProblem};

/// Characters; shorter ones are guessed, and no other rule makes people choose better ones.
const LENGTH_MIN: usize = 12;
/// Bytes; a hash must not be a way to keep the server busy.
const LENGTH_MAX: usize = 256;

/// A hash that no password has, made with the same parameters as real ones: unknown addresses take as long as known ones.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Tm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is wrong with a new password, if anything.
pub(crate) fn problem(password: &SecretString) -> Option<FieldProblem> {
    let password = password.expose_secret();
    let detail = if password.chars().count() < LENGTH_MIN {
        format!("A password has at least {LENGTH_MIN} characters.")
    } else if password.len() > LENGTH_MAX {
        format!("A password has at most {LENGTH_MAX} bytes.")
    } else {
        return None;
    };
    Some(FieldProblem { pointer: "/password".into(), detail })
}

/// Hashes a password on this thread.
pub(crate) fn hash(password: &SecretString) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Hash { detail: error.to_string() })
}

/// Whether `password` is the one of `hash`. Without a hash (an unknown address) the answer is no, after the same work.
pub(crate) async fn verify(hashing: &Bounded, password: SecretString, hash: Option<String>) -> Result<bool, Error> {
    hashing
        .run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.into());
            let password = password.expose_secret();
            let fits = password.len() <= LENGTH_MAX && Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
            known && fits
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_only() {
        let hashed = hash(&"correct horse battery".into()).unwrap();
        let fits = |password: &str| Argon2::default().verify_password(password.as_bytes(), hashed.as_str()).is_ok();
        assert!(fits("correct horse battery"));
        assert!(!fits("correct horse batter"));
    }

    /// The time of a log-in tells nothing: the stand-in for unknown addresses costs what a real hash costs.
    #[test]
    fn nobodys_hash_has_todays_parameters() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(NOBODY), parameters(&hash(&"correct horse battery".into()).unwrap()));
        let error = Argon2::default().verify_password(b"anything at all", NOBODY).unwrap_err();
        assert_eq!(error, argon2::password_hash::Error::PasswordInvalid, "it must be computed, not refused as malformed");
    }

    #[test]
    fn short_and_huge_passwords_are_refused() {
        assert!(problem(&"12345678901".into()).is_some());
        assert!(problem(&"x".repeat(257).into()).is_some());
        assert!(problem(&"123456789012".into()).is_none());
    }
}
