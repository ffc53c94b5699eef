//! Carries out one step: runs its lines as they stand, and learns from what they say.

use std::cell::RefCell;
use std::process::Output;

use anyhow::{Context, Result, bail};
use magnetiq_manifests::{Files, Image, Target as Rendered};
use serde_json::Value;

use super::facts::{Facts, Learned, Repository, Target};
use super::gate::{self, Prober};
use super::line::{Line, last_words};
use super::plan::compose::{LABEL, release_image, release_lines};
use super::plan::{Step, Work};
use super::release::{Outcome, RECORD, Release};
use super::{ask, clock, cluster, cluster_lock, cluster_record, folder, preflight, room, schema, server, store, warm, watch};
use crate::images;
use crate::manifests;
use crate::output::plain;
use crate::workspace;

/// Going back would lose what was written, and nobody has said that it may.
#[derive(Debug, thiserror::Error)]
#[error("rows were written since the migration, and going back would lose them:\n{0}")]
pub(crate) struct WouldLose(pub(crate) String);

/// What steps share.
pub(crate) struct World<'a> {
    pub(crate) facts: &'a Facts,
    prober: RefCell<Option<Prober>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        Self { facts, prober: RefCell::new(None) }
    }

    /// Does a step, and gives one line about it.
    ///
    /// # Errors
    ///
    /// When it did not come to what it is for.
    pub(crate) fn act(&self, step: &Step, learned: &mut Learned, failed: Option<&str>) -> Result<String> {
        match &step.work {
            Work::Preflight => preflight::run(&step.lines, self.facts),
            Work::Secrets => preflight::elsewhere(&step.lines[0], self.facts).map(|()| String::new()),
            Work::Run => run_all(&step.lines).map(|()| String::new()),
            Work::RunShown | Work::Tell => self.run_shown(step, failed),
            Work::Build => {
                learned.revision = Some(images::revision(self.facts.allow_dirty)?);
                self.run_shown(step, failed)
            }
            Work::Release => self.release(learned),
            Work::Lock => self.lock(&step.lines),
            Work::Record(outcome) => self.record(&step.lines, learned, *outcome, failed),
            Work::Backup => backup(&step.lines[0], learned).context(match self.facts.target {
                Target::Compose => "there is no proven backup, so nothing is changed",
                Target::K8s | Target::Gitops => {
                    "there is no proven backup, so nothing is changed; where backupd itself does not run: --skip-backup REASON"
                }
            }),
            Work::Rehearse => rehearse(&step.lines[0], learned),
            Work::Drill => step.lines[0].run().map(|said| said.lines().last().unwrap_or_default().to_owned()),
            Work::Files(number) => self.files(*number, &step.lines),
            Work::Close => {
                self.start_prober()?;
                learned.closed_at = learned.closed_at.or_else(|| Some(clock::now()));
                run_all(&step.lines).map(|()| String::new())
            }
            Work::Open => run_all(&step.lines).map(|()| {
                learned.opened(clock::now());
                String::new()
            }),
            Work::Trial => gate::trial(&step.lines[0]),
            Work::Prepare => server::prepare(self.facts, &step.lines[0]).map(|()| String::new()),
            Work::Warm => warm::warm(&step.lines),
            Work::Exchange => server::exchange(self.facts, &step.lines).map(|()| String::new()),
            Work::ForgetNext => server::forget_next(self.facts, &step.lines).map(|()| String::new()),
            Work::Server => run_all(&step.lines).and_then(|()| server::settle(self.facts)).map(|()| String::new()),
            Work::Settle => server::settle(self.facts).map(|()| String::new()),
            Work::Gate { release } => gate::ready(&step.lines, release.as_deref(), &self.facts.gate),
            Work::Smoke => {
                let said = gate::smoke(&step.lines)?;
                self.end_prober(learned);
                Ok(match (learned.downtime_ms, learned.readers_away_ms) {
                    (Some(server), Some(readers)) => format!("{said}; the server was away for {server} ms, for readers {readers} ms"),
                    (Some(closed), None) => format!("{said}; visitors were kept out for {closed} ms"),
                    _ => said,
                })
            }
            Work::Watch => gate::watch(&step.lines[0], &gate::journey(&self.facts.site), &self.facts.gate),
            Work::Data => data(&step.lines[0]).or_else(|error| self.ask_to_lose(error, &step.lines[0])),
            Work::Unlock => match store::lock_of(&self.facts.tools, &self.facts.name)? {
                Some(held) if self.is_ours(&held) => run_all(&step.lines).map(|()| String::new()),
                Some(held) => Ok(format!("left to {}, who has it now", held.who)),
                None => Ok("open already".to_owned()),
            },
            Work::Keep => backed_up(&step.lines[0]).map(|id| format!("{id}, proven")),
            Work::Prune => self.prune(&step.lines, learned),
            Work::Render => cluster::rendered(self.facts, learned),
            Work::ClusterLock => cluster_lock::lock(&step.lines[0], self.facts),
            Work::ClusterRecord(outcome) => cluster_record::write(&step.lines, self.facts, learned, *outcome, failed),
            Work::Schema => schema::refuse_moved(&step.lines, self.facts),
            Work::ClusterUnlock => cluster_lock::unlock(&step.lines, self.facts),
            Work::Rollout => cluster::rollout(&step.lines).map(|()| String::new()),
            Work::Undo => cluster::undo(&step.lines),
            Work::Commit => cluster::commit(&step.lines, self.facts, self.repository()?, learned),
            Work::Revert => cluster::revert(&step.lines, self.repository()?, learned),
            Work::Sync => cluster::synced(&step.lines),
        }
    }

    /// From now on it is measured how long nobody is served. Of what was cut off meanwhile it is not: then the journal says how long visitors
    /// were kept out.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    fn start_prober(&self) -> Result<()> {
        if self.prober.borrow().is_none() {
            self.prober.replace(Some(Prober::start(&self.facts.site)?));
        }
        Ok(())
    }

    /// Who sits at a terminal decides; nobody else does.
    fn ask_to_lose(&self, error: anyhow::Error, line: &Line) -> Result<String> {
        if error.downcast_ref::<WouldLose>().is_none() || !ask::is_there() {
            return Err(error);
        }
        plain(&format!("{error}\nThe database with them is kept beside the one that takes its place."));
        if !ask::typed("Lose them? Type the name of the deployment:", &self.facts.name)? {
            return Err(error);
        }
        data(&line.clone().with(["--discard"]))
    }

    /// How long the server was away, and how long for readers, once it is over.
    fn end_prober(&self, learned: &mut Learned) {
        let Some(away) = self.prober.take().map(Prober::end) else { return };
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        learned.downtime_ms = Some(ms(away.server));
        learned.readers_away_ms = Some(ms(away.readers));
    }

    /// Hooks are told what happens.
    fn run_shown(&self, step: &Step, failed: Option<&str>) -> Result<String> {
        let facts = self.facts;
        for line in &step.lines {
            let mut command = line.command();
            for (name, value) in [
                ("VERSION", facts.version.as_str()),
                ("RELEASE", facts.release.as_str()),
                ("NUMBER", &facts.number.to_string()),
                ("NAME", facts.name.as_str()),
                ("DOMAIN", facts.site.domain.as_str()),
                ("WHO", facts.who.as_str()),
                ("REASON", failed.unwrap_or_default()),
            ] {
                command.env(format!("MAGNETIQ_DEPLOY_{name}"), value);
            }
            if step.name == "tests" || step.name == "images" {
                command.current_dir(workspace::root());
            }
            let status = command.status().with_context(|| format!("start {}", line.words()[0]))?;
            if !status.success() {
                bail!("{line}: {status}; what it said stands above");
            }
        }
        Ok(String::new())
    }

    /// Names the images, and renders the files with exactly these.
    fn release(&self, learned: &mut Learned) -> Result<String> {
        let facts = self.facts;
        let to = facts.releases().join(facts.number.to_string());
        if let Some(of) = &facts.of {
            run_all(&release_lines(facts, &of.images))?;
            learned.images.clone_from(&of.images);
            learned.revision.clone_from(&of.revision);
            learned.schema_to = of.schema;
            folder::copy(&facts.releases().join(of.number.to_string()).join("compose"), &to.join("compose"))?;
            return Ok(format!("as in deployment {}", of.number));
        }
        let mut given = facts.given.clone();
        given.push(("settings.server.release".to_owned(), facts.release.clone()));
        let mut deployment = manifests::read(&facts.deploy, None, &given)?;
        let images = Image::ALL.map(|image| (image.name().to_owned(), deployment.images.reference(image))).into();
        run_all(&release_lines(facts, &images))?;
        let mut same = Vec::new();
        for image in Image::ALL {
            let name = image.name();
            let mut reference = release_image(&facts.name, name, &facts.release);
            let seen = self.image(&reference)?;
            let revision = seen["Config"]["Labels"]["org.opencontainers.image.revision"].as_str().map(str::to_owned);
            if facts.build {
                refuse_another(&deployment.images.reference(image), revision.as_deref(), learned.revision.as_deref())?;
            }
            if image == Image::Backend {
                learned.revision = revision;
            }
            // Other labels are no other program: what is the same goes on running, and nobody's connection is cut for it.
            let before = facts.previous.as_ref().and_then(|previous| previous.images.get(name));
            if let Some(before) = before
                && image != Image::Backend
                && self.image(before).is_ok_and(|before| is_same(&before, &seen))
            {
                reference.clone_from(before);
                same.push(name);
            }
            deployment.images.pins.insert(image, reference.clone());
            learned.images.insert(name.to_owned(), reference);
        }
        let files = magnetiq_manifests::render(&deployment, &[Rendered::Compose], &Files::default())?;
        for (path, text) in files.iter() {
            folder::put(&to.join(path), text)?;
        }
        Ok(if same.is_empty() { String::new() } else { format!("{} as before", same.join(" and ")) })
    }

    fn image(&self, image: &str) -> Result<Value> {
        let text = store::docker(&self.facts.tools).with(["image", "inspect", image]).run()?;
        let seen: Value = serde_json::from_str(&text).context("understand what Docker says about an image")?;
        Ok(seen[0].clone())
    }

    /// Whether the target can be asked at all: the engine; or the cluster, and the repository that it follows.
    pub(crate) fn answers(&self) -> bool {
        let mut lines = Vec::new();
        match &self.facts.cluster {
            None => lines.push(self.facts.tools.version()),
            Some(cluster) => {
                lines.push(cluster.version());
                lines.extend(cluster.repository.as_ref().map(Repository::reach));
            }
        }
        lines.iter().all(|line| watch::answers(line, watch::PATIENCE.limit))
    }

    /// Containers of commands that were killed or cut off: with a deployment before this one, or with this one before it goes on.
    ///
    /// # Errors
    ///
    /// When the target cannot be asked.
    pub(crate) fn forget_left_over(&self) -> Result<()> {
        if self.facts.target != Target::Compose {
            return Ok(());
        }
        let docker = store::docker(&self.facts.tools);
        let project = format!("label=com.docker.compose.project={}", self.facts.name);
        let listed =
            docker.clone().with(["container", "ls", "--all", "--quiet", "--filter", &project, "--filter", &format!("label={LABEL}")]);
        for id in listed.run()?.lines() {
            docker.clone().with(["container", "rm", "--force", id]).run()?;
        }
        Ok(())
    }

    fn record(&self, lines: &[Line], learned: &mut Learned, outcome: Outcome, failed: Option<&str>) -> Result<String> {
        self.end_prober(learned);
        let facts = self.facts;
        let record = Release::of(facts, learned, outcome, failed);
        // What runs comes into the history with what is to take its place.
        let runs = facts.unrecorded().filter(|_| outcome == Outcome::Deploying);
        for record in runs.into_iter().chain([&record]) {
            let text = serde_json::to_string_pretty(record).context("write the record")?;
            folder::put(&facts.releases().join(record.number.to_string()).join(RECORD), &text)?;
        }
        run_all(lines)?;
        Ok(String::new())
    }

    fn files(&self, number: u32, lines: &[Line]) -> Result<String> {
        let (from, to) = (self.facts.releases().join(number.to_string()).join("compose"), &self.facts.tools.project);
        run_all(lines)?;
        if lines.is_empty() {
            folder::copy(&from, to)?;
        }
        Ok(format!("{} to {}", from.display(), to.display()))
    }

    fn repository(&self) -> Result<&Repository> {
        let cluster = self.facts.cluster.as_ref().context("there is no cluster")?;
        cluster.repository.as_ref().context("there is no repository")
    }

    /// Of images, the names: what others use stays, and so does what this version has from one before.
    fn prune(&self, lines: &[Line], learned: &Learned) -> Result<String> {
        let is_used = |line: &Line| learned.images.values().any(|image| line.words().last() == Some(image));
        let mut removed = 0;
        for line in lines.iter().filter(|line| !is_used(line)) {
            removed += u32::from(line.output()?.status.success());
        }
        Ok(if removed == 0 { String::new() } else { format!("{removed} images") })
    }
}

