use crate::{DEVELOPMENT, report, settings};

/// The value that somebody gave is blamed, whichever of the two it is.
#[track_caller]
fn check(given: &str, expected: &str) {
    let report = report(&format!("[health]\n{given}\n"), &[DEVELOPMENT]);
    let key = given.split(' ').next().unwrap_or_default();
    assert!(report.starts_with("one problem") && report.contains(&format!("health.{key}")) && report.contains(expected), "{report}");
}

#[test]
fn limits_the_wrong_way_round() {
    check("disk_warn_percent = 99", "at most health.disk_fail_percent");
    check("disk_fail_percent = 50", "at most health.disk_fail_percent");
    check("uploads_min_free_bytes = 10_000_000", "uploads are refused first");
    check("writes_min_free_bytes = 600_000_000", "uploads are refused first");
    check("backup_warn_hours = 60", "a backup gets older");
    check("backup_fail_hours = 20", "a backup gets older");
    check("token = \"short\"", "openssl rand");
    check("writes_min_free_bytes = 1000", "a whole number from 8388608");
}

#[test]
fn a_port_of_zero_is_none() {
    assert_eq!(settings("", &[DEVELOPMENT]).health.metrics_port, None);
    assert_eq!(settings("health.metrics_port = 9100", &[DEVELOPMENT]).health.metrics_port, Some(9100));
}
