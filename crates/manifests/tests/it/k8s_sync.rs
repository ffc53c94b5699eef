//! What Argo CD brings first, and finds again as it left it.

use serde_json::{Value, json};

use crate::objects::Fault::{Remove, Set};
use crate::objects::{Objects, check, list};

/// 0 where nothing is said, as Argo CD has it.
fn wave(object: &Value) -> i64 {
    object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str().map_or(0, |wave| wave.parse().unwrap())
}

/// A wave waits until the one before is healthy, and a claim without its class, or without room in the quota, never is.
#[test]
fn what_claims_need_comes_before_them() {
    let judge = |objects: &Objects| {
        objects.of_kind("PersistentVolumeClaim").all(|claim| {
            let class = objects.of_kind("StorageClass").find(|class| class["metadata"]["name"] == claim["spec"]["storageClassName"]);
            let needed = objects.of_kind("Namespace").chain(objects.of_kind("ResourceQuota")).chain(class);
            class.is_some() && needed.into_iter().all(|needed| wave(needed) < wave(claim))
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Remove("StorageClass", "magnetiq", "/metadata/annotations"),
            Remove("ResourceQuota", "site", "/metadata/annotations"),
            Set("PersistentVolumeClaim", "health", "/metadata/annotations/argocd.argoproj.io~1sync-wave", json!("-4")),
        ],
    );
}

fn gib(amount: &Value) -> u64 {
    amount.as_str().and_then(|text| text.strip_suffix("Gi")?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_claim_may_grow_and_have_a_successor_beside_it() {
    let judge = |objects: &Objects| {
        let claims: Vec<&Value> = objects.of_kind("PersistentVolumeClaim").collect();
        let storage_gib: u64 = claims.iter().map(|claim| gib(&claim["spec"]["resources"]["requests"]["storage"])).sum();
        objects.of_kind("ResourceQuota").all(|quota| {
            let hard = &quota["spec"]["hard"];
            let count: usize = hard["persistentvolumeclaims"].as_str().and_then(|count| count.parse().ok()).unwrap_or(0);
            count >= 2 * claims.len() && gib(&hard["requests.storage"]) >= 2 * storage_gib
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("ResourceQuota", "site", "/spec/hard/persistentvolumeclaims", json!("4")),
            Set("ResourceQuota", "site", "/spec/hard/requests.storage", json!("46Gi")),
        ],
    );
}

/// Fields that the cluster fills in differ for ever from what does not say them.
#[test]
fn nothing_is_left_to_be_filled_in() {
    let judge = |objects: &Objects| {
        let has = |object: &Value, keys: &[&str]| keys.iter().all(|key| !object[*key].is_null());
        let mut secrets = objects.of_kind("ExternalSecret").flat_map(|it| list(&it["spec"]["data"])).map(|it| &it["remoteRef"]);
        let mut routes = objects.of_kind("HTTPRoute");
        secrets.all(|it| has(it, &["conversionStrategy", "decodingStrategy", "metadataPolicy"]))
            && routes.all(|route| {
                let mut backends = list(&route["spec"]["rules"]).iter().flat_map(|rule| list(&rule["backendRefs"]));
                list(&route["spec"]["parentRefs"]).iter().all(|it| has(it, &["group", "kind"]))
                    && backends.all(|it| has(it, &["group", "kind", "weight"]))
            })
    };
    check(
        "k8s/",
        judge,
        &[
            Remove("ExternalSecret", "site-secrets", "/spec/data/0/remoteRef/metadataPolicy"),
            Remove("HTTPRoute", "site", "/spec/parentRefs/0/kind"),
            Remove("HTTPRoute", "site", "/spec/rules/0/backendRefs/0/weight"),
        ],
    );
}
