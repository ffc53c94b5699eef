//! How requests come in, and the certificate that they find.

use super::common::{cluster_metadata, metadata};
use super::{backend, frontend};
use crate::deployment::{Challenge, Deployment, Route};
use crate::yaml::{Map, Yaml, yaml};
use magnetiq_config::PAGE_PORT;

const TLS_SECRET: &str = "site-tls";

const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// What the server answers; everything else is the page, whose nginx passes on what only a pattern could name (`/de/feed.xml`). What tells how
/// the site is, and why, is not among it.
const SERVED: [(&str, &str); 11] = [
    ("/api", "Prefix"),
    ("/media", "Prefix"),
    ("/sitemap.xml", "Exact"),
    ("/feed.xml", "Exact"),
    ("/atom.xml", "Exact"),
    ("/robots.txt", "Exact"),
    ("/health/features", "Exact"),
    ("/livez", "Exact"),
    ("/readyz", "Exact"),
    ("/startupz", "Exact"),
    ("/healthz", "Exact"),
];

pub(super) fn route(deployment: &Deployment) -> Vec<Yaml> {
    match &deployment.kubernetes.route {
        Route::Ingress(class) => vec![ingress(deployment, class.as_deref())],
        Route::Gateway(namespace, name) => vec![http_route(deployment, namespace, name)],
    }
}

/// Plain fields only: what annotations of one controller do, the next one does not.
fn ingress(deployment: &Deployment, class: Option<&str>) -> Yaml {
    let to = |name: &str| yaml!({ service: { name: name, port: { name: "http" } } });
    let mut paths: Vec<Yaml> =
        SERVED.iter().map(|(path, kind)| yaml!({ path: *path, pathType: *kind, backend: to(backend::NAME) })).collect();
    let page = yaml!({ path: "/", pathType: "Prefix", backend: to(frontend::NAME) });
    paths.push(page.clone());
    let mut rules = vec![yaml!({ host: &deployment.domain, http: { paths: paths } })];
    // They lead to the domain, which nginx under the page does.
    rules.extend(deployment.aliases.iter().map(|host| yaml!({ host: host, http: { paths: [page.clone()] } })));
    yaml!({
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: metadata(deployment, "site", "ingress"),
        spec: {
            # "kubernetes.ingress_class; without it, the cluster's own."
            ingressClassName ?: class,
            tls: [{ hosts: deployment.hosts().map(str::to_owned).collect::<Vec<_>>(), secretName: TLS_SECRET }],
            rules: rules,
        },
    })
}

/// The listener of the Gateway, which belongs to the cluster, names the Secret of the certificate.
fn http_route(deployment: &Deployment, namespace: &str, name: &str) -> Yaml {
    // All fields, also those that the cluster would fill in: Argo CD would take them for a difference.
    let to = |name: &str, port: u16| yaml!([{ group: "", kind: "Service", name: name, port: port, weight: 1 }]);
    let served = SERVED.iter().map(|(path, kind)| {
        let kind = if *kind == "Exact" { "Exact" } else { "PathPrefix" };
        yaml!({ path: { type: kind, value: *path } })
    });
    let matches: Vec<Yaml> = served.collect();
    yaml!({
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: metadata(deployment, "site", "ingress"),
        spec: {
            parentRefs: [{ group: GATEWAY_GROUP, kind: "Gateway", namespace: namespace, name: name }],
            hostnames: deployment.hosts().map(str::to_owned).collect::<Vec<_>>(),
            rules: [
                { matches: matches, backendRefs: to(backend::NAME, backend::api_port(deployment)) },
                { matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: to(frontend::NAME, PAGE_PORT) },
            ],
        },
    })
}

/// Without it a Gateway of another namespace may not read the Secret of the certificate, which its listener names.
pub(super) fn grant(deployment: &Deployment) -> Option<Yaml> {
    let Route::Gateway(namespace, _) = &deployment.kubernetes.route else { return None };
    let is_elsewhere = namespace != super::namespace(deployment);
    is_elsewhere.then(|| {
        yaml!({
            apiVersion: "gateway.networking.k8s.io/v1beta1",
            kind: "ReferenceGrant",
            metadata: metadata(deployment, TLS_SECRET, "ingress"),
            spec: {
                from: [{ group: GATEWAY_GROUP, kind: "Gateway", namespace: namespace }],
                # "This one, and no other Secret."
                to: [{ group: "", kind: "Secret", name: TLS_SECRET }],
            },
        })
    })
}

pub(super) fn certificates(deployment: &Deployment) -> Vec<Yaml> {
    let certificate = &deployment.kubernetes.certificate;
    let names: Vec<String> = deployment.hosts().map(str::to_owned).chain(certificate.more_names.iter().cloned()).collect();
    vec![
        issuer(deployment, true),
        issuer(deployment, false),
        yaml!({
            apiVersion: "cert-manager.io/v1",
            kind: "Certificate",
            metadata: metadata(deployment, "site", "certificate"),
            spec: {
                secretName: TLS_SECRET,
                # "kubernetes.certificate.staging chooses the other one, which may be asked often and which browsers do not trust."
                issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer_name(deployment, certificate.staging) },
                dnsNames: names,
                privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
                # "A third of its life is left then. A number of days would be too many once certificates live for 45."
                renewBeforePercentage: 34,
                revisionHistoryLimit: 3,
            },
        }),
    ]
}

fn issuer_name(deployment: &Deployment, staging: bool) -> String {
    format!("{}-letsencrypt-{}", deployment.name, if staging { "staging" } else { "production" })
}

fn issuer(deployment: &Deployment, staging: bool) -> Yaml {
    let name = issuer_name(deployment, staging);
    let server =
        if staging { "https://acme-staging-v02.api.letsencrypt.org/directory" } else { "https://acme-v02.api.letsencrypt.org/directory" };
    yaml!({
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: cluster_metadata(deployment, &name, "certificate"),
        spec: {
            acme: {
                server: server,
                email: &deployment.contact,
                privateKeySecretRef: { name: format!("{name}-account") },
                solvers: [solver(deployment)],
            },
        },
    })
}

fn solver(deployment: &Deployment) -> Yaml {
    let token = |key: &str| yaml!({ name: "dns-token", key: key });
    match deployment.kubernetes.certificate.challenge {
        Challenge::Http => yaml!({ http01: http_solver(&deployment.kubernetes.route) }),
        // The Secret lies in the namespace of cert-manager: an issuer of the whole cluster looks only there.
        Challenge::Cloudflare => yaml!({ dns01: { cloudflare: { apiTokenSecretRef: token("api-token") } } }),
        Challenge::DigitalOcean => yaml!({ dns01: { digitalocean: { tokenSecretRef: token("access-token") } } }),
    }
}

fn http_solver(route: &Route) -> Yaml {
    let mut solver = Map::default();
    match route {
        Route::Ingress(None) => solver.put("", "ingress", yaml!({ serviceType: "ClusterIP" })),
        Route::Ingress(Some(class)) => solver.put("", "ingress", yaml!({ ingressClassName: class, serviceType: "ClusterIP" })),
        Route::Gateway(namespace, name) => {
            let parents = yaml!([{ group: GATEWAY_GROUP, kind: "Gateway", namespace: namespace, name: name }]);
            solver.put("", "gatewayHTTPRoute", yaml!({ parentRefs: parents, serviceType: "ClusterIP" }));
        }
    }
    solver.into()
}
