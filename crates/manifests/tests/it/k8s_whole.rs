//! The folder as a whole: K01 to K13, K42 to K45, K58 to K61.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::objects::Fault::{Add, Drop, Remove, Set};
use crate::objects::{Objects, check, documents, list, texts};
use crate::scenarios::{ALL, EXAMPLE, rendered};

/// Kinds of the whole cluster, and those of Longhorn, which looks for them in its own namespace.
const ELSEWHERE: [&str; 4] = ["Namespace", "StorageClass", "ClusterIssuer", "RecurringJob"];

const KINDS: [&str; 21] = [
    "Certificate",
    "ClusterIssuer",
    "ConfigMap",
    "Deployment",
    "ExternalSecret",
    "HTTPRoute",
    "Ingress",
    "LimitRange",
    "Namespace",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "RecurringJob",
    "ReferenceGrant",
    "ResourceQuota",
    "SealedSecret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "SopsSecret",
    "StorageClass",
];

#[test]
fn k01_the_files_of_the_specification() {
    for (name, text) in ALL {
        let files = rendered(text);
        for path in [
            "namespace.yaml",
            "configmap.yaml",
            "secrets.yaml",
            "backend/deployment.yaml",
            "backend/service.yaml",
            "backend/pvc.yaml",
            "frontend/deployment.yaml",
            "frontend/service.yaml",
            "ingress.yaml",
            "storage.yaml",
        ] {
            assert!(files.get(&format!("k8s/{path}")).is_some(), "{name}: {path}");
        }
        let listed = documents("kustomization.yaml", files.get("k8s/kustomization.yaml").unwrap());
        let listed: BTreeSet<&str> = texts(&listed[0]["resources"]).into_iter().collect();
        let there: BTreeSet<&str> =
            files.iter().filter_map(|(path, _)| path.strip_prefix("k8s/")).filter(|path| *path != "kustomization.yaml").collect();
        assert_eq!(listed, there, "{name}");
    }
}

#[test]
fn k02_no_key_is_given_twice() {
    assert!(serde_saphyr::from_multiple::<Value>("a: 1\na: 2\n").is_err(), "the reader of these tests tells");
    for (_, text) in ALL {
        let files = rendered(text);
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
            documents(path, text);
        }
    }
}

#[test]
fn k03_k04_k05_each_object_is_there_once_in_its_namespace() {
    let judge = |objects: &Objects| {
        let namespace = objects.of_kind("Namespace").next().map(|it| it["metadata"]["name"].clone());
        let names: BTreeSet<String> = objects.0.iter().map(|it| format!("{}/{}", it["kind"], it["metadata"]["name"])).collect();
        names.len() == objects.0.len()
            && objects.0.iter().all(|object| {
                let kind = object["kind"].as_str().unwrap_or_default();
                let version = object["apiVersion"].as_str().unwrap_or_default();
                // They have no other, or, as the grant, not in all clusters that are in use.
                let stable = !version.contains("alpha") && !version.contains("beta")
                    || ["RecurringJob", "ReferenceGrant", "SealedSecret", "SopsSecret"].contains(&kind);
                let placed = ELSEWHERE.contains(&kind) || Some(&object["metadata"]["namespace"]) == namespace.as_ref();
                stable && placed && KINDS.contains(&kind)
            })
    };
    check(
        "k8s/",
        judge,
        &[
            Remove("Deployment", "backend", "/metadata/namespace"),
            Set("Deployment", "backend", "/apiVersion", json!("apps/v1beta1")),
            Set("Deployment", "frontend", "/metadata/name", json!("backend")),
            Add(json!({ "kind": "Deploiment", "apiVersion": "v1", "metadata": { "name": "x", "namespace": "magnetiq" } })),
        ],
    );
}

#[test]
fn k06_labels_say_what_it_is() {
    let judge = |objects: &Objects| {
        objects.0.iter().all(|object| {
            ["name", "instance", "component", "version", "part-of", "managed-by"]
                .iter()
                .all(|label| object["metadata"]["labels"][format!("app.kubernetes.io/{label}")].is_string())
        })
    };
    check("k8s/", judge, &[Remove("Service", "backend", "/metadata/labels/app.kubernetes.io~1component")]);
}

fn selects(selector: &Value, labels: &Value) -> bool {
    selector.as_object().is_some_and(|selector| !selector.is_empty() && selector.iter().all(|(key, value)| &labels[key] == value))
}

