//! The thread that keeps the history: it hears of changes, writes incidents down before anybody is told of them, and records what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use magnetiq_health::{CheckId, Moment, Status, Transitions};
use magnetiq_storage::Error;

use crate::alert::Alerts;
use crate::follow::{Seen, Told, follow, still_unseen};
use crate::history::{self, Past};
use crate::incident::Incident;
use crate::shared::{Board, Shared, Site};
use crate::tally::Tally;

/// How often messages that wait are looked at, at least.
const ALERTS: Duration = Duration::from_secs(5);
/// How often the uptime is added up anew.
const PAST: Duration = Duration::from_secs(60);
const PRUNE: Duration = Duration::from_secs(60 * 60);
/// Until it is looked at first what is too old: a machine that was just started may not know the time yet.
const PRUNE_FIRST: Duration = Duration::from_secs(5 * 60);
/// Until what was too much at once goes on being removed.
const PRUNE_ON: Duration = Duration::from_secs(5);
/// How long messages that are being sent get at the end.
const LAST_MESSAGES: Duration = Duration::from_millis(1500);
/// How long pages show what is over.
const SHOWN_DAYS: i64 = 14;
/// The longest wait, so that a clock that jumps holds nothing up.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) struct Keeper {
    shared: Arc<Shared>,
    transitions: Transitions,
    told: BTreeMap<CheckId, Told>,
    /// Open ones of an earlier process of which nothing was seen yet.
    inherited: BTreeSet<i64>,
    /// As they are in the file.
    open: Vec<Incident>,
    tally: Tally,
    raw_kept: Duration,
    past: Arc<BTreeMap<String, Past>>,
    /// When what was seen was last written down, and when what is due next, by the steady clock.
    written: Duration,
    record_at: Duration,
    past_at: Duration,
    prune_at: Duration,
    alerts_at: Duration,
    /// When it was last looked at what is too old.
    looked: Moment,
    alerts: Alerts,
    /// The last write failed: that is said once.
    failing: bool,
}

impl Keeper {
    /// Takes up the open incidents of an earlier process.
    pub(crate) fn new(shared: Arc<Shared>, alerts: Alerts, raw_kept: Duration) -> Result<Self, Error> {
        // What flips faster than it is looked at twice is one incident.
        let transitions = shared.monitor.transitions(shared.interval * 2);
        let now = shared.clock.now();
        let mut keeper = Self {
            transitions,
            told: BTreeMap::new(),
            inherited: BTreeSet::new(),
            open: Vec::new(),
            tally: Tally::default(),
            raw_kept,
            past: Arc::default(),
            written: now.steady,
            record_at: now.steady,
            past_at: now.steady,
            prune_at: now.steady + PRUNE_FIRST,
            alerts_at: now.steady,
            looked: now,
            alerts,
            failing: false,
            shared,
        };
        keeper.refresh()?;
        keeper.inherited = keeper.open.iter().map(|incident| incident.id).collect();
        for incident in &keeper.open {
            tracing::info!(incident = incident.id, check = incident.check, since = %incident.started_at, "an incident is taken up again");
        }
        Ok(keeper)
    }

    /// Works until the monitor has stopped.
    pub(crate) fn work(mut self) {
        while !self.transitions.is_closed() {
            let now = self.shared.clock.now().steady;
            let due = self.record_at.min(self.prune_at).min(self.alerts_at);
            self.hear(due.saturating_sub(now).min(LOOK));
            self.keep();
        }
        self.hear(Duration::ZERO);
        self.record_at = Duration::ZERO;
        self.keep();
        self.alerts.close(LAST_MESSAGES);
    }

    /// Waits for a change, and takes those that come with it.
    fn hear(&mut self, wait: Duration) {
        let mut wait = wait;
        while let Some(transition) = self.transitions.next_within(wait) {
            let told = Told { status: transition.to, at: transition.at, says: transition.says.to_string() };
            self.told.insert(transition.check, told);
            wait = Duration::ZERO;
        }
    }

    /// Does what is due. What could not be written is tried again the next time.
    fn keep(&mut self) {
        // What failed may be in the file all the same: a disk that took it and did not say so.
        let known = if self.failing { self.refresh() } else { Ok(()) };
        let kept = known.and_then(|()| self.follow()).and_then(|()| self.record()).and_then(|()| self.prune());
        match &kept {
            Ok(()) if self.failing => tracing::info!("the history is written again"),
            Err(error) if !self.failing => {
                let path = self.shared.store.path().display();
                tracing::error!(error = error as &dyn std::error::Error, %path, "the history cannot be written, so nobody is told of incidents");
            }
            _ => {}
        }
        self.failing = kept.is_err();
        self.alert();
    }

