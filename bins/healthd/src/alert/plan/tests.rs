use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

/// A channel that takes everything, and the incidents of a day.
struct Day {
    policy: Policy,
    now: Timestamp,
    incidents: Vec<Incident>,
    notices: Vec<Notice>,
    /// When each message went out, and what it said.
    sent: Vec<(Timestamp, Vec<(i64, Kind)>)>,
}

impl Day {
    fn new(at: &str, policy: Policy) -> Self {
        Self { policy, now: at.parse().unwrap(), incidents: Vec::new(), notices: Vec::new(), sent: Vec::new() }
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn open(&mut self, check: &str, worst: Status, critical: bool) -> usize {
        let id = i64::try_from(self.incidents.len()).unwrap() + 1;
        self.incidents.push(Incident {
            id,
            site: "main".to_owned(),
            check: check.to_owned(),
            title: "A check".to_owned(),
            critical,
            status: worst,
            worst,
            says: "it does not work".to_owned(),
            also_down: Vec::new(),
            started_at: self.now,
            ended_at: None,
            unseen_end: false,
            in_maintenance: false,
        });
        self.incidents.len() - 1
    }

    fn close(&mut self, place: usize) {
        self.incidents[place].status = Status::Pass;
        self.incidents[place].ended_at = Some(self.now);
    }

    fn worsen(&mut self, place: usize, worst: Status) {
        self.incidents[place].status = worst;
        self.incidents[place].worst = worst;
    }

    /// What is said now, each message in the words of its notices.
    fn tell(&mut self) -> Vec<String> {
        let messages = plan(&self.incidents, &self.notices, "mail", &self.policy, self.now);
        let again = plan(&self.incidents, &self.notices, "mail", &self.policy, self.now);
        assert_eq!(messages, again);
        let mut told = Vec::new();
        for message in messages {
            let says: Vec<_> = message.0.iter().map(|item| (item.incident.id, item.kind)).collect();
            let words: Vec<_> = says.iter().map(|(id, kind)| format!("{id} {kind}")).collect();
            told.push(words.join(", "));
            for (incident, kind) in &says {
                let message = format!("{}", self.sent.len());
                let (incident, kind, channel) = (*incident, *kind, "mail".to_owned());
                self.notices.push(Notice { incident, kind, channel, message, sent_at: self.now });
            }
            self.sent.push((self.now, says));
        }
        told
    }

    #[track_caller]
    fn check(&mut self, told: &[&str]) {
        assert_eq!(self.tell(), told, "at {}", self.now);
        assert!(self.tell().is_empty(), "it is said once");
    }
}

fn policy(quiet: bool) -> Policy {
    let zone = TimeZone::get("Europe/Vienna").unwrap();
    let hours = QuietHours { from: "22:00".parse().unwrap(), until: "07:00".parse().unwrap(), zone };
    Policy { warn_delay: Duration::from_secs(60), reminder: Some(Duration::from_secs(4 * 3600)), quiet: quiet.then_some(hours) }
}

#[test]
fn an_incident_from_its_beginning_to_its_end() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    let disk = day.open("disk", Status::Warn, true);
    day.check(&[]);
    day.pass(59);
    day.check(&[]);
    day.pass(1);
    day.check(&["1 open.warn"]);
    day.worsen(disk, Status::Fail);
    day.check(&["1 worse.fail"]);
    day.pass(4 * 3600 - 1);
    day.check(&[]);
    day.pass(1);
    day.check(&["1 reminder.1"]);
    day.pass(4 * 3600);
    day.check(&["1 reminder.2"]);
    day.policy.reminder = None;
    day.pass(40 * 3600);
    day.check(&[]);
    day.close(disk);
    day.check(&["1 resolved"]);
    day.pass(3600);
    day.check(&[]);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    let (disk, page) = (day.open("disk", Status::Warn, true), day.open("page", Status::Warn, true));
    day.pass(60);
    day.check(&["1 open.warn", "2 open.warn"]);
    day.close(page);
    let begun = day.open("http", Status::Warn, true);
    day.pass(-3 * 3600);
    day.worsen(disk, Status::Fail);
    day.check(&["1 worse.fail", "3 open.warn", "2 resolved"]);
    // As it is written down: nothing ends before it begins.
    for place in [disk, begun] {
        day.close(place);
        day.incidents[place].ended_at = Some(day.incidents[place].started_at);
    }
    day.check(&["1 resolved", "3 resolved"]);
}

