//! Who may talk to whom.

use std::collections::BTreeSet;

use magnetiq_config::PAGE_PORT;
use url::Url;

use super::common::{metadata, selector_labels};
use super::{backend, frontend, watch};
use crate::deployment::{Deployment, SITE_NAME};
use crate::yaml::{Yaml, yaml};

/// Everything that is no public address: other pods, nodes, the machine's own, and where clouds tell secrets (169.254.169.254).
const NOT_PUBLIC: [&str; 7] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/8"];

/// Where cert-manager's pods answer that show an authority what it asks for.
const SOLVER_PORT: u16 = 8089;

pub(super) fn policies(deployment: &Deployment) -> Vec<Yaml> {
    let (api, backup, health) = (backend::api_port(deployment), backend::backup_port(deployment), watch::port(deployment));
    let kubernetes = &deployment.kubernetes;
    let ingress = of_namespace(&kubernetes.ingress_namespace);
    // The public address is that of a load balancer, for which the cluster puts a pod of the controller before it asks these policies; on
    // which port that listens is the controller's affair.
    let to_ingress = yaml!({ to: [ingress.clone()] });
    let pods = |name: &str| yaml!({ podSelector: { matchLabels: selector_labels(deployment, name) } });
    let mut to_backend = vec![from(vec![ingress.clone(), pods(frontend::NAME), pods(watch::NAME)], &[api])];
    let mut to_healthd = vec![from(vec![pods(watch::NAME)], &[health])];
    if let Some(namespace) = &kubernetes.monitoring_namespace {
        to_backend.push(from(vec![of_namespace(namespace)], &[api, backup]));
        to_healthd.push(from(vec![of_namespace(namespace)], &[health]));
    }
    vec![
        policy(deployment, "default-deny", yaml!({}), Some(Vec::new()), Some(Vec::new())),
        policy(deployment, "dns", yaml!({}), None, Some(vec![dns()])),
        policy(
            deployment,
            backend::NAME,
            selected(deployment, backend::NAME),
            Some(to_backend),
            Some(vec![to_internet(of_site(deployment))]),
        ),
        policy(
            deployment,
            frontend::NAME,
            selected(deployment, frontend::NAME),
            Some(vec![from(vec![ingress.clone()], &[PAGE_PORT])]),
            Some(vec![to(vec![pods(backend::NAME)], &[api])]),
        ),
        policy(
            deployment,
            watch::NAME,
            selected(deployment, watch::NAME),
            Some(to_healthd),
            Some(vec![to(vec![pods(backend::NAME)], &[api]), to_ingress, to_internet(of_watcher(deployment))]),
        ),
        policy(
            deployment,
            "certificate-challenge",
            yaml!({ matchLabels: { "acme.cert-manager.io/http01-solver": "true" } }),
            Some(vec![from(vec![ingress], &[SOLVER_PORT])]),
            None,
        ),
    ]
}

fn selected(deployment: &Deployment, name: &str) -> Yaml {
    yaml!({ matchLabels: selector_labels(deployment, name) })
}

/// What is `None` is left as it is by this policy; an empty list allows nothing.
fn policy(deployment: &Deployment, name: &str, pods: Yaml, ingress: Option<Vec<Yaml>>, egress: Option<Vec<Yaml>>) -> Yaml {
    let types: Vec<&str> = ingress.iter().map(|_| "Ingress").chain(egress.iter().map(|_| "Egress")).collect();
    yaml!({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: metadata(deployment, name, "network"),
        spec: { podSelector: pods, policyTypes: types, ingress ?: ingress, egress ?: egress },
    })
}

fn of_namespace(name: &str) -> Yaml {
    yaml!({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } })
}

fn ports(ports: &[u16]) -> Vec<Yaml> {
    ports.iter().map(|port| yaml!({ protocol: "TCP", port: *port })).collect()
}

fn from(who: Vec<Yaml>, to_ports: &[u16]) -> Yaml {
    yaml!({ from: who, ports: ports(to_ports) })
}

fn to(who: Vec<Yaml>, to_ports: &[u16]) -> Yaml {
    yaml!({ to: who, ports: ports(to_ports) })
}

fn dns() -> Yaml {
    yaml!({
        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
        ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }],
    })
}

/// Public addresses, on the port of https and on `more`. What has a private one, such as a bucket in the cluster, wants a policy of its own.
fn to_internet(more: impl Iterator<Item = u16>) -> Yaml {
    let open: BTreeSet<u16> = std::iter::once(443).chain(more).collect();
    let open: Vec<u16> = open.into_iter().collect();
    to(vec![yaml!({ ipBlock: { cidr: "0.0.0.0/0", except: NOT_PUBLIC.to_vec() } })], &open)
}

/// Of the mail server, and of buckets that are not where https is.
fn of_site(deployment: &Deployment) -> impl Iterator<Item = u16> {
    let settings = &deployment.environments.kubernetes.settings;
    let endpoints = settings.backup.targets.iter().filter_map(|target| Url::parse(target.endpoint.as_deref()?).ok());
    settings.mail.smtp.iter().map(|smtp| smtp.port).chain(endpoints.filter_map(|url| url.port_or_known_default()))
}

/// Of the mail server that alerts go to, and of other sites that are watched, too.
fn of_watcher(deployment: &Deployment) -> impl Iterator<Item = u16> {
    let healthd = &deployment.environments.kubernetes.settings.healthd;
    let others = healthd.sites.iter().filter(|site| site.name != SITE_NAME);
    let addresses = others.flat_map(|site| [&site.url, &site.page_url]).flatten();
    healthd.alerts.mail.iter().map(|mail| mail.port).chain(addresses.filter_map(Url::port_or_known_default))
}
