//! What is rendered for each place is taken by the real programs.

use std::collections::BTreeMap;
use std::fs;

use magnetiq_tests::{Folder, api_server, backupd, healthd};
use serde_json::Value;

use super::{deployment, rendered};

const EXAMPLE: &str = include_str!("../../../docs/examples/deploy.toml");

/// Each program reads the variables, with the secrets in files as they are named there.
fn check(variables: BTreeMap<String, String>, secrets_folder: &str) {
    let folder = Folder::new();
    // The settings of the folder itself are not those of the place.
    fs::remove_file(folder.path("magnetiq.toml")).unwrap();
    let mut environment = BTreeMap::new();
    for (name, value) in variables {
        let value = match value.strip_prefix(secrets_folder).map(|file| file.trim_start_matches('/').to_owned()) {
            Some(file) => {
                fs::write(folder.path(&file), "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15a0b1c2d3e4f5061728394a5b\n").unwrap();
                folder.path(&file).display().to_string()
            }
            // Programs make the folders that they miss, on this machine not there.
            None => value.replace("/var/lib/magnetiq", &folder.path("lib").display().to_string()),
        };
        environment.insert(name, value);
    }
    assert!(environment.keys().filter(|name| name.ends_with("_FILE")).count() >= 5, "{environment:?}");
    let output = folder.command(&["config", "--json"]).envs(&environment).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let value = |key: &str| shown.as_array().unwrap().iter().find(|entry| entry["key"] == key).map(|entry| entry["value"].clone());
    assert_eq!(value("server.public_url").unwrap(), "https://www.example.org");
    assert_eq!(value("backup.schedule").unwrap(), "30 3 * * *");
    // The other two read the same; without a network, which is why healthd is asked for something that only another healthd knows.
    let programs = [(api_server(), &["config"][..]), (backupd(), &["list"]), (healthd(), &["maintenance", "list"])];
    for (program, arguments) in programs {
        let said = |more: &[(&str, &str)]| {
            let output = folder.command_of(program, arguments).envs(&environment).envs(more.iter().copied()).output().unwrap();
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(!said(&[]).contains("in the settings"), "{}", said(&[]));
        let unknown = said(&[("MAGNETIQ__SERVER__HOSTT", "::1")]);
        assert!(unknown.contains("one problem in the settings"), "{arguments:?} takes what it doesn't know: {unknown}");
    }
}

#[test]
fn a_config_map_and_its_secret_are_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let maps: Vec<Value> = serde_saphyr::from_multiple(files.get("k8s/configmap.yaml").unwrap()).unwrap();
    let data = maps[0]["data"].as_object().unwrap();
    let variables = data.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    check(variables, "/run/secrets/magnetiq");
    let secret: Vec<Value> = serde_saphyr::from_multiple(files.get("k8s/secrets.yaml").unwrap()).unwrap();
    let keys: Vec<&str> = secret[0]["spec"]["data"].as_array().unwrap().iter().map(|entry| entry["secretKey"].as_str().unwrap()).collect();
    for (_, path) in data.iter().filter(|(name, _)| name.ends_with("_FILE")) {
        let key = path.as_str().unwrap().rsplit('/').next().unwrap();
        assert!(keys.contains(&key), "{key} is a secret that is fetched");
    }
}

#[test]
fn the_environment_of_compose_is_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let tree: Vec<Value> = serde_saphyr::from_multiple(files.get("compose/compose.yaml").unwrap()).unwrap();
    let environment = tree[0]["x-environment"].as_object().unwrap();
    check(environment.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(), "/run/secrets");
}

#[test]
fn the_environment_of_units_is_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let lines = files.get("systemd/magnetiq.env").unwrap().lines().filter(|line| !line.starts_with('#'));
    let mut variables: BTreeMap<String, String> = lines
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    let unit = files.get("systemd/system/magnetiq-server.service").unwrap();
    let secrets = unit.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
    variables.extend(secrets.map(|(name, path)| (name.to_owned(), path.replace("%d", "/credentials"))));
    check(variables, "/credentials");
}
