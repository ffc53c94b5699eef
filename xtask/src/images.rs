//! `cargo xtask images`: makes the images that the manifests name, and writes down what they are.

mod context;
pub(crate) mod engine;
mod lock;
mod sbom;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use magnetiq_manifests::{Deployment, Image};

use crate::manifests;
use crate::output::{bold, plain};
use crate::workspace;
use context::Revision;
use engine::Engine;
use lock::Lock;
pub(crate) use lock::pushed_to;

/// Build the images that run a site, with Docker or Podman
///
/// Exit codes: 0 done; 1 something is wrong with the deployment, the tree, the engine or the registry, and nothing was pushed before it was
/// found; 2 wrong command line.
#[derive(Args)]
pub(crate) struct Images {
    /// The version; images.tag of the deployment else
    #[arg(long)]
    tag: Option<String>,
    /// Push them, such as registry.example.org/team, and write their digests to images.lock
    #[arg(long, value_name = "REGISTRY")]
    push: Option<String>,
    /// For another kind of machine, such as linux/arm64
    #[arg(long)]
    platform: Option<String>,
    /// Only these: backend, frontend, proxy; several with commas. images.lock keeps the others, which must have the same version and registry
    #[arg(long, value_name = "IMAGE", value_delimiter = ',', value_parser = image)]
    only: Vec<Image>,
    /// The deployment
    #[arg(long, value_name = "FILE", default_value = "deploy.toml")]
    deploy: PathBuf,
    /// A value that wins over the deployment's: images.base.nginx=registry.example.org/nginx:1.30
    #[arg(long, value_name = "KEY=VALUE", value_parser = manifests::key_value)]
    set: Vec<(String, String)>,
    /// Take the programs from DIR, as cargo build --package magnetiq puts them there, instead of compiling them in the container
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// Take the built page from DIR instead of building it in the container
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// First fetch what they are made from, as its registry has it today: an engine else takes what it fetched once
    #[arg(long)]
    pull: bool,
    /// Build what is not committed, too; the images say so
    #[arg(long)]
    allow_dirty: bool,
}

fn image(name: &str) -> Result<Image, String> {
    let found = Image::ALL.into_iter().find(|image| image.name() == name);
    found.ok_or_else(|| format!("there are {}", Image::ALL.map(Image::name).join(", ")))
}

/// An image that was built.
struct Built {
    image: Image,
    tagged: String,
    /// What it is: of the registry, where it was pushed, else of the engine.
    digest: String,
    size_bytes: u64,
    /// Without what it is made from.
    added_bytes: Option<u64>,
    took: Duration,
}

