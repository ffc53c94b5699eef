//! What was said of an incident, and all SQL about it.

use std::fmt;

use jiff::Timestamp;
use magnetiq_health::Status;
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Tx};

/// What there is to say of an incident. Its text is part of the id of the message, so that who gets one twice knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It began, and is this bad by now.
    Open(Status),
    /// It was told, and is this bad now.
    Worse(Status),
    /// It still lasts; the number of times that this was said.
    Reminder(u32),
    /// It was told, and is over.
    Resolved,
    /// It is over, and nobody was told of it while it lasted.
    Over,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(status) => write!(f, "open.{status}"),
            Self::Worse(status) => write!(f, "worse.{status}"),
            Self::Reminder(number) => write!(f, "reminder.{number}"),
            Self::Resolved => f.write_str("resolved"),
            Self::Over => f.write_str("over"),
        }
    }
}

impl Kind {
    /// `None` for what a newer program said.
    fn parse(text: &str) -> Option<Self> {
        let status = |word: &str| serde_json::from_value(word.into()).ok();
        match text.split_once('.') {
            Some(("open", word)) => Some(Self::Open(status(word)?)),
            Some(("worse", word)) => Some(Self::Worse(status(word)?)),
            Some(("reminder", number)) => Some(Self::Reminder(number.parse().ok()?)),
            None if text == "resolved" => Some(Self::Resolved),
            None if text == "over" => Some(Self::Over),
            _ => None,
        }
    }
}

/// Something that a channel took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) incident: i64,
    pub(crate) channel: String,
    pub(crate) kind: Kind,
    /// The id of the message; one that says several things is in several notices.
    pub(crate) message: String,
    pub(crate) sent_at: Timestamp,
}

/// Writes notices down; what is there already stays. Incidents that are gone by now need none.
pub(super) fn save(tx: &Tx, notices: &[Notice]) -> Result<(), Error> {
    let sql = "INSERT INTO notice (incident_id, channel, kind, message, sent_at)
        SELECT id, ?2, ?3, ?4, ?5 FROM incident WHERE id = ?1 ON CONFLICT DO NOTHING";
    let mut statement = tx.prepare_cached(sql)?;
    for Notice { incident, channel, kind, message, sent_at } in notices {
        statement.execute((incident, channel, kind.to_string(), message, sent_at.as_millisecond().max(0)))?;
    }
    Ok(())
}

/// What was said of incidents that are open, or ended after `since`.
pub(super) fn known(conn: &Connection, since: Timestamp) -> Result<Vec<Notice>, Error> {
    let sql = "SELECT incident_id, channel, kind, message, sent_at FROM notice JOIN incident ON incident.id = incident_id
        WHERE ended_at IS NULL OR ended_at > ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map((since.as_millisecond(),), |row| {
        let kind = Kind::parse(&row.get::<_, String>(2)?);
        let sent_at = Timestamp::from_millisecond(row.get(4)?).unwrap_or(Timestamp::MIN);
        let (incident, channel, message) = (row.get(0)?, row.get(1)?, row.get(3)?);
        Ok(kind.map(|kind| Notice { incident, channel, kind, message, sent_at }))
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}
