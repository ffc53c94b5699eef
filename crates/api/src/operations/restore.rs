//! What restoring a backup would do, and how it is done. Nothing is restored from here: the server has to stop for it.

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use magnetiq_backup::{RestorePlan, RestoreRequest, Which};
use serde::Serialize;
use utoipa::ToSchema;

use super::backups;
use crate::{blocking, clock::Time, error::Error, http::problem::Problem, state::AppState};

/// What restoring a backup would replace, and the way to do it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RestorePlan)]
pub(crate) struct Planned {
    /// When this was looked at.
    at: Time,
    /// The plan as `backupd restore --plan` shows it.
    text: String,
    /// Tables that have other rows now than in the backup.
    tables: Vec<RestoredTable>,
    /// Media files that only exist now.
    media_lost: usize,
    /// Whether there is room for it.
    has_room: bool,
    /// The commands, for each way to run the site.
    ways: Vec<RestoreWay>,
}

/// A table that a restore changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestoredTable {
    name: String,
    /// Null: it is not there now.
    rows_now: Option<u64>,
    /// Null: the backup does not have it.
    rows_then: Option<u64>,
}

/// How it is done where the site runs so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestoreWay {
    /// `systemd` or `compose`.
    #[schema(examples("compose"))]
    name: &'static str,
    /// To be given one after the other, in the folder of the deployment.
    commands: Vec<String>,
}

impl Planned {
    fn of(plan: &RestorePlan) -> Self {
        let id = &plan.entry.id;
        let commands = |lines: [String; 3]| lines.into();
        Self {
            at: plan.at.into(),
            text: plan.to_string(),
            tables: plan
                .tables
                .iter()
                .map(|table| RestoredTable { name: table.name.clone(), rows_now: table.rows_now, rows_then: table.rows_then })
                .collect(),
            media_lost: plan.media_lost.len(),
            has_room: plan.space.iter().all(|(_, needed, free)| needed <= free),
            ways: vec![
                RestoreWay {
                    name: "systemd",
                    commands: commands([
                        "sudo systemctl stop magnetiq-server".to_owned(),
                        format!("sudo as-site backupd restore {id}"),
                        "sudo systemctl start magnetiq-server".to_owned(),
                    ]),
                },
                RestoreWay {
                    name: "compose",
                    commands: commands([
                        "docker compose stop backend".to_owned(),
                        format!("docker compose run --rm --no-deps backupd restore {id}"),
                        "docker compose restart backend".to_owned(),
                    ]),
                },
            ],
        }
    }
}

/// What restoring this backup would replace and lose, and the exact commands. Changes nothing.
#[utoipa::path(operation_id = "plan_restore", tag = "admin", params(("id" = String, Path)), responses(
    (status = 200, body = Planned),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`backup-not-found`"),
    (status = 409, body = Problem, description = "`backup-unusable`: it cannot be restored by this program, and why"),
))]
#[get("/admin/operations/backups/{id}/restore-plan")]
pub(crate) async fn show(state: Data<AppState>, id: Path<String>) -> Result<Json<Planned>, Error> {
    let id = id.into_inner();
    let plan = blocking::run(move || {
        let (backups, entry) = backups::find(&state.settings, &id)?;
        Ok::<_, Error>(backups.plan_restore(&Which::Id(entry.id), RestoreRequest::new())?)
    });
    Ok(Json(Planned::of(&plan.await??)))
}
