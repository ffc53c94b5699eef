use ipnet::IpNet;

use super::reader::Reader;

/// `[kubernetes]`.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    /// Networks that pods have addresses of: from there comes what the ingress controller forwards.
    pub pod_networks: Vec<IpNet>,
}

impl Kubernetes {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            pod_networks: reader
                .list("kubernetes.pod_networks", &["10.0.0.0/8"], "a network such as 10.42.0.0/16", |text| text.parse().ok()),
        }
    }
}
