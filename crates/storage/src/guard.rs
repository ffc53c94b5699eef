//! What a closure may not do to the connection that it shares with its neighbours, or with those who come after it.
//!
//! SQLite asks an authorizer for each statement that it prepares. Starting or ending the transaction of a write, attaching a database, making a
//! temporary table and changing a setting of the connection are refused there, before anything happens, so that no closure can commit
//! or undo the writes of others, and none finds what another one left. The authorizer also tells which writes defer foreign keys and which
//! change the schema.
//!
//! What the authorizer cannot see is a statement that ends the transaction by failing: `OR ROLLBACK`, `RAISE(ROLLBACK)`, a full disk, an
//! interrupt. A closure that goes on after it would write without a transaction, or in one that it begins with a savepoint. So SQLite tells
//! of each roll back, and nothing commits while a closure runs.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// The savepoint around each write of a group.
pub(crate) const SAVEPOINT: &str = "magnetiq_write";

/// Pragmas with an argument that only ask, or whose effect is part of the transaction.
const PRAGMAS: [&str; 14] = [
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "incremental_vacuum",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "optimize",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Scope {
    /// The store itself: everything is allowed.
    Store,
    /// A closure of [`Store::write`](crate::Store::write).
    Write,
    /// A closure that reads. Its transaction is held by a statement that it cannot reach, and making anything is refused by SQLite.
    Read,
    /// The SQL of a migration: may change settings (they are restored) and make temporary tables (they are dropped), may not touch the
    /// transaction.
    Migration,
}

#[derive(Debug, Default)]
pub(crate) struct Guard {
    scope: AtomicU8,
    deferred: AtomicBool,
    schema: AtomicBool,
    ended: AtomicBool,
    refused: Mutex<Option<String>>,
}

impl Guard {
    pub(crate) fn install(conn: &Connection) -> rusqlite::Result<Arc<Self>> {
        let guard = Self::install_for_reads(conn)?;
        let judge = Arc::clone(&guard);
        // Returning true turns a commit into a roll back. Savepoints inside of a transaction do not call this hook.
        conn.commit_hook(Some(move || judge.scope.load(Relaxed) != Scope::Store as u8))?;
        let judge = Arc::clone(&guard);
        conn.rollback_hook(Some(move || {
            if judge.scope.load(Relaxed) == Scope::Write as u8 {
                judge.ended.store(true, Relaxed);
            }
        }))?;
        Ok(guard)
    }

    /// For a connection that only reads: without the hooks for commits and roll backs.
    pub(crate) fn install_for_reads(conn: &Connection) -> rusqlite::Result<Arc<Self>> {
        let guard = Arc::new(Self::default());
        let judge = Arc::clone(&guard);
        conn.authorizer(Some(move |context: AuthContext<'_>| judge.judge(&context)))?;
        Ok(guard)
    }

    /// Runs `work`, which must not unwind, under the rules of `scope`.
    pub(crate) fn during<T>(&self, scope: Scope, work: impl FnOnce() -> T) -> T {
        self.scope.store(scope as u8, Relaxed);
        let result = work();
        self.scope.store(Scope::Store as u8, Relaxed);
        result
    }

    /// The statement that was refused since the last call.
    pub(crate) fn take_refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether foreign keys were deferred since the last call: such a write may only fail at the commit.
    pub(crate) fn take_deferred(&self) -> bool {
        self.deferred.swap(false, Relaxed)
    }

    /// Whether the transaction was rolled back inside of a closure since the last call, even if another one is open by now.
    pub(crate) fn take_ended(&self) -> bool {
        self.ended.swap(false, Relaxed)
    }

    /// Whether a table may have been made or altered since the last call.
    pub(crate) fn take_schema_changed(&self) -> bool {
        self.schema.swap(false, Relaxed)
    }

    fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        let scope = self.scope.load(Relaxed);
        if scope == Scope::Store as u8 {
            return Authorization::Allow;
        }
        let (writes, reads) = (scope == Scope::Write as u8, scope == Scope::Read as u8);
        let statement = match context.action {
            AuthAction::Transaction { .. } if !reads => "BEGIN, COMMIT or ROLLBACK".to_owned(),
            AuthAction::Savepoint { savepoint_name, .. } if savepoint_name.eq_ignore_ascii_case(SAVEPOINT) => {
                format!("SAVEPOINT {SAVEPOINT}")
            }
            AuthAction::Attach { .. } => "ATTACH".to_owned(),
            AuthAction::Detach { .. } => "DETACH".to_owned(),
            // They would stay on the connection, where the next closure meets them.
            AuthAction::CreateTempTable { .. } | AuthAction::CreateTempView { .. } | AuthAction::CreateTempTrigger { .. } if writes => {
                "CREATE TEMP".to_owned()
            }
            AuthAction::CreateVtable { .. } if writes && context.database_name == Some("temp") => "CREATE TEMP".to_owned(),
            AuthAction::Pragma { pragma_name, pragma_value: Some(_) } if writes || reads => {
                if pragma_name.eq_ignore_ascii_case("defer_foreign_keys") {
                    self.deferred.store(true, Relaxed);
                }
                if PRAGMAS.iter().any(|p| p.eq_ignore_ascii_case(pragma_name)) {
                    return Authorization::Allow;
                }
                format!("PRAGMA {pragma_name} with a value")
            }
            AuthAction::CreateTable { .. } | AuthAction::AlterTable { .. } => {
                self.schema.store(true, Relaxed);
                return Authorization::Allow;
            }
            _ => return Authorization::Allow,
        };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(statement);
        Authorization::Deny
    }
}
