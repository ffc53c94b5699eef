//! How much was asked lately, and how long it took.

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{clock::Time, error::Error, health::traffic::Minute, http::problem::Problem, state::AppState};

/// How far back.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Span {
    /// 60 points of a minute.
    #[default]
    Hour,
    /// 96 points of 15 minutes.
    Day,
}

/// Which part.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How far back; an hour where nothing is said.
    #[serde(default)]
    #[param(inline)]
    span: Span,
}

/// Requests over time, since the start of the server at most.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrafficChart {
    /// Length of a point.
    point_seconds: u32,
    /// The points, oldest first; the last one is still going on.
    points: Vec<TrafficPoint>,
}

/// A stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrafficPoint {
    /// Its beginning.
    at: Time,
    /// Requests that were answered.
    requests: u32,
    /// Of them those that the server could not do: 5xx.
    errors: u32,
    /// The time that half of them stayed under; null where there were none.
    p50_ms: Option<f64>,
    /// The time that 99 of 100 stayed under.
    p99_ms: Option<f64>,
}

impl From<(Time, Minute)> for TrafficPoint {
    fn from((at, sum): (Time, Minute)) -> Self {
        let Minute { requests, errors, .. } = sum;
        Self { at, requests, errors, p50_ms: sum.quantile_ms(0.5), p99_ms: sum.quantile_ms(0.99) }
    }
}

/// Requests, errors and latency of the last hour or day, for a chart. Kept in memory: a restart begins anew.
#[utoipa::path(operation_id = "get_traffic", tag = "admin", params(Wanted), responses(
    (status = 200, body = TrafficChart),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/operations/traffic")]
pub(crate) async fn show(state: Data<AppState>, Query(wanted): Query<Wanted>) -> Result<Json<TrafficChart>, Error> {
    let (points, minutes) = match wanted.span {
        Span::Hour => (60, 1),
        Span::Day => (96, 15),
    };
    let stretches = state.health.traffic.last(state.clock.now(), points, minutes);
    Ok(Json(TrafficChart { point_seconds: u32::from(minutes) * 60, points: stretches.into_iter().map(TrafficPoint::from).collect() }))
}
