//! How a monitor is put together.

use std::fmt;
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::Duration;

use super::judging::{Judging, Told};
use super::worker::Worker;
use super::{Monitor, Running, Shared};
use crate::check::{Check, CheckInfo};
use crate::clock::Clock;
use crate::error::Error;
use crate::feature::Feature;
use crate::maintenance::Maintenance;
use crate::tree::{Node, Tree};

/// A [`Monitor`] in the making.
#[must_use]
pub struct MonitorBuilder {
    checks: Vec<(CheckInfo, Box<dyn Check>)>,
    nodes: Vec<Node>,
    features: Vec<Feature>,
    windows: Vec<Maintenance>,
    clock: Clock,
    seed: Option<u64>,
    tick: Duration,
}

impl Default for MonitorBuilder {
    fn default() -> Self {
        Self {
            checks: Vec::new(),
            nodes: Vec::new(),
            features: Vec::new(),
            windows: Vec::new(),
            clock: Clock::system(),
            seed: None,
            tick: Duration::from_secs(1),
        }
    }
}

impl fmt::Debug for MonitorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<_> = self.checks.iter().map(|(info, _)| &info.id).collect();
        f.debug_struct("MonitorBuilder").field("checks", &checks).field("tick", &self.tick).finish_non_exhaustive()
    }
}

impl MonitorBuilder {
    /// With one more check.
    pub fn check(mut self, info: CheckInfo, check: impl Check + 'static) -> Self {
        self.checks.push((info, Box::new(check)));
        self
    }

    /// What is known of the checks so far, to change it: other limits, from settings perhaps.
    pub fn infos_mut(&mut self) -> impl Iterator<Item = &mut CheckInfo> {
        self.checks.iter_mut().map(|(info, _)| info)
    }

    /// With the description of a node; nodes need none.
    pub fn node(mut self, node: Node) -> Self {
        self.nodes.push(node);
        self
    }

    /// With one more feature.
    pub fn feature(mut self, feature: Feature) -> Self {
        self.features.push(feature);
        self
    }

    /// With a maintenance window that was known before, from a file perhaps.
    pub fn maintain(mut self, window: Maintenance) -> Self {
        self.windows.push(window);
        self
    }

    /// With another clock: it tells ages, and the times in reports. How long threads wait is real time in any case.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Repeats the random parts of intervals.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// How often ages are looked at while nothing happens; a second by default. Answers are judged at once.
    pub fn tick(self, tick: Duration) -> Self {
        Self { tick: tick.max(Duration::from_millis(1)), ..self }
    }

    /// Starts the threads: one for each check, and one that judges.
    ///
    /// # Errors
    ///
    /// Those of [`Tree::new`]; [`Error::UnknownScope`] and [`Error::WindowOrder`] for a maintenance window; [`Error::Thread`].
    pub fn start(self) -> Result<Monitor, Error> {
        let Self { checks, nodes, features, windows, clock, seed, tick } = self;
        let (infos, checks): (Vec<_>, Vec<_>) = checks.into_iter().unzip();
        let tree = Tree::new(infos, nodes, features)?;
        for window in &windows {
            tree.knows(&window.scope)?;
            window.is_in_order()?;
        }
        let now = clock.now();
        let states = tree.start(now);
        let report = Arc::new(tree.report(&states, &windows, now));
        let (messages, heard) = crossbeam_channel::unbounded();
        let shared = Arc::new(Shared {
            latest: RwLock::new((report, now.steady)),
            stale_after: tick.saturating_mul(10).max(Duration::from_secs(10)),
            windows: Mutex::new(windows),
            messages: messages.clone(),
            tree,
            clock,
        });
        let (bells, ears): (Vec<_>, Vec<_>) = checks.iter().map(|_| crossbeam_channel::bounded(1)).unzip();
        let bells = Arc::new(bells);
        let judging = Judging {
            told: vec![Told::nothing(); states.len()],
            states,
            messages: heard,
            bells: Arc::downgrade(&bells),
            shared: shared.clone(),
            mailboxes: Vec::new(),
            tick,
        };
        let judge = spawn("health-judge".to_owned(), move || judging.work())?;
        let (ended_sender, ended) = crossbeam_channel::unbounded();
        let mut random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let mut workers = Vec::with_capacity(checks.len());
        // From here on dropping `monitor` ends what was started.
        for (place, ((info, check), bell)) in shared.tree.checks().zip(checks).zip(ears).enumerate() {
            let worker = Worker {
                place,
                check,
                interval: info.interval,
                timeout: info.timeout,
                clock: shared.clock.clone(),
                random: random.fork(),
                bell,
                messages: messages.clone(),
                ended: ended_sender.clone(),
            };
            let started = spawn(format!("health-{}", info.id), move || worker.work());
            match started {
                Ok(worker) => workers.push(worker),
                Err(error) => {
                    let _judge_ended = messages.send(super::Message::Stop);
                    return Err(error);
                }
            }
        }
        Ok(Monitor { shared, running: Mutex::new(Some(Running { bells, workers, judge, ended })) })
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>, Error> {
    thread::Builder::new().name(name.clone()).spawn(work).map_err(|source| Error::Thread { name, source })
}
