//! How a certificate comes to where nginx reads it: the same for Compose and for a machine without containers.

use crate::deployment::Deployment;
use crate::fill::fill;

/// Functions of the shell: `first` makes one to begin with, `put` takes one of certbot's. They read `$tls`, the folder with `live`.
pub(crate) fn functions(deployment: &Deployment) -> String {
    let subjects: Vec<String> = deployment.hosts().map(|host| format!("DNS:{host}")).collect();
    let values = [("hosts", deployment.hosts().collect::<Vec<_>>().join(" ")), ("subjects", subjects.join(","))];
    fill(include_str!("certificate.sh"), &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// What certbot is told to name each of the hosts.
pub(crate) fn names(deployment: &Deployment) -> String {
    deployment.hosts().map(|host| format!("--domain {host}")).collect::<Vec<_>>().join(" ")
}
