//! The tree of checks, with what each means and what to do.

use actix_web::{
    get,
    web::{Data, Json},
};
use magnetiq_health::{Availability, CheckReport, FeatureReport, NodeReport, Report, catalog};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock::Time, error::Error, health::watch, http::problem::Problem, state::AppState};

/// How everything is, for whoever runs the site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthTree {
    /// When it was judged.
    at: Time,
    /// The whole: `pass`, `warn`, `fail`, `unknown` or `maintenance`.
    #[schema(examples("pass"))]
    status: String,
    /// Whether every check has answered since the start.
    settled: bool,
    /// The tree, each node before those below it.
    nodes: Vec<HealthNode>,
    /// Every check; each names its node.
    checks: Vec<HealthCheck>,
    /// What people can do with the site.
    features: Vec<HealthFeature>,
}

/// A part of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthNode {
    /// Its path, as in `database`; empty for the whole.
    id: String,
    title: String,
    /// The worst of what hangs from it.
    status: String,
    /// Whether its failure is one of the node above.
    critical: bool,
    /// How far below the whole, which has 0.
    depth: usize,
}

/// Something that is looked at again and again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthCheck {
    id: String,
    /// The path of its node.
    node: String,
    title: String,
    status: String,
    critical: bool,
    /// Since when it is so.
    since: Time,
    /// What was seen, in a sentence.
    says: String,
    /// Why it is not pass, worst first.
    reasons: Vec<String>,
    /// The failing checks that explain it.
    because_of: Vec<String>,
    /// The features that it takes down.
    affects: Vec<String>,
    /// What was measured.
    values: Vec<HealthValue>,
    /// When it was last answered; null before the first time.
    answered_at: Option<Time>,
    /// What it means when this is not as it should be.
    means: &'static str,
    /// What to look at. Commands are on lines of their own that begin with four spaces.
    look_at: &'static str,
    /// What to do about it, in the same form.
    fix: &'static str,
}

/// Something that was measured.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthValue {
    /// Its name.
    #[schema(examples("free"))]
    name: String,
    /// The value with its unit, for people; null where it could not be measured.
    #[schema(examples("212 GB"))]
    value: Option<String>,
    /// From where on it is a warning, in the unit that the program counts in.
    warn: Option<f64>,
    /// From where on it is a failure.
    fail: Option<f64>,
}

/// Something that people do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthFeature {
    id: String,
    title: String,
    /// `available`, `degraded` or `unavailable`.
    availability: &'static str,
    /// The checks that are to blame.
    because_of: Vec<String>,
}

impl From<&Report> for HealthTree {
    fn from(report: &Report) -> Self {
        let mut nodes = Vec::new();
        add_nodes(&report.tree, 0, &mut nodes);
        Self {
            at: report.at.into(),
            status: report.status.to_string(),
            settled: report.settled,
            nodes,
            checks: report.checks.iter().map(HealthCheck::from).collect(),
            features: report.features.iter().map(HealthFeature::from).collect(),
        }
    }
}

fn add_nodes(node: &NodeReport, depth: usize, nodes: &mut Vec<HealthNode>) {
    let NodeReport { title, status, critical, .. } = node;
    nodes.push(HealthNode { id: node.id.to_string(), title: title.to_string(), status: status.to_string(), critical: *critical, depth });
    for below in &node.nodes {
        add_nodes(below, depth + 1, nodes);
    }
}

impl From<&CheckReport> for HealthCheck {
    fn from(check: &CheckReport) -> Self {
        let known = watch::entry(check.id.as_str());
        let text = |part: fn(&catalog::Entry) -> &'static str| known.map_or("", part);
        Self {
            id: check.id.to_string(),
            node: check.node.to_string(),
            title: check.title.to_string(),
            status: check.status.to_string(),
            critical: check.critical,
            since: check.since.into(),
            says: check.says.to_string(),
            reasons: check.reasons.iter().map(|reason| reason.says.to_string()).collect(),
            because_of: check.because_of.iter().map(ToString::to_string).collect(),
            affects: check.affects.iter().map(ToString::to_string).collect(),
            values: values(check),
            answered_at: check.answered_at.map(Time::from),
            means: text(|entry| entry.means),
            look_at: text(|entry| entry.look_at),
            fix: text(|entry| entry.fix),
        }
    }
}

fn values(check: &CheckReport) -> Vec<HealthValue> {
    let value = |reading: &magnetiq_health::Reading| {
        let limit = check.limits.iter().find(|limit| limit.measurement == reading.measurement);
        HealthValue {
            name: reading.measurement.clone(),
            value: reading.value().map(ToString::to_string),
            warn: limit.and_then(|limit| limit.warn),
            fail: limit.and_then(|limit| limit.fail),
        }
    };
    check.facts.readings.iter().map(value).collect()
}

impl From<&FeatureReport> for HealthFeature {
    fn from(feature: &FeatureReport) -> Self {
        let because_of = match &feature.availability {
            Availability::Available => &[][..],
            Availability::Degraded { because_of, .. } | Availability::Unavailable { because_of } => because_of,
        };
        Self {
            id: feature.id.to_string(),
            title: feature.title.to_string(),
            availability: feature.availability.word(),
            because_of: because_of.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The tree of checks, with what each means and what to do about it.
#[utoipa::path(operation_id = "get_health_tree", tag = "admin", responses(
    (status = 200, body = HealthTree),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`: nothing was judged yet"),
))]
#[get("/admin/operations/health")]
pub(crate) async fn show(state: Data<AppState>) -> Result<Json<HealthTree>, Error> {
    let report = state.health.report().ok_or(Error::NotFound { what: "report" })?;
    Ok(Json(HealthTree::from(&*report)))
}
