//! What cannot work is said at once: what, where, and what to do.

use std::net::TcpListener;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::Folder;

fn check(settings: &str, parts: &[&str]) {
    let folder = Folder::new();
    folder.settings(settings);
    folder.run(&["serve"], "").check_refused(parts);
    assert!(!folder.path("data").exists(), "nothing is made before the settings are right");
}

#[test]
fn settings() {
    check("profile = \"development\"\n[server\nport = 1\n", &["magnetiq.toml:2"]);
    check("profile = \"development\"\n[server]\nprot = 1\n", &["server.prot", "magnetiq.toml:3", "server.port"]);
    check("profile = \"development\"\n[server]\nport = \"many\"\ndebug = 7\n", &["server.port", "many", "server.debug"]);
    check("profile = \"staging\"\n", &["profile", "staging", "development", "production"]);
}

#[test]
fn production_that_is_not_safe() {
    check("profile = \"production\"\n", &["auth.secret_key"]);
    check(
        "profile = \"production\"\n[server]\ncors_origins = [\"*\"]\ndebug = true\npublic_url = \"http://example.com\"\n[auth]\nsecret_key = \"short\"\n",
        &["server.cors_origins", "server.debug", "server.public_url", "auth.secret_key"],
    );
}

#[test]
fn an_unknown_variable() {
    let folder = Folder::new();
    let output = folder.command(&["config"]).env("MAGNETIQ__SERVER__PROT", "1").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("MAGNETIQ__SERVER__PROT") && text.contains("MAGNETIQ__SERVER__PORT"), "{text}");
}

#[test]
fn a_settings_file_that_is_not_there() {
    Folder::new().run(&["serve", "--config", "gone.toml"], "").check_refused(&["gone.toml"]);
}

#[test]
fn a_data_folder_that_can_not_be() {
    let folder = Folder::new();
    std::fs::write(folder.path("data"), "a file where the folder should be").unwrap();
    folder.run(&["serve"], "").check_refused(&["data"]);
}

#[test]
fn a_port_that_is_taken() {
    let folder = Folder::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    folder.settings(&format!("profile = \"development\"\n[server]\nport = {port}\n"));
    folder.run(&["serve"], "").check_refused(&["127.0.0.1", &port.to_string(), "server.port", "in use"]);
    assert!(!folder.path("data").exists());
}

#[test]
fn a_database_of_a_newer_version() {
    let folder = Folder::new();
    folder.run(&["migrate"], "").check_done();
    let versions = || {
        let database = Connection::open(folder.database()).unwrap();
        let versions = database.query_row("SELECT group_concat(version) FROM refinery_schema_history", [], |row| row.get::<_, String>(0));
        versions.unwrap()
    };
    let known = versions();
    let database = Connection::open(folder.database()).unwrap();
    database.execute("INSERT INTO refinery_schema_history VALUES (9000, 'from_the_future', '2030-01-01T00:00:00Z', '1')", []).unwrap();
    drop(database);
    folder.run(&["serve"], "").check_refused(&["version 9000", "knows versions up to", "hint: "]);
    assert_eq!(versions(), format!("{known},9000"), "its history is as it was");
}

#[test]
fn a_file_that_is_no_database() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    std::fs::write(folder.database(), "this is a text, and a rather long one, so that nobody takes it for an empty database").unwrap();
    folder.run(&["serve"], "").check_refused(&["magnetiq.sqlite3", "not"]);
}

#[test]
fn a_database_of_another_program() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    let database = Connection::open(folder.database()).unwrap();
    database.execute_batch("PRAGMA application_id = 42; CREATE TABLE theirs (a)").unwrap();
    drop(database);
    folder.run(&["serve"], "").check_refused(&["another"]);
}

#[test]
fn an_unknown_command() {
    assert_eq!(Folder::new().run(&["severe"], "").code, Some(2));
}
