//! Passwords: argon2id with OWASP's minimum (19 MiB, 2 passes, 1 lane), a bounded number at once.

use std::collections::HashSet;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};

use super::known_passwords;
use crate::{blocking::Bounded, error::Error, http::problem::FieldProblem};

/// Characters; shorter ones are guessed, and no other rule makes people choose better ones.
const LENGTH_MIN: usize = 12;
/// Bytes; a hash must not be a way to keep the server busy.
const LENGTH_MAX: usize = 256;

/// A hash that no password has, made with the same parameters as real ones: unknown addresses take as long as known ones.
pub(crate) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Tm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password with fewer different characters is a key that was held down.
const DIFFERENT_MIN: usize = 5;
/// Shorter words of a name are part of many good passwords.
const WORD_MIN: usize = 3;
/// Letters and digits that a password has besides what is known of its owner.
const REST_MIN: usize = 8;

/// What everybody knows of the owner of a password.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) site: &'a str,
}

/// What is wrong with a new password, if anything.
pub(crate) fn problem(password: &SecretString, owner: Owner<'_>) -> Option<FieldProblem> {
    let password = password.expose_secret();
    let lower = password.to_lowercase();
    let detail = if password.chars().count() < LENGTH_MIN {
        format!("A password has at least {LENGTH_MIN} characters.")
    } else if password.len() > LENGTH_MAX {
        format!("A password has at most {LENGTH_MAX} bytes.")
    } else if is_common(&lower) {
        "This password is known from breaches, or is one with something added: such are tried first. A few words that have nothing to do with each other make a better one.".into()
    } else if is_made_of(&lower, owner) {
        "This password is made of your address, your name or the name of the site, which is tried early.".into()
    } else {
        return None;
    };
    Some(FieldProblem { pointer: "/password".into(), detail })
}

fn is_common(lower: &str) -> bool {
    let without_end = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let different: HashSet<char> = lower.chars().collect();
    different.len() < DIFFERENT_MIN || known_passwords::contain(lower) || known_passwords::contain(without_end)
}

/// Whether little is left of it without what is known.
fn is_made_of(lower: &str, owner: Owner<'_>) -> bool {
    let mut rest = lower.to_owned();
    for text in [owner.email, owner.name, owner.site] {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= WORD_MIN);
        for word in words {
            rest = rest.replace(word, "");
        }
    }
    rest.len() < lower.len() && rest.chars().filter(|c| c.is_alphanumeric()).count() < REST_MIN
}

/// Bytes; what the crate recommends, and RFC 9106.
const SALT_BYTES: usize = 16;

/// Blocks of memory that are asked for, 33 MiB, of which a hash touches its 19. What is larger than 32 MiB glibc always maps by itself and gives back at
/// once; smaller pieces it keeps for the thread that has freed them, and there are many threads.
const BLOCKS_ASKED: usize = 33 << 10;

/// Computes a hash on this thread.
fn compute(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<Output, argon2::Error> {
    let mut memory = Vec::with_capacity(BLOCKS_ASKED);
    memory.resize(argon2.params().block_count(), Block::new());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory)?;
    Ok(Output::new(&output).expect("32 bytes are a length that a hash may have"))
}

/// Hashes a password on this thread.
pub(crate) fn hash(password: &SecretString) -> Result<String, Error> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|error| Error::internal("get random bytes", error))?;
    let argon2 = Argon2::default();
    let output = compute(&argon2, password.expose_secret().as_bytes(), &salt).map_err(|error| Error::internal("hash a password", error))?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(|error| Error::internal("hash a password", error))?,
        salt: Some(Salt::new(&salt).map_err(|error| Error::internal("hash a password", error))?),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Whether a hash is that of a password, on this thread. The comparison takes the same time for every wrong one.
fn fits(password: &[u8], hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Some(Version::default()), |version| Version::try_from(version).ok())?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let output = compute(&argon2, password, hash.salt?.as_ref()).ok()?;
    Some(hash.hash? == output)
}

/// Whether `password` is the one of `hash`. Without a hash (an unknown address) the answer is no, after the same work.
pub(crate) async fn verify(hashing: &Bounded, password: SecretString, hash: Option<String>) -> Result<bool, Error> {
    hashing
        .run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.into());
            let password = password.expose_secret();
            let fits = password.len() <= LENGTH_MAX && fits(password.as_bytes(), &hash).unwrap_or(false);
            known && fits
        })
        .await
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn a_hash_fits_its_password_only() {
        let hashed = hash(&"correct horse battery".into()).unwrap();
        assert_eq!(fits(b"correct horse battery", &hashed), Some(true));
        assert_eq!(fits(b"correct horse batter", &hashed), Some(false));
        // As another program made it: what is in databases stays good.
        let other = Argon2::default().hash_password(b"correct horse battery").unwrap().to_string();
        assert_eq!(fits(b"correct horse battery", &other), Some(true));
        assert!(Argon2::default().verify_password(b"correct horse battery", hashed.as_str()).is_ok());
        assert_eq!(fits(b"correct horse battery", "nonsense"), None);
    }

    /// The time of a log-in tells nothing: the stand-in for unknown addresses costs what a real hash costs.
    #[test]
    fn nobodys_hash_has_todays_parameters() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(NOBODY), parameters(&hash(&"correct horse battery".into()).unwrap()));
        assert_eq!(fits(b"anything at all", NOBODY), Some(false), "it must be computed, not refused as malformed");
    }

    const ANA: Owner<'_> = Owner { email: "ana.smith@example.com", name: "Ana Smith", site: "Magnet & Co" };

    #[test]
    fn short_and_huge_passwords_are_refused() {
        assert!(problem(&"k7 wqz p2 m".into(), ANA).is_some());
        assert!(problem(&"correct horse ".repeat(19).into(), ANA).is_some());
        assert!(problem(&"k7 wqz p2 m!".into(), ANA).is_none());
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "qwertyuiop10",
            "Zxcvbnm123456789",
            "aaaaaaaaaaaaaaa",
            "121212121212",
            "example2024!!",
            "Smith-Magnet-1",
            "whitefluffydog",
            "Sunshine2024!",
            "1234567890-=",
            "ana.smith@example.com",
        ] {
            assert!(problem(&password.into(), ANA).is_some(), "{password}");
        }
        for password in ["correct horse battery", "smith likes green boats", "7mh2-99xk-qq01", "violet kettle 17"] {
            assert!(problem(&password.into(), ANA).is_none(), "{password}");
        }
    }
}
