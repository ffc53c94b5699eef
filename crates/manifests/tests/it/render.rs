//! What is refused when it is rendered, what is kept, and that the same comes out each time.

use magnetiq_manifests::{Deployment, Files, Sources, Target, Text, render};

use crate::scenarios::{ALL, EXAMPLE, OTHER, SMALLEST, deployment, lock, rendered};

fn problems(deployment: &Deployment, targets: &[Target], there: &Files) -> String {
    render(deployment, targets, there).map_or_else(|problems| problems.to_string(), |_| String::new())
}

#[test]
fn the_same_comes_out_each_time() {
    for (_, text) in ALL {
        let again = render(&deployment(text), &[Target::K8s, Target::Compose, Target::Systemd], &Files::default()).unwrap();
        assert!(again.iter().all(|(path, text_again)| rendered(text).get(path) == Some(text_again)) && !again.is_empty());
    }
}

#[test]
fn every_file_says_where_it_comes_from() {
    for (name, text) in ALL {
        for (path, text) in rendered(text).iter() {
            assert!(magnetiq_manifests::is_ours(text), "{name}: {path}");
            assert!(text.ends_with('\n') && !text.contains("@{") && !text.lines().any(|line| line.ends_with(' ')), "{name}: {path}");
        }
    }
}

#[test]
fn one_server_and_why() {
    let text = format!("{SMALLEST}[kubernetes]\nbackend_replicas = 2\n");
    let sources = Sources { deploy: Text { path: "deploy.toml", text: &text }, lock: None, given: &[] };
    let said = Deployment::read(&sources).unwrap_err().to_string();
    assert!(said.contains("SQLite has one writer") && said.contains("frontend_replicas") && said.contains("deploy.toml:4"), "{said}");
}

#[test]
fn volumes_grow() {
    let there = rendered(EXAMPLE);
    let smaller = deployment(&EXAMPLE.replace("[kubernetes]", "[kubernetes]\nstorage.media_gib = 10"));
    let said = problems(&smaller, &[Target::K8s], &there);
    assert!(said.contains("kubernetes.storage.media_gib = 10") && said.contains("should be 20 at least"), "{said}");
    let larger = deployment(&EXAMPLE.replace("[kubernetes]", "[kubernetes]\nstorage.media_gib = 30"));
    assert_eq!(problems(&larger, &[Target::K8s], &there), "");
}

