//! The settings that administrators change while the server runs: kept in the database, under those that file and environment give.
//!
//! They are laid over the defaults and under everything else by the same code that reads the file, so that they are checked as it is, and
//! together. What is derived from them is made anew with each change, and everybody sees the change at once: [`Live::current`].

mod catalog;
pub(crate) mod routes;
pub(crate) mod rows;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use magnetiq_config::{Problem, Settings};
use magnetiq_storage::Store;
use secrecy::SecretString;

use self::rows::Kept;
use crate::{
    auth::keys::{Keys, Use},
    error::Error,
    outbox::Channels,
};

/// Where a value comes from that is kept in the database.
pub(crate) const ORIGIN: &str = "database";

/// The settings as they are now, and what is made from them.
#[derive(Debug)]
pub(crate) struct Current {
    /// Counts the changes.
    pub(crate) revision: i64,
    pub(crate) settings: Settings,
    /// How mail and posts leave.
    pub(crate) channels: Channels,
}

/// What administrators may change while the server runs.
#[derive(Debug)]
pub(crate) struct Live {
    /// Of file and environment alone.
    given: Settings,
    current: RwLock<Arc<Current>>,
}

impl Live {
    /// What is kept, over the defaults and under `given`. What does not fit any more, because the file or the program changed, is left out and
    /// told in the log: a site is not kept from starting by it.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] when a secret was sealed with another key.
    pub(crate) fn load(given: &Settings, store: &Store, keys: &Keys) -> Result<Self, Error> {
        let (revision, kept) = store.read(|conn| Ok(rows::all(conn)?)).wait().map_err(Error::from)?;
        let mut values = opened(&kept, keys)?;
        let settings = loop {
            let problems = match given.over(&texts(&values), ORIGIN) {
                Ok(settings) => break settings,
                Err(problems) => problems,
            };
            let before = values.len();
            for problem in problems.iter() {
                if values.remove(&problem.subject()).is_some() {
                    tracing::warn!(%problem, "a setting in the database does not fit any more and is not used: change it in the admin area");
                }
            }
            if values.len() == before {
                tracing::warn!(%problems, "the settings in the database do not fit together any more and are not used: change them in the admin area");
                break given.clone();
            }
        };
        let channels = Channels::new(&settings)?;
        Ok(Self { given: given.clone(), current: RwLock::new(Arc::new(Current { revision, settings, channels })) })
    }

    /// As they are now. They stay the same for as long as the caller holds them.
    pub(crate) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on it is this, unless a newer change came first.
    fn replace(&self, current: Current) {
        let mut place = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if place.revision < current.revision {
            *place = Arc::new(current);
        }
    }
}

/// What is kept, with its secrets in the clear.
fn opened(kept: &BTreeMap<String, Kept>, keys: &Keys) -> Result<BTreeMap<String, SecretString>, Error> {
    let mut values = BTreeMap::new();
    let mut unreadable = Vec::new();
    for (name, kept) in kept {
        match kept.text(name, keys) {
            Ok(text) => drop(values.insert(name.clone(), text)),
            Err(Error::Sealed) => unreadable.push(format!("the setting {name}")),
            Err(error) => return Err(error),
        }
    }
    if unreadable.is_empty() { Ok(values) } else { Err(Error::Unreadable { what: unreadable }) }
}

fn texts(values: &BTreeMap<String, SecretString>) -> BTreeMap<String, String> {
    use secrecy::ExposeSecret;
    values.iter().map(|(name, text)| (name.clone(), text.expose_secret().to_owned())).collect()
}

impl Kept {
    fn text(&self, name: &str, keys: &Keys) -> Result<SecretString, Error> {
        match self {
            Self::Plain { value, .. } => Ok(value.clone().into()),
            Self::Sealed { sealed, .. } => {
                let text = keys.open(Use::Setting, name, sealed)?;
                String::from_utf8(text).map(SecretString::from).map_err(|_not_ours| Error::Sealed)
            }
        }
    }
}

/// What is wrong, in one sentence for the field.
fn detail(problem: &Problem) -> String {
    match problem {
        Problem::Unfit { expected, .. } | Problem::Missing { expected, .. } | Problem::Unknown { expected, .. } => format!("{expected}."),
        other => other.to_string().replace("\n    ", "; "),
    }
}
