//! What is in an image, as `CycloneDX` 1.6 has it: for those who ask which of their machines have a package of which version.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use magnetiq_manifests::{Deployment, Image};
use serde_json::{Value, json};

use super::{Built, output};
use crate::cargo::cargo;
use crate::workspace;

/// A package of others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    /// As package URLs have it: `cargo` or `npm`.
    kind: &'static str,
    name: String,
    version: String,
    licence: Option<String>,
}

/// Writes a bill for each image, and gives the folder.
///
/// # Errors
///
/// When Cargo or the page's lock file cannot tell, or the disk says no.
pub(super) fn write(built: &[Built], deployment: &Deployment) -> Result<PathBuf> {
    let folder = workspace::root().join("target/images/sbom");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    for built in built {
        let (base, packages) = match built.image {
            Image::Backend => (&deployment.images.base.runtime, &crates()?.into_iter().chain(page()?).collect()),
            Image::Frontend => (&deployment.images.base.nginx, &page()?),
            Image::Proxy => (&deployment.images.base.nginx, &BTreeSet::new()),
        };
        let path = folder.join(format!("{}.cdx.json", built.image.name()));
        let text = serde_json::to_string_pretty(&bill(built, base, packages)).context("write the bill as JSON")?;
        fs::write(&path, text + "\n").with_context(|| format!("write {}", path.display()))?;
    }
    Ok(folder)
}

fn bill(built: &Built, base: &str, packages: &BTreeSet<Package>) -> Value {
    let (name, version) = built.tagged.rsplit_once(':').unwrap_or((&built.tagged, ""));
    let image =
        json!({ "type": "container", "name": name, "version": version, "hashes": [{ "alg": "SHA-256", "content": hash(&built.digest) }] });
    let base = json!({ "type": "container", "bom-ref": base, "name": base });
    let components = packages.iter().map(|package| {
        let Package { kind, name, version, licence } = package;
        let url = format!("pkg:{kind}/{}@{version}", name.replace('@', "%40"));
        let mut component = json!({ "type": "library", "bom-ref": url, "purl": url, "name": name, "version": version });
        if let Some(licence) = licence {
            component["licenses"] = json!([{ "expression": licence }]);
        }
        component
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": image },
        "components": std::iter::once(base).chain(components).collect::<Vec<_>>(),
    })
}

fn hash(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// What the programs are linked from.
fn crates() -> Result<BTreeSet<Package>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", "magnetiq"]);
    tree.args(["--edges", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"]);
    Ok(output(&mut tree)?.lines().filter_map(of_tree).collect())
}

/// `serde v1.0.229`, a tab and its licence; ours have a path behind their version, and are what the image is.
fn of_tree(line: &str) -> Option<Package> {
    let (package, licence) = line.split_once('\t')?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let is_ours = words.next().is_some_and(|word| word.starts_with("(/"));
    let licence = (!licence.is_empty()).then(|| licence.replace('/', " OR "));
    (!is_ours).then(|| Package { kind: "cargo", name: name.to_owned(), version: version.to_owned(), licence })
}

/// What the page is built from.
fn page() -> Result<BTreeSet<Package>> {
    let path = workspace::ui().join("package-lock.json");
    let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    of_lock(&text).with_context(|| format!("read {}", path.display()))
}

fn of_lock(text: &str) -> Result<BTreeSet<Package>> {
    let lock: Value = serde_json::from_str(text)?;
    let packages = lock["packages"].as_object().context("it lists no packages")?;
    let shipped = packages.iter().filter(|(_, package)| package["dev"] != true && package["optional"] != true);
    Ok(shipped
        .filter_map(|(path, package)| {
            let (_, name) = path.rsplit_once("node_modules/")?;
            let licence = package["license"].as_str().map(ToOwned::to_owned);
            Some(Package { kind: "npm", name: name.to_owned(), version: package["version"].as_str()?.to_owned(), licence })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{of_lock, of_tree};

    #[test]
    fn what_cargo_says_is_understood() {
        let package = of_tree("serde v1.0.229\tMIT OR Apache-2.0").expect("it is one of others");
        assert_eq!((package.name.as_str(), package.version.as_str()), ("serde", "1.0.229"));
        assert_eq!(of_tree("magnetiq-api v0.0.0 (/src/crates/api)\tMIT"), None);
        assert_eq!(
            of_tree("serde_derive v1.0.229 (proc-macro)\tMIT/Apache-2.0").and_then(|it| it.licence).as_deref(),
            Some("MIT OR Apache-2.0")
        );
    }

    #[test]
    fn what_only_builds_the_page_is_not_in_it() {
        let lock = r#"{"packages":{"":{},"node_modules/react":{"version":"19.2.9","license":"MIT"},
            "node_modules/vite":{"version":"8.3.8","dev":true},"node_modules/a/node_modules/@b/c":{"version":"1.0.0"}}}"#;
        let packages = of_lock(lock).expect("it is a lock file");
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["@b/c", "react"]);
    }
}
