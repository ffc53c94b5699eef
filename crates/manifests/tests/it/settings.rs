//! What `[settings]` changes of what is rendered besides the settings themselves: ports, and where backups go.

use magnetiq_manifests::{Files, Target, render};
use serde_json::{Value, json};

use crate::objects::{Objects, documents, list};
use crate::scenarios::{OTHER, SMALLEST, deployment, rendered};

const PORTS: &str = "[settings]\nserver.port = 4036\nhealthd.port = 4037\nbackup.port = 4038\n";

/// Nothing has a port that it had without them, but the page.
#[test]
fn ports_are_those_of_the_settings_everywhere() {
    let site = format!("{SMALLEST}{PORTS}");
    let files = rendered(&site);
    for target in [Target::K8s, Target::Compose, Target::Docker, Target::Systemd, Target::Nginx] {
        let below = format!("{}/", target.name());
        for (path, text) in files.iter().filter(|(path, _)| path.starts_with(&below)) {
            for port in ["3036", "3037", "3038"] {
                assert!(!text.contains(&format!(":{port}")) && !text.contains(&format!(" {port}")), "{path} has {port}:\n{text}");
            }
        }
    }
    let objects = Objects::of(&site, "k8s/");
    let ports = |kind: &str, name: &str, pointer: &str| -> Vec<Value> {
        list(objects.get(kind, name).unwrap().pointer(pointer).unwrap()).iter().map(|port| port["port"].clone()).collect()
    };
    assert_eq!(ports("Service", "backend", "/spec/ports"), [json!(4036), json!(4038)]);
    assert_eq!(ports("Service", "healthd", "/spec/ports"), [json!(4037)]);
    assert_eq!(ports("NetworkPolicy", "backend", "/spec/ingress/1/ports"), [json!(4036), json!(4038)]);
    // Who asks how the backups are finds backupd, which is in the same pod or on the same machine, or a container of its own.
    for (path, url) in [
        ("k8s/configmap.yaml", "MAGNETIQ__BACKUP__URL: http://127.0.0.1:4038/"),
        ("systemd/magnetiq.env", "MAGNETIQ__BACKUP__URL=\"http://127.0.0.1:4038/\""),
        ("compose/compose.yaml", "MAGNETIQ__BACKUP__URL: http://backupd:4038/"),
        ("compose/compose.yaml", "http://127.0.0.1:4037/readyz"),
    ] {
        let text = files.get(path).unwrap();
        assert!(text.contains(url), "{path}: {url} is not in:\n{text}");
    }
}

#[test]
fn pods_reach_the_ports_of_what_they_are_told_of() {
    let more = "endpoint = \"https://minio.example.org:9000\"\nregion = \"x\"\n[settings.healthd.sites.other]\nurl = \"https://other.example.org:8443\"\n";
    let objects = Objects::of(&OTHER.replace("access_key_id = \"AKIA\"\n", &format!("access_key_id = \"AKIA\"\n{more}")), "k8s/");
    let out = |name: &str| -> Vec<u64> {
        let rules = list(&objects.get("NetworkPolicy", name).unwrap()["spec"]["egress"]);
        let public = rules.iter().filter(|rule| rule["to"][0]["ipBlock"].is_object()).flat_map(|rule| list(&rule["ports"]));
        public.filter_map(|port| port["port"].as_u64()).collect()
    };
    assert_eq!(out("backend"), [443, 9000]);
    assert_eq!(out("healthd"), [443, 8443]);
}

#[test]
fn folders_for_backups_are_those_of_the_machine() {
    let site =
        format!("{SMALLEST}[settings.backup.targets]\nusb.url = \"file:///mnt/usb/magnetiq\"\nold.url = \"file:///mnt/an%20old%20disk\"\n");
    let site = deployment(&site);
    let files = render(&site, &[Target::Compose, Target::Systemd], &Files::default()).unwrap();
    let lines = |name: &str| -> Vec<&str> {
        let unit = files.get(&format!("systemd/system/magnetiq-{name}.service")).unwrap();
        unit.lines().filter(|line| line.starts_with("ReadWritePaths=")).collect()
    };
    assert_eq!(lines("backup"), ["ReadWritePaths=\"-/mnt/an old disk\"", "ReadWritePaths=\"-/mnt/usb/magnetiq\""]);
    assert_eq!((lines("server"), lines("health")), (Vec::new(), Vec::new()));

    let tree = documents("compose.yaml", files.get("compose/compose.yaml").unwrap()).remove(0);
    let binds = |service: &str| -> Vec<Value> {
        let volumes = list(&tree["services"][service]["volumes"]).iter();
        volumes.filter(|it| it["type"] == "bind" && it["bind"]["create_host_path"] == true).map(|it| it["target"].clone()).collect()
    };
    assert_eq!(binds("backupd"), [json!("/mnt/an old disk"), json!("/mnt/usb/magnetiq")]);
    assert!(binds("backend").is_empty());

    let said = render(&site, &[Target::K8s], &Files::default()).unwrap_err().to_string();
    assert!(said.contains("settings.backup.targets.usb.url = file:///mnt/usb/magnetiq") && said.contains("a target is a bucket"), "{said}");
}
