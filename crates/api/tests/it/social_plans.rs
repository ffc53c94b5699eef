//! Posts that are planned for later, and what becomes of them meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    site::Site,
    social::{site, until, until_state},
    social_network::{Network, Next},
};

const DAY: i64 = 24 * 3600;

/// The time after which it is given up counts from when it was to leave.
#[test]
fn what_was_planned_long_before_is_tried_as_often() {
    let network = Network::start();
    let site = site(&network, &[("MAGNETIQ__MAIL__ATTEMPTS", "1")]);
    let planned = json!({ "networks": ["x"], "text": "in ten days", "schedule_at": "2025-12-03T16:45:00Z" });
    let posted = site.post("/api/v1/admin/posts", &planned).json();
    network.then(Next::Say(429, "retry-after: 60", "slow down"));
    site.pass_time(10 * DAY);
    site.sign_in();
    let waits = until(&site, &posted[0]["id"], 0, |entry| entry["last_error"].is_string());
    assert_eq!((&waits["state"], &waits["post"]), (&json!("queued"), &json!("in ten days")), "{waits}");
    site.pass_time(60);
    until_state(&site, &posted[0]["id"], "sent");
}

#[test]
fn what_can_not_leave_is_told() {
    let site = Site::signed_in();
    let planned = json!({ "networks": ["x"], "text": "next year", "schedule_at": "2026-01-01T00:00:00Z" });
    assert_eq!(site.post("/api/v1/admin/posts", &planned).status, 201);
    // Production records nothing: without address and token posts wait.
    let token = "a-token-of-operators-with-many-characters";
    let site = site.restarted(&[
        ("MAGNETIQ__PROFILE", "production"),
        ("MAGNETIQ__AUTH__SECRET_KEY", "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C"),
        ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test"),
        ("MAGNETIQ__HEALTH__TOKEN", token),
    ]);
    let authorization = format!("Bearer {token}");
    let begin = Instant::now();
    loop {
        let health = site.request("GET".parse().unwrap(), "/health/social", &[("authorization", &authorization)], None).text();
        if health.contains("not set up, with an address and a token: X; posts wait") && health.contains("\"warn\"") {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(40), "{health}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
