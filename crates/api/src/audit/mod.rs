//! The audit log: every change that people make, written in the transaction of the change. It only grows.

pub(crate) mod routes;
mod rows;

use magnetiq_storage::Tx;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    auth::{Account, Caller, caller::Via},
    clock::Time,
    error::Error,
    id::AccountId,
};

/// Characters of a text that are kept: the log says what changed, revisions keep what it was.
const TEXT_MAX: usize = 500;

/// Who makes a change.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    id: Option<AccountId>,
    name: String,
    via: &'static str,
    address: Option<String>,
}

impl Actor {
    /// Somebody at the command line of the machine.
    pub(crate) fn command_line() -> Self {
        Self { id: None, name: "command line".into(), via: "command-line", address: None }
    }

    /// The server, by what somebody told it to do later.
    pub(crate) fn server() -> Self {
        Self { id: None, name: "server".into(), via: "server", address: None }
    }

    /// Somebody with a link that was sent to the account.
    pub(crate) fn link(account: &Account, address: String) -> Self {
        Self { id: Some(account.id), name: account.email.clone(), via: "link", address: Some(address) }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        let (name, via) = match &caller.via {
            Via::Session(_) => (caller.account.email.clone(), "session"),
            Via::Token { name, .. } => (format!("{} ({name})", caller.account.email), "token"),
        };
        Self { id: Some(caller.account.id), name, via, address: Some(caller.address.to_string()) }
    }
}

/// What was changed, and how.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    action: &'static str,
    kind: &'static str,
    id: Option<String>,
    subject: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Change {
    /// `action` is a word for the kind of thing and one for what was done, as in `page.publish`; `subject` is what people call the thing.
    pub(crate) fn of(action: &'static str, id: impl ToString, subject: impl Into<String>) -> Self {
        let kind = action.split_once('.').map_or(action, |(kind, _)| kind);
        Self { action, kind, id: Some(id.to_string()), subject: subject.into(), before: None, after: None }
    }

    /// What it was.
    ///
    /// # Errors
    ///
    /// [`Error::Json`].
    pub(crate) fn from(mut self, before: &impl Serialize) -> Result<Self, Error> {
        self.before = Some(value(before)?);
        Ok(self)
    }

    /// What it is now.
    ///
    /// # Errors
    ///
    /// [`Error::Json`].
    pub(crate) fn to(mut self, after: &impl Serialize) -> Result<Self, Error> {
        self.after = Some(value(after)?);
        Ok(self)
    }

    /// Of a change only the fields that differ.
    fn reduce(&mut self) {
        if let (Some(Value::Object(before)), Some(Value::Object(after))) = (&mut self.before, &mut self.after) {
            let same: Vec<String> =
                before.iter().filter(|(key, value)| after.get(*key) == Some(value)).map(|(key, _)| key.clone()).collect();
            for key in same {
                before.remove(&key);
                after.remove(&key);
            }
        }
        for value in [&mut self.before, &mut self.after].into_iter().flatten() {
            shorten(value);
        }
    }
}

fn value(of: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(of).map_err(|source| Error::Json { source })
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One change, as it was noted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct Entry {
    /// Rises by one with each entry.
    pub(crate) number: i64,
    /// When.
    pub(crate) at: Time,
    /// The account that made it; it may be gone since.
    pub(crate) actor_id: Option<AccountId>,
    /// Who made it: the address of an account, with the name of its token where it was one.
    #[schema(examples("ana@example.com"))]
    pub(crate) actor: String,
    /// `session`, `token`, `link`, `command-line` or `server`.
    pub(crate) via: String,
    /// The client's address.
    pub(crate) address: Option<String>,
    /// What was done.
    #[schema(examples("page.publish"))]
    pub(crate) action: String,
    /// To what kind of thing.
    pub(crate) subject_kind: String,
    /// To which.
    pub(crate) subject_id: Option<String>,
    /// What people call it, at that time.
    pub(crate) subject: String,
    /// What it was: of a change only the fields that differ.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    pub(crate) before: Option<Map<String, Value>>,
    /// What it became.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    pub(crate) after: Option<Map<String, Value>>,
}

/// Notes a change, in its transaction.
pub(crate) fn record(tx: &Tx, actor: &Actor, mut change: Change, now: Time) -> Result<(), Error> {
    change.reduce();
    rows::insert(tx, actor, &change, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_keeps_what_differs() {
        let before = json!({ "name": "Ana", "role": "admin", "body": "x".repeat(600) });
        let after = json!({ "name": "Ana", "role": "editor", "body": "y" });
        let mut change = Change::of("account.update", "1", "ana@example.com").from(&before).unwrap().to(&after).unwrap();
        change.reduce();
        assert_eq!(change.kind, "account");
        assert_eq!(change.before, Some(json!({ "role": "admin", "body": format!("{}…", "x".repeat(500)) })));
        assert_eq!(change.after, Some(json!({ "role": "editor", "body": "y" })));
    }
}
