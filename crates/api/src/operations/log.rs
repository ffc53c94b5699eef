//! The last lines of the server's log.

use std::fmt;

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{error::Error, http::problem::Problem, state::AppState};

/// Gives the last lines of the log, oldest first; `true`: of warnings and errors only.
pub type Tail = Box<dyn Fn(bool) -> Vec<String> + Send + Sync>;

/// Where the last lines are, if anybody keeps them.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Option<Tail>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0.is_some()).finish()
    }
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Warnings and errors only.
    #[serde(default)]
    problems: bool,
}

/// The end of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogTail {
    /// The file that has all of it; null where it goes to standard error.
    file: Option<String>,
    /// The last lines as they were written, oldest first.
    lines: Vec<String>,
}

/// The last lines of the log since the start, or the last warnings and errors.
#[utoipa::path(operation_id = "read_log", tag = "admin", params(Wanted), responses(
    (status = 200, body = LogTail),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/operations/log")]
pub(crate) async fn show(state: Data<AppState>, Query(wanted): Query<Wanted>) -> Result<Json<LogTail>, Error> {
    let file = state.settings.log.folder.as_ref().map(|folder| folder.join("api-server.log").display().to_string());
    let lines = state.log.0.as_ref().map(|tail| tail(wanted.problems)).unwrap_or_default();
    Ok(Json(LogTail { file, lines }))
}
