//! Passwords that are known from breaches: every one of at least 12 characters among the million most frequent, and the 50,000 most frequent of
//! all, which people lengthen with digits to be let through.

use sha2::{Digest, Sha256};

/// Bytes of a hash that are kept. Of a million other passwords 15 are taken for known ones.
const KEY_BYTES: usize = 4;

/// The first bytes of the SHA-256 of each, in lower case, in order; `known-passwords.mjs` makes it and says from what.
static KEYS: &[u8] = include_bytes!("known-passwords.bin");

/// Whether a password, in lower case, is known.
pub(super) fn contain(lower: &str) -> bool {
    let hash = Sha256::digest(lower.as_bytes());
    let (keys, _) = KEYS.as_chunks::<KEY_BYTES>();
    keys.binary_search_by(|key| key.as_slice().cmp(&hash[..KEY_BYTES])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole_and_in_order() {
        let (keys, rest) = KEYS.as_chunks::<KEY_BYTES>();
        assert!(keys.is_sorted() && rest.is_empty());
        assert!(keys.len() > 60_000, "{}", keys.len());
    }
}
