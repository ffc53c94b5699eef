//! The outbox in the tree of checks.

use std::time::Duration;

use actix_web::web::Data;
use magnetiq_health::{
    BreakerState, CheckError, CheckInfo, Deadline, Facts, Feature, MonitorBuilder, Value,
    catalog::{self, Entry},
};

use super::rows;
use crate::state::AppState;

/// Whether letters go out.
const MAIL: &str = "mail";
/// Whether all of them did.
const DEAD: &str = "mail-dead";
/// What was given up longer ago than this somebody has seen.
const DEAD_NEWS: Duration = Duration::from_secs(7 * 24 * 3600);

/// Adds its checks and what people can do with it.
pub(crate) fn add(state: &Data<AppState>, monitor: MonitorBuilder) -> MonitorBuilder {
    let known = |kind| catalog::find(kind).map_or_else(|| CheckInfo::new(kind, MAIL, kind), Entry::info).depends_on("database-read");
    let (mail, dead) = (known(MAIL), known(DEAD));
    let feature = Feature::new("mail", "Get letters").requires(MAIL).degrades_at_warn(MAIL, "letters are kept and sent later");
    let (of_mail, of_dead) = (state.clone(), state.clone());
    monitor.check(mail, move |_: Deadline| mail_facts(&of_mail)).check(dead, move |_: Deadline| dead_facts(&of_dead)).feature(feature)
}

fn look(state: &AppState) -> Result<rows::Facts, CheckError> {
    let since = state.clock.now().minus(DEAD_NEWS);
    let facts = state.store.read(move |conn| Ok(rows::facts(conn, since)?)).wait();
    facts.map_err(|error| CheckError::undetermined(format!("the outbox cannot be read: {error}")))
}

fn mail_facts(state: &AppState) -> Result<Facts, CheckError> {
    let (seen, now) = (look(state)?, state.clock.now());
    let outbox = &state.outbox;
    outbox.counts.queued.set(seen.queued.try_into().unwrap_or(i64::MAX));
    outbox.counts.dead.set(seen.dead.try_into().unwrap_or(i64::MAX));
    let current = state.live.current();
    let channels = &current.channels;
    let breaker = channels.breaker.facts();
    let is_open = breaker.state != BreakerState::Closed;
    let mut facts = Facts::new().with("open", Value::Bool(is_open)).with("queued", Value::Count(seen.queued));
    if let Some(oldest) = seen.oldest {
        // As long as something waits: how long nothing went out.
        let stalled = now.since(seen.sent_at.map_or(oldest, |sent_at| sent_at.max(oldest)));
        facts = facts
            .with("oldest_age", Value::Seconds(now.since(oldest).as_secs_f64()))
            .with("stalled", Value::Seconds(stalled.as_secs_f64()));
    }
    Ok(if !channels.transport.is_there() {
        facts.warning("no mail server is set (mail.smtp_host): letters wait in the database")
    } else if is_open {
        facts.warning("the mail server failed too often and is tried again now and then; letters wait")
    } else if seen.queued > 0 {
        facts.saying("letters are on their way")
    } else {
        facts.saying("nothing waits")
    })
}

fn dead_facts(state: &AppState) -> Result<Facts, CheckError> {
    let seen = look(state)?;
    Ok(Facts::new().with("dead", Value::Count(seen.dead_since)).with("kept", Value::Count(seen.dead)))
}
