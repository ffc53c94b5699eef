//! What the command line does with accounts and secrets, without a server.

use magnetiq_config::Auth;
use magnetiq_storage::{ReadOnlyStore, Store, Tx};
use secrecy::SecretString;

use crate::{
    audit::{self, Actor, Change},
    auth::{
        Account, NewAccount, Role, account, accounts,
        keys::Keys,
        password::{self, Owner},
    },
    clock::{Clock, Time},
    error::Error,
    outbox::{self, template::Template},
    secrets::{self, Rotation},
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
    problems.extend(password::problem(password, Owner { email, name, site: "" }));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let new = NewAccount { email: email.into(), name: name.into(), role, password_hash: Some(password::hash(password)?) };
    let now = clock.now();
    let create = move |tx: &Tx| -> Result<Account, Error> {
        let account = account::create(tx, &new, now)?;
        note(tx, Change::of("account.create", account.id, &account.email).to(&account)?, now)?;
        Ok(account)
    };
    Ok(store.write(move |tx| Ok(create(tx)?)).wait()?)
}

fn note(tx: &Tx, change: Change, now: Time) -> Result<(), Error> {
    audit::record(tx, &Actor::command_line(), change, now)
}

/// Every account, by address.
///
/// # Errors
///
/// [`Error::Storage`] when the database can't be read.
pub fn list_accounts(store: &ReadOnlyStore) -> Result<Vec<Account>, Error> {
    Ok(store.read(|conn| Ok(account::list(conn)?)).wait()?)
}

/// Sets what an account may do.
///
/// # Errors
///
/// [`Error::NotFound`] when there is no such account, [`Error::LastAdmin`] when nobody could administer the site any more.
pub fn set_role(store: &Store, clock: &Clock, email: &str, role: Role) -> Result<Account, Error> {
    let (email, now) = (email.to_owned(), clock.now());
    let set = move |tx: &Tx| -> Result<Account, Error> {
        let (before, after) = account::set_role(tx, &email, role)?;
        note(tx, Change::of("account.update", after.id, &after.email).from(&before)?.to(&after)?, now)?;
        Ok(after)
    };
    Ok(store.write(move |tx| Ok(set(tx)?)).wait()?)
}

/// Gives an account a new password and ends its sessions. `without_second_factor` takes its authenticator app and its passkeys from it, too, since
/// who lost all of them signs in with no password. Letters tell its owner, as soon as a server runs.
///
/// # Errors
///
/// [`Error::NotFound`] when there is no such account, [`Error::Invalid`] when the password is too short or too long.
pub fn reset_password(
    store: &Store,
    clock: &Clock,
    email: &str,
    password: &SecretString,
    without_second_factor: bool,
) -> Result<Account, Error> {
    let Some((account, _)) = store
        .read({
            let email = email.to_owned();
            move |conn| Ok(account::find(conn, &email)?)
        })
        .wait()?
    else {
        return Err(Error::NotFound { what: "account" });
    };
    if let Some(problem) = password::problem(password, Owner { email, name: &account.name, site: "" }) {
        return Err(Error::Invalid(vec![problem]));
    }
    let (hash, now) = (password::hash(password)?, clock.now());
    let reset = move |tx: &Tx| -> Result<Account, Error> {
        account::set_password(tx, account.id, &hash, None, now)?;
        let letter = Template::PasswordReset { name: account.name.clone(), at: now };
        outbox::rows::enqueue(tx, &account.email, &letter, &format!("password-reset/{}/{}", account.id, now.as_millis()), now)?;
        note(tx, Change::of("account.password", account.id, &account.email), now)?;
        if without_second_factor && account.authenticator_app {
            accounts::end_app(tx, &Actor::command_line(), account.id, now)?;
        }
        if without_second_factor && account.passkey_count > 0 {
            accounts::end_passkeys(tx, &Actor::command_line(), account.id, now)?;
        }
        account::required(tx, account.id)
    };
    Ok(store.write(move |tx| Ok(reset(tx)?)).wait()?)
}

/// What [`rotate_secrets`] would do.
///
/// # Errors
///
/// [`Error::Storage`] when the database can't be read.
pub fn plan_rotation(store: &Store, settings: &Auth) -> Result<Rotation, Error> {
    let keys = Keys::of(settings);
    Ok(store.read(move |conn| Ok(secrets::plan(conn, &keys)?)).wait()?)
}

/// Encrypts all secrets in the database with `auth.secret_key`, those too that are still encrypted with `auth.secret_key_previous`: all of them
/// or none. `discard` forgets what neither key opens.
///
/// # Errors
///
/// [`Error::Unreadable`] with what neither key opens.
pub fn rotate_secrets(store: &Store, clock: &Clock, settings: &Auth, discard: bool) -> Result<Rotation, Error> {
    let (keys, now) = (Keys::of(settings), clock.now());
    Ok(store.write(move |tx| Ok(secrets::rotate(tx, &keys, discard, now)?)).wait()?)
}
