//! One machine with Docker: C01 to C27, D01 to D05.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::objects::{documents, list, texts};
use crate::scenarios::{ALL, rendered};
use crate::secrets;

const ONE_SHOT: &str = "migrate";

/// The services, with what they take over from others.
fn compose(scenario: &str, folder: &str) -> Value {
    let files = rendered(scenario);
    let text = files.get(&format!("{folder}/compose.yaml")).unwrap();
    let mut tree = documents("compose.yaml", text).remove(0);
    for service in tree["services"].as_object_mut().unwrap().values_mut() {
        take_over(service);
        take_over(&mut service["environment"]);
    }
    tree
}

fn take_over(own: &mut Value) {
    let Some(own) = own.as_object_mut() else { return };
    let Some(Value::Object(taken)) = own.remove("<<") else { return };
    for (key, value) in taken {
        own.entry(key).or_insert(value);
    }
}

fn services(tree: &Value) -> impl Iterator<Item = (&str, &Value)> {
    tree["services"].as_object().into_iter().flatten().map(|(name, service)| (name.as_str(), service))
}

/// What holds for the whole file, and no longer after a value was changed: pointer and value.
fn check(judge: impl Fn(&Value) -> bool, faults: &[(&str, Value)]) {
    for (name, text) in ALL {
        assert!(judge(&compose(text, "compose")), "{name}");
        for (pointer, value) in faults {
            let mut tree = compose(text, "compose");
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            match tree.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
                Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
                parent => parent[key] = value.clone(),
            }
            assert!(!judge(&tree), "{name}: {pointer} = {value} is not seen");
        }
    }
}

fn each(judge: impl Fn(&Value) -> bool) -> impl Fn(&Value) -> bool {
    move |tree| services(tree).count() == 7 && services(tree).all(|(_, service)| judge(service))
}

#[test]
fn c03_c13_c27_names_and_images() {
    let judge = |tree: &Value| {
        let tagged = |image: &str| image.rsplit('/').next().is_some_and(|last| last.contains(':')) && !image.contains(":latest");
        tree["name"].is_string() && tree["version"].is_null() && services(tree).all(|(_, it)| it["image"].as_str().is_some_and(tagged))
    };
    check(judge, &[("/version", json!("3")), ("/services/proxy/image", json!("nginx")), ("/services/proxy/image", json!("nginx:latest"))]);
}

#[test]
fn c04_c05_c16_c17_it_comes_back_and_waits_for_what_it_needs() {
    let judge = |tree: &Value| {
        let lives = services(tree).filter(|(name, _)| *name != ONE_SHOT).all(|(_, it)| {
            it["restart"] == "unless-stopped" && it["healthcheck"]["test"][0] == "CMD" && it["healthcheck"]["start_period"].is_string()
        });
        let needs = |name: &str, other: &str, condition: &str| tree["services"][name]["depends_on"][other]["condition"] == condition;
        lives
            && tree["services"][ONE_SHOT]["restart"] == "no"
            && needs("backend", ONE_SHOT, "service_completed_successfully")
            && needs("frontend", "backend", "service_healthy")
            && needs("proxy", "backend", "service_healthy")
            && needs("proxy", "frontend", "service_healthy")
            && needs("backupd", "backend", "service_healthy")
            && needs("healthd", "proxy", "service_healthy")
    };
    check(
        judge,
        &[
            ("/services/backend/restart", json!("no")),
            ("/services/backupd/healthcheck", Value::Null),
            ("/services/proxy/depends_on/backend/condition", json!("service_started")),
        ],
    );
}

fn number(value: &Value, unit: &str) -> f64 {
    value.as_str().and_then(|text| text.strip_suffix(unit)?.parse().ok()).unwrap_or(0.0)
}

#[test]
fn c06_c07_limits_fit_a_machine_with_2_gb() {
    let judge = |tree: &Value| {
        let limited = services(tree).all(|(_, it)| {
            number(&it["mem_limit"], "m") > 0.0
                && number(&it["cpus"], "") > 0.0
                && it["pids_limit"].as_u64().is_some()
                && it["ulimits"]["nofile"]["hard"].is_u64()
        });
        let memory_mib: f64 = services(tree).filter(|(name, _)| *name != ONE_SHOT).map(|(_, it)| number(&it["mem_limit"], "m")).sum();
        limited && memory_mib <= 1800.0
    };
    check(
        judge,
        &[
            ("/services/backend/mem_limit", json!("2000m")),
            ("/services/backend/pids_limit", Value::Null),
            ("/services/proxy/ulimits", Value::Null),
        ],
    );
}

