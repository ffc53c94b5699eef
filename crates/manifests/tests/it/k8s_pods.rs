//! What pods may do and use: K23 to K37.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::objects::Fault::{Remove, Set};
use crate::objects::{Objects, check, list};
use crate::secrets;

#[test]
fn k23_k28_nothing_of_the_node() {
    let judge = |objects: &Objects| {
        objects.pods().all(|pod| {
            let shares = ["hostNetwork", "hostPID", "hostIPC"].iter().any(|key| pod[*key] == true);
            !shares && list(&pod["volumes"]).iter().all(|volume| volume["hostPath"].is_null())
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/hostNetwork", json!(true)),
            Set("Deployment", "backend", "/spec/template/spec/volumes/0", json!({ "name": "x", "hostPath": { "path": "/" } })),
        ],
    );
}

#[test]
fn k24_k25_k31_nobody_is_root() {
    let judge = |objects: &Objects| {
        objects.pods().all(|pod| {
            let context = &pod["securityContext"];
            context["runAsNonRoot"] == true
                && context["runAsUser"].as_u64().is_some_and(|user| user > 10_000)
                && context["seccompProfile"]["type"] == "RuntimeDefault"
                && context["fsGroup"] == context["runAsUser"]
                && context["fsGroupChangePolicy"] == "OnRootMismatch"
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "frontend", "/spec/template/spec/securityContext/runAsUser", json!(0)),
            Remove("Deployment", "backend", "/spec/template/spec/securityContext/seccompProfile"),
            Remove("Deployment", "backend", "/spec/template/spec/securityContext/fsGroupChangePolicy"),
        ],
    );
}

#[test]
fn k26_k27_containers_may_do_nothing() {
    let judge = |objects: &Objects| {
        objects.containers().all(|container| {
            let context = &container["securityContext"];
            context["allowPrivilegeEscalation"] == false
                && context["readOnlyRootFilesystem"] == true
                && context["capabilities"] == json!({ "drop": ["ALL"] })
                && context["privileged"].is_null()
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/initContainers/0/securityContext/readOnlyRootFilesystem", json!(false)),
            Set("Deployment", "backend", "/spec/template/spec/containers/0/securityContext/capabilities/add", json!(["NET_ADMIN"])),
        ],
    );
}

#[test]
fn k11_k29_an_account_of_its_own_without_a_token() {
    let judge = |objects: &Objects| {
        let accounts: Vec<&str> = objects.pods().filter_map(|pod| pod["serviceAccountName"].as_str()).collect();
        let one_each = accounts.iter().all(|name| accounts.iter().filter(|other| *other == name).count() == 1);
        one_each
            && accounts.len() == objects.pods().count()
            && accounts.iter().all(|name| objects.get("ServiceAccount", name).is_some_and(|it| it["automountServiceAccountToken"] == false))
            && objects.pods().all(|pod| pod["automountServiceAccountToken"] == false)
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/automountServiceAccountToken", json!(true)),
            Set("Deployment", "backend", "/spec/template/spec/serviceAccountName", json!("default")),
        ],
    );
}

#[test]
fn each_container_has_the_secrets_of_its_program() {
    let named = |container: &Value| {
        let variables = list(&container["env"]).iter().map(|it| (it["name"].as_str().unwrap().to_owned(), it["value"].clone()));
        let variables: Vec<(String, Value)> = variables.collect();
        secrets::named(variables.iter().map(|(name, value)| (name, value)), "/run/secrets/magnetiq/")
    };
    // The files of each volume with secrets that it has.
    let mounted = |pod: &Value, container: &Value| {
        let has = |volume: &Value| list(&container["volumeMounts"]).iter().any(|mount| mount["name"] == volume["name"]);
        let volumes: Vec<Value> = list(&pod["volumes"]).iter().filter(|it| it["secret"].is_object() && has(it)).cloned().collect();
        let items = volumes.iter().flat_map(|volume| list(&volume["secret"]["items"])).filter_map(|item| item["path"].as_str());
        (volumes.len(), items.map(str::to_owned).collect::<BTreeSet<_>>())
    };
    let judge = |objects: &Objects| {
        let all = objects.containers().flat_map(named).collect();
        let mut programs = 0;
        objects.pods().all(|pod| {
            list(&pod["initContainers"]).iter().chain(list(&pod["containers"])).all(|container| {
                let (volumes, files) = mounted(pod, container);
                let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
                match container["command"][0].as_str().filter(|_| container["envFrom"].is_array()) {
                    Some(path) => {
                        programs += 1;
                        volumes == 1 && secrets::are_those_of(path, &all, &named(container), &files)
                    }
                    None => volumes == 0 && named(container).is_empty(),
                }
            })
        }) && programs == 4
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/initContainers/1/volumeMounts/3/name", json!("secrets-api-server")),
            Set("Deployment", "backend", "/spec/template/spec/volumes/3/secret/items", json!([])),
            Remove("Deployment", "healthd", "/spec/template/spec/volumes/1/secret/items"),
            Set("Deployment", "healthd", "/spec/template/spec/containers/0/env", json!([])),
        ],
    );
}

