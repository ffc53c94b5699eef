//! `openapi.json` in the repository is what the code says. The page's client is generated from it.

use expect_test::expect_file;

#[test]
fn the_snapshot_is_current() {
    let mut json = magnetiq_api::routes::openapi().to_pretty_json().unwrap();
    json.push('\n');
    expect_file!["../../openapi.json"].assert_eq(&json);
}
