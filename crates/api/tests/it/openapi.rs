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

#[test]
fn every_schema_that_is_named_is_there() {
    let document = serde_json::to_value(magnetiq_api::routes::openapi()).unwrap();
    let text = document.to_string();
    let named = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    let missing: Vec<_> = named.filter(|name| document["components"]["schemas"].get(name).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