    /// Tells of what is in the file, and of nothing else.
    fn alert(&mut self) {
        let now = self.shared.clock.now();
        if now.steady < self.alerts_at {
            return;
        }
        self.alerts_at = now.steady + ALERTS;
        let mut incidents = self.shared.board().incidents.clone();
        // How those of an earlier process are is not known before their checks have looked: until then they say nothing.
        for incident in incidents.iter_mut().filter(|incident| self.inherited.contains(&incident.id)) {
            incident.in_maintenance = true;
        }
        self.alerts.tick(now.wall, &incidents);
    }

    fn follow(&mut self) -> Result<(), Error> {
        let report = self.shared.monitor.report();
        let now = self.shared.clock.now();
        let seen = Seen { report: &report, told: &self.told, inherited: &self.inherited, now: now.wall };
        let site_of =
            |check: &magnetiq_health::CheckReport| self.shared.site_of(&check.node).map(|site| site.name.clone()).unwrap_or_default();
        let changed = follow(&self.open, &seen, site_of);
        if !changed.is_empty() {
            let saved = self.shared.store.write(move |tx| history::save(tx, changed)).wait()?;
            for incident in &saved {
                log(incident, &self.open);
            }
            self.alerts_at = now.steady;
            self.refresh()?;
        }
        self.inherited = still_unseen(&self.inherited, &self.open, &self.told);
        Ok(())
    }

    fn record(&mut self) -> Result<(), Error> {
        let now = self.shared.clock.now();
        if now.steady < self.record_at {
            return Ok(());
        }
        let report = self.shared.monitor.report();
        let longest = self.shared.interval * 3 + Duration::from_secs(60);
        let entries = self.tally.take(&report, &self.shared.sites, now, longest);
        self.shared.store.write(move |tx| history::record(tx, &entries.lasted, &entries.answers)).wait()?;
        self.tally.done(&report, now);
        self.record_at = now.steady + self.shared.interval;
        self.written = now.steady;
        self.refresh()
    }

    fn prune(&mut self) -> Result<(), Error> {
        let now = self.shared.clock.now();
        if now.steady < self.prune_at {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.looked, now);
        if !history::is_sure(before, now) {
            tracing::warn!(clock = %now.wall, "the clock has jumped: nothing of the history is removed within the next hour");
            self.prune_at = now.steady + PRUNE;
            return Ok(());
        }
        let raw_kept = self.raw_kept;
        let more = self.shared.store.write_exclusive(move |tx| history::prune(tx, raw_kept, now.wall)).wait()?;
        self.prune_at = now.steady + if more { PRUNE_ON } else { PRUNE };
        Ok(())
    }

    /// Shows what the file has now.
    fn refresh(&mut self) -> Result<(), Error> {
        let now = self.shared.clock.now();
        let recorded_at = self.tally.counted_at();
        if self.past_at <= now.steady {
            let (sites, until) = (self.shared.clone(), recorded_at.unwrap_or(now.wall));
            let read = self.shared.store.read(move |conn| {
                let past = |site: &Site| history::past(conn, &site.name, until).map(|past| (site.name.clone(), past));
                sites.sites.iter().map(past).collect::<Result<BTreeMap<_, _>, Error>>()
            });
            self.past = Arc::new(read.wait()?);
            self.past_at = now.steady + PAST;
        }
        let mut incidents = self.shared.store.read(move |conn| history::known(conn, days_before(now.wall))).wait()?;
        let in_maintenance = |incident: &Incident| {
            incident.is_open() && self.told.get(incident.check.as_str()).is_some_and(|told| told.status == Status::Maintenance)
        };
        for incident in &mut incidents {
            incident.in_maintenance = in_maintenance(incident);
        }
        self.open = incidents.iter().filter(|incident| incident.is_open()).cloned().collect();
        self.shared.show(Board { incidents, past: self.past.clone(), written: Some(self.written), recorded_at });
        Ok(())
    }
}

fn days_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(SHOWN_DAYS * 24)).unwrap_or(Timestamp::MIN)
}

fn log(incident: &Incident, before: &[Incident]) {
    let Incident { id, check, says, .. } = incident;
    let known = before.iter().any(|other| other.id == *id);
    match (known, incident.ended_at) {
        (false, _) => tracing::warn!(incident = id, check, worst = %incident.worst, says, "an incident begins"),
        (true, Some(_)) if incident.unseen_end => tracing::info!(incident = id, check, "an incident ended while healthd was not running"),
        (true, Some(_)) => tracing::info!(incident = id, check, "an incident is over"),
        (true, None) => tracing::debug!(incident = id, check, status = %incident.status, "an incident changed"),
    }
}
