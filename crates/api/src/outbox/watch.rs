//! The outbox in the tree of checks.

use std::time::Duration;

use actix_web::web::Data;
use magnetiq_health::{
    BreakerState, CheckError, CheckInfo, Deadline, Facts, Feature, MonitorBuilder, Value,
    catalog::{self, Entry},
};

use super::{Kind, rows};
use crate::state::AppState;

/// Whether letters go out.
const MAIL: &str = "mail";
/// Whether all of them did.
const DEAD: &str = "mail-dead";
/// Whether posts go out.
const SOCIAL: &str = "social";
/// Whether all of them did.
const SOCIAL_DEAD: &str = "social-dead";
/// Whether the tokens of the networks hold.
const SOCIAL_TOKEN: &str = "social-token";
/// What was given up longer ago than this somebody has seen.
const DEAD_NEWS: Duration = Duration::from_secs(7 * 24 * 3600);
/// A token is to be renewed from so long before its end: the limit of the catalog.
const TOKEN_NEWS: Duration = Duration::from_secs(7 * 24 * 3600);

/// Adds its checks and what people can do with it.
pub(crate) fn add(state: &Data<AppState>, monitor: MonitorBuilder) -> MonitorBuilder {
    let known = |kind| catalog::find(kind).map_or_else(|| CheckInfo::new(kind, MAIL, kind), Entry::info).depends_on("database-read");
    let (mail, dead) = (known(MAIL), known(DEAD));
    let feature = Feature::new("mail", "Get letters").requires(MAIL).degrades_at_warn(MAIL, "letters are kept and sent later");
    let (of_mail, of_dead) = (state.clone(), state.clone());
    let monitor = monitor.check(mail, move |_: Deadline| mail_facts(&of_mail)).check(dead, move |_: Deadline| dead_facts(&of_dead, true));
    let social = |kind| catalog::find(kind).map_or_else(|| CheckInfo::new(kind, SOCIAL, kind), Entry::info).depends_on("database-read");
    let (posts, dead, token) = (state.clone(), state.clone(), state.clone());
    let posting =
        Feature::new("social", "Post on social networks").requires(SOCIAL).degrades_at_warn(SOCIAL, "posts are kept and sent later");
    monitor
        .check(social(SOCIAL), move |_: Deadline| social_facts(&posts))
        .check(social(SOCIAL_DEAD), move |_: Deadline| dead_facts(&dead, false))
        .check(social(SOCIAL_TOKEN), move |_: Deadline| Ok::<_, CheckError>(token_facts(&token)))
        .feature(feature)
        .feature(posting)
}

fn look(state: &AppState, is_mail: bool) -> Result<rows::Facts, CheckError> {
    let since = state.clock.now().minus(DEAD_NEWS);
    let facts = state.store.read(move |conn| Ok(rows::facts(conn, is_mail, since)?)).wait();
    facts.map_err(|error| CheckError::undetermined(format!("the outbox cannot be read: {error}")))
}

fn mail_facts(state: &AppState) -> Result<Facts, CheckError> {
    let (seen, now) = (look(state, true)?, state.clock.now());
    let outbox = &state.outbox;
    outbox.counts.queued.set(seen.queued.try_into().unwrap_or(i64::MAX));
    outbox.counts.dead.set(seen.dead.try_into().unwrap_or(i64::MAX));
    let current = state.live.current();
    let channels = &current.channels;
    let channel = channels.of(Kind::Mail);
    let breaker = channel.breaker.facts();
    let is_open = breaker.state != BreakerState::Closed;
    let mut facts = Facts::new().with("open", Value::Bool(is_open)).with("queued", Value::Count(seen.queued));
    if let Some(oldest) = seen.oldest {
        // As long as something waits: how long nothing went out.
        let stalled = now.since(seen.sent_at.map_or(oldest, |sent_at| sent_at.max(oldest)));
        facts = facts
            .with("oldest_age", Value::Seconds(now.since(oldest).as_secs_f64()))
            .with("stalled", Value::Seconds(stalled.as_secs_f64()));
    }
    Ok(if !channel.is_there() {
        facts.warning("no mail server is set (mail.smtp_host): letters wait in the database")
    } else if is_open {
        facts.warning("the mail server failed too often and is tried again now and then; letters wait")
    } else if seen.queued > 0 {
        facts.saying("letters are on their way")
    } else {
        facts.saying("nothing waits")
    })
}

fn dead_facts(state: &AppState, is_mail: bool) -> Result<Facts, CheckError> {
    let seen = look(state, is_mail)?;
    Ok(Facts::new().with("dead", Value::Count(seen.dead_since)).with("kept", Value::Count(seen.dead)))
}

fn social_facts(state: &AppState) -> Result<Facts, CheckError> {
    let seen = look(state, false)?;
    let current = state.live.current();
    let open: Vec<&str> = current
        .channels
        .networks()
        .filter(|(_, channel)| channel.breaker.facts().state != BreakerState::Closed)
        .map(|(network, _)| network.title())
        .collect();
    let absent: Vec<&str> = current
        .channels
        .networks()
        .filter(|(network, channel)| seen.kinds.contains(&network.kind()) && !channel.is_there())
        .map(|(network, _)| network.title())
        .collect();
    let facts = Facts::new().with("open", Value::Bool(!open.is_empty())).with("queued", Value::Count(seen.queued));
    Ok(if !absent.is_empty() {
        facts.warning(format!("not set up, with an address and a token: {}; posts wait", absent.join(", ")))
    } else if !open.is_empty() {
        facts.warning(format!("{} failed too often and is tried again now and then; posts wait", open.join(", ")))
    } else if seen.queued > 0 {
        facts.saying("posts wait for their time, or are on their way")
    } else {
        facts.saying("nothing waits")
    })
}

/// By the days that the settings say: networks don't tell.
fn token_facts(state: &AppState) -> Facts {
    let current = state.live.current();
    let now = jiff::Timestamp::from(state.clock.now());
    let ends = current.channels.networks().filter_map(|(network, _)| {
        let given = network.settings(&current.settings);
        let day = given.token.as_ref().and(given.token_expires)?;
        let end = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        Some((end.duration_since(now).as_secs_f64(), network))
    });
    match ends.min_by(|one, other| one.0.total_cmp(&other.0)) {
        None => Facts::new().saying("no token has a day on which it ends"),
        Some((left, network)) => {
            let days = (left / 86_400.0).floor();
            let facts = Facts::new().with("left", Value::Seconds(left.max(0.0)));
            if left <= 0.0 {
                facts.failing(format!("the token of {} has ended: posts there wait", network.title()))
            } else if left <= TOKEN_NEWS.as_secs_f64() {
                facts.warning(format!("the token of {} ends in {days} days", network.title()))
            } else {
                facts.saying(format!("the token of {} ends first, in {days} days", network.title()))
            }
        }
    }
}