#[test]
fn k30_the_namespace_demands_it() {
    let judge = |objects: &Objects| {
        objects.of_kind("Namespace").all(|namespace| namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted")
    };
    check("k8s/", judge, &[Set("Namespace", "magnetiq", "/metadata/labels/pod-security.kubernetes.io~1enforce", json!("baseline"))]);
}

#[test]
fn k32_k33_everything_has_a_limit() {
    let judge = |objects: &Objects| {
        let limited = objects.containers().all(|container| {
            let (requests, limits) = (&container["resources"]["requests"], &container["resources"]["limits"]);
            ["cpu", "memory", "ephemeral-storage"].iter().all(|name| requests[*name].is_string() && limits[*name].is_string())
        });
        let sized = |volume: &Value| volume["emptyDir"].is_null() || volume["emptyDir"]["sizeLimit"].is_string();
        limited && objects.pods().flat_map(|pod| list(&pod["volumes"])).all(sized)
    };
    check(
        "k8s/",
        judge,
        &[
            Remove("Deployment", "backend", "/spec/template/spec/containers/0/resources/limits/memory"),
            Remove("Deployment", "healthd", "/spec/template/spec/volumes/2/emptyDir/sizeLimit"),
        ],
    );
}

#[test]
fn k36_a_rollout_that_hangs_is_told() {
    let judge = |objects: &Objects| {
        objects
            .of_kind("Deployment")
            .all(|it| it["spec"]["progressDeadlineSeconds"].is_u64() && it["spec"]["revisionHistoryLimit"].is_u64())
    };
    check("k8s/", judge, &[Remove("Deployment", "backend", "/spec/progressDeadlineSeconds")]);
}

#[test]
fn k37_the_page_stays_while_it_changes() {
    let judge = |objects: &Objects| {
        let Some(frontend) = objects.get("Deployment", "frontend") else { return false };
        let spec = &frontend["spec"];
        spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
            && list(&spec["template"]["spec"]["topologySpreadConstraints"]).len() == 1
            && spec["replicas"].as_u64().is_some_and(|replicas| replicas >= 2)
            && objects.get("PodDisruptionBudget", "frontend").is_some()
            && spec["template"]["spec"]["containers"][0]["lifecycle"]["preStop"].is_object()
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "frontend", "/spec/strategy/rollingUpdate/maxUnavailable", json!(1)),
            Set("Deployment", "frontend", "/spec/replicas", json!(1)),
            crate::objects::Fault::Drop("PodDisruptionBudget", "frontend"),
        ],
    );
}

#[test]
fn k39_k40_images_are_named_by_what_they_are() {
    let judge = |objects: &Objects| {
        objects
            .containers()
            .all(|container| container["image"].as_str().is_some_and(|image| !image.contains(":latest") && image.contains("@sha256:")))
    };
    check("k8s/", judge, &[Set("Deployment", "backend", "/spec/template/spec/containers/0/image", json!("magnetiq-backend:2.0.0"))]);
}

#[test]
fn k41_a_pull_secret_is_used_by_all() {
    let judge = |objects: &Objects| {
        let names: Vec<Vec<&str>> = objects
            .pods()
            .map(|pod| list(&pod["imagePullSecrets"]).iter().filter_map(|secret| secret["name"].as_str()).collect())
            .collect();
        names.windows(2).all(|pair| pair[0] == pair[1])
    };
    check("k8s/", judge, &[Set("Deployment", "backend", "/spec/template/spec/imagePullSecrets", json!([{ "name": "other" }]))]);
}
