//! A site that runs already, for commands that look at it.

use std::path::PathBuf;

use anyhow::Result;
use jiff::Timestamp;

use super::facts::{Site, Tools};
use super::line::last_words;
use super::{Where, clock, gather, store};
use crate::manifests;

pub(crate) struct Standing {
    pub(crate) name: String,
    /// All names of it.
    pub(crate) hosts: Vec<String>,
    pub(crate) site: Site,
    pub(crate) now: Timestamp,
    /// What this machine keeps of it.
    pub(crate) folder: PathBuf,
    pub(crate) tools: Tools,
}

impl Standing {
    /// # Errors
    ///
    /// When the deployment cannot be read, or there is no Docker.
    pub(crate) fn of(place: &Where) -> Result<Self> {
        let deployment = manifests::read_unlocked(&place.deploy, &place.set)?;
        let out = gather::absolute(&place.out)?;
        Ok(Self {
            folder: gather::folder(place, &deployment)?,
            tools: gather::tools_of(&deployment, place.target, &out, &magnetiq_config::environment())?,
            hosts: deployment.hosts().map(str::to_owned).collect(),
            site: gather::site(&deployment),
            name: deployment.name,
            now: clock::now(),
        })
    }

    /// The certificate that lies where the proxy has it from, as PEM.
    ///
    /// # Errors
    ///
    /// Where the engine does not answer, or the proxy does not run.
    pub(crate) fn certificate_in_place(&self) -> Result<String> {
        let proxy = format!("{}-proxy-1", self.name);
        store::docker(&self.tools).with(["container", "exec", &proxy, "cat", "/etc/magnetiq/tls/live/fullchain.pem"]).run()
    }

    /// What certbot said last.
    pub(crate) fn last_of_certbot(&self) -> String {
        let certbot = format!("{}-certbot-1", self.name);
        let asked = store::docker(&self.tools).with(["container", "logs", "--tail", "1", &certbot]).output();
        asked.map_or_else(|error| format!("{error:#}"), |output| last_words(&output))
    }
}
