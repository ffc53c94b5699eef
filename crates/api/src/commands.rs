//! What the command line does with accounts, without a server.

use magnetiq_storage::Store;
use secrecy::SecretString;

use crate::{
    auth::{Account, NewAccount, account, password},
    clock::Clock,
    error::Error,
};

/// Makes an account that may sign in.
///
/// # Errors
///
/// [`Error::Invalid`] with every field that is not as it must be, an address that is taken among them.
pub fn create_admin(store: &Store, clock: &Clock, email: &str, name: &str, password: &SecretString) -> Result<Account, Error> {
    let mut problems = account::problems(email, name);
    problems.extend(password::problem(password));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let new = NewAccount { email: email.into(), name: name.into(), password_hash: password::hash(password)? };
    let now = clock.now();
    Ok(store.write(move |tx| Ok(account::create(tx, &new, now)?)).wait()?)
}

/// Every account, by address.
///
/// # Errors
///
/// [`Error::Storage`] when the database can't be read.
pub fn list_admins(store: &Store) -> Result<Vec<Account>, Error> {
    Ok(store.read(|conn| Ok(account::list(conn)?)).wait()?)
}

/// Gives an account a new password and ends its sessions.
///
/// # Errors
///
/// [`Error::NotFound`] when there is no such account, [`Error::Invalid`] when the password is too short or too long.
pub fn reset_password(store: &Store, email: &str, password: &SecretString) -> Result<Account, Error> {
    if let Some(problem) = password::problem(password) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (email, hash) = (email.to_owned(), password::hash(password)?);
    Ok(store.write(move |tx| Ok(account::reset_password(tx, &email, &hash)?)).wait()?)
}
