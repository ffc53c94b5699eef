//! What is signed and kept nowhere: the token that a form is sent with, and the link that confirms an address.

use std::time::Duration;

use crate::{
    auth::{
        keys::{Keys, Use},
        session,
    },
    clock::Time,
    error::Error,
    id::LeadId,
};

/// Nobody reads and fills a form faster.
const QUICKEST: Duration = Duration::from_secs(2);
/// A form that stood open for longer has to be fetched anew.
const LASTS: Duration = Duration::from_secs(24 * 3600);

/// A token for one sending of a form, which names it and the moment.
pub(crate) fn issue(keys: &Keys, slug: &str, now: Time) -> Result<String, Error> {
    let text = format!("{}.{}", now.as_millis(), session::new_token()?);
    Ok(format!("{text}.{}", keys.hash(Use::FormToken, &format!("{slug}/{text}"))))
}

/// A token that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormToken {
    /// Names this sending.
    pub(crate) nonce: String,
    /// Whether it came back faster than people are.
    pub(crate) too_quick: bool,
}

/// Reads a token; none where it is not one of ours for this form, or has ended.
pub(crate) fn read(keys: &Keys, slug: &str, token: &str, now: Time) -> Option<FormToken> {
    let (text, hash) = token.rsplit_once('.')?;
    if !keys.fits(Use::FormToken, &format!("{slug}/{text}"), hash) {
        return None;
    }
    let (issued, nonce) = text.split_once('.')?;
    let issued = Time::from_millis(issued.parse().ok()?);
    let has_ended = issued.plus(LASTS) <= now;
    (!has_ended).then(|| FormToken { nonce: nonce.to_owned(), too_quick: now.since(issued) < QUICKEST })
}

/// What stands in the link that confirms the address of a lead.
pub(crate) fn confirmation(keys: &Keys, lead: LeadId) -> String {
    format!("{lead}.{}", keys.hash(Use::LeadLink, &lead.to_string()))
}

/// The lead of a link.
pub(crate) fn confirmed(keys: &Keys, token: &str) -> Option<LeadId> {
    let (id, hash) = token.split_once('.')?;
    keys.fits(Use::LeadLink, id, hash).then(|| id.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_form_and_a_day() {
        let keys = Keys::for_tests("a secret key for tests");
        let issued = Time::from_millis(1_763_916_300_000);
        let after = |seconds: u64| issued.plus(Duration::from_secs(seconds));
        let token = issue(&keys, "contact", issued).unwrap();
        assert!(read(&keys, "contact", &token, after(1)).unwrap().too_quick);
        assert!(!read(&keys, "contact", &token, after(2)).unwrap().too_quick);
        for read in [
            read(&keys, "other", &token, after(5)),
            read(&keys, "contact", &token, after(24 * 3600)),
            read(&keys, "contact", &format!("{token}0"), after(5)),
            read(&keys, "contact", &token.replacen('1', "2", 1), after(5)),
            read(&keys, "contact", "", after(5)),
        ] {
            assert_eq!(read, None);
        }
        assert_ne!(token, issue(&keys, "contact", issued).unwrap());
    }
}
