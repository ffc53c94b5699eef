//! The API is as its description says: Schemathesis, a real one, asks every route with what fits and with what doesn't.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use magnetiq_tests::{EMAIL, Folder, PASSWORD, Server};
use serde_json::json;

/// Where `cargo xtask test` has put it.
const VARIABLE: &str = "MAGNETIQ_TEST_SCHEMATHESIS";
const PROGRAM: &str = "schemathesis";
/// What would sign out who asks: sign-out itself, sessions, and the accounts, of which one is the own. And what is answered without an end.
const EXCLUDED: &str = "^/api/v1/(auth/(logout|sessions)|admin/accounts/|admin/events$)";
/// Parts of a file, of a type that it cannot write.
const EXCLUDED_OPERATION: &str = "append_upload";
/// Made of each route, besides those that the description gives as examples and those at the edges of what it allows.
const CASES: &str = "10";

/// As `cargo xtask test` says, or in PATH, or where it was installed by it before.
#[expect(clippy::disallowed_methods, reason = "a harness is told by its environment where its programs are")]
fn find() -> Option<PathBuf> {
    let named = std::env::var(VARIABLE).ok().map(PathBuf::from);
    let path = std::env::var("PATH").unwrap_or_default();
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/schemathesis/bin");
    let mut places = std::env::split_paths(&path).chain([installed]).map(|folder| folder.join(PROGRAM));
    named.or_else(|| places.find(|program| program.is_file()))
}

#[test]
fn every_answer_is_one_that_the_description_has() {
    let Some(program) = find() else {
        return crate::proof::skip("no schemathesis (PyPI) in PATH; cargo xtask test installs it");
    };
    let folder = Folder::new();
    folder.settings(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\nlevel = \"warn,api_server=info\"\n[auth]\n\
         login_attempts_per_minute = 10000\n",
    );
    let server = Server::start_new(&folder);
    let credentials = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let headers = [("content-type", "application/json")];
    let (status, answered, _) = server.client().send("POST", "/api/v1/auth/login", &headers, credentials.as_bytes()).unwrap();
    assert_eq!(status, 200);
    let cookie = answered["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/schemathesis.toml");
    let mut command = Command::new(program);
    command.arg("--config-file").arg(configuration).arg("run").arg(format!("http://{}/api/openapi.json", server.address));
    command.args(["--header", &format!("Cookie: {cookie}"), "--exclude-path-regex", EXCLUDED]);
    command.args(["--exclude-operation-id", EXCLUDED_OPERATION]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", CASES, "--seed", "1", "--continue-on-failure", "--no-color"]);
    command.args(["--generation-database", "none", "--request-timeout", "30"]).current_dir(folder.path(""));
    let ended = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}");
    let tested = said.lines().find_map(|line| line.trim().strip_prefix("Tested:")).and_then(|count| count.trim().parse::<u32>().ok());
    assert!(tested.is_some_and(|count| count >= 70), "it asked too few routes: {said}");
    let (status, me) = server.sign_in().get("/api/v1/auth/me").unwrap();
    assert_eq!((status, &me["role"]), (200, &json!("admin")), "the server is as well as before");
}
