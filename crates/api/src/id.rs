//! Ids of rows: UUIDv7, so that they sort by the time of their making; text in JSON and in the database, so that a person can read them.

use std::{fmt, str::FromStr};

use magnetiq_storage::rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::Time;

fn new_uuid(now: Time) -> Uuid {
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1000, nanos))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one; `now` is its leading part.
            pub fn new(now: Time) -> Self {
                Self(new_uuid(now))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.0.to_string().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(FromSqlError::other)
            }
        }
    };
}

id! {
    /// Id of an [`Account`](crate::auth::Account).
    AccountId
}
id! {
    /// Id of a [`Page`](crate::pages::Page).
    PageId
}
id! {
    /// Id of a [`Media`](crate::media::Media) file.
    MediaId
}
id! {
    /// Id of an upload in parts.
    UploadId
}
id! {
    /// Id of a menu.
    MenuId
}
id! {
    /// Id of something in the outbox.
    OutboxId
}

id! {
    /// Id of a session.
    SessionId
}
id! {
    /// Id of a token for programs.
    TokenId
}
id! {
    /// Id of a link to choose a password.
    LinkId
}
id! {
    /// Id of a passkey.
    PasskeyId
}

impl AccountId {
    /// Its 16 bytes.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

id! {
    /// Id of a form.
    FormId
}
id! {
    /// Id of a lead.
    LeadId
}

/// The id in the path of a form's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct FormPath {
    /// Id of the form.
    pub(crate) id: FormId,
}

/// The id in the path of a lead's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct LeadPath {
    /// Id of the lead.
    pub(crate) id: LeadId,
}

/// The id in the path of the accounts' routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AccountPath {
    /// Id of the account.
    pub(crate) id: AccountId,
}

/// The id in the path of a session's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SessionPath {
    /// Id of the session.
    pub(crate) id: SessionId,
}

/// The id in the path of a token's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TokenPath {
    /// Id of the token.
    pub(crate) id: TokenId,
}

/// The id in the path of a passkey's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PasskeyPath {
    /// Id of the passkey.
    pub(crate) id: PasskeyId,
}

/// The id in the path of the outbox's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OutboxPath {
    /// Id of what is sent.
    pub(crate) id: OutboxId,
}

/// The id in the path of a page's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PagePath {
    /// Id of the page.
    pub(crate) id: PageId,
}

/// The id in the path of an upload's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct UploadPath {
    /// Id of the upload.
    pub(crate) id: UploadId,
}

/// The id in the path of a menu's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MenuPath {
    /// Id of the menu.
    pub(crate) id: MenuId,
}

/// The id in the path of a media file's routes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MediaPath {
    /// Id of the media file.
    pub(crate) id: MediaId,
}
