//! Words and numbers for people.

use jiff::Timestamp;
use magnetiq_health::{Status, Value};
use maud::{Markup, html};

/// How visitors are told how something is: a class and words.
pub(super) fn state(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Pass => ("up", "works"),
        Status::Warn | Status::Suppressed => ("some", "works, with a warning"),
        Status::Fail => ("down", "down"),
        Status::Unknown => ("unknown", "not known"),
        Status::Maintenance => ("maintenance", "maintenance"),
    }
}

/// The word of a status, as reports and messages have it.
pub(super) fn badge(status: Status) -> Markup {
    html! { span class={ "badge " (state(status).0) } { (status.word()) } }
}

/// A moment, to the minute, in UTC.
pub(super) fn moment(at: Timestamp) -> Markup {
    let text = at.strftime("%-d %b %Y, %H:%M UTC").to_string();
    html! { time datetime=(at) { (text) } }
}

/// How long it was from one moment to the other, a second at least.
pub(super) fn lasted(from: Timestamp, to: Timestamp) -> String {
    Value::Seconds(to.duration_since(from).as_secs_f64().round().max(1.0)).to_string()
}

/// A share as percent with two places, never rounded up to all of it.
pub(super) fn share(share: f64) -> String {
    let hundredths = (share * 10_000.0 + 1e-6).floor() / 100.0;
    if hundredths >= 100.0 { "100 %".to_owned() } else { format!("{hundredths:.2} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_better_than_it_was() {
        let check = |number, text: &str| assert_eq!(share(number), text);
        check(1.0, "100 %");
        check(0.999_999, "99.99 %");
        check(0.9995, "99.95 %");
        check(0.5, "50.00 %");
        check(0.0, "0.00 %");
    }
}