#[test]
fn k07_k08_a_service_leads_to_one_workload_and_a_port_of_it() {
    let judge = |objects: &Objects| {
        objects.of_kind("Service").all(|service| {
            let leads = objects
                .of_kind("Deployment")
                .filter(|it| selects(&service["spec"]["selector"], &it["spec"]["template"]["metadata"]["labels"]))
                .collect::<Vec<_>>();
            let [workload] = leads[..] else { return false };
            let pod = &workload["spec"]["template"]["spec"];
            let named = |port: &Value| {
                // By its name, no cluster before 1.33 finds a port of an init container.
                let by_name =
                    list(&pod["containers"]).iter().flat_map(|it| list(&it["ports"])).filter(|it| it["name"] == port["targetPort"]);
                let by_number = list(&pod["initContainers"]).iter().flat_map(|it| list(&it["ports"]));
                let by_number = by_number.filter(|it| it["containerPort"] == port["targetPort"]);
                let found: Vec<_> = by_name.chain(by_number).collect();
                found.len() == 1 && found[0]["containerPort"] == port["port"]
            };
            workload["metadata"]["name"] == service["metadata"]["name"] && list(&service["spec"]["ports"]).iter().all(named)
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Service", "backend", "/spec/ports/0/targetPort", json!("web")),
            Set("Service", "backend", "/spec/ports/0/port", json!(80)),
            Set("Service", "backend", "/spec/ports/1/targetPort", json!("backup")),
            Set("Service", "frontend", "/spec/selector/app.kubernetes.io~1component", json!("backend")),
        ],
    );
}

#[test]
fn k09_requests_reach_a_service() {
    let judge = |objects: &Objects| {
        let leads = |name: &Value, by: &str, port: &Value| {
            let service = objects.of_kind("Service").find(|service| &service["metadata"]["name"] == name);
            service.is_some_and(|service| list(&service["spec"]["ports"]).iter().any(|known| &known[by] == port))
        };
        let ingress = objects.of_kind("Ingress").flat_map(|it| list(&it["spec"]["rules"])).flat_map(|rule| list(&rule["http"]["paths"]));
        let ingress: Vec<bool> =
            ingress.map(|path| leads(&path["backend"]["service"]["name"], "name", &path["backend"]["service"]["port"]["name"])).collect();
        let routes = objects.of_kind("HTTPRoute").flat_map(|it| list(&it["spec"]["rules"])).flat_map(|rule| list(&rule["backendRefs"]));
        let routes: Vec<bool> = routes.map(|to| leads(&to["name"], "port", &to["port"])).collect();
        ingress.is_empty() != routes.is_empty() && ingress.iter().chain(&routes).all(|it| *it)
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Ingress", "site", "/spec/rules/0/http/paths/0/backend/service/name", json!("api")),
            Set("HTTPRoute", "site", "/spec/rules/0/backendRefs/0/port", json!(80)),
            Drop("Service", "frontend"),
        ],
    );
}

#[test]
fn k10_k13_what_is_named_is_there() {
    let judge = |objects: &Objects| {
        let has = |kind: &str, name: &Value| objects.of_kind(kind).any(|object| &object["metadata"]["name"] == name);
        let secrets = ["ExternalSecret", "SealedSecret", "SopsSecret"];
        let is_secret = |name: &Value| secrets.iter().any(|kind| has(kind, name));
        let volumes = objects.pods().flat_map(|pod| list(&pod["volumes"])).all(|volume| {
            let claim = &volume["persistentVolumeClaim"]["claimName"];
            let (secret, map) = (&volume["secret"]["secretName"], &volume["configMap"]["name"]);
            (claim.is_null() || has("PersistentVolumeClaim", claim))
                && (secret.is_null() || is_secret(secret))
                && (map.is_null() || has("ConfigMap", map))
        });
        let environment =
            objects.containers().flat_map(|it| list(&it["envFrom"])).all(|from| has("ConfigMap", &from["configMapRef"]["name"]));
        let mounts = objects.pods().all(|pod| {
            let names: Vec<&Value> = list(&pod["volumes"]).iter().map(|volume| &volume["name"]).collect();
            let containers = list(&pod["containers"]).iter().chain(list(&pod["initContainers"]));
            containers.flat_map(|it| list(&it["volumeMounts"])).all(|mount| names.contains(&&mount["name"]))
        });
        let classes = objects.of_kind("PersistentVolumeClaim").all(|claim| has("StorageClass", &claim["spec"]["storageClassName"]));
        let monitored = objects
            .of_kind("ServiceMonitor")
            .flat_map(|it| list(&it["spec"]["endpoints"]))
            .all(|it| is_secret(&it["authorization"]["credentials"]["name"]));
        volumes && environment && mounts && classes && monitored
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/containers/0/envFrom/0/configMapRef/name", json!("settings")),
            Set("PersistentVolumeClaim", "media", "/spec/storageClassName", json!("longhorn")),
            Drop("PersistentVolumeClaim", "backups"),
            Set("Deployment", "frontend", "/spec/template/spec/containers/0/volumeMounts/0/name", json!("conf")),
            Drop("ExternalSecret", "site-secrets"),
            Drop("SealedSecret", "site-secrets"),
        ],
    );
}