/// Where a build went to another engine, an old image may have its name.
fn refuse_another(image: &str, revision: Option<&str>, built: Option<&str>) -> Result<()> {
    if revision == built {
        return Ok(());
    }
    bail!(
        "{image} is of {}, and {} was built: the build went to another engine (`docker context ls` shows which there are), or somebody else \
         gave the name away meanwhile",
        revision.unwrap_or("an unknown commit"),
        built.unwrap_or("nothing")
    )
}

/// Whether two images do the same: layers and settings alike, whatever their labels say.
fn is_same(one: &Value, other: &Value) -> bool {
    let of = |image: &Value| {
        let mut config = image["Config"].clone();
        if let Some(config) = config.as_object_mut() {
            config.remove("Labels");
            config.remove("Image");
        }
        (image["RootFS"]["Layers"].clone(), config)
    };
    of(one) == of(other)
}

fn backup(line: &Line, learned: &mut Learned) -> Result<String> {
    let id = backed_up(line)?;
    let note = format!("{id}, proven");
    learned.backup = Some(id);
    Ok(note)
}

fn backed_up(line: &Line) -> Result<String> {
    let said = line.run()?;
    let run: Value = serde_json::from_str(&said).context("understand what backupd says")?;
    Ok(run["id"].as_str().context("backupd names no backup")?.to_owned())
}

