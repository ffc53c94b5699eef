//! `argocd/`: a cluster that follows a repository, for production and for a second site to try things on.

use magnetiq_config::{Problem, Problems};

use crate::deployment::{Argocd, Deployment, Image, Secrets};
use crate::files::Files;
use crate::fill::header;
use crate::k8s::{self, STORAGE_NAMESPACE, namespace};
use crate::yaml::{Yaml, yaml};

/// Every file below `argocd/`.
///
/// # Errors
///
/// Without a repository, and what is wrong with the second site.
pub(crate) fn files(deployment: &Deployment, there: &Files) -> Result<Files, Problems> {
    let Some(repository) = &deployment.argocd.repository else {
        let expected =
            "should be the repository that these files are committed to, such as https://git.example.org/team/site.git".to_owned();
        return Err([Problem::Missing { key: "argocd.repository".to_owned(), expected }].into_iter().collect());
    };
    let mut files = Files::default();
    let mut add = |path: &str, what: &str, documents: &[Yaml]| {
        files.add(format!("argocd/{path}"), Yaml::documents(&format!("{}\n", header(what)), documents));
    };
    let sites: Vec<&Deployment> = std::iter::once(deployment).chain(deployment.staging.as_deref()).collect();
    let namespaces: Vec<&str> = sites.iter().map(|site| namespace(site)).collect();
    add(
        "project.yaml",
        "What the applications may touch: their repository, their namespaces, these kinds.",
        &[project(deployment, repository, &namespaces)],
    );
    let applications: Vec<Yaml> = sites.iter().map(|site| application(deployment, site, repository)).collect();
    add("applications.yaml", "What follows what.", &applications);
    let patch = "Into the ConfigMap that Argo CD has already: kubectl --namespace argocd patch configmap NAME --patch-file THIS.";
    add("health.yaml", patch, &[health(deployment)]);
    add("notifications.yaml", patch, &[notifications(deployment)]);
    add(
        "overlays/production/kustomization.yaml",
        "Production: what lies in k8s, and a trial run before.",
        &[kustomization("../../../k8s")],
    );
    add("overlays/production/smoke.yaml", SMOKE, &[smoke(deployment)]);
    if let Some(staging) = deployment.staging.as_deref() {
        add("overlays/staging/kustomization.yaml", "A second site: its own namespace, host, volumes and secrets.", &[kustomization("k8s")]);
        add("overlays/staging/smoke.yaml", SMOKE, &[smoke(staging)]);
        let moved = |path: &str| format!("argocd/overlays/staging/{path}");
        let before: Files = there
            .iter()
            .filter_map(|(path, text)| Some((path.strip_prefix("argocd/overlays/staging/")?.to_owned(), text.to_owned())))
            .collect();
        for (path, text) in k8s::files(staging, &before)?.iter() {
            files.add(moved(path), text.to_owned());
        }
    }
    Ok(files)
}

const SMOKE: &str = "Before anything is replaced: whether the new image can be had and starts. There is no second chance after, since the old pod ends first.";

fn kustomization(base: &str) -> Yaml {
    yaml!({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: [base, "smoke.yaml"] })
}

fn overlay(site: &Deployment) -> &'static str {
    if site.is_staging { "staging" } else { "production" }
}

