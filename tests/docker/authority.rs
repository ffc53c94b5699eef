//! An authority of our own, which issues certificates to whoever shows it that the host is theirs: Pebble, of Let's Encrypt.

use std::{fs, path::Path, process::Command};

use crate::engine::done;

/// Where it is asked.
pub(crate) const DIRECTORY: &str = "https://authority:14000/dir";

/// Its own certificate, for whoever trusts it.
pub(crate) const ROOT: &str = "https://authority:15000/roots/0";

const SETTINGS: &str = r#"{"pebble": {
    "listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "httpPort": 8080, "tlsPort": 8443,
    "certificate": "/authority/certificate.pem", "privateKey": "/authority/key.pem", "ocspResponderURL": ""
}}"#;

/// Makes what it needs in `folder`, and gives what is added to the Compose file: the authority, and that certbot believes it. Docker's own
/// names lead the domain to the proxy.
pub(crate) fn prepare(folder: &Path, base: &str, domain: &str) -> String {
    fs::create_dir(folder).unwrap();
    fs::write(folder.join("pebble.json"), SETTINGS).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]);
    openssl.args(["-subj", "/CN=authority", "-addext", "subjectAltName=DNS:authority"]);
    done(openssl.arg("-keyout").arg(folder.join("key.pem")).arg("-out").arg(folder.join("certificate.pem")));
    let mount = format!("{}:/authority:ro", folder.display());
    format!(
        "services:\n  \
           authority:\n    image: {base}\n    command: [pebble, -config, /authority/pebble.json]\n    \
             environment: {{PEBBLE_VA_NOSLEEP: \"1\"}}\n    volumes: [\"{mount}\"]\n    networks: [site]\n  \
           proxy:\n    networks: {{site: {{aliases: [{domain}]}}}}\n  \
           certbot:\n    environment: {{REQUESTS_CA_BUNDLE: /authority/certificate.pem}}\n    volumes: [\"{mount}\"]\n"
    )
}