impl Images {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let deployment = self.deployment()?;
        let wanted = if self.only.is_empty() { Image::ALL.to_vec() } else { self.only.clone() };
        let path = self.deploy.with_file_name("images.lock");
        let mut lock = Lock::of_others(&path, &wanted, &deployment.images.tag, self.push.as_deref())?;
        let revision = context::revision(self.allow_dirty)?;
        let environment = magnetiq_config::environment();
        let engine = Engine::find(&environment)?;
        if let Some(registry) = &self.push {
            engine.refuse_without_login(registry, &environment)?;
        }
        if self.pull {
            for base in self.bases(&deployment, &wanted) {
                plain(&format!("\n{}", bold(&format!("== pull {base}"))));
                engine.pull(base, self.platform.as_deref())?;
            }
        }
        plain(&format!("{} builds {} at {}", engine.name(), deployment.images.tag, revision.name));
        let folder = context::make(&deployment, &revision, self.programs.as_deref(), self.page.as_deref())?;
        let mut built = Vec::new();
        for image in wanted {
            plain(&format!("\n{}", bold(&format!("== {}", image.name()))));
            built.push(self.build(&engine, &deployment, folder.path(), image, &revision)?);
        }
        if self.push.is_some() {
            for built in &mut built {
                plain(&format!("\n{}", bold(&format!("== push {}", built.tagged))));
                built.digest = engine.push(&built.tagged)?;
            }
        }
        let bills = sbom::write(&built, &deployment)?;
        for built in &built {
            lock.put(built);
        }
        lock.write(&path)?;
        plain(&format!("\n{}", table(&built)));
        plain(&format!("\nwritten: {}, and what is in them to {}", path.display(), workspace::shown(&bills)));
        if self.push.is_none() {
            plain("they stay on this machine: --push REGISTRY sends them, and writes digests for the manifests");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the wanted ones are made from. What was built before needs nothing to build it.
    fn bases<'d>(&self, deployment: &'d Deployment, wanted: &[Image]) -> BTreeSet<&'d str> {
        let base = &deployment.images.base;
        let of = |image: &Image| match image {
            Image::Backend if self.programs.is_some() => vec![&base.rust, &base.runtime],
            Image::Backend => vec![&base.node, &base.rust, &base.runtime],
            Image::Frontend if self.page.is_none() => vec![&base.node, &base.nginx],
            Image::Frontend | Image::Proxy => vec![&base.nginx],
        };
        wanted.iter().flat_map(of).map(String::as_str).collect()
    }

    fn deployment(&self) -> Result<Deployment> {
        let mut given = self.set.clone();
        given.extend(self.tag.iter().map(|tag| ("images.tag".to_owned(), tag.clone())));
        given.extend(self.push.iter().map(|registry| ("images.registry".to_owned(), registry.clone())));
        manifests::read_unlocked(&self.deploy, &given)
    }

    fn build(&self, engine: &Engine, deployment: &Deployment, folder: &Path, image: Image, revision: &Revision) -> Result<Built> {
        let begin = Instant::now();
        let tagged = deployment.images.tagged(image);
        let name = image.name();
        let mut command = engine.build(revision.time_s);
        command.arg("--file").arg(folder.join(format!("docker/{name}.Dockerfile"))).args(["--target", "production", "--tag", &tagged]);
        command.args(["--build-arg", &format!("VERSION={}", deployment.images.tag), "--build-arg", &format!("REVISION={}", revision.name)]);
        for stage in [(Image::Backend, "PROGRAMS", &self.programs), (Image::Frontend, "PAGE", &self.page)] {
            let (of, argument, given) = stage;
            if of == image && given.is_some() {
                command.args(["--build-arg", &format!("{argument}=prebuilt")]);
            }
        }
        if let Some(platform) = &self.platform {
            command.args(["--platform", platform]);
        }
        let status = command.arg(folder).status().with_context(|| format!("start {}", engine.name()))?;
        if !status.success() {
            bail!("{name} could not be built: {status}; what the engine said stands above");
        }
        let seen = engine.inspect(&tagged)?;
        let base = match image {
            Image::Backend => &deployment.images.base.runtime,
            Image::Frontend | Image::Proxy => &deployment.images.base.nginx,
        };
        // An engine that builds apart from its images does not have it.
        let added_bytes = engine.inspect(base).ok().map(|base| seen.size_bytes.saturating_sub(base.size_bytes));
        Ok(Built { image, tagged, digest: seen.id, size_bytes: seen.size_bytes, added_bytes, took: begin.elapsed() })
    }
}

fn table(built: &[Built]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["image", "digest", "MB", "over its base", "s"]);
    for column in 2..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for built in built {
        let added = built.added_bytes.map_or_else(|| "unknown".to_owned(), megabytes);
        let short = built.digest.chars().take("sha256:".len() + 12).collect();
        table.add_row([built.tagged.clone(), short, megabytes(built.size_bytes), added, format!("{:.1}", built.took.as_secs_f32())]);
    }
    table
}

/// The commit that would be built now, as images name it.
///
/// # Errors
///
/// As for a build: without a checkout, or with what is not committed, unless `allow_dirty`.
pub(crate) fn revision(allow_dirty: bool) -> Result<String> {
    Ok(context::revision(allow_dirty)?.name)
}

/// With one digit: `12.3`.
fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// What a program writes to standard output.
///
/// # Errors
///
/// When it cannot be started or does not end well, with what it said.
fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("start {program}"))?;
    if !output.status.success() {
        bail!("{program}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn megabytes_have_one_digit() {
        assert_eq!(super::megabytes(0), "0.0");
        assert_eq!(super::megabytes(12_345_678), "12.3");
    }
}
