//! Which sites are watched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use magnetiq_config::{HealthdSite, Profile, Settings};
use magnetiq_service::ResultExt;
use url::Url;

/// The sites of the settings, or the one with this name; without any in the settings, the one that these settings describe.
pub(crate) fn of(settings: &Settings, only: Option<&str>) -> anyhow::Result<Vec<HealthdSite>> {
    let mut sites = settings.healthd.sites.clone();
    if let Some(only) = only {
        let names: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
        sites.retain(|site| site.name == only);
        if sites.is_empty() {
            return unknown(only, &names);
        }
    }
    if sites.is_empty() {
        sites.push(own(settings)?);
    }
    Ok(sites)
}

fn unknown(only: &str, names: &[String]) -> anyhow::Result<Vec<HealthdSite>> {
    let error = anyhow::anyhow!("there is no site {only:?} in the settings");
    if names.is_empty() {
        return Err(error).hint(format!("give it a section: [healthd.sites.{only}]"));
    }
    Err(error).hint(format!("there {}: {}", if names.len() == 1 { "is" } else { "are" }, names.join(", ")))
}

/// The site of the server that runs with the same settings, on this machine. It has no name: what is watched of it needs none.
fn own(settings: &Settings) -> anyhow::Result<HealthdSite> {
    let server = &settings.server;
    if server.port == 0 {
        return Err(anyhow::anyhow!("server.port is 0: nobody knows where the server listens"))
            .hint("set server.port, give the site a section [healthd.sites.NAME], or name the page with --url");
    }
    let production = settings.profile == Profile::Production;
    let data = settings.database.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(HealthdSite {
        name: String::new(),
        url: Some(local(server.host, server.port)?),
        token: settings.health.token.clone(),
        // Nobody visits a development site but whoever runs it.
        page_url: production.then(|| server.public_url.clone()),
        authority: None,
        certificate: None,
        data_folder: Some(data.to_owned()),
        backup_folder: production.then(|| settings.backup.folder.clone()),
    })
}

/// Where a server on this machine answers that listens on `host`.
fn local(host: IpAddr, port: u16) -> anyhow::Result<Url> {
    let host = match host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    let address = std::net::SocketAddr::new(host, port);
    Ok(Url::parse(&format!("http://{address}"))?)
}