/// A cluster refuses another class for a claim, so a name that we would give another way today stays, with what it says.
#[test]
fn claims_keep_their_class() {
    let class = |files: &Files| {
        let text = files.get("k8s/storage.yaml").unwrap();
        let name = text.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap().to_owned();
        for claims in ["k8s/backend/pvc.yaml", "k8s/healthd/pvc.yaml"] {
            let claims = files.get(claims).unwrap();
            assert_eq!(claims.matches("storageClassName: ").count(), claims.matches(&format!("storageClassName: {name}\n")).count());
        }
        name
    };
    let first = rendered(EXAMPLE);
    let with = |from: &str, to: &str| -> Files { first.iter().map(|(path, text)| (path.to_owned(), text.replace(from, to))).collect() };
    let site = deployment(EXAMPLE);
    let again = |there: &Files| render(&site, &[Target::K8s], there).unwrap();
    let name = class(&first);
    assert_eq!(class(&again(&first)), name);
    // Another text about the same values.
    assert_eq!(again(&with("# Copies of each volume", "# Copies")).get("k8s/storage.yaml"), first.get("k8s/storage.yaml"));
    // What an older version made, with another name and another parameter; but a class of nobody's is not taken over.
    let older: Files = with(&name, "magnetiq-longhorn-59b053")
        .iter()
        .map(|(path, text)| (path.to_owned(), text.replace("best-effort", "disabled")))
        .collect();
    let kept = again(&older);
    assert_eq!(class(&kept), "magnetiq-longhorn-59b053");
    let before = older.get("k8s/storage.yaml").unwrap();
    let said = kept.get("k8s/storage.yaml").unwrap();
    let values = |text: &str| text.lines().filter(|line| !line.trim().starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(values(said), values(before));
    assert_eq!(class(&again(&with(&name, "longhorn"))), name);
    // Other replicas are another class, for a site that has none yet.
    let three = deployment(&EXAMPLE.replace("[kubernetes]", "[kubernetes]\nstorage.replicas = 3"));
    assert_ne!(class(&render(&three, &[Target::K8s], &Files::default()).unwrap()), name);
}

#[test]
fn what_a_claim_has_is_not_changed() {
    let there = rendered(EXAMPLE);
    for (setting, said) in [("replicas = 3", "should be 2, which"), ("access = \"ReadWriteOnce\"", "should be ReadWriteOncePod, which")] {
        let other = deployment(&EXAMPLE.replace("[kubernetes]", &format!("[kubernetes]\nstorage.{setting}")));
        let problems = problems(&other, &[Target::K8s], &there);
        assert!(problems.contains("kubernetes.storage.") && problems.contains(said) && problems.contains("deploying.md"), "{problems}");
    }
}

#[test]
fn a_cluster_runs_what_a_digest_names() {
    let sources = Sources { deploy: Text { path: "deploy.toml", text: SMALLEST }, lock: None, given: &[] };
    let deployment = Deployment::read(&sources).unwrap();
    let said = problems(&deployment, &[Target::K8s], &Files::default());
    assert!(said.contains("the digest of the image backend is missing") && said.contains("cargo xtask images"), "{said}");
    assert_eq!(problems(&deployment, &[Target::Compose, Target::Docker], &Files::default()), "");
}

#[test]
fn argo_cd_wants_a_repository() {
    let said = problems(&deployment(SMALLEST), &[Target::Argocd], &Files::default());
    assert!(said.contains("argocd.repository is missing"), "{said}");
}

#[test]
fn a_wildcard_wants_dns() {
    let text = format!("{SMALLEST}[kubernetes.certificate]\nmore_names = [\"*.example.org\"]\n");
    let sources = Sources { deploy: Text { path: "deploy.toml", text: &text }, lock: None, given: &[] };
    let said = Deployment::read(&sources).unwrap_err().to_string();
    assert!(said.contains("issued only by dns-01"), "{said}");
}

const SECRETS: &str = "k8s/secrets.yaml";

/// What is said and made of a folder in which `secrets` is what lies at its place.
fn beside(scenario: &str, secrets: &str) -> Result<Files, String> {
    let site = deployment(scenario);
    let first = render(&site, &[Target::K8s], &Files::default()).unwrap();
    let there = first.iter().map(|(path, text)| (path.to_owned(), if path == SECRETS { secrets } else { text }.to_owned())).collect();
    render(&site, &[Target::K8s], &there).map_err(|problems| problems.to_string())
}

/// Nobody but its owner could encrypt the values again.
#[test]
fn what_was_sealed_stays() {
    let fresh = rendered(OTHER).get(SECRETS).unwrap().to_owned();
    assert_eq!(magnetiq_manifests::unsealed(&fresh).len(), 6, "{fresh}");
    let sealed = fresh.replace("not-sealed-yet", "AgBy3i4OJSWK");
    let unfinished = sealed.replace("health-token: AgBy3i4OJSWK", "health-token: not-sealed-yet");
    assert_eq!(magnetiq_manifests::unsealed(&unfinished), ["health-token"]);
    for kept in [&sealed, &unfinished] {
        assert_eq!(beside(OTHER, kept).unwrap().get(SECRETS), Some(kept.as_str()));
    }
    // One more secret is added by whoever can seal it; where there are no values yet, it is written.
    let more = OTHER.replace("\"healthd.webhooks.team.url\"", "\"healthd.webhooks.team.url\", \"auth.secret_key_previous\"");
    for kept in [&sealed, &unfinished] {
        let said = beside(&more, kept).unwrap_err();
        assert!(said.contains("auth-secret-key-previous in k8s/secrets.yaml is missing"), "{said}");
        assert!(said.contains("kubeseal --raw --namespace sites --name site-secrets") && said.starts_with("one problem"), "{said}");
    }
    assert!(beside(&more, &fresh).unwrap().get(SECRETS).unwrap().contains("auth-secret-key-previous: not-sealed-yet"));
}

/// As `kubeseal --format yaml` writes it, which takes every comment away.
#[test]
fn a_file_of_secrets_that_somebody_made_is_used_and_not_written() {
    let whole = rendered(OTHER).get(SECRETS).unwrap().replace("not-sealed-yet", "AgBy3i4OJSWK");
    let own: String = whole.lines().filter(|line| !line.trim().starts_with('#')).map(|line| format!("{line}\n")).collect();
    let files = beside(OTHER, &own).unwrap();
    assert_eq!(files.get(SECRETS), None);
    assert_eq!(files.get("k8s/kustomization.yaml"), rendered(OTHER).get("k8s/kustomization.yaml"));
    let there: Files = [(SECRETS.to_owned(), own)].into_iter().collect();
    assert!(files.changes(&there).all(|(path, _)| path != SECRETS));
}

#[test]
fn what_sops_did_not_encrypt_yet_is_told() {
    let scenario = OTHER.replace("sealed-secrets", "sops");
    let fresh = rendered(&scenario).get(SECRETS).unwrap().to_owned();
    assert_eq!(beside(&scenario, &fresh).unwrap().get(SECRETS), Some(fresh.as_str()));
    let clear = fresh.replace("not-sealed-yet", "correct-horse-battery-staple");
    let said = beside(&scenario, &clear).unwrap_err();
    assert!(said.contains("in the clear: sops --encrypt --in-place") && !said.contains("correct-horse"), "{said}");
    let encrypted = format!("{}sops:\n  mac: ENC[AES256_GCM,data:1]\n", fresh.replace("not-sealed-yet", "ENC[AES256_GCM,data:1]"));
    assert_eq!(beside(&scenario, &encrypted).unwrap().get(SECRETS), Some(encrypted.as_str()));
}

/// A tag may be longer than the value of a label, and end otherwise.
#[test]
fn every_tag_is_a_label() {
    let tag = format!("2.0.0-{}", ".".repeat(90));
    let lock = lock(&tag);
    let sources =
        Sources { deploy: Text { path: "deploy.toml", text: SMALLEST }, lock: Some(Text { path: "images.lock", text: &lock }), given: &[] };
    let files = render(&Deployment::read(&sources).unwrap(), &[Target::K8s], &Files::default()).unwrap();
    let backend = files.get("k8s/backend/deployment.yaml").unwrap();
    assert!(
        backend.contains(&format!("magnetiq-backend:{tag}@")) && backend.contains("app.kubernetes.io/version: \"2.0.0\"\n"),
        "{backend}"
    );
}
