//! What is rendered for whom.

use crate::deployment::Deployment;
use crate::docker;
use crate::files::Files;
use crate::nginx;

use magnetiq_config::Problems;

/// Where a site runs, and what it needs there. Each has a folder of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `docker/`: the Dockerfiles of all images.
    Docker,
    /// `nginx/`: for an nginx that others manage, on the machine where the programs run.
    Nginx,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Docker, Self::Nginx];

    /// Its name on the command line, and of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Nginx => "nginx",
        }
    }
}

/// Every file of the targets. `there` is what lies in their folders now: what may not be undone is compared with it.
///
/// # Errors
///
/// What the targets demand and the deployment does not have.
pub fn render(deployment: &Deployment, targets: &[Target], _there: &Files) -> Result<Files, Problems> {
    let mut files = Files::default();
    for target in targets {
        files.extend(match target {
            Target::Docker => docker::files(deployment),
            Target::Nginx => nginx::files(deployment),
        });
    }
    Ok(files)
}
