//! Copies at the targets: those that are missing, those that are no longer kept, and those that nobody read for long. A target that cannot be
//! reached is a problem of the run, and of nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use magnetiq_backup::remote::{Target, Verify};
use magnetiq_backup::{Entry, Error, PrunePlan};
use magnetiq_config::BackupTarget;

use crate::options::retention;
use crate::status::has_failed;
use crate::targets;
use crate::work::{DAY, Problems, Report, SLACK, Work, age};

/// So many of the newest backups are made up for where a copy or a proof is missing.
pub(crate) const RECENT: usize = 3;

impl Work {
    /// What a target lacks: first what is partly there, however old, since one that takes long would never arrive if a newer one came before it;
    /// then those of the newest backups that it would keep.
    pub(crate) fn lacking<'a>(&self, target: &BackupTarget, entries: &'a [Entry]) -> Vec<&'a Entry> {
        let candidates: Vec<_> = entries.iter().map(Entry::candidate).collect();
        let decisions = retention(&target.retention).plan(&candidates, self.clock.now());
        let recent = entries.iter().zip(decisions).take(RECENT).enumerate();
        let mut lacking = self.begun(target, entries);
        let lacks = self.without_copy(target);
        for (at, (entry, decision)) in recent {
            let is_wanted = decision.keep && lacks(entry) && (at == 0 || !has_failed(entry));
            if is_wanted && !lacking.iter().any(|begun| begun.id == entry.id) {
                lacking.push(entry);
            }
        }
        lacking
    }

    /// The backups of which a part is at a target already.
    pub(crate) fn begun<'a>(&self, target: &BackupTarget, entries: &'a [Entry]) -> Vec<&'a Entry> {
        let lacks = self.without_copy(target);
        let is_begun = |entry: &&Entry| lacks(entry) && !has_failed(entry) && self.backups.has_begun_copy(entry, &target.name);
        entries.iter().filter(is_begun).collect()
    }

    /// Whether a backup of this site has no copy at a target.
    fn without_copy(&self, target: &BackupTarget) -> impl Fn(&Entry) -> bool {
        // What was backed up here before the site came from there was another site, such as the empty one of a new machine.
        let since = self.memory().restored_from.get(&target.name).copied();
        move |entry| {
            since.is_none_or(|since| entry.created_at() > since) && entry.record.copies.iter().all(|copy| copy.target != target.name)
        }
    }

    /// Sends each target what it lacks.
    pub(crate) fn copy(&self, problems: &mut Problems, report: Report) {
        let entries = match self.backups.list() {
            Ok(entries) => entries,
            Err(error) => return problems.add("the backups cannot be listed", &error),
        };
        for settings in &self.settings.backup.targets {
            let lacking = self.lacking(settings, &entries);
            let Some(first) = lacking.first() else { continue };
            let Some(target) = self.reached(settings, &format!("{} is not copied to {}", first.id, settings.name), problems) else {
                continue;
            };
            for entry in lacking {
                match target.push(&self.backups, entry, report) {
                    Ok(copy) => tracing::info!(target = target.name(), id = entry.id, verified = copy.verified, "the backup has a copy"),
                    Err(error @ Error::GaveWay { .. }) => return problems.add(&format!("{} is not copied yet", entry.id), &error),
                    Err(error) => {
                        problems.add(&format!("{} is not copied to {}", entry.id, target.name()), &error);
                        break;
                    }
                }
            }
        }
    }

    /// The target, or the problem that it is.
    fn reached(&self, settings: &BackupTarget, what: &str, problems: &mut Problems) -> Option<Target> {
        targets::connect(&self.settings.backup, settings).inspect_err(|error| problems.add(what, error)).ok()
    }

    pub(crate) fn prune_copies(&self, now: Timestamp, careful: impl Fn(PrunePlan) -> PrunePlan, problems: &mut Problems) {
        for settings in &self.settings.backup.targets {
            let what = format!("old copies are not removed at {}", settings.name);
            let Some(target) = self.reached(settings, &what, problems) else { continue };
            let pruned = target
                .reconcile(&self.backups)
                .and_then(|_| target.plan_prune(now))
                .and_then(|plan| target.prune(&self.backups, &careful(plan)));
            match pruned.and_then(|pruned| target.reconcile(&self.backups).map(|_| pruned)) {
                Ok(pruned) if pruned.removed.is_empty() => {}
                Ok(pruned) => tracing::info!(target = target.name(), removed = ?pruned.removed, "old copies are removed"),
                // Told by the copy just now: the newest one lacks there as long as it is refused.
                Err(Error::TargetOwned { .. }) => {}
                Err(error) => problems.add(&what, &error),
            }
        }
    }

    /// Once in `verify.integrity_days`, the copy at each target that was not looked at for longest, and the next where that one is damaged.
    /// Those that were found damaged are read in each run, so that each says so as long as they are.
    pub(crate) fn check_copies(&self, problems: &mut Problems, report: Report) {
        let days = self.settings.backup.verify.integrity_days;
        for settings in &self.settings.backup.targets {
            let (now, mut memory) = (self.clock.now(), self.memory());
            let looked = Looked {
                checked: memory.copies_checked.remove(&settings.name).unwrap_or_default(),
                damaged: memory.copies_damaged.remove(&settings.name).unwrap_or_default(),
            };
            let is_due = !looked.checked.values().any(|at| age(*at, now) + SLACK < DAY * days);
            if days == 0 || (!is_due && looked.damaged.is_empty()) {
                continue;
            }
            let what = format!("copies at {} could not be verified", settings.name);
            let Some(target) = self.reached(settings, &what, problems) else { continue };
            let how = if settings.verify { Verify::Read } else { Verify::Size };
            let verify = |entry: &Entry| target.verify(entry, how, &mut *report).inspect_err(|error| self.distrust(&target, error));
            match target.list() {
                Ok(entries) => {
                    let looked = looked.go_on(&settings.name, &entries, is_due, now, verify, problems);
                    self.remember(|memory| {
                        memory.copies_checked.insert(settings.name.clone(), looked.checked);
                        memory.copies_damaged.insert(settings.name.clone(), looked.damaged);
                    });
                }
                Err(error) => problems.add(&what, &error),
            }
        }
    }

    /// What was found damaged there counts no longer as checked, so that the next backup that has it sends it anew.
    fn distrust(&self, target: &Target, error: &Error) {
        let Error::TargetDiffers { object, .. } = error else { return };
        if let Err(error) = target.distrust(&self.backups, object) {
            tracing::warn!(error = &error as &dyn std::error::Error, object, "a damaged file at a target could not be noted");
        }
    }
}

