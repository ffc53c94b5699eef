//! All SQL about windows of maintenance: they outlive the process.

use jiff::Timestamp;
use magnetiq_health::{Maintenance, Scope};
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Tx};

use super::moment;

/// Keeps a window in place of the one of the same scope.
pub(crate) fn keep_window(tx: &Tx, window: &Maintenance) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO maintenance (scope, from_at, until_at, reason) VALUES (?1, ?2, ?3, ?4)";
    let times = (window.from.as_millisecond(), window.until.as_millisecond());
    tx.prepare_cached(sql)?.execute((text(&window.scope), times.0, times.1, &window.reason))?;
    Ok(())
}

/// Forgets the window of this scope. Returns whether there was one.
pub(crate) fn remove_window(tx: &Tx, scope: &Scope) -> Result<bool, Error> {
    Ok(tx.prepare_cached("DELETE FROM maintenance WHERE scope = ?1")?.execute([text(scope)])? > 0)
}

/// The windows that are not over at `now`.
pub(crate) fn windows(conn: &Connection, now: Timestamp) -> Result<Vec<Maintenance>, Error> {
    let sql = "SELECT scope, from_at, until_at, reason FROM maintenance WHERE until_at > ?1 ORDER BY from_at, scope";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([now.as_millisecond()], |row| {
        Ok((row.get::<_, String>(0)?, moment(row.get(1)?), moment(row.get(2)?), row.get::<_, String>(3)?))
    })?;
    let mut windows = Vec::new();
    for row in rows {
        let (scope, from, until, reason) = row?;
        // A scope that nobody can read was written by a newer program.
        if let Ok(scope) = serde_json::from_str(&scope) {
            windows.push(Maintenance { scope, from, until, reason });
        }
    }
    Ok(windows)
}

fn text(scope: &Scope) -> String {
    match scope {
        Scope::Check(check) => serde_json::json!({ "check": check }),
        Scope::Node(node) => serde_json::json!({ "node": node }),
    }
    .to_string()
}
