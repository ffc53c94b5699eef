//! `cargo xtask deploy` and `rollback`: a version takes the place of the one before, or the one before stays.
//!
//! ```text
//! deploy.toml + command line + target  ->  Facts  ->  plan (steps as values)  ->  carried out, line by line in a journal
//! ```

mod act;
pub(crate) mod ask;
mod carry;
mod clock;
mod cluster;
mod facts;
mod folder;
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
mod server;
mod shown;
mod standing;
mod store;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::manifests;
use crate::output::plain;
use facts::{Facts, Target};
use gather::Wanted;
use journal::{Alone, Event, Journal};
pub(crate) use line::Line;
pub(crate) use plan::compose::local;
pub(crate) use standing::Standing;

/// Make a new version run, or keep the one that does
///
/// Tests, images, a proven backup, the migration on a copy, the new server on the restored backup; then visitors read for a moment that the site is
/// being worked on, the new server starts, and must answer before they come in again. If it does not, the version before runs again, with
/// the data as it was. Killed or cut off, the same command goes on where it was.
///
/// Exit codes: 0 the new version runs; 1 the one before does, or nothing was changed, or somebody must look: the last lines say which; 2
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
/// written since: then it shows how many, and asks.
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
    #[arg(long, value_name = "FILE", default_value = "deploy.toml", global = true)]
    deploy: PathBuf,
    /// The folder of rendered files, releases and journals
    #[arg(long, value_name = "DIR", default_value = "deploy", global = true)]
    pub(crate) out: PathBuf,
    /// A value that wins over the deployment's: images.tag=2.1.0. Never a secret
    #[arg(long, value_name = "KEY=VALUE", value_parser = manifests::key_value, global = true)]
    set: Vec<(String, String)>,
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
    /// Take the lock from a deployment that is over
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
    let pod = ["--namespace", &cluster.namespace, "exec", "deployment/backend", "--container", "backupd", "--"];
    Ok((name, Line::new(&cluster.kubectl).with(pod).with(words)))
}

/// # Errors
///
/// When the deployment cannot be read.
pub(crate) fn domain(place: &Where) -> Result<String> {
    Ok(manifests::read(&place.deploy, None, &place.set)?.domain)
}

/// What was cut off goes on only under its own lock: where somebody took it away, another one may have been deployed since.
fn refuse_without_lock(journal: &mut Journal, facts: &Facts) -> Result<()> {
    let unlocked = ["unlock", "back-unlock", "stay-unlock"].into_iter().any(|step| journal.has_begun(step));
    if facts.target != Target::Compose || journal.ended("lock").is_none() || unlocked {
        return Ok(());
    }
    let held = store::lock_of(&facts.tools, &facts.name)?;
    if held.is_some_and(|held| held.number == facts.number.to_string() && held.since == facts.begun_at.to_string()) {
        return Ok(());
    }
    journal.write(Event::Finished { outcome: "given up".to_owned() })?;
    bail!(
        "the lock of deployment {} was taken away since, so it is given up; what it had done stands in {}, and `cargo xtask deploy status` says what \
         runs. If visitors still read that the site is being worked on, the next deployment ends that",
        facts.number,
        journal.path().display()
    )
}

fn run(place: &Where, how: &How, wanted: &Wanted<'_>) -> Result<ExitCode> {
    if how.plan {
        plain(plan::shown(&gather::facts(place, how, wanted)?).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let journals = place.out.join("journal");
    let _alone = Alone::take(&journals, || plain("waiting for what an earlier deployment left running"))?;
    let (journal, facts) = match Journal::unfinished(&journals, clock::now)? {
        Some((mut journal, facts)) => {
            refuse_without_lock(&mut journal, &facts)?;
            journal.resume()?;
            plain(&format!("going on with deployment {} of {} {}, from {}", facts.number, facts.name, facts.version, facts.begun_at));
            (journal, facts)
        }
        None => {
            let facts = gather::facts(place, how, wanted)?;
            (Journal::begin(&journals, &facts, clock::now)?, facts)
        }
    };
    carry::out(&facts, journal)
}
