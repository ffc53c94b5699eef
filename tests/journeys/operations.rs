//! What whoever runs the site does in the admin area, with the real backupd beside the server.

use std::time::{Duration, Instant};

use magnetiq_tests::{Client, Server};
use serde_json::{Value, json};

use crate::{
    backup::{site, stop},
    backup_daemon::{TOKEN, daemon, is_idle, wait},
};

const PATH: &str = "/api/v1/admin/operations";

fn backups(ana: &Client) -> Value {
    let (status, list) = ana.get(&format!("{PATH}/backups")).unwrap();
    assert_eq!(status, 200, "{list}");
    list
}

#[test]
fn a_backup_is_started_and_proven_while_somebody_looks() {
    let (folder, server, _) = site();
    stop(server);
    let daemon = daemon(&folder, "");
    wait(&daemon, is_idle);
    let settings = |token: &str| {
        folder.settings(&format!(
            "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[backup]\nurl = \"http://{}/\"\ntoken = \"{token}\"\n",
            daemon.address
        ));
    };
    settings(TOKEN);
    let server = Server::start(&folder);
    let ana = server.sign_in();
    let before = backups(&ana);
    assert_eq!((&before["daemon"]["answers"], &before["daemon"]["problem"]), (&json!(true), &Value::Null), "{before:#}");
    assert_eq!((before["backups"].as_array().unwrap().len(), &before["backups"][0]["proven"]), (1, &json!(true)), "{before:#}");

    let (status, started) = ana.post(&format!("{PATH}/backups"), &json!({})).unwrap();
    assert_eq!((status, &started), (202, &json!({ "started": true })));
    let since = Instant::now();
    loop {
        let now = backups(&ana);
        let newest = &now["backups"][0];
        // Of one day the newest is kept.
        if newest["reason"] == "manual" && newest["proven"] == true && now["daemon"]["running"].is_null() {
            assert!(newest["created_at"].as_str() >= before["backups"][0]["created_at"].as_str(), "{now:#}");
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{now:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_, log) = ana.get(&format!("{PATH}/log")).unwrap();
    assert!(log["lines"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("listening")), "{log:#}");
    stop(server);

    settings("a-token-of-somebody-else");
    let server = Server::start(&folder);
    let ana = server.sign_in();
    let (status, refused) = ana.post(&format!("{PATH}/backups"), &json!({})).unwrap();
    assert_eq!((status, &refused["code"]), (503, &json!("no-backup-daemon")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("backup.token"), "{refused}");
}
