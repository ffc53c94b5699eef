//! One writer, whatever anybody does: K15 to K22, K35, K38.

use serde_json::{Value, json};

use crate::objects::Fault::{Add, Remove, Set};
use crate::objects::{Objects, check, list, texts};

const WRITERS: [&str; 2] = ["backend", "healthd"];

fn writers(objects: &Objects) -> impl Iterator<Item = &Value> {
    WRITERS.iter().filter_map(|name| objects.get("Deployment", name))
}

fn all_writers(objects: &Objects, judge: impl Fn(&Value) -> bool) -> bool {
    writers(objects).count() == WRITERS.len() && writers(objects).all(judge)
}

#[test]
fn k15_k16_one_pod_and_none_beside_it() {
    let judge = |objects: &Objects| {
        all_writers(objects, |writer| writer["spec"]["replicas"] == 1 && writer["spec"]["strategy"] == json!({ "type": "Recreate" }))
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/replicas", json!(2)),
            Set("Deployment", "healthd", "/spec/strategy", json!({ "type": "RollingUpdate" })),
        ],
    );
}

#[test]
fn k17_k20_a_volume_is_for_one_pod() {
    let judge = |objects: &Objects| {
        let modes_right = objects.of_kind("PersistentVolumeClaim").all(|claim| {
            let modes = texts(&claim["spec"]["accessModes"]);
            modes == ["ReadWriteOncePod"] || modes == ["ReadWriteOnce"]
        });
        let claims = |pod: &Value| -> Vec<String> {
            let volumes = list(&pod["volumes"]).iter();
            volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str().map(str::to_owned)).collect()
        };
        let mut used: Vec<String> = objects.pods().flat_map(claims).collect();
        used.sort_unstable();
        let once = used.windows(2).all(|pair| pair[0] != pair[1]);
        modes_right && once && used.len() == objects.of_kind("PersistentVolumeClaim").count()
    };
    check(
        "k8s/",
        judge,
        &[
            Set("PersistentVolumeClaim", "database", "/spec/accessModes", json!(["ReadWriteMany"])),
            Set("Deployment", "healthd", "/spec/template/spec/volumes/0/persistentVolumeClaim/claimName", json!("database")),
        ],
    );
}

#[test]
fn k18_k19_nothing_scales_it_and_nothing_holds_its_node() {
    let judge = |objects: &Objects| {
        let budgets = objects.of_kind("PodDisruptionBudget");
        let frontend = objects.get("Deployment", "frontend").map(|frontend| &frontend["spec"]["selector"]);
        objects.of_kind("HorizontalPodAutoscaler").count() == 0
            && budgets.into_iter().all(|budget| Some(&budget["spec"]["selector"]) == frontend && budget["spec"]["maxUnavailable"] == 1)
    };
    let autoscaler = json!({ "kind": "HorizontalPodAutoscaler", "metadata": { "name": "backend" } });
    let budget = json!({ "kind": "PodDisruptionBudget", "metadata": { "name": "x" }, "spec": { "minAvailable": 1 } });
    check("k8s/", judge, &[Add(autoscaler), Add(budget)]);
}

#[test]
fn k21_k38_it_has_time_to_end_and_is_told_at_once() {
    let judge = |objects: &Objects| {
        all_writers(objects, |writer| {
            let pod = &writer["spec"]["template"]["spec"];
            let hooks = list(&pod["containers"]).iter().any(|container| container["lifecycle"].is_object());
            pod["terminationGracePeriodSeconds"].as_u64().is_some_and(|seconds| seconds >= 30) && !hooks
        })
    };
    let hook = json!({ "preStop": { "sleep": { "seconds": 5 } } });
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/terminationGracePeriodSeconds", json!(10)),
            Set("Deployment", "backend", "/spec/template/spec/containers/0/lifecycle", hook),
        ],
    );
}

#[test]
fn k22_k34_k35_probes_ask_what_they_should() {
    let judge = |objects: &Objects| {
        let path = |container: &Value, probe: &str| container[probe]["httpGet"]["path"].as_str().map(str::to_owned);
        let right = |container: &Value| {
            let startup = &container["startupProbe"];
            let seconds = startup["periodSeconds"].as_u64().unwrap_or(10) * startup["failureThreshold"].as_u64().unwrap_or(3);
            seconds >= 60
                && path(container, "livenessProbe") != path(container, "readinessProbe")
                && container["livenessProbe"].is_object()
                && container["readinessProbe"].is_object()
        };
        let backend = objects.get("Deployment", "backend");
        let quick = backend.is_some_and(|backend| {
            let container = &backend["spec"]["template"]["spec"]["containers"][0];
            ["startupProbe", "readinessProbe"].iter().all(|probe| container[*probe]["periodSeconds"] == 1)
        });
        quick && objects.pods().flat_map(|pod| list(&pod["containers"])).all(right)
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Deployment", "backend", "/spec/template/spec/containers/0/startupProbe/failureThreshold", json!(30)),
            Set("Deployment", "backend", "/spec/template/spec/containers/0/livenessProbe/httpGet/path", json!("/readyz")),
            Set("Deployment", "backend", "/spec/template/spec/containers/0/readinessProbe/periodSeconds", json!(10)),
            Remove("Deployment", "frontend", "/spec/template/spec/containers/0/livenessProbe"),
        ],
    );
}

#[test]
fn backups_run_beside_the_server_and_the_schema_before_it() {
    let judge = |objects: &Objects| {
        let Some(backend) = objects.get("Deployment", "backend") else { return false };
        let before = list(&backend["spec"]["template"]["spec"]["initContainers"]);
        let [migrate, backupd] = before else { return false };
        let claims = |container: &Value| {
            texts(&json!(list(&container["volumeMounts"]).iter().map(|mount| &mount["name"]).collect::<Vec<_>>())).len()
        };
        migrate["args"] == json!(["migrate", "--json"])
            && migrate["restartPolicy"].is_null()
            && backupd["restartPolicy"] == "Always"
            && backupd["startupProbe"].is_object()
            && claims(migrate) == claims(backupd)
    };
    check("k8s/", judge, &[Remove("Deployment", "backend", "/spec/template/spec/initContainers/1/restartPolicy")]);
}