/// What is known of the copies at one target.
struct Looked {
    /// When each was last found to be as it was sent, by id.
    checked: BTreeMap<String, Timestamp>,
    /// The ids of those that were not.
    damaged: BTreeSet<String>,
}

impl Looked {
    /// Reads the damaged ones again, and where that `is_due` others, until one is as it was sent.
    fn go_on(
        mut self,
        target: &str,
        entries: &[Entry],
        is_due: bool,
        now: Timestamp,
        mut verify: impl FnMut(&Entry) -> Result<(), Error>,
        problems: &mut Problems,
    ) -> Self {
        let is_there = |id: &String| entries.iter().any(|entry| entry.id == *id);
        self.checked.retain(|id, _| is_there(id));
        self.damaged.retain(is_there);
        // What was sent today was read back today.
        let is_old = |entry: &&Entry| age(entry.created_at(), now) + SLACK >= DAY;
        let (again, mut others): (Vec<_>, Vec<_>) = entries.iter().filter(is_old).partition(|entry| self.damaged.contains(&entry.id));
        others.sort_by_key(|entry| (self.checked.get(&entry.id), &entry.id));
        let others = others.into_iter().filter(|_| is_due).map(|entry| (entry, false));
        for (entry, was_damaged) in again.into_iter().map(|entry| (entry, true)).chain(others) {
            match verify(entry) {
                Ok(()) => {
                    tracing::info!(target, id = entry.id, "the copy is as it was sent");
                    self.damaged.remove(&entry.id);
                    self.checked.insert(entry.id.clone(), now);
                    if !was_damaged {
                        break;
                    }
                }
                Err(error) => {
                    problems.add(&format!("the copy of {} at {target} is not verified", entry.id), &error);
                    // Otherwise it is the target that does not answer, and the next one would not be told from this one.
                    if !matches!(error, Error::TargetDiffers { .. }) {
                        break;
                    }
                    self.checked.remove(&entry.id);
                    self.damaged.insert(entry.id.clone());
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use magnetiq_backup::magnetiq_storage::rusqlite::Connection;
    use magnetiq_backup::{Backups, Clock, Depth, Reason, Request};
    use magnetiq_config::{Settings, Sources};

    use super::*;
    use crate::options::options;

    #[test]
    fn a_copy_that_is_partly_there_comes_first_and_its_backup_stays_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(
            place("site.toml"),
            format!(
                "profile = \"development\"\n[database]\npath = \"{0}/site.sqlite3\"\n[media]\nfolder = \"{0}/media\"\n[backup]\nfolder = \"{0}/backups\"\n\
                 [backup.targets.offsite]\nurl = \"file://{0}/unplugged\"\n",
                folder.path().display()
            ),
        )
        .unwrap();
        Connection::open(place("site.sqlite3")).unwrap().execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY)").unwrap();
        let settings = Settings::load(Sources { file: Some(place("site.toml")), environment: BTreeMap::new() }).unwrap();
        // One o'clock in the morning.
        let seconds = Arc::new(AtomicI64::new(1_795_482_000));
        let now = Arc::clone(&seconds);
        let clock = Clock::new(move || Timestamp::from_second(now.load(Ordering::Relaxed)).unwrap());
        let work = Work { backups: Backups::new(options(&settings).clock(clock.clone())).unwrap(), settings, clock };
        let hourly: Vec<_> = (0..6)
            .map(|_| {
                seconds.fetch_add(60 * 60, Ordering::Relaxed);
                let entry = work.backups.create(&Request::new(Reason::Schedule), &mut |_| ()).unwrap();
                work.backups.verify(&entry, Depth::Restore, &mut |_| ()).unwrap();
                entry
            })
            .collect();
        let (oldest, newest) = (&hourly[0], &hourly[5]);
        let journals = place("backups/.uploads/offsite");
        std::fs::create_dir_all(&journals).unwrap();
        std::fs::write(journals.join(format!("{}.json", oldest.record.archive.file)), "{}").unwrap();

        let left = |work: &Work| work.backups.list().unwrap().into_iter().map(|entry| entry.id).collect::<Vec<_>>();
        let entries = work.backups.list().unwrap();
        let lacking: Vec<_> = work.lacking(&work.settings.backup.targets[0], &entries).into_iter().map(|entry| &entry.id).collect();
        assert_eq!(lacking[..2], [&oldest.id, &newest.id]);
        work.prune(true, &mut Problems::default());
        assert_eq!(left(&work), [&newest.id, &oldest.id].map(String::clone));
        std::fs::remove_dir_all(&journals).unwrap();
        work.prune(true, &mut Problems::default());
        assert_eq!(left(&work), std::slice::from_ref(&newest.id));
    }
}