#[test]
fn c08_to_c12_c24_c26_hardened() {
    let judge = each(|it| {
        it["logging"]["options"]["max-size"].is_string()
            && it["logging"]["options"]["max-file"].is_string()
            && texts(&it["security_opt"]) == ["no-new-privileges:true"]
            && texts(&it["cap_drop"]) == ["ALL"]
            && it["cap_add"].is_null()
            && it["read_only"] == true
            && matches!(texts(&it["tmpfs"])[..], [scratch, ..] if scratch.starts_with("/tmp:"))
            && texts(&it["tmpfs"]).iter().all(|folder| folder.contains(",size="))
            && it["privileged"].is_null()
            && it["init"] == true
            && it["user"].as_str().is_some_and(|user| !user.starts_with("0"))
            && number(&it["stop_grace_period"], "s") >= 30.0
            && list(&it["volumes"]).iter().all(|mount| !mount["source"].as_str().unwrap_or_default().contains("docker.sock"))
    });
    check(
        judge,
        &[
            ("/services/backend/read_only", json!(false)),
            ("/services/backend/tmpfs", json!(["/tmp:rw", "noexec", "size=64m"])),
            ("/services/backend/cap_add", json!(["NET_BIND_SERVICE"])),
            ("/services/proxy/privileged", json!(true)),
            ("/services/certbot/logging", Value::Null),
            ("/services/backend/stop_grace_period", json!("10s")),
            ("/services/backend/volumes/0", json!({ "source": "/var/run/docker.sock" })),
        ],
    );
}

#[test]
fn c14_c15_only_the_proxy_is_reached() {
    let judge = |tree: &Value| {
        let open: Vec<&str> = services(tree).filter(|(_, it)| !list(&it["ports"]).is_empty()).map(|(name, _)| name).collect();
        // By IPv6 Docker would show one client for everybody.
        let by_ipv4 = list(&tree["services"]["proxy"]["ports"]).iter().all(|port| port["host_ip"] == "0.0.0.0");
        let published: Vec<&Value> = list(&tree["services"]["proxy"]["ports"]).iter().map(|port| &port["published"]).collect();
        open == ["proxy"]
            && published == ["80", "443"]
            && by_ipv4
            && tree["networks"]["site"]["driver"] == "bridge"
            && services(tree).all(|(_, it)| texts(&it["networks"]) == ["site"] && it["network_mode"].is_null())
    };
    check(
        judge,
        &[
            ("/services/backend/ports", json!([{ "target": 3036, "published": "3036" }])),
            ("/services/proxy/network_mode", json!("host")),
            ("/services/proxy/ports/0/host_ip", Value::Null),
        ],
    );
}

#[test]
fn c18_c19_c25_data_in_volumes_configuration_read_only() {
    let judge = |tree: &Value| {
        let known = |mount: &Value| tree["volumes"].get(mount["source"].as_str().unwrap_or_default()).is_some();
        let right = |mount: &Value| match mount["type"].as_str() {
            Some("volume") => known(mount),
            Some("bind") => mount["read_only"] == true && mount["bind"]["create_host_path"] == false,
            _ => false,
        };
        let writes = |it: &Value| list(&it["volumes"]).iter().any(|mount| mount["source"] == "database" && mount["read_only"].is_null());
        let writers: Vec<&str> = services(tree).filter(|(_, it)| writes(it)).map(|(name, _)| name).collect();
        let scaled = services(tree).any(|(_, it)| it["deploy"].is_object() || it["scale"].is_u64());
        // They share the volume as the same user: the schema before, the backups beside. Only one serves.
        services(tree).flat_map(|(_, it)| list(&it["volumes"])).all(right) && writers == ["backend", "backupd", "migrate"] && !scaled
    };
    check(
        judge,
        &[
            ("/services/backend/scale", json!(2)),
            ("/services/healthd/volumes/1", json!({ "type": "volume", "source": "database" })),
            ("/services/backend/volumes/0/source", json!("./data")),
            ("/services/proxy/volumes/0/read_only", json!(false)),
        ],
    );
}