fn application(deployment: &Deployment, site: &Deployment, repository: &str) -> Yaml {
    let argocd = &deployment.argocd;
    let folder = argocd.folder.as_ref().map(|folder| format!("{folder}/")).unwrap_or_default();
    let revision = if site.is_staging { &argocd.staging_revision } else { &argocd.revision };
    yaml!({
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: {
            name: &site.name,
            namespace: &argocd.namespace,
            annotations: notified(argocd),
            // No finalizer: an application that is deleted leaves the site running.
        },
        spec: {
            project: &deployment.name,
            source: {
                repoURL: repository,
                # "argocd.revision, or argocd.staging_revision"
                targetRevision: revision,
                path: format!("{folder}argocd/overlays/{}", overlay(site)),
            },
            destination: { server: &argocd.server, namespace: namespace(site) },
            syncPolicy: {
                # "What the repository says happens, and what is changed by hand is undone. An empty repository deletes nothing."
                automated: { prune: true, selfHeal: true, allowEmpty: false },
                managedNamespaceMetadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
                syncOptions: ["CreateNamespace=true", "ServerSideApply=true", "PruneLast=true", "FailOnSharedResource=true"],
                retry: { limit: 5, backoff: { duration: "10s", factor: 2, maxDuration: "5m" } },
            },
            ignoreDifferences ?: ignored(site),
            revisionHistoryLimit: 10,
        },
    })
}

/// What newer operators fill in and older ones do not know, so that it cannot be written either way.
fn ignored(site: &Deployment) -> Option<Yaml> {
    matches!(site.kubernetes.secrets, Secrets::External { .. }).then(|| {
        let fields = yaml!([".spec.data[]?.remoteRef.nullBytePolicy"]);
        yaml!([{ group: "external-secrets.io", kind: "ExternalSecret", jqPathExpressions: fields }])
    })
}

fn notified(argocd: &Argocd) -> Yaml {
    yaml!({
        "notifications.argoproj.io/subscribe.on-deployed.slack": &argocd.channel,
        "notifications.argoproj.io/subscribe.on-health-degraded.slack": &argocd.channel,
        "notifications.argoproj.io/subscribe.on-sync-failed.slack": &argocd.channel,
    })
}

fn kind(group: &str, kind: &str) -> Yaml {
    yaml!({ group: group, kind: kind })
}

fn project(deployment: &Deployment, repository: &str, namespaces: &[&str]) -> Yaml {
    let argocd = &deployment.argocd;
    let place = |namespace: &str| yaml!({ server: &argocd.server, namespace: namespace });
    let destinations: Vec<Yaml> = namespaces.iter().copied().chain([STORAGE_NAMESPACE]).map(place).collect();
    let secret = match deployment.kubernetes.secrets {
        Secrets::External { .. } => kind("external-secrets.io", "ExternalSecret"),
        Secrets::Sealed => kind("bitnami.com", "SealedSecret"),
        Secrets::Sops => kind("isindir.github.com", "SopsSecret"),
    };
    let may = |role: &str, act: &str| format!("p, proj:{}:{role}, applications, {act}, {}/*, allow", deployment.name, deployment.name);
    yaml!({
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: &deployment.name, namespace: &argocd.namespace },
        spec: {
            description: format!("The site {}", deployment.domain),
            sourceRepos: [repository],
            destinations: destinations,
            clusterResourceWhitelist: [kind("", "Namespace"), kind("storage.k8s.io", "StorageClass"), kind("cert-manager.io", "ClusterIssuer")],
            namespaceResourceWhitelist: [
                kind("", "ConfigMap"),
                kind("", "LimitRange"),
                kind("", "PersistentVolumeClaim"),
                kind("", "ResourceQuota"),
                kind("", "Service"),
                kind("", "ServiceAccount"),
                kind("apps", "Deployment"),
                kind("batch", "Job"),
                kind("networking.k8s.io", "Ingress"),
                kind("networking.k8s.io", "NetworkPolicy"),
                kind("gateway.networking.k8s.io", "HTTPRoute"),
                kind("gateway.networking.k8s.io", "ReferenceGrant"),
                kind("policy", "PodDisruptionBudget"),
                kind("cert-manager.io", "Certificate"),
                kind("longhorn.io", "RecurringJob"),
                kind("monitoring.coreos.com", "ServiceMonitor"),
                secret,
            ],
            # "Tells of what lies in the namespace and in no repository."
            orphanedResources: { warn: true },
            roles: [
                { name: "reader", description: "Sees", policies: [may("reader", "get")], groups: [format!("{}-readers", deployment.name)] },
                {
                    name: "deployer",
                    description: "Sees, and deploys by hand",
                    policies: [may("deployer", "get"), may("deployer", "sync")],
                    # "argocd.deployers"
                    groups: [&argocd.deployers],
                },
            ],
        },
    })
}

