//! `cargo xtask deploy` and `rollback`: a version takes the place of the one before, or the one before stays.
//!
//! ```text
//! deploy.toml + command line + target  ->  Facts  ->  plan (steps as values)  ->  carried out, line by line in a journal
//! ```

mod act;
mod adopted;
mod alive;
pub(crate) mod ask;
mod attempts;
mod carry;
mod clock;
mod cluster;
mod cluster_lock;
mod cluster_record;
#[cfg(test)]
mod engine_tests;
mod facts;
pub(crate) mod folder;
mod gate;
mod gather;
mod gather_cluster;
mod journal;
mod line;
mod lock;
mod plan;
mod preflight;
mod release;
mod room;
mod schema;
mod server;
mod shown;
mod standing;
mod store;
mod warm;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::manifests;
use crate::output::plain;
use act::World;
pub(crate) use facts::Site;
use facts::{Facts, Target};
pub(crate) use folder::forget;
use gather::Wanted;
use journal::{Alone, Event, Journal};
pub(crate) use line::Line;
pub(crate) use plan::compose::local;
pub(crate) use standing::Standing;

/// Make a new version run, or keep the one that does
///
/// Tests, images, a proven backup, the migration on a copy, the new server on the restored backup; then visitors read for a moment that the site is
/// being worked on, the new server starts, and must answer before they come in again. If it does not, the version before runs again, with
/// the data as it was; on a cluster, where the data stay, unless the schema was migrated, which that version would refuse. Killed or cut
/// off, the same command goes on where it was, and no other one does.
///
/// Exit codes: 0 the new version runs; 1 the one before does, or nothing was changed, or somebody must look or decide: the last lines say which; 2
/// wrong command line.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Deploy {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    how: How,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Make a version run again that ran before: the one before this, or one that is named
///
/// With the same steps and the same gate. Where its schema is older, the database is put back as it was before the migration, unless rows were
/// written since: then it shows how many, and asks. On a cluster it is not done by itself then: it says what to type.
#[derive(Args)]
pub(crate) struct Rollback {
    /// Its version, or its number in `cargo xtask deploy history`
    version: Option<String>,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    how: How,
}

/// What is deployed, and where.
#[derive(Args)]
pub(crate) struct Where {
    /// Where the site runs
    #[arg(long, value_enum, default_value = "compose", global = true)]
    target: Target,
    /// The deployment
    #[arg(long, value_name = "FILE", default_value = DEPLOY, global = true)]
    deploy: PathBuf,
    /// The folder of rendered files; below it, releases and journals of each deployment
    #[arg(long, value_name = "DIR", default_value = OUT, global = true)]
    pub(crate) out: PathBuf,
    /// A value that wins over the deployment's: images.tag=2.1.0. Never a secret
    #[arg(long, value_name = "KEY=VALUE", value_parser = manifests::key_value, global = true)]
    set: Vec<(String, String)>,
}

/// What is meant where nobody says so.
const DEPLOY: &str = "deploy.toml";
const OUT: &str = "deploy";

impl Where {
    /// What leads there, as it was typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |name: &str, value: &Path| words.extend([name.to_owned(), value.display().to_string()]);
        if self.target != Target::Compose {
            add("--target", Path::new(self.target.word()));
        }
        if self.deploy != Path::new(DEPLOY) {
            add("--deploy", &self.deploy);
        }
        if self.out != Path::new(OUT) {
            add("--out", &self.out);
        }
        words
    }
}

#[derive(Args, Default)]
pub(crate) struct How {
    /// Only show what would be done, command by command
    #[arg(long)]
    plan: bool,
    /// Why, for the history and whoever finds the lock
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Leave the tests out; the reason is kept
    #[arg(long, value_name = "REASON")]
    skip_tests: Option<String>,
    /// Make no backup first, on a cluster whose backupd does not run; the reason is kept
    #[arg(long, value_name = "REASON")]
    skip_backup: Option<String>,
    /// Take the images that are built, as images.lock and images.tag name them
    #[arg(long)]
    images: bool,
    /// Build on the base images as their registries have them today: an engine else takes what it fetched once
    #[arg(long, conflicts_with = "images")]
    pull: bool,
    /// Build what is not committed, too
    #[arg(long)]
    allow_dirty: bool,
    /// Where going back would lose what visitors wrote: lose it
    #[arg(long)]
    discard_writes: bool,
}

