//! The second factor: codes that change every 30 seconds (TOTP, RFC 6238), and recovery codes for the day on which the phone is gone.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};
use qrcode::{QrCode, render::svg};
use totp_rs::{Builder, Totp};

use super::{
    Account,
    keys::{Keys, Use},
};
use crate::{
    clock::Time,
    error::Error,
    id::AccountId,
    outbox::{self, template::Template},
};

/// What RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// 50 bits each; guessing is limited as that of passwords is.
const RECOVERY_CODE_CHARACTERS: usize = 10;
/// Crockford's: none is taken for another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Pixels of a QR code's side, at least.
const QR_SIDE: u32 = 240;

/// What an authenticator app is given.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// Base32, to be typed where nothing can be scanned.
    pub(crate) secret: String,
    /// `otpauth://`
    pub(crate) url: String,
    /// The same as a picture, SVG.
    pub(crate) picture: String,
}

fn totp(secret: &[u8], site: &str, email: &str) -> Result<Totp, Error> {
    // A colon ends the issuer in the address that the app reads.
    let builder =
        Builder::new().with_secret(secret.to_vec()).with_issuer(Some(site.replace(':', " "))).with_account_name(email.replace(':', " "));
    builder.build().map_err(|error| Error::internal("set up a second factor", error))
}

fn seconds(now: Time) -> u64 {
    u64::try_from(now.as_millis() / 1000).unwrap_or(0)
}

/// A new secret, and what it is kept as until it is confirmed.
pub(crate) fn offer(keys: &Keys, account: AccountId, email: &str, site: &str) -> Result<(Offer, Vec<u8>), Error> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|error| Error::internal("get random bytes", error))?;
    let url = totp(&secret, site, email)?.to_url().map_err(|error| Error::internal("set up a second factor", error))?;
    let code = QrCode::new(&url).map_err(|error| Error::internal("set up a second factor", error))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(QR_SIDE, QR_SIDE).build();
    let offer = Offer { secret: totp_rs::Secret::from(secret).to_base32(), url, picture };
    Ok((offer, keys.seal(Use::SecondFactor, &account.to_string(), &secret)?))
}

/// Keeps an unconfirmed secret, in the place of another unconfirmed one.
pub(crate) fn keep(tx: &Tx, account: AccountId, sealed: &[u8]) -> Result<(), Error> {
    let sql = "INSERT INTO account_totp (account_id, secret) VALUES (?1, ?2)
        ON CONFLICT DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE confirmed_at IS NULL";
    let kept = tx.execute(sql, params![account, sealed])?;
    if kept == 0 { Err(Error::invalid("/password", "The second factor is on already: remove it first.")) } else { Ok(()) }
}

/// The step of the code, when it is right and newer than the last one.
fn step(conn: &Connection, keys: &Keys, account: AccountId, code: &str, confirmed: bool, now: Time) -> Result<Option<u64>, Error> {
    let sql = "SELECT secret, last_step FROM account_totp WHERE account_id = ?1 AND (confirmed_at IS NOT NULL) = ?2";
    let row = conn.prepare_cached(sql)?.query_row(params![account, confirmed], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((sealed, last)) = row.optional()? else { return Ok(None) };
    let sealed: Vec<u8> = sealed;
    let last: u64 = last;
    let secret = keys.open(Use::SecondFactor, &account.to_string(), &sealed)?;
    Ok(totp(&secret, "", "account")?.check(code, seconds(now)).filter(|step| *step > last))
}

/// Turns the second factor on: the app shows the right code.
///
/// # Errors
///
/// [`Error::Invalid`] when it doesn't.
pub(crate) fn confirm(tx: &Tx, keys: &Keys, account: AccountId, code: &str, now: Time) -> Result<(), Error> {
    let wrong =
        || Error::invalid("/code", "The code is wrong: check the clock of the device that shows it, and type the one that it shows now.");
    let step = step(tx, keys, account, &digits(code), false, now)?.ok_or_else(wrong)?;
    tx.execute("UPDATE account_totp SET confirmed_at = ?2, last_step = ?3 WHERE account_id = ?1", params![account, now, step])?;
    tx.execute("UPDATE account SET revision = revision + 1 WHERE id = ?", [account])?;
    Ok(())
}

/// Takes a code of the app or a recovery code; neither is taken twice.
///
/// # Errors
///
/// [`Error::WrongCode`].
pub(crate) fn take(tx: &Tx, keys: &Keys, account: AccountId, code: &str, now: Time) -> Result<(), Error> {
    if let Some(step) = step(tx, keys, account, &digits(code), true, now)? {
        tx.execute("UPDATE account_totp SET last_step = ?2 WHERE account_id = ?1", params![account, step])?;
        return Ok(());
    }
    let hashes = keys.hashes(Use::RecoveryCode, &format!("{account}/{}", normal(code)));
    let sql = "DELETE FROM account_recovery_code WHERE account_id = ? AND code_hash IN (?, ?)";
    let used = tx.execute(sql, params![account, hashes.current, hashes.previous])?;
    if used == 0 { Err(Error::WrongCode) } else { Ok(()) }
}

/// As it is typed: in groups, or not.
fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).collect()
}

fn normal(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// New recovery codes, in the place of those before. They are shown once.
pub(crate) fn new_codes() -> Result<Vec<String>, Error> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0; RECOVERY_CODE_CHARACTERS];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal("get random bytes", error))?;
        let characters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let (first, second) = characters.split_at(RECOVERY_CODE_CHARACTERS / 2);
        codes.push(format!("{first}-{second}"));
    }
    Ok(codes)
}

pub(crate) fn keep_codes(tx: &Tx, keys: &Keys, account: AccountId, codes: &[String]) -> Result<(), Error> {
    tx.execute("DELETE FROM account_recovery_code WHERE account_id = ?", [account])?;
    for code in codes {
        let hash = keys.hash(Use::RecoveryCode, &format!("{account}/{}", normal(code)));
        tx.prepare_cached("INSERT INTO account_recovery_code (account_id, code_hash) VALUES (?, ?)")?.execute(params![account, hash])?;
    }
    Ok(())
}

/// Recovery codes go with the last second factor.
pub(crate) fn forget_codes_of_none(tx: &Tx, account: AccountId) -> Result<(), Error> {
    let sql = "DELETE FROM account_recovery_code WHERE account_id = ?1
        AND NOT EXISTS (SELECT 1 FROM account_totp WHERE account_id = ?1 AND confirmed_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM passkey WHERE account_id = ?1)";
    tx.execute(sql, [account])?;
    Ok(())
}

/// Turns the codes of the app off.
pub(crate) fn remove(tx: &Tx, account: AccountId) -> Result<(), Error> {
    tx.execute("DELETE FROM account_totp WHERE account_id = ?", [account])?;
    forget_codes_of_none(tx, account)?;
    tx.execute("UPDATE account SET revision = revision + 1 WHERE id = ?", [account])?;
    Ok(())
}

/// Writes to the owner of an account that the codes of an app are taken now, or no more.
pub(crate) fn tell(tx: &Tx, account: &Account, on: bool, now: Time) -> Result<(), Error> {
    let letter = Template::SecondFactor { name: account.name.clone(), at: now, on };
    outbox::rows::enqueue(tx, &account.email, &letter, &format!("second-factor/{}/{}", account.id, now.as_millis()), now)
}