#[test]
fn k12_probes_ask_ports_that_are_there() {
    let judge = |objects: &Objects| {
        objects.containers().all(|container| {
            let names: Vec<&Value> = list(&container["ports"]).iter().map(|port| &port["name"]).collect();
            ["startupProbe", "livenessProbe", "readinessProbe"].iter().all(|probe| {
                let probe = &container[*probe];
                let port = probe.pointer("/httpGet/port").or_else(|| probe.pointer("/tcpSocket/port"));
                port.is_none_or(|port| names.contains(&port))
            })
        })
    };
    check("k8s/", judge, &[Set("Deployment", "backend", "/spec/template/spec/containers/0/readinessProbe/httpGet/port", json!("web"))]);
}

#[test]
fn k42_k43_k44_no_secret_is_in_the_clear() {
    let judge = |objects: &Objects| {
        let words = ["SECRET", "TOKEN", "PASSWORD", "ACCESS_KEY"];
        let clear = |data: &Value| {
            data.as_object().is_some_and(|data| {
                data.keys()
                    .any(|key| words.iter().any(|word| key.contains(word)) && !key.ends_with("_FILE") && !key.ends_with("ACCESS_KEY_ID"))
            })
        };
        // Where a secret lies is none.
        let is_path = |it: &Value| {
            it["name"].as_str().is_some_and(|name| name.ends_with("_FILE"))
                && it["value"].as_str().is_some_and(|path| path.starts_with('/'))
        };
        objects.of_kind("Secret").count() == 0
            && objects.of_kind("ConfigMap").all(|map| !clear(&map["data"]))
            && objects.containers().flat_map(|container| list(&container["env"])).all(is_path)
    };
    let env = json!([{ "name": "SECRET_KEY", "value": "x" }]);
    check(
        "k8s/",
        judge,
        &[
            Add(json!({ "kind": "Secret", "metadata": { "name": "x" } })),
            Set("ConfigMap", "settings", "/data/MAGNETIQ__HEALTH__TOKEN", json!("x")),
            Set("Deployment", "backend", "/spec/template/spec/containers/0/env", env),
        ],
    );
}

#[test]
fn k45_another_content_is_another_name() {
    let name = |text: &str, prefix: &str| {
        let objects = Objects::of(text, "k8s/");
        let names: Vec<String> =
            objects.of_kind("ConfigMap").filter_map(|map| map["metadata"]["name"].as_str().map(str::to_owned)).collect();
        names.into_iter().find(|name| name.starts_with(prefix)).unwrap()
    };
    let other = EXAMPLE.replace("30 3 * * *", "31 3 * * *");
    assert_ne!(name(EXAMPLE, "settings-"), name(&other, "settings-"));
    assert_eq!(name(EXAMPLE, "frontend-"), name(&other, "frontend-"));
    let judge = |objects: &Objects| objects.of_kind("ConfigMap").all(|map| map["immutable"] == true);
    check("k8s/", judge, &[Set("ConfigMap", "settings", "/immutable", json!(false))]);
}

#[test]
fn k58_to_k61_volumes_outlive_mistakes() {
    let judge = |objects: &Objects| {
        let Some(class) = objects.of_kind("StorageClass").next() else { return false };
        let jobs: Vec<&Value> = objects.of_kind("RecurringJob").collect();
        let selector = class["parameters"]["recurringJobSelector"].as_str().unwrap_or_default();
        let selected: Vec<Value> = serde_json::from_str(selector).unwrap_or_default();
        let tasks: BTreeSet<&str> = jobs.iter().filter_map(|job| job["spec"]["task"].as_str()).collect();
        class["reclaimPolicy"] == "Retain"
            && class["allowVolumeExpansion"] == true
            && class["parameters"]["numberOfReplicas"]
                .as_str()
                .and_then(|text| text.parse::<u32>().ok())
                .is_some_and(|replicas| replicas >= 2)
            && tasks == BTreeSet::from(["backup", "snapshot"])
            && jobs.iter().all(|job| {
                job["metadata"]["namespace"] == "longhorn-system"
                    && job["spec"]["cron"].as_str().is_some_and(|cron| cron.split(' ').count() == 5)
                    && job["spec"]["retain"].as_u64().is_some_and(|retain| retain > 0)
                    && job["spec"]["name"] == job["metadata"]["name"]
                    && selected.iter().any(|selected| selected["name"] == job["metadata"]["name"])
            })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("StorageClass", "magnetiq", "/reclaimPolicy", json!("Delete")),
            Set("StorageClass", "magnetiq", "/parameters/recurringJobSelector", json!("[]")),
            Set("RecurringJob", "magnetiq", "/spec/retain", json!(0)),
            Set("RecurringJob", "magnetiq", "/metadata/namespace", json!("magnetiq")),
        ],
    );
}
