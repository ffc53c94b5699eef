//! Passkeys (WebAuthn): people's devices sign in by a key that never leaves them. The device asks for a finger, a face or a PIN first, so that one
//! passkey is two factors.

pub(crate) mod attempt;
pub(crate) mod ceremony;
pub(crate) mod own;
pub(crate) mod rows;
pub(crate) mod sign_in;

use magnetiq_storage::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Account;
use crate::{
    clock::Time,
    error::Error,
    id::PasskeyId,
    outbox::{self, template::Template},
};

/// A passkey, as its owner sees it in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Passkey {
    /// Its id.
    pub(crate) id: PasskeyId,
    /// What its owner calls it.
    #[schema(examples("Ana's phone"))]
    pub(crate) name: String,
    /// Whether the maker of the device keeps a copy for its owner's other devices.
    pub(crate) synced: bool,
    /// When it was made.
    pub(crate) created_at: Time,
    /// When it signed in last.
    pub(crate) used_at: Option<Time>,
    /// From where.
    pub(crate) used_from: Option<String>,
}

/// What a browser is asked to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    options: serde_json::Value,
}

/// What a browser says that a device answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyAnswer {
    /// `toJSON()` of the credential.
    #[schema(value_type = Object)]
    credential: serde_json::Value,
}

/// Writes to the owner of an account that a passkey came or went.
pub(crate) fn tell(tx: &Tx, account: &Account, passkey: &Passkey, added: bool, now: Time) -> Result<(), Error> {
    let letter = Template::Passkey { name: account.name.clone(), passkey: passkey.name.clone(), at: now, added };
    let what = if added { "added" } else { "removed" };
    outbox::rows::enqueue(tx, &account.email, &letter, &format!("passkey-{what}/{}", passkey.id), now)
}
