//! `cargo xtask data`: the data of a site, down to this checkout and up to where it runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::cargo::cargo;
use crate::deploy::{self, Line, Where, ask};
use crate::dev::{DATABASE, Data as Development};
use crate::output::plain;

/// Carry the data of a site: down, to a development site on this machine; up, to where it runs
///
/// What is replaced is backed up first, and that backup restored before it counts; what arrives is restored and compared before it takes its
/// place. Secrets do not travel in either direction: password hashes, sessions, tokens, what is encrypted with the key of the site, settings
/// files.
#[derive(Args)]
pub(crate) struct Data {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// From the site to this machine
    Pull(Pull),
    /// From this machine to the site, in the place of what it has
    Push(Push),
}

#[derive(Args)]
struct Pull {
    /// Give people other names and addresses, there, before anything comes here; what they wrote to the site stays there
    #[arg(long)]
    scrub: bool,
    #[command(flatten)]
    both: Both,
}

/// The site is closed from before its last backup on, so that nothing is lost where it goes back to that; who reads gets the last copies. Accounts
/// come without passwords: `api-server admin reset-password` there gives the first one.
#[derive(Args)]
struct Push {
    /// Why, for the history and whoever finds the lock
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    both: Both,
}

#[derive(Args)]
struct Both {
    #[command(flatten)]
    place: Where,
    /// The development data: the folder of `cargo xtask dev`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only show what would be done, command by command
    #[arg(long)]
    plan: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// What is done, one after the other.
struct Step {
    what: &'static str,
    line: Line,
}

impl Data {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Pull(pull) => pull.run(),
            Command::Push(push) => push.run(),
        }
    }
}

impl Pull {
    fn run(self) -> Result<ExitCode> {
        let development = Development::new(self.both.data.as_deref())?;
        let folder = development.folder();
        let (name, export) = deploy::exporting(&self.both.place, if self.scrub { "--scrub" } else { "--without-secrets" })?;
        let archive = self.both.place.out.join("data").join(format!("{name}.tar.gz"));
        let has_data = folder.join(DATABASE).exists();
        let steps = steps(export, &archive, folder, has_data)?;
        for step in &steps {
            plain(&format!("{}\n    $ {}", step.what, step.line));
        }
        if self.both.plan {
            return Ok(ExitCode::SUCCESS);
        }
        // One that was killed left it; people may be in it.
        deploy::forget(&archive)?;
        development.check_unused()?;
        let question = format!("Replace the data in {}? Type the name of the deployment:", folder.display());
        agreed(!has_data || self.both.yes, &question, &name)?;
        build()?;
        // A backup is not whole without it, and a site that has no media came without it.
        development.create_media()?;
        let stopped = stopped()?;
        let done = steps.into_iter().try_for_each(|step| {
            plain(&format!("== {}", step.what));
            step.line.run()?;
            if stopped.load(Ordering::Relaxed) { bail!("stopped, as you said; {} was done", step.what) } else { Ok(()) }
        });
        // However it ended.
        deploy::forget(&archive).context("people may be in it")?;
        done?;
        plain(&format!("\nthe data of {name} are in {}; cargo xtask dev makes an account to sign in with", folder.display()));
        Ok(ExitCode::SUCCESS)
    }
}

/// From now on who wants this to end waits for the step that is being done, and for what must not stay.
fn stopped() -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&stopped)).context("listen for signals")?;
    }
    Ok(stopped)
}

fn steps(export: Line, archive: &Path, folder: &Path, has_data: bool) -> Result<Vec<Step>> {
    let local = |words: &[&str]| Ok::<_, anyhow::Error>(deploy::local(&program()?, folder).with(words.iter().copied()));
    let mut steps = vec![Step { what: "a copy, made there and without its secrets", line: export.writing(archive) }];
    if has_data {
        let line = local(&["once", "--reason", "manual"])?;
        steps.push(Step { what: "what is here, as a backup that is restored before it counts", line });
    }
    let line = local(&["import", "-", "--yes"])?.reading(archive);
    steps.push(Step { what: "the copy, verified here before it takes the place of what is kept beside it", line });
    Ok(steps)
}

impl Push {
    fn run(self) -> Result<ExitCode> {
        let development = Development::new(self.both.data.as_deref())?;
        if !self.both.plan {
            let folder = development.folder();
            if !folder.join(DATABASE).exists() {
                bail!("there is no site in {}: cargo xtask dev makes one", folder.display());
            }
            development.check_unused()?;
            let question = "What the site has is replaced by that. Type the domain of the site:";
            agreed(self.both.yes, question, &deploy::domain(&self.both.place)?)?;
            build()?;
        }
        deploy::push(&self.both.place, self.both.plan, self.why, development.folder(), &program()?)
    }
}

/// Nothing is replaced unless somebody says so.
fn agreed(already: bool, question: &str, expected: &str) -> Result<()> {
    if already || (ask::is_there() && ask::typed(question, expected)?) {
        return Ok(());
    }
    bail!("nothing was changed; --yes answers where nobody sits")
}

/// `backupd` of this checkout, and beside it the server, which knows what is secret.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("find the folder of this program")?;
    Ok(own.with_file_name("backupd"))
}

fn build() -> Result<()> {
    let status = cargo().args(["build", "--quiet", "--workspace", "--bin", "api-server", "--bin", "backupd"]).status();
    if !status.context("start cargo")?.success() {
        bail!("the programs of this checkout do not build; what is said stands above");
    }
    Ok(())
}
