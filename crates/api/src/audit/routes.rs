//! `/api/v1/admin/audit`: who changed what.

use actix_web::{
    HttpResponse, get,
    web::{Bytes, Data, Query},
};
use futures_util::stream;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Entry, rows};
use crate::{
    clock::Time,
    error::Error,
    http::{
        csv,
        cursor::{Cursor, List, ListQuery, Part},
        fields::Fields,
        problem::Problem,
    },
    id::AccountId,
    state::AppState,
};

/// Rows that the export reads at once.
const BATCH: u32 = 500;
/// Characters of a search.
const WORDS_MAX: usize = 200;

/// Which part of the log.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Text in the name of what was changed, of who did it, or in the client's address. Upper and lower case of A to Z are the same, of other
    /// letters they are not.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// Only changes by this account.
    pub(super) actor: Option<AccountId>,
    /// Only this action, as in `page.publish`, or all to one kind of thing, as in `page`.
    #[param(max_length = 200)]
    pub(super) action: Option<String>,
    /// Only changes to the thing with this id.
    #[param(max_length = 200)]
    pub(super) subject: Option<String>,
    /// From this moment on.
    pub(super) since: Option<Time>,
    /// Before this moment.
    pub(super) until: Option<Time>,
}

impl Filter {
    pub(super) fn words(&self) -> Option<String> {
        // As SQLite does it.
        Some(self.q.trim().to_ascii_lowercase()).filter(|words| !words.is_empty())
    }

    fn check(&self) -> Result<(), Error> {
        let texts = [Some(&self.q), self.action.as_ref(), self.subject.as_ref()];
        if texts.into_iter().flatten().any(|text| text.chars().count() > WORDS_MAX) {
            return Err(Error::BadRequest { detail: format!("q, action and subject have at most {WORDS_MAX} characters.") });
        }
        Ok(())
    }
}

/// The audit log, the newest first.
#[utoipa::path(operation_id = "list_audit", tag = "admin", params(Filter, Part, Fields), responses(
    (status = 200, body = List<Entry>),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/audit")]
pub(crate) async fn list(state: Data<AppState>, Query(filter): Query<Filter>, Query(part): Query<Part>) -> Result<List<Entry>, Error> {
    filter.check()?;
    let query = ListQuery::from(part);
    let number = match query.cursor()? {
        None => i64::MAX,
        Some(Cursor::After(_, number)) => number.parse().map_err(|_not_ours| ListQuery::bad_cursor())?,
        Some(Cursor::Offset(_)) => return Err(ListQuery::bad_cursor()),
    };
    let limit = query.limit()?;
    state.read(move |conn| rows::list(conn, &filter, number, limit)).await
}

const COLUMNS: &[&str] = &["number", "at", "actor", "via", "address", "action", "subject_kind", "subject_id", "subject", "before", "after"];

/// The audit log as a table, with the same filters.
#[utoipa::path(operation_id = "export_audit", tag = "admin", params(Filter), responses(
    (status = 200, content_type = "text/csv", body = String, description = "Comma-separated, UTF-8, with a header"),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/audit.csv")]
pub(crate) async fn export(state: Data<AppState>, Query(filter): Query<Filter>) -> Result<HttpResponse, Error> {
    filter.check()?;
    let first = csv::row(COLUMNS.iter().copied())?;
    let parts = stream::try_unfold(Some((first, i64::MAX)), move |next| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            let Some((mut text, number)) = next else { return Ok(None) };
            let entries = state.read(move |conn| rows::before(conn, &filter, number, BATCH)).await?;
            for entry in &entries {
                text.push_str(&line(entry)?);
            }
            let end = entries.last().map(|entry| (String::new(), entry.number));
            Ok::<_, Error>(Some((Bytes::from(text), end)))
        }
    });
    Ok(csv::attachment("audit.csv").streaming(parts))
}

fn line(entry: &Entry) -> Result<String, Error> {
    let json = |fields: &Option<serde_json::Map<_, _>>| {
        fields.clone().map(|fields| serde_json::Value::Object(fields).to_string()).unwrap_or_default()
    };
    let cells = [
        entry.number.to_string(),
        entry.at.to_string(),
        entry.actor.clone(),
        entry.via.clone(),
        entry.address.clone().unwrap_or_default(),
        entry.action.clone(),
        entry.subject_kind.clone(),
        entry.subject_id.clone().unwrap_or_default(),
        entry.subject.clone(),
        json(&entry.before),
        json(&entry.after),
    ];
    csv::row(cells.iter().map(String::as_str))
}
