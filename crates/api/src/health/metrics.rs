//! `/metrics`: what Prometheus reads.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use magnetiq_health::Report;
use magnetiq_storage::{Facts, Latency, Store};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{MetricType, counter::ConstCounter, exemplar::Exemplar, gauge::ConstGauge, info::Info},
    registry::Registry,
};

use super::requests::Requests;
use crate::{blocking, http::answers, leads, media::variants, outbox};

pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long the numbers of the store may take. A store that hangs must not take the metrics along, which tell of it.
const STORE_WAIT: Duration = Duration::from_millis(500);
const END: &str = "# EOF\n";

/// The encoder wants to know the type of what it does not get.
type Exemplars<'a> = Option<&'a HashMap<usize, Exemplar<[(&'a str, &'a str); 0], f64>>>;

/// All that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Requests,
    /// One at a time asks the store: while it hangs, the others do without.
    asking: Arc<Mutex<()>>,
}

impl Metrics {
    pub(crate) fn new(
        outbox: &outbox::metrics::Counts,
        answers: &answers::Counts,
        leads: &leads::metrics::Counts,
        pictures: &variants::watch::Progress,
    ) -> Self {
        let mut registry = Registry::with_prefix("magnetiq");
        let requests = Requests::register(&mut registry);
        outbox.register(&mut registry);
        answers.register(&mut registry);
        leads.register(&mut registry);
        pictures.register(&mut registry);
        registry.register("build", "The program", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        Self { registry, requests, asking: Arc::default() }
    }

    /// All of it as OpenMetrics text.
    pub(crate) async fn text(&self, store: &Store, report: Option<&Report>) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        cut_end(&mut text);
        if let Some(facts) = self.ask(store).await {
            let mut registry = Registry::with_prefix("magnetiq_store");
            registry.register_collector(Box::new(StoreFacts(facts)));
            let _ = encode(&mut text, &registry);
            cut_end(&mut text);
        }
        if let Some(report) = report {
            text.push_str(&magnetiq_health::render::prometheus(report));
            cut_end(&mut text);
        }
        text.push_str(END);
        text
    }

    async fn ask(&self, store: &Store) -> Option<Facts> {
        let (store, asking) = (store.clone(), Arc::clone(&self.asking));
        let asked = blocking::run(move || {
            let _one = asking.try_lock().ok()?;
            store.facts().ok()
        });
        tokio::time::timeout(STORE_WAIT, asked).await.ok()?.ok()?
    }
}

fn cut_end(text: &mut String) {
    if text.ends_with(END) {
        text.truncate(text.len() - END.len());
    }
}

/// The store's numbers of one moment.
#[derive(Debug)]
struct StoreFacts(Facts);

impl Collector for StoreFacts {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let facts = &self.0;
        for (name, help, value) in [
            ("size_bytes", "Size of the database without its log", number(facts.size_bytes)),
            ("free_bytes", "Part of the database that is free and will be used again", number(facts.free_bytes)),
            ("wal_bytes", "Size of the write-ahead log", number(facts.wal_bytes)),
            ("writer_queue_depth", "Writes that wait", number(facts.queue_depth as u64)),
            ("writer_queue_age_seconds", "Age of the oldest write that is not answered", facts.queue_age.as_secs_f64()),
            (
                "oldest_reader_age_seconds",
                "Age of the oldest open read, 0 while there is none",
                facts.oldest_reader.unwrap_or_default().as_secs_f64(),
            ),
        ] {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        for (name, help, value) in [
            ("writes", "Writes that were committed", facts.writes),
            ("failed_writes", "Writes that failed", facts.failed_writes),
            ("commits", "Commits; writes share them", facts.commits),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let latency = &facts.commit_latency;
        let count = latency.counts().iter().sum::<u64>();
        let mut histogram = encoder.encode_descriptor(
            "commit_duration_seconds",
            "How long commits take, sync to disk included",
            None,
            MetricType::Histogram,
        )?;
        // The store keeps no sum; the average of late times the number comes near it.
        let sum = latency.average.as_secs_f64() * number(count);
        histogram.encode_histogram(sum, count, &buckets(latency), None as Exemplars<'_>)
    }
}

/// Pairs of an upper bound in seconds and the number in it; the last has none.
fn buckets(latency: &Latency) -> Vec<(f64, u64)> {
    let bounds = Latency::BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
    bounds.zip(latency.counts().iter().copied()).collect()
}

fn number(value: u64) -> f64 {
    value as f64
}
