//! What an account may do.

use std::{fmt, str::FromStr};

use magnetiq_storage::rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;

/// What an account may do; each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads in the admin area.
    Viewer,
    /// Writes pages and brings files.
    Editor,
    /// Everything.
    Admin,
}

impl Role {
    /// The name, as in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let role = [Role::Viewer, Role::Editor, Role::Admin].into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| Error::invalid("/role", "A role is admin, editor or viewer."))
    }
}

impl ToSql for Role {
    fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}
