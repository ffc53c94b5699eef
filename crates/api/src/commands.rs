//! What the command line does with accounts, without a server.

use magnetiq_storage::{Store, Tx};
use secrecy::SecretString;

use crate::{
    auth::{Account, NewAccount, Role, account, password},
    clock::Clock,
    error::Error,
    outbox::{self, template::Template},
};

/// Makes an account that may sign in.
///
/// # Errors
///
/// [`Error::Invalid`] with every field that is not as it must be, an address that is taken among them.
pub fn create_account(
    store: &Store,
    clock: &Clock,
    email: &str,
    name: &str,
    role: Role,
    password: &SecretString,
) -> Result<Account, Error> {
    let mut problems = account::problems(email, name);
    problems.extend(password::problem(password));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let new = NewAccount { email: email.into(), name: name.into(), role, password_hash: password::hash(password)? };
    let now = clock.now();
    Ok(store.write(move |tx| Ok(account::create(tx, &new, now)?)).wait()?)
}

/// Every account, by address.
///
/// # Errors
///
/// [`Error::Storage`] when the database can't be read.
pub fn list_accounts(store: &Store) -> Result<Vec<Account>, Error> {
    Ok(store.read(|conn| Ok(account::list(conn)?)).wait()?)
}

/// Sets what an account may do.
///
/// # Errors
///
/// [`Error::NotFound`] when there is no such account.
pub fn set_role(store: &Store, email: &str, role: Role) -> Result<Account, Error> {
    let email = email.to_owned();
    Ok(store.write(move |tx| Ok(account::set_role(tx, &email, role)?)).wait()?)
}

/// Gives an account a new password and ends its sessions. A letter tells its owner, as soon as a server runs.
///
/// # Errors
///
/// [`Error::NotFound`] when there is no such account, [`Error::Invalid`] when the password is too short or too long.
pub fn reset_password(store: &Store, clock: &Clock, email: &str, password: &SecretString) -> Result<Account, Error> {
    if let Some(problem) = password::problem(password) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (email, hash) = (email.to_owned(), password::hash(password)?);
    let now = clock.now();
    let reset = move |tx: &Tx| -> Result<Account, Error> {
        let account = account::reset_password(tx, &email, &hash)?;
        let letter = Template::PasswordReset { name: account.name.clone(), at: now };
        outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-reset/{}/{}", account.id, now.as_millis()), now)?;
        Ok(account)
    };
    Ok(store.write(move |tx| Ok(reset(tx)?)).wait()?)
}
