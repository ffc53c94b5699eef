//! What follows a repository: K62 to K70, K72.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::objects::{Objects, list, texts};
use crate::scenarios::{ALL, EXAMPLE};

/// The options that Argo CD knows; it ignores all others in silence.
const OPTIONS: [&str; 4] = ["CreateNamespace=true", "ServerSideApply=true", "PruneLast=true", "FailOnSharedResource=true"];

/// What is rendered for Argo CD, judged, and judged again after `spoil`.
fn check(judge: impl Fn(&Objects) -> bool, spoil: &[fn(&mut Value)]) {
    let with_argocd: Vec<&str> = ALL.iter().map(|(_, text)| *text).filter(|text| text.contains("[argocd]")).collect();
    assert!(with_argocd.len() >= 2);
    for text in with_argocd {
        assert!(judge(&Objects::of(text, "argocd/")));
        for spoil in spoil {
            let mut objects = Objects::of(text, "argocd/");
            objects
                .0
                .iter_mut()
                .filter(|it| ["Application", "AppProject", "PersistentVolumeClaim"].contains(&it["kind"].as_str().unwrap_or_default()))
                .for_each(spoil);
            // What claims have is only in the second site's folder.
            if Objects::of(text, "argocd/").0 != objects.0 {
                assert!(!judge(&objects), "a fault is not seen");
            }
        }
    }
}

#[test]
fn k62_k63_k64_k66_what_the_repository_says_happens() {
    let judge = |objects: &Objects| {
        objects.of_kind("Application").all(|application| {
            let policy = &application["spec"]["syncPolicy"];
            let options = texts(&policy["syncOptions"]);
            policy["automated"] == json!({ "prune": true, "selfHeal": true, "allowEmpty": false })
                && options.contains(&"CreateNamespace=true")
                && options.contains(&"ServerSideApply=true")
                && options.iter().all(|option| OPTIONS.contains(option))
                && policy["retry"]["limit"].as_i64().is_some_and(|limit| limit > 0)
                && policy["retry"]["backoff"]["duration"].is_string()
                && application["spec"]["source"]["targetRevision"]
                    .as_str()
                    .is_some_and(|revision| !revision.is_empty() && revision != "HEAD")
                && application["metadata"]["finalizers"].is_null()
        })
    };
    check(
        judge,
        &[
            |it| it["spec"]["syncPolicy"]["automated"]["selfHeal"] = json!(false),
            |it| it["spec"]["syncPolicy"]["syncOptions"] = json!(["CreateNamespace=true", "ServerSideApply=true", "Prunelast=true"]),
            |it| it["spec"]["syncPolicy"]["retry"] = Value::Null,
            |it| it["spec"]["source"]["targetRevision"] = json!("HEAD"),
            |it| it["metadata"]["finalizers"] = json!(["resources-finalizer.argocd.argoproj.io"]),
        ],
    );
}

#[test]
fn k65_k68_k69_k70_k72_within_a_project_that_allows_it_and_no_more() {
    let kinds = |objects: &Objects| -> BTreeSet<(String, String)> {
        let group = |object: &Value| {
            object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or(String::new(), |(group, _)| group.to_owned())
        };
        let found = objects.0.iter().map(|object| (group(object), object["kind"].as_str().unwrap_or_default().to_owned()));
        found.collect()
    };
    let used: Vec<BTreeSet<(String, String)>> = ALL.iter().map(|(_, text)| kinds(&Objects::of(text, "k8s/"))).collect();
    let used: BTreeSet<_> = used.into_iter().flatten().collect();
    let judge = |objects: &Objects| {
        let projects: Vec<&Value> = objects.of_kind("AppProject").collect();
        let [project] = projects[..] else { return false };
        let listed = |key: &str| -> BTreeSet<(String, String)> {
            let pairs = list(&project["spec"][key])
                .iter()
                .map(|it| (it["group"].as_str().unwrap_or_default().to_owned(), it["kind"].as_str().unwrap_or_default().to_owned()));
            pairs.collect()
        };
        let allowed: BTreeSet<_> = listed("clusterResourceWhitelist").union(&listed("namespaceResourceWhitelist")).cloned().collect();
        let secret = |(_, kind): &&(String, String)| !["ExternalSecret", "SealedSecret", "SopsSecret"].contains(&kind.as_str());
        let destinations: Vec<&str> = list(&project["spec"]["destinations"]).iter().filter_map(|it| it["namespace"].as_str()).collect();
        let applications: Vec<&Value> = objects.of_kind("Application").collect();
        !applications.is_empty()
            && used.iter().filter(secret).all(|kind| allowed.contains(kind))
            && !allowed.iter().any(|(group, kind)| group == "*" || kind == "*" || kind == "Secret")
            && !texts(&project["spec"]["sourceRepos"]).contains(&"*")
            && !destinations.contains(&"*")
            && list(&project["spec"]["roles"]).len() >= 2
            && applications.iter().all(|it| {
                it["spec"]["project"] == project["metadata"]["name"]
                    && it["spec"]["project"] != "default"
                    && destinations.contains(&it["spec"]["destination"]["namespace"].as_str().unwrap_or_default())
                    && texts(&project["spec"]["sourceRepos"]).contains(&it["spec"]["source"]["repoURL"].as_str().unwrap_or_default())
            })
    };
    check(
        judge,
        &[
            |it| it["spec"]["project"] = json!("default"),
            |it| it["spec"]["sourceRepos"] = json!(["*"]),
            |it| it["spec"]["clusterResourceWhitelist"] = json!([]),
            |it| it["spec"]["destinations"] = json!([]),
            |it| it["spec"]["roles"] = json!([]),
        ],
    );
}

#[test]
fn k67_claims_are_neither_pruned_nor_deleted() {
    for folder in ["k8s/", "argocd/"] {
        let claims: Vec<Value> = Objects::of(EXAMPLE, folder).of_kind("PersistentVolumeClaim").cloned().collect();
        assert_eq!(claims.len(), 4, "{folder}");
        for claim in claims {
            assert_eq!(claim["metadata"]["annotations"]["argocd.argoproj.io/sync-options"], "Prune=false,Delete=false");
        }
    }
}

/// Each overlay is rendered where its application looks for it, and both sites share nothing in the cluster.
#[test]
fn two_sites_share_nothing() {
    let (production, staging) = (Objects::of(EXAMPLE, "k8s/"), Objects::of(EXAMPLE, "argocd/overlays/staging/k8s/"));
    let names = |objects: &Objects| -> BTreeSet<String> {
        let names = objects.0.iter().map(|it| format!("{}/{}/{}", it["kind"], it["metadata"]["namespace"], it["metadata"]["name"]));
        names.collect()
    };
    assert_eq!(names(&production).intersection(&names(&staging)).count(), 0);
    assert!(staging.of_kind("Ingress").any(|it| it["spec"]["rules"][0]["host"] == "staging.example.org"));
    let files = crate::scenarios::rendered(EXAMPLE);
    for application in Objects::of(EXAMPLE, "argocd/").of_kind("Application") {
        let path = application["spec"]["source"]["path"].as_str().unwrap();
        assert!(files.get(&format!("{path}/kustomization.yaml")).is_some(), "{path}");
    }
}
