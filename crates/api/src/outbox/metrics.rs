//! The outbox in `/metrics`.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// What is counted. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) queued: Gauge,
    pub(crate) dead: Gauge,
    pub(crate) sent: Counter,
    pub(crate) refused: Counter,
}

impl Counts {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("outbox_queued", "Letters that wait", self.queued.clone());
        registry.register("outbox_dead", "Letters that were given up and are kept", self.dead.clone());
        registry.register("outbox_sent", "Letters that were sent since the start", self.sent.clone());
        registry.register("outbox_refused", "Attempts to send a letter that failed since the start", self.refused.clone());
    }
}
