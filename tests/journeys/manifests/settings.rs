//! What is rendered for each place is taken by the real programs.

use std::collections::BTreeMap;
use std::fs;

use magnetiq_config::Program;
use magnetiq_tests::{Folder, api_server, backupd, healthd};
use serde_json::Value;

use super::{deployment, rendered};

const EXAMPLE: &str = include_str!("../../../docs/examples/deploy.toml");

type Variables = BTreeMap<String, String>;

/// Each program reads its own variables, with its secrets in files as they are named there.
fn check(variables: &dyn Fn(Program) -> Variables, secrets_folder: &str) {
    for (program, path, arguments) in [
        (Program::Server, api_server(), &["config", "--json"][..]),
        (Program::Backup, backupd(), &["list"]),
        // Without a network, which is why it is asked for something that only another healthd knows.
        (Program::Health, healthd(), &["maintenance", "list"]),
    ] {
        let folder = Folder::new();
        // The settings of the folder itself are not those of the place.
        fs::remove_file(folder.path("magnetiq.toml")).unwrap();
        let environment = on_this_machine(&folder, variables(program), secrets_folder);
        assert!(environment.keys().any(|name| name.ends_with("_FILE")), "{environment:?}");
        let run =
            |more: &[(&str, &str)]| folder.command_of(path, arguments).envs(&environment).envs(more.iter().copied()).output().unwrap();
        let done = run(&[]);
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!said.contains("in the settings"), "{program:?}: {said}");
        if program == Program::Server {
            let shown: Value = serde_json::from_slice(&done.stdout).unwrap();
            let value = |key: &str| shown.as_array().unwrap().iter().find(|entry| entry["key"] == key).map(|entry| entry["value"].clone());
            assert_eq!(value("server.public_url").unwrap(), "https://www.example.org");
            assert_eq!(value("backup.schedule").unwrap(), "30 3 * * *");
        }
        let unknown = String::from_utf8(run(&[("MAGNETIQ__SERVER__HOSTT", "::1")]).stderr).unwrap();
        assert!(unknown.contains("one problem in the settings"), "{program:?} takes what it doesn't know: {unknown}");
    }
}

fn on_this_machine(folder: &Folder, variables: Variables, secrets_folder: &str) -> Variables {
    let here = |value: String| match value.strip_prefix(secrets_folder).map(|file| file.trim_start_matches('/').to_owned()) {
        Some(file) => {
            fs::write(folder.path(&file), "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15a0b1c2d3e4f5061728394a5b\n").unwrap();
            folder.path(&file).display().to_string()
        }
        // Programs make the folders that they miss, on this machine not there.
        None => value.replace("/var/lib/magnetiq", &folder.path("lib").display().to_string()),
    };
    variables.into_iter().map(|(name, value)| (name, here(value))).collect()
}

#[test]
fn config_map_and_secrets_are_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let objects = |path: &str| -> Vec<Value> { serde_saphyr::from_multiple(files.get(path).unwrap()).unwrap() };
    let maps = objects("k8s/configmap.yaml");
    let deployments = [objects("k8s/backend/deployment.yaml"), objects("k8s/healthd/deployment.yaml")].concat();
    let containers: Vec<&Value> = deployments
        .iter()
        .map(|deployment| &deployment["spec"]["template"]["spec"])
        .flat_map(|pod| ["initContainers", "containers"].map(|kind| pod[kind].as_array().into_iter().flatten()))
        .flatten()
        .collect();
    let own = |program: Program| {
        let container = containers.iter().find(|container| container["name"] == program.name()).unwrap();
        container["env"].as_array().unwrap().iter().map(|it| (it["name"].as_str().unwrap(), it["value"].as_str().unwrap()))
    };
    let variables = |program: Program| {
        let shared = maps[0]["data"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        shared.chain(own(program)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    check(&variables, "/run/secrets/magnetiq");
    let secret = objects("k8s/secrets.yaml");
    let keys: Vec<&str> = secret[0]["spec"]["data"].as_array().unwrap().iter().map(|entry| entry["secretKey"].as_str().unwrap()).collect();
    for (_, path) in Program::ALL.into_iter().flat_map(own) {
        let key = path.rsplit('/').next().unwrap();
        assert!(keys.contains(&key), "{key} is a secret that is fetched");
    }
}

#[test]
fn the_environment_of_compose_is_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let tree: Vec<Value> = serde_saphyr::from_multiple(files.get("compose/compose.yaml").unwrap()).unwrap();
    let variables = |program| {
        let service = match program {
            Program::Server => "backend",
            Program::Backup => "backupd",
            Program::Health => "healthd",
        };
        let shared = tree[0]["x-environment"].as_object().unwrap();
        let own = tree[0]["services"][service]["environment"].as_object().unwrap().iter().filter(|(name, _)| *name != "<<");
        shared.iter().chain(own).map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    };
    check(&variables, "/run/secrets");
}

#[test]
fn the_environment_of_units_is_settings() {
    let files = rendered(&deployment(EXAMPLE, "1.30"));
    let lines = files.get("systemd/magnetiq.env").unwrap().lines().filter(|line| !line.starts_with('#'));
    let shared: Variables = lines
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    let variables = |program| {
        let unit = match program {
            Program::Server => "server",
            Program::Backup => "backup",
            Program::Health => "health",
        };
        let unit = files.get(&format!("systemd/system/magnetiq-{unit}.service")).unwrap();
        let own = unit.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
        shared.clone().into_iter().chain(own.map(|(name, path)| (name.to_owned(), path.replace("%d", "/credentials")))).collect()
    };
    check(&variables, "/credentials");
}