fn rehearse(line: &Line, learned: &mut Learned) -> Result<String> {
    let said = line.run().context("the migration does not go well on a copy, so nothing is changed")?;
    let told: Value = serde_json::from_str(&said).context("understand what the rehearsal says")?;
    learned.schema_from = told["from"].as_i64();
    learned.schema_to = told["to"].as_i64();
    let pending = told["pending"].as_array().map_or(0, Vec::len);
    learned.migrates = pending > 0;
    if learned.migrates {
        room::for_the_way_back(&told["way_back"])?;
    }
    Ok(match (pending, learned.schema_to) {
        (0, to) => format!("nothing to migrate, version {}", to.unwrap_or_default()),
        (_, to) => format!("{pending} to version {}, writes wait about {} ms", to.unwrap_or_default(), told["writes_wait_ms"]),
    })
}

fn data(line: &Line) -> Result<String> {
    let output: Output = line.output()?;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if output.status.success() {
        let replaced = told["replaced"].as_str().map_or(String::new(), |path| format!(", what it replaced is {path}"));
        return Ok(format!("version {}{replaced}", told["to"]));
    }
    let Some(lost) = told["lost"].as_array() else { bail!("{line}\n    {}", last_words(&output)) };
    let rows = |rows: &Value| rows.as_u64().map_or_else(|| "none".to_owned(), |rows| rows.to_string());
    let line = |table: &Value| {
        let (name, before, now) = (table["table"].as_str().unwrap_or_default(), rows(&table["before"]), rows(&table["now"]));
        match table["written"].as_u64() {
            Some(written @ 1..) => format!("    {name}: {written} rows new or changed ({before} before the migration, {now} now)"),
            // Servers before this one counted no changed rows, and nobody is to read that nothing would be lost.
            None if before == now => format!("    {name}: {now} rows as before, with other content"),
            _ => format!("    {name}: {before} rows before the migration, {now} now"),
        }
    };
    Err(WouldLose(lost.iter().map(line).collect::<Vec<_>>().join("\n")).into())
}

pub(super) fn run_all(lines: &[Line]) -> Result<()> {
    lines.iter().try_for_each(|line| line.run().map(|_| ()))
}