#[test]
fn who_was_told_nothing_is_told_of_no_end() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    let flap = day.open("disk", Status::Warn, true);
    day.check(&[]);
    day.pass(60);
    day.close(flap);
    day.check(&[]);
    // This one lasted while the channel did not work.
    let lasted = day.open("disk", Status::Warn, true);
    day.pass(61);
    day.close(lasted);
    day.pass(3600);
    day.check(&["2 over"]);
    let old = day.open("disk", Status::Fail, true);
    day.pass(3600);
    day.close(old);
    day.pass(24 * 3600);
    day.check(&[]);
}

#[test]
fn maintenance_and_what_is_explained_by_another_say_nothing() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    let (maintained, explained) = (day.open("disk", Status::Fail, true), day.open("http", Status::Fail, true));
    day.incidents[maintained].in_maintenance = true;
    day.incidents[explained].status = Status::Suppressed;
    day.pass(3600);
    day.check(&[]);
    day.incidents[maintained].in_maintenance = false;
    day.check(&["1 open.fail"]);
    day.incidents[maintained].in_maintenance = true;
    day.pass(5 * 3600);
    day.check(&[]);
    day.close(maintained);
    day.check(&["1 resolved"]);
}

#[test]
fn at_night_only_the_worst_is_told_and_the_rest_in_the_morning() {
    // 21:59 in Vienna
    let mut day = Day::new("2026-07-01T19:59:00Z", policy(true));
    let evening = day.open("certificate", Status::Fail, false);
    day.check(&["1 open.fail"]);
    day.pass(60);
    let warned = day.open("disk", Status::Warn, true);
    let page = day.open("page", Status::Fail, true);
    day.check(&["3 open.fail"]);
    day.pass(3600);
    day.close(page);
    day.close(evening);
    let short = day.open("backup", Status::Fail, false);
    day.check(&["3 resolved"]);
    day.pass(60);
    day.close(short);
    day.check(&[]);
    day.worsen(warned, Status::Fail);
    day.check(&["2 open.fail"]);
    // 7:00
    day.now = "2026-07-02T05:00:00Z".parse().unwrap();
    day.check(&["2 reminder.1", "1 resolved, 4 over"]);
}

#[test]
fn what_is_beyond_the_bound_is_told_at_once_and_the_rest_afterwards() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    for number in 0..47 {
        day.open(&format!("http-{number}"), Status::Fail, number == 46);
    }
    let told = day.tell();
    assert_eq!(told.len(), 10, "{told:?}");
    assert_eq!(told[0], "47 open.fail", "the worst comes first");
    assert_eq!(told[9].split(", ").count(), 38);
    for place in 0..20 {
        day.close(place);
    }
    day.pass(599);
    day.check(&[]);
    day.pass(1);
    let told = day.tell();
    assert_eq!((told.len(), told[9].split(", ").count()), (10, 11), "{told:?}");
    assert!(day.tell().is_empty());
}

#[test]
fn a_thousand_flips_are_few_messages() {
    let mut day = Day::new("2026-07-01T08:00:00Z", policy(false));
    for _ in 0..1000 {
        let place = day.open("http", Status::Fail, true);
        day.tell();
        day.pass(1);
        day.close(place);
        day.tell();
        day.pass(1);
    }
    day.pass(600);
    day.tell();
    // 2,600 seconds are four times ten minutes and a bit.
    assert!(day.sent.len() <= 50, "{}", day.sent.len());
    let told: BTreeSet<i64> = day.sent.iter().flat_map(|(_, says)| says).map(|(incident, _)| *incident).collect();
    assert_eq!(told.len(), 1000, "and none is passed over in silence");
}

/// What may happen to the checks.
#[derive(Debug, Clone)]
enum Event {
    Open(Status, bool),
    Worsen(usize),
    Close(usize),
    Maintain(usize, bool),
    Suppress(usize, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let status = prop_oneof![Just(Status::Warn), Just(Status::Unknown), Just(Status::Fail)];
    prop_oneof![
        4 => (status, any::<bool>()).prop_map(|(status, critical)| Event::Open(status, critical)),
        2 => any::<usize>().prop_map(Event::Worsen),
        4 => any::<usize>().prop_map(Event::Close),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(place, is)| Event::Maintain(place, is)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(place, is)| Event::Suppress(place, is)),
    ]
}

