//! Leads: what visitors send through forms that the team defines.

pub(crate) mod admin;
mod fields;
pub(crate) mod form_rows;
pub(crate) mod forms;
pub(crate) mod metrics;
pub(crate) mod people;
pub(crate) mod public;
pub(crate) mod retention;
mod rows;
pub(crate) mod throttle;
pub(crate) mod tokens;

use magnetiq_storage::rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

pub(crate) use fields::{Answered, Field, FieldKind};

use crate::{
    clock::Time,
    id::{FormId, LeadId},
};

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FormKind)]
pub(crate) enum Kind {
    /// Somebody writes to the team.
    Contact,
    /// Somebody wants a file.
    Download,
    /// Somebody wants to take part.
    Webinar,
}

/// Where a lead stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LeadState)]
pub(crate) enum State {
    /// Who sent it has not confirmed the address yet.
    Unconfirmed,
    /// Nobody looked after it yet.
    New,
    /// Somebody does.
    InWork,
    /// It is answered.
    Done,
}

/// A form, as the team sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Form {
    /// Its id.
    pub(crate) id: FormId,
    /// Its address: `/forms/{slug}`.
    #[schema(examples("contact"))]
    pub(crate) slug: String,
    /// Its heading.
    pub(crate) title: String,
    /// What it is for.
    pub(crate) kind: Kind,
    /// What is asked, in order.
    pub(crate) fields: Vec<Field>,
    /// Addresses that are told of each lead.
    pub(crate) notify: Vec<String>,
    /// Whether who sends it confirms the address by a link.
    pub(crate) double_opt_in: bool,
    /// Said after sending and after confirming, as Markdown.
    pub(crate) thanks: String,
    /// What visitors get then: an address of this site, or one with https.
    pub(crate) link: Option<String>,
    /// When a webinar begins.
    pub(crate) starts_at: Option<Time>,
    /// Days after which leads are deleted.
    pub(crate) kept_days: u32,
    /// Whether it can be sent.
    pub(crate) open: bool,
    /// How many leads came through it and are still there.
    pub(crate) leads: u64,
    /// Counts its changes; also its ETag.
    pub(crate) revision: i64,
    /// When it was made.
    pub(crate) created_at: Time,
    /// When it was last changed.
    pub(crate) updated_at: Time,
}

/// What somebody sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Lead {
    /// Its id.
    pub(crate) id: LeadId,
    /// The form.
    pub(crate) form_id: FormId,
    /// The form's heading.
    pub(crate) form: String,
    /// Of the first field for an address.
    pub(crate) email: Option<String>,
    /// What was answered, as it was asked then.
    pub(crate) answers: Vec<Answered>,
    /// Where it stands.
    pub(crate) state: State,
    /// What the team noted.
    pub(crate) note: String,
    /// Counts its changes; also its ETag.
    pub(crate) revision: i64,
    /// When it came.
    pub(crate) created_at: Time,
    /// When it will be deleted.
    pub(crate) expires_at: Time,
}

/// A word of an enum as JSON has it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn of_word<T: DeserializeOwned>(value: ValueRef<'_>) -> FromSqlResult<T> {
    let word = value.as_str()?;
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(FromSqlError::other)
}

macro_rules! as_word {
    ($kind:ty) => {
        impl ToSql for $kind {
            fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
                Ok(word(self).into())
            }
        }

        impl FromSql for $kind {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                of_word(value)
            }
        }
    };
}

as_word!(Kind);
as_word!(State);
