//! What an answer of a social network means for a post. Pure: the answer and the time come in.

use std::time::Duration;

use crate::{
    clock::Time,
    outbox::{
        delivery::{Delivered, Refusal},
        retry::Failure,
        social::Name,
    },
};

/// After "too many requests" without a word about when.
const PAUSE: Duration = Duration::from_secs(15 * 60);
const PAUSE_MIN: Duration = Duration::from_secs(10);
/// Whatever the network says: the limits of all of them are by the day at most.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3600);
/// Characters of an answer that are kept as a reason.
const SAID_MAX: usize = 300;

/// An answer, as far as it matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    /// `x-rate-limit-reset` or `x-ratelimit-reset`.
    pub(super) reset: Option<String>,
    /// `x-restli-id`, where LinkedIn has the id of a post.
    pub(super) id: Option<String>,
    pub(super) body: String,
}

/// `attempts`: this one among them.
pub(super) fn judge(network: Name, answer: &Answer, attempts: u32, now: Time) -> Result<Delivered, Refusal> {
    let said = || {
        let text: String = answer.body.chars().take(SAID_MAX).collect();
        format!("{} {}", answer.status, text.trim()).trim().to_owned()
    };
    let refuse = |failure, reason: String| Err(Refusal { failure, reason, pause: None });
    match answer.status {
        200..=299 => Ok(Delivered { receipt: receipt(network, answer) }),
        // An attempt before this one got through, and its answer did not.
        400 | 403 | 409 | 422 if attempts > 1 && answer.body.to_lowercase().contains("duplicate") => Ok(Delivered { receipt: None }),
        300..=399 => refuse(Failure::Outage, format!("{} the address leads elsewhere: set the right one", answer.status)),
        401 => refuse(Failure::Outage, format!("the token is not taken: {}", said())),
        404 => refuse(Failure::Outage, format!("there is no such API at this address: {}", said())),
        426 => refuse(Failure::Outage, format!("the version of the API is not served any more, set a newer one: {}", said())),
        408 | 425 => refuse(Failure::NotNow, said()),
        429 => Err(Refusal { failure: Failure::Limited, reason: said(), pause: Some(pause(answer, now)) }),
        400..=499 => refuse(Failure::Never, said()),
        _ => refuse(Failure::Outage, said()),
    }
}

/// How long the network wants to hear nothing.
fn pause(answer: &Answer, now: Time) -> Duration {
    let seconds = |text: &String| text.trim().parse().ok().map(Duration::from_secs);
    let moment = |text: &String| {
        let text = text.trim();
        let by_number = text.parse::<i64>().ok().map(|seconds| Time::from_millis(seconds.saturating_mul(1000)));
        let at = by_number.or_else(|| text.parse::<jiff::Timestamp>().ok().map(Time::from));
        let at = at.or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| Time::from(zoned.timestamp())));
        at.map(|at| at.since(now))
    };
    let wanted = answer.retry_after.as_ref().and_then(|text| seconds(text).or_else(|| moment(text)));
    wanted.or_else(|| answer.reset.as_ref().and_then(moment)).unwrap_or(PAUSE).clamp(PAUSE_MIN, PAUSE_MAX)
}

/// Where the post is to be seen.
fn receipt(network: Name, answer: &Answer) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let is_id = |id: &str| !id.is_empty() && id.len() <= 100 && id.chars().all(|c| c.is_ascii_alphanumeric() || ":_-".contains(c));
    match network {
        Name::Mastodon => body["url"].as_str().filter(|url| url.starts_with("http") && url.len() <= 500).map(str::to_owned),
        Name::LinkedIn => answer.id.as_deref().filter(|id| is_id(id)).map(|id| format!("https://www.linkedin.com/feed/update/{id}")),
        Name::X => body["data"]["id"].as_str().filter(|id| is_id(id)).map(|id| format!("https://x.com/i/status/{id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        Time::from_millis(1_763_916_300_000)
    }

    #[track_caller]
    fn check(status: u16, body: &str, attempts: u32, expected: Result<(), Failure>) {
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        let judged = judge(Name::X, &answer, attempts, now()).map(drop).map_err(|refusal| refusal.failure);
        assert_eq!(judged, expected, "{status} {body}");
    }

    #[test]
    fn what_is_tried_again_and_what_is_not() {
        for status in [200, 201, 202] {
            check(status, "", 1, Ok(()));
        }
        for status in [301, 401, 404, 426, 500, 502, 503, 504] {
            check(status, "", 1, Err(Failure::Outage));
        }
        for status in [400, 403, 410, 413, 422] {
            check(status, "", 1, Err(Failure::Never));
        }
        check(408, "", 1, Err(Failure::NotNow));
        check(429, "", 1, Err(Failure::Limited));
        let duplicate = r#"{"detail":"You are not allowed to create a Tweet with duplicate content."}"#;
        check(403, duplicate, 1, Err(Failure::Never));
        check(403, duplicate, 2, Ok(()));
    }

    #[test]
    fn how_long_a_network_is_left_alone() {
        for (retry_after, reset, seconds) in [
            (Some("120"), None, 120),
            (Some("0"), None, 10),
            (Some("99999999"), None, 86_400),
            (Some("Sun, 23 Nov 2025 16:50:00 GMT"), None, 300),
            (None, Some("1763916360"), 60),
            (None, Some("2025-11-23T16:46:00.000Z"), 60),
            (None, Some("soon"), 900),
            (None, None, 900),
        ] {
            let answer =
                Answer { status: 429, retry_after: retry_after.map(str::to_owned), reset: reset.map(str::to_owned), ..Answer::default() };
            let refusal = judge(Name::Mastodon, &answer, 1, now()).unwrap_err();
            assert_eq!(refusal.pause, Some(Duration::from_secs(seconds)), "{answer:?}");
        }
    }

    #[test]
    fn where_a_post_is_to_be_seen() {
        for (network, id, body, expected) in [
            (Name::Mastodon, None, r#"{"id":"1","url":"https://m.test/@a/1"}"#, Some("https://m.test/@a/1")),
            (Name::Mastodon, None, r#"{"url":"javascript:alert(1)"}"#, None),
            (Name::X, None, r#"{"data":{"id":"17"}}"#, Some("https://x.com/i/status/17")),
            (Name::X, None, "no JSON", None),
            (Name::LinkedIn, Some("urn:li:share:17"), "", Some("https://www.linkedin.com/feed/update/urn:li:share:17")),
            (Name::LinkedIn, Some("../x"), "", None),
        ] {
            let answer = Answer { status: 201, id: id.map(str::to_owned), body: body.to_owned(), ..Answer::default() };
            assert_eq!(judge(network, &answer, 1, now()).unwrap().receipt.as_deref(), expected, "{body}");
        }
    }
}