#[derive(Subcommand)]
enum Command {
    /// What runs, and whether somebody deploys
    Status,
    /// Every attempt: when, who, what, how it ended
    History {
        /// For programs: a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Give up what was cut off here, with its lock; else take the lock from a deployment that is over, whoever began it
    Unlock,
}

impl Deploy {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.command {
            None => run(&self.place, &self.how, &Wanted::Version),
            Some(Command::Status) => shown::status(&self.place),
            Some(Command::History { json }) => shown::history(&self.place, json),
            Some(Command::Unlock) => shown::unlock(&self.place),
        }
    }
}

impl Rollback {
    pub(crate) fn run(self) -> Result<ExitCode> {
        run(&self.place, &self.how, &Wanted::Back(self.version.as_deref()))
    }
}

/// Brings the data in `folder` to the site, in the place of what it has.
///
/// # Errors
///
/// Where it cannot be begun, or the journal cannot be written.
pub(crate) fn push(place: &Where, plan: bool, why: Option<String>, folder: &Path, program: &Path) -> Result<ExitCode> {
    if place.target != Target::Compose {
        bail!(
            "the volumes of a cluster are for one pod, which has to end before others write them: bring the data up on one machine, or restore a \
             backup of them as docs/operations/restore.md says"
        );
    }
    let how = How { plan, why, ..How::default() };
    run(place, &how, &Wanted::Data { folder: folder.to_owned(), program: program.to_owned() })
}

/// The name of a deployment, and what makes its backup daemon write the whole site, with a flag that says without what.
///
/// # Errors
///
/// When the deployment cannot be read, or its programs are not there.
pub(crate) fn exporting(place: &Where, without: &str) -> Result<(String, Line)> {
    let words = ["/usr/local/bin/backupd", "export", without];
    if place.target == Target::Compose {
        let site = Standing::of(place)?;
        let line = store::docker(&site.tools).with(["container", "exec", &format!("{}-backupd-1", site.name)]).with(words);
        return Ok((site.name, line));
    }
    let (name, cluster) = gather_cluster::standing(place)?;
    let line = cluster.line(["exec", "deployment/backend", "--container", "backupd", "--"]).with(words);
    Ok((name, line))
}

/// # Errors
///
/// When the deployment cannot be read.
pub(crate) fn domain(place: &Where) -> Result<String> {
    Ok(manifests::read_unlocked(&place.deploy, &place.set)?.domain)
}

/// Whether it goes on by these words. Who types others wants something else.
fn is_meant(journal: &Journal, facts: &Facts, words: &[String]) -> Result<bool> {
    // Sources, data and flags may be other ones since.
    if !journal.is_known() {
        return Ok(false);
    }
    if facts.words == words {
        return Ok(true);
    }
    bail!(
        "deployment {} of {} {} was cut off, and goes on by the command that began it:\n    {}\nor give it up, and look at what runs then:\n    {}",
        facts.number,
        facts.name,
        facts.version,
        facts.command(facts.words.iter().map(String::as_str)),
        facts.command(["deploy", "unlock"])
    )
}

/// What was cut off goes on only under its own lock: where somebody took it away, another one may have been deployed since.
fn may_go_on(journal: &Journal, facts: &Facts) -> Result<bool> {
    if !journal.needs_lock() {
        return Ok(true);
    }
    match facts.target {
        Target::Compose => Ok(store::lock_of(&facts.tools, &facts.name)?.is_some_and(|held| held.release == facts.release)),
        Target::K8s => cluster_lock::is_held(facts),
        Target::Gitops => Ok(true),
    }
}

