//! What is rendered for whom.

use magnetiq_config::{Problem, Problems};

use crate::deployment::Deployment;
use crate::files::Files;
use crate::{argocd, compose, docker, k8s, nginx, systemd};

/// Where a site runs, and what it needs there. Each has a folder of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `docker/`: the Dockerfiles of all images.
    Docker,
    /// `nginx/`: for an nginx that others manage, on the machine where the programs run.
    Nginx,
    /// `compose/`: one machine with Docker.
    Compose,
    /// `compose-dev/`: the same while one works on the sources.
    ComposeDev,
    /// `k8s/`: a cluster.
    K8s,
    /// `argocd/`: a cluster that follows a repository.
    Argocd,
    /// `systemd/`: a machine without containers.
    Systemd,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Docker, Self::Nginx, Self::Compose, Self::ComposeDev, Self::K8s, Self::Argocd, Self::Systemd];

    /// Its name on the command line, and of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Nginx => "nginx",
            Self::Compose => "compose",
            Self::ComposeDev => "compose-dev",
            Self::K8s => "k8s",
            Self::Argocd => "argocd",
            Self::Systemd => "systemd",
        }
    }
}

/// Every file of the targets. `there` is what lies in their folders now: what may not be undone is compared with it.
///
/// # Errors
///
/// What the targets demand and the deployment does not have.
pub fn render(deployment: &Deployment, targets: &[Target], there: &Files) -> Result<Files, Problems> {
    let mut files = Files::default();
    let mut problems: Vec<Problem> = Vec::new();
    for target in targets {
        let rendered = match target {
            Target::Docker => Ok(docker::files(deployment)),
            Target::Nginx => Ok(nginx::files(deployment)),
            Target::Compose => Ok(compose::files(deployment)),
            Target::ComposeDev => Ok(compose::development(deployment)),
            Target::K8s => k8s::files(deployment, there),
            Target::Argocd => argocd::files(deployment, there),
            Target::Systemd => Ok(systemd::files(deployment)),
        };
        match rendered {
            Ok(rendered) => files.extend(rendered),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems.into_iter().collect()) }
}
