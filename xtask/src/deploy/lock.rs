//! The lock: nobody else deploys there meanwhile, and nobody has since we looked.

use anyhow::{Result, anyhow, bail};

use super::act::{World, run_all};
use super::facts::Target;
use super::line::Line;
use super::plan::compose::release_image;
use super::watch::Silent;
use super::{release, store};

impl World<'_> {
    /// Whether a lock is ours, also from before we were killed.
    pub(super) fn is_ours(&self, held: &store::Held) -> bool {
        held.release == self.facts.release
    }

    /// Takes the lock, or fails and has none.
    pub(super) fn lock(&self, lines: &[Line]) -> Result<String> {
        let facts = self.facts;
        let taken = match store::lock_of(&facts.tools, &facts.name)? {
            Some(held) if self.is_ours(&held) => Ok(()),
            Some(held) => Err(anyhow!("{held}")),
            None => run_all(lines),
        };
        // Where the other side does not answer, the lock may be ours all the same, and whoever resumes needs the names.
        let is_refused = |error: &anyhow::Error| error.downcast_ref::<Silent>().is_none() && self.answers();
        if taken.as_ref().is_err_and(is_refused) {
            self.forget_images();
        }
        taken?;
        let checked = self.refuse_other_deployments();
        if checked.as_ref().is_err_and(is_refused) {
            // Nothing was changed yet, and nobody is to wait for us.
            store::unlock(&facts.tools, &facts.name).run()?;
            self.forget_images();
        }
        checked
    }

    /// The names that this deployment gave, while no record says that there are such: nobody would look for them. What cannot be taken away
    /// costs a name, and is no reason to say anything else than why the lock was refused.
    pub(super) fn forget_images(&self) {
        let facts = self.facts;
        if facts.target != Target::Compose {
            return;
        }
        for name in facts.images.keys().filter(|_| facts.of.is_none()) {
            let _ = store::docker(&facts.tools).with(["image", "rm", &release_image(&facts.name, name, &facts.release)]).output();
        }
    }

    fn refuse_other_deployments(&self) -> Result<String> {
        let facts = self.facts;
        self.forget_left_over()?;
        let releases = store::history(&facts.tools, &facts.name, &facts.releases())?;
        let live = release::live(&releases).map(|release| release.number);
        // `previous` may have run without having passed, so it may be newer than the last one that did.
        let another_runs = live > facts.previous.as_ref().map(|previous| previous.number);
        // A failed deployment may have taken our number: then its files would stand in the place of ours.
        if another_runs || releases.iter().any(|release| release.number >= facts.number) {
            bail!("somebody has deployed meanwhile (`cargo xtask deploy history`): look at what, and try again");
        }
        Ok(String::new())
    }
}