/// Gives up what may not go on.
fn refuse_without_lock(journal: &mut Journal, facts: &Facts) -> Result<()> {
    if may_go_on(journal, facts)? {
        return Ok(());
    }
    forget_images(journal, facts);
    carry::finish(facts, journal, GIVEN_UP)?;
    bail!(
        "the lock of deployment {} was taken away since, so it is given up; what it had done stands in {}, and `{}` says what runs. If visitors still \
         read that the site is being worked on, the next deployment that passes ends that",
        facts.number,
        journal.path().display(),
        facts.command(["deploy", "status"])
    )
}

/// Of an attempt that no record tells of: nobody would look for the names that it gave.
fn forget_images(journal: &Journal, facts: &Facts) {
    if !journal.has_begun("record") {
        World::new(facts).forget_images();
    }
}

fn still_running() {
    plain("waiting for what an earlier deployment left running");
}

/// How it ends that was cut off, and that nobody goes on with.
const GIVEN_UP: &str = "given up";

fn run(place: &Where, how: &How, wanted: &Wanted<'_>) -> Result<ExitCode> {
    let deployment = manifests::read_unlocked(&place.deploy, &place.set)?;
    let journals = gather::folder(place, &deployment)?.join("journal");
    let words = wanted.words(&place.set);
    if how.plan {
        plain(planned(place, how, wanted, &journals)?.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let _alone = Alone::take(&journals, journal::PATIENCE, still_running)?;
    if let Some((mut journal, mut facts)) = Journal::unfinished(&journals, clock::now)? {
        refuse_without_lock(&mut journal, &facts)?;
        if is_meant(&journal, &facts, &words)? {
            // What was not said when it began may be said now.
            facts.discard |= how.discard_writes;
            journal.write(Event::Resumed)?;
            plain(&format!("going on with deployment {} of {} {}, from {}", facts.number, facts.name, facts.version, facts.begun_at));
            return carry::out(&facts, journal);
        }
        forget_images(&journal, &facts);
        carry::finish(&facts, &mut journal, GIVEN_UP)?;
    }
    let facts = gather::facts(place, how, wanted)?;
    let journal = Journal::begin(&journals, &facts, clock::now)?;
    carry::out(&facts, journal)
}

/// What the same command would do: all of it, or the rest of what was cut off. While one runs, what that does.
fn planned(place: &Where, how: &How, wanted: &Wanted<'_>, journals: &Path) -> Result<String> {
    if let Some((journal, mut facts)) = Journal::unfinished(journals, clock::now)? {
        let done: Vec<&str> = plan::forward(&facts).iter().map(|step| step.name).filter(|step| journal.ended(step).is_some()).collect();
        let done = if done.is_empty() { "nothing".to_owned() } else { done.join(", ") };
        if Alone::tried(journals)?.is_none() {
            return Ok(format!("{}; done already: {done}\n{}", runs(&facts), plan::shown(&facts)));
        }
        if !may_go_on(&journal, &facts)? {
            return Ok(format!("{}: the next command gives it up, and the one after it begins anew", lost_its_lock(&facts)));
        }
        if is_meant(&journal, &facts, &wanted.words(&place.set))? {
            facts.discard |= how.discard_writes;
            return Ok(format!("it was cut off, and goes on; done already: {done}\n{}", plan::shown(&facts)));
        }
    }
    Ok(plan::shown(&gather::facts(place, how, wanted)?))
}

fn lost_its_lock(facts: &Facts) -> String {
    format!("deployment {} of {} {} was cut off, and its lock was taken away since", facts.number, facts.name, facts.version)
}

/// Of one whose journal has not ended, while somebody keeps others out.
fn runs(facts: &Facts) -> String {
    format!("deployment {} of {} {} is running here, or a command that it left", facts.number, facts.name, facts.version)
}
