//! Which system this machine has, and the commands that install things there.

use std::fs;

use magnetiq_doctor::as_root;

/// Systems that differ in how they install things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Debian, Ubuntu and what is made of them.
    Debian,
    /// Fedora, RHEL and what is made of them.
    Fedora,
    /// With Homebrew.
    Mac,
    /// One whose commands are not known here.
    Other,
}

impl System {
    /// That of this machine.
    pub(crate) fn here() -> Self {
        Self::of(std::env::consts::OS, &fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    fn of(os: &str, os_release: &str) -> Self {
        let family: Vec<&str> = os_release
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
            .flat_map(|names| names.trim_matches('"').split(' '))
            .collect();
        let is_of = |names: [&str; 2]| family.iter().any(|name| names.contains(name));
        if os == "macos" {
            Self::Mac
        } else if is_of(["debian", "ubuntu"]) {
            Self::Debian
        } else if is_of(["fedora", "rhel"]) {
            Self::Fedora
        } else {
            Self::Other
        }
    }

    /// Installs packages, which each system calls by a name of its own; for a Mac it is the whole command. `None` where it is not known.
    pub(crate) fn install(self, debian: &str, fedora: &str, mac: &str) -> Option<String> {
        match self {
            Self::Debian => Some(as_root(format!("apt-get install {debian}"))),
            Self::Fedora => Some(as_root(format!("dnf install {fedora}"))),
            Self::Mac => Some(mac.to_owned()),
            Self::Other => None,
        }
    }

    /// Installs Node. Debian and Ubuntu carry one that is too old in most of their releases, hence the packages of Node itself.
    pub(crate) fn install_node(self) -> String {
        match self {
            Self::Debian => {
                let (bash, apt) = (as_root("bash -"), as_root("apt-get install -y nodejs"));
                format!("curl -fsSL https://deb.nodesource.com/setup_22.x | {bash} && {apt}")
            }
            Self::Fedora => as_root("dnf install -y nodejs npm"),
            Self::Mac => "brew install node".to_owned(),
            Self::Other => {
                "curl -fsSL https://raw.githubusercontent.com/nvm-sh/nvm/v0.40.3/install.sh | bash && . ~/.nvm/nvm.sh && nvm install 22"
                    .to_owned()
            }
        }
    }

    /// Installs Docker. Debian has neither the plugin that builds nor Compose 2.
    pub(crate) fn install_docker(self) -> Option<String> {
        match self {
            Self::Debian | Self::Fedora => Some(format!("curl -fsSL https://get.docker.com | {}", as_root("sh"))),
            Self::Mac => Some("brew install --cask docker".to_owned()),
            Self::Other => None,
        }
    }

    /// Starts Docker.
    pub(crate) fn start_docker(self) -> String {
        if self == Self::Mac { "open -a Docker".to_owned() } else { as_root("systemctl start docker") }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::geteuid;

    use super::System;

    #[test]
    fn each_system_has_its_commands() {
        for (os, os_release, system, node, compiler) in [
            ("linux", "NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", System::Debian, "apt-get", Some("apt-get install one")),
            ("linux", "ID=fedora\n", System::Fedora, "dnf", Some("dnf install two")),
            ("linux", "ID=arch\n", System::Other, "nvm", None),
            ("macos", "", System::Mac, "brew", Some("brew install three")),
        ] {
            assert_eq!(System::of(os, os_release), system);
            assert!(system.install_node().contains(node));
            let command = system.install("one", "two", "brew install three");
            assert_eq!(command.as_deref().map(|command| command.trim_start_matches("sudo ")), compiler);
            // Root needs no sudo, and a machine may have none.
            let is_with_sudo = [command, Some(system.install_node())].into_iter().flatten().any(|command| command.contains("sudo "));
            assert!(!(geteuid().is_root() && is_with_sudo), "{system:?}");
        }
    }
}