fn smoke(site: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: {
            name: "smoke",
            namespace: namespace(site),
            labels: k8s::selector_labels(site, "smoke"),
            annotations: {
                "argocd.argoproj.io/hook": "PreSync",
                "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation,HookSucceeded",
            },
        },
        spec: {
            backoffLimit: 1,
            activeDeadlineSeconds: 300,
            template: {
                metadata: { labels: k8s::selector_labels(site, "smoke") },
                spec: {
                    restartPolicy: "Never",
                    automountServiceAccountToken: false,
                    enableServiceLinks: false,
                    imagePullSecrets ?: k8s::pull_secrets(site),
                    securityContext: k8s::pod_security(),
                    containers: [{
                        name: "api-server",
                        image: site.images.reference(Image::Backend),
                        command: ["/usr/local/bin/api-server"],
                        args: ["--version"],
                        resources: k8s::resources(site.limits.healthd),
                        securityContext: k8s::container_security(),
                    }],
                },
            },
        },
    })
}

/// Kinds that Argo CD has no opinion of would be healthy as soon as they are there.
fn health(deployment: &Deployment) -> Yaml {
    let lua = "local health = { status = \"Progressing\", message = \"not seen yet\" }\n\
               if obj.status ~= nil and obj.status.health ~= nil then\n  \
               health.status = obj.status.health.status\n  \
               health.message = obj.status.health.message or \"\"\n\
               end\n\
               return health\n";
    let claim = "local health = { status = \"Progressing\", message = \"waits for its volume\" }\n\
                 if obj.status ~= nil and obj.status.phase == \"Bound\" then\n  \
                 health.status = \"Healthy\"\n  \
                 health.message = \"\"\n\
                 end\n\
                 if obj.status ~= nil and obj.status.phase == \"Lost\" then\n  \
                 health.status = \"Degraded\"\n  \
                 health.message = \"the volume is gone\"\n\
                 end\n\
                 return health\n";
    yaml!({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "argocd-cm", namespace: &deployment.argocd.namespace },
        data: {
            # "An application that has others below waits for them."
            "resource.customizations.health.argoproj.io_Application": Yaml::Lines(lua.to_owned()),
            "resource.customizations.health.PersistentVolumeClaim": Yaml::Lines(claim.to_owned()),
        },
    })
}

fn notifications(deployment: &Deployment) -> Yaml {
    let template = |text: &str| Yaml::Lines(format!("message: |\n  {text}\n"));
    let trigger = |when: &str, template: &str| Yaml::Lines(format!("- when: {when}\n  send: [{template}]\n"));
    yaml!({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "argocd-notifications-cm", namespace: &deployment.argocd.namespace },
        data: {
            # "The token lies in the Secret argocd-notifications-secret, under slack-token."
            "service.slack": Yaml::Lines("token: $slack-token\n".to_owned()),
            "template.deployed": template("{{.app.metadata.name}} runs {{.app.status.sync.revision}}."),
            "template.health-degraded": template("{{.app.metadata.name}} is degraded: {{.context.argocdUrl}}/applications/{{.app.metadata.name}}"),
            "template.sync-failed": template("{{.app.metadata.name}} could not be brought to {{.app.status.sync.revision}}: {{.app.status.operationState.message}}"),
            "trigger.on-deployed": trigger("app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'", "deployed"),
            "trigger.on-health-degraded": trigger("app.status.health.status == 'Degraded'", "health-degraded"),
            "trigger.on-sync-failed": trigger("app.status.operationState.phase in ['Error', 'Failed']", "sync-failed"),
        },
    })
}