#[test]
fn c20_secrets_are_files() {
    let judge = |tree: &Value| {
        let words = ["SECRET", "TOKEN", "PASSWORD"];
        let in_clear = |it: &Value| {
            it["environment"]
                .as_object()
                .is_some_and(|it| it.keys().any(|key| words.iter().any(|word| key.contains(word)) && !key.ends_with("_FILE")))
        };
        let declared = |it: &Value| texts(&it["secrets"]).iter().all(|name| tree["secrets"][*name]["file"].is_string());
        services(tree).all(|(_, it)| !in_clear(it) && declared(it))
    };
    check(judge, &[("/services/backend/environment/MAGNETIQ__HEALTH__TOKEN", json!("x")), ("/secrets/auth-secret-key/file", Value::Null)]);
}

#[test]
fn each_container_has_the_secrets_of_its_program() {
    let judge = |tree: &Value| {
        let runs = |it: &Value| it["environment"]["MAGNETIQ__PROFILE"].is_string();
        let named = |it: &Value| secrets::named(it["environment"].as_object().into_iter().flatten(), "/run/secrets/");
        let all = services(tree).flat_map(|(_, it)| named(it)).collect();
        services(tree).filter(|(_, it)| runs(it)).count() == 4
            && services(tree).all(|(_, it)| {
                let program = it["entrypoint"][0].as_str().unwrap_or("/usr/local/bin/api-server");
                let mounted: BTreeSet<&str> = texts(&it["secrets"]).into_iter().collect();
                if runs(it) { secrets::are_those_of(program, &all, &named(it), &mounted) } else { mounted.is_empty() }
            })
    };
    check(
        judge,
        &[
            ("/services/backend/secrets", json!(["auth-secret-key"])),
            ("/services/backupd/secrets/0", json!("auth-secret-key")),
            ("/services/healthd/environment/MAGNETIQ__AUTH__SECRET_KEY_FILE", json!("/run/secrets/auth-secret-key")),
            ("/services/proxy/secrets", json!(["health-token"])),
            ("/services/migrate/entrypoint", json!(["/usr/local/bin/healthd"])),
        ],
    );
}

#[test]
fn c21_c22_c23_certificates_and_backups_run_by_themselves() {
    for (name, text) in ALL {
        let files = rendered(text);
        let certbot = files.get("compose/certbot.sh").unwrap();
        assert!(certbot.contains("pause=43200"), "{name}: every 12 hours");
        assert!(certbot.contains("&& is_right \"$new\""), "{name}: looked at before it is put in place");
        let reads_before = |text: &str| text.contains("if [ \"$now\" != \"$seen\" ] && nginx -t -q");
        assert!(
            files.iter().any(|(path, text)| path.starts_with("docker/proxy/") && reads_before(text)),
            "{name}: read before it is taken up"
        );
        assert_eq!(compose(text, "compose")["services"]["backupd"]["command"], json!(["run"]), "{name}");
    }
}

#[test]
fn d01_to_d05_while_one_works_on_it() {
    for (name, text) in ALL {
        let tree = compose(text, "compose-dev");
        for (service, it) in services(&tree) {
            assert!(list(&it["ports"]).iter().all(|port| port["host_ip"] == "127.0.0.1"), "{name}: {service} is for this machine");
            assert_eq!(it["build"]["target"], "development", "{name}: {service}");
            let sources = list(&it["volumes"]).iter().any(|mount| mount["type"] == "bind" && mount["target"] == "/src");
            let caches = list(&it["volumes"]).iter().any(|mount| mount["type"] == "volume");
            assert!(sources && caches, "{name}: {service} has the sources, and what it builds in a volume");
        }
        assert_eq!(services(&tree).count(), 2, "{name}: no proxy, no TLS");
        assert_eq!(tree["services"]["backend"]["environment"]["MAGNETIQ__PROFILE"], "development", "{name}");
    }
}
