//! Forms that were sent, for `/metrics`.

use prometheus_client::{metrics::counter::Counter, registry::Registry};

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) taken: Counter,
    pub(crate) dropped: Counter,
}

impl Counts {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("leads_taken", "Forms that were kept", self.taken.clone());
        registry.register("leads_dropped", "Forms that a program filled in, as it seems, and that were not kept", self.dropped.clone());
    }
}
