//! `openapi.json` in the repository is what the code says. The page's client is generated from it.

use expect_test::expect_file;

#[test]
fn the_snapshot_is_current() {
    let mut json = magnetiq_api::routes::openapi().to_pretty_json().unwrap();
    json.push('\n');
    expect_file!["../../openapi.json"].assert_eq(&json);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = serde_json::to_value(magnetiq_api::routes::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let mut names: Vec<_> =
        paths.flat_map(|path| path.as_object().unwrap().values()).map(|operation| operation["operationId"].to_string()).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:#?}");
}
