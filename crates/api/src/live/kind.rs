//! What a table is part of, for those who look at lists.

use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Role;

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LiveKind)]
pub(crate) enum Kind {
    /// Pages, their drafts, revisions, schedules, tags and the trash, and menus.
    Pages,
    /// Files.
    Media,
    /// Forms.
    Forms,
    /// What visitors sent. For editors.
    Leads,
    /// Letters and what became of them.
    Outbox,
    /// The team. For administrators.
    Accounts,
    /// The audit log. For administrators.
    Audit,
    /// What administrators set. For administrators.
    Settings,
    /// How the server is.
    Health,
}

impl Kind {
    pub(super) const ALL: [Kind; 9] =
        [Kind::Pages, Kind::Media, Kind::Forms, Kind::Leads, Kind::Outbox, Kind::Accounts, Kind::Audit, Kind::Settings, Kind::Health];

    /// What a table is part of, by the word that its name begins with; `None` for what nobody looks at.
    pub(super) fn of_table(table: &str) -> Option<Self> {
        if SILENT.contains(&table) {
            return None;
        }
        match table.split('_').next().unwrap_or_default() {
            "page" | "menu" => Some(Kind::Pages),
            "media" => Some(Kind::Media),
            "form" => Some(Kind::Forms),
            "lead" => Some(Kind::Leads),
            "outbox" => Some(Kind::Outbox),
            "account" | "passkey" => Some(Kind::Accounts),
            "audit" => Some(Kind::Audit),
            "setting" => Some(Kind::Settings),
            _ => None,
        }
    }

    /// Who may know of it: those who may see the list.
    pub(super) fn least(self) -> Role {
        match self {
            Kind::Pages | Kind::Media | Kind::Forms | Kind::Outbox | Kind::Health => Role::Viewer,
            Kind::Leads => Role::Editor,
            Kind::Accounts | Kind::Audit | Kind::Settings => Role::Admin,
        }
    }
}

/// Written to while people only look around, or for the server itself.
const SILENT: [&str; 7] =
    ["account_session", "api_token", "idempotency", "media_upload", "page_search_waiting", "passkey_attempt", "refinery_schema_history"];

#[cfg(test)]
mod tests {
    use magnetiq_storage::{Options, Store};

    use super::*;
    use crate::schema;

    /// A new table is part of something, or is named in [`SILENT`].
    #[test]
    fn every_table_is_part_of_something() {
        let store = Store::temporary(Options::default()).unwrap();
        schema::migrate(&store).unwrap();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let names = store.read(move |conn| Ok(conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?));
        let names = names.wait().unwrap();
        let unknown: Vec<_> = names.iter().filter(|name| Kind::of_table(name).is_none() && !SILENT.contains(&name.as_str())).collect();
        assert!(names.len() > 10 && unknown.is_empty(), "{unknown:?}");
        store.close().unwrap();
    }

    #[test]
    fn lists_of_few_are_known_to_few() {
        let seen = |role| Kind::ALL.iter().filter(|kind| kind.least() <= role).count();
        assert_eq!((seen(Role::Viewer), seen(Role::Editor), seen(Role::Admin)), (5, 6, 9));
    }
}