fn happen(day: &mut Day, event: &Event) {
    let open: Vec<usize> = (0..day.incidents.len()).filter(|place| day.incidents[*place].is_open()).collect();
    let pick = |number: usize| (!open.is_empty()).then(|| open[number % open.len()]);
    match *event {
        Event::Open(status, critical) => {
            day.open(&format!("check-{}", day.incidents.len() % 7), status, critical);
        }
        Event::Worsen(number) => {
            if let Some(place) = pick(number) {
                day.worsen(place, Status::Fail);
            }
        }
        Event::Close(number) => {
            if let Some(place) = pick(number) {
                day.close(place);
            }
        }
        Event::Maintain(number, is) => {
            if let Some(place) = pick(number) {
                day.incidents[place].in_maintenance = is;
            }
        }
        Event::Suppress(number, is) => {
            if let Some(place) = pick(number) {
                let worst = day.incidents[place].worst;
                day.incidents[place].status = if is { Status::Suppressed } else { worst };
            }
        }
    }
}

/// Each message that just went out is one that may go out now.
fn look(day: &Day, from: usize) -> Result<(), TestCaseError> {
    let quiet = day.policy.quiet.as_ref().is_some_and(|hours| quiet::is_quiet(hours, day.now));
    for (incident, kind) in day.sent[from..].iter().flat_map(|(_, says)| says) {
        let incident = day.incidents.iter().find(|known| known.id == *incident).expect("it is one of ours");
        prop_assert!(!quiet || incident.critical && incident.worst == Status::Fail, "{kind} of {incident:?} in quiet hours");
        let is_end = matches!(kind, Kind::Resolved | Kind::Over);
        prop_assert_eq!(is_end, !incident.is_open());
        prop_assert!(is_end || !incident.in_maintenance && incident.status != Status::Suppressed, "{} of {:?}", kind, incident);
    }
    let recent = day.sent.iter().filter(|(at, _)| day.now.duration_since(*at) < BURST_WINDOW).count();
    prop_assert!(recent <= BURST_MESSAGES, "{recent} messages within ten minutes");
    Ok(())
}

/// The order in which one incident may be told, and the gaps of its reminders.
fn story(day: &Day, incident: &Incident) -> Result<(), TestCaseError> {
    let of_it = |notice: &&Notice| notice.incident == incident.id;
    let told: Vec<&Notice> = day.notices.iter().filter(of_it).collect();
    let kinds: Vec<String> = told.iter().map(|notice| notice.kind.to_string()).collect();
    prop_assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "nothing is said twice: {:?}", kinds);
    for (place, notice) in told.iter().enumerate() {
        let is_first = matches!(notice.kind, Kind::Open(_) | Kind::Over);
        prop_assert_eq!(is_first, place == 0, "{:?}", kinds);
        let is_last = matches!(notice.kind, Kind::Resolved | Kind::Over);
        prop_assert!(!is_last || place + 1 == told.len(), "{kinds:?}");
        if let (Kind::Reminder(_), Some(reminder)) = (notice.kind, day.policy.reminder) {
            let gap = notice.sent_at.duration_since(told[place - 1].sent_at);
            prop_assert!(gap >= SignedDuration::try_from(reminder).unwrap(), "{gap}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_happens(events in prop::collection::vec((0_i64..4000, event()), 1..120), quiet: bool, burst: bool) {
        let mut day = Day::new("2026-07-01T16:00:00Z", policy(quiet));
        for (seconds, event) in &events {
            day.pass(if burst { seconds / 200 } else { *seconds });
            happen(&mut day, event);
            let from = day.sent.len();
            day.tell();
            look(&day, from)?;
        }
        // All ends, and the messages that were put off come within the next day.
        for place in 0..day.incidents.len() {
            if day.incidents[place].is_open() {
                day.incidents[place].in_maintenance = false;
                day.close(place);
            }
        }
        let ended = day.now;
        for _ in 0..100 {
            let from = day.sent.len();
            day.tell();
            look(&day, from)?;
            day.pass(800);
        }
        for incident in &day.incidents {
            story(&day, incident)?;
            let lasted = incident.ended_at.unwrap().duration_since(incident.started_at);
            let is_told = day.notices.iter().any(|notice| notice.incident == incident.id);
            let young = ended.duration_since(incident.ended_at.unwrap()) < SignedDuration::from_hours(1);
            if young && lasted > SignedDuration::from_secs(60) && !incident.in_maintenance {
                prop_assert!(is_told, "nobody heard of {incident:?}");
            }
            if is_told {
                let end = |notice: &&Notice| notice.incident == incident.id && matches!(notice.kind, Kind::Resolved | Kind::Over);
                prop_assert_eq!(day.notices.iter().filter(end).count(), 1, "its end is told once: {:?}", incident);
            }
        }
    }
}
