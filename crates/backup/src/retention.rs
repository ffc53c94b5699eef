//! Which backups are kept: a pure function of what there is and of the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::Reason;

/// Of the backups made for a migration, a deployment or a restore, the newest ones are kept whatever their age.
const SPECIAL_AT_LEAST: usize = 3;
/// So many of those are kept that never restored, to see what is wrong with them.
const FAILED_AT_MOST: usize = 3;

/// What is kept. Days, weeks, months and years are those of UTC and count where they have a backup: a month without the daemon costs
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// The newest backup of each of so many days. Default: 7.
    pub daily: u32,
    /// The newest backup of each of so many weeks, which begin on Monday. Default: 0.
    pub weekly: u32,
    /// The newest backup of each of so many months. Default: 0.
    pub monthly: u32,
    /// The newest backup of each of so many years. Default: 0.
    pub yearly: u32,
    /// How long those are kept that were made before a migration, a deployment or a restore. The newest three stay longer. Default: 30.
    pub keep_special_days: u32,
    /// All archives together; the oldest go first. Linked media do not count. Default: no limit.
    pub size_limit_bytes: Option<u64>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { daily: 7, weekly: 0, monthly: 0, yearly: 0, keep_special_days: 30, size_limit_bytes: None }
    }
}

/// A backup, as far as retention is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id; ids ascend even where the clock does not.
    pub id: String,
    /// What the clock said when it was made.
    pub created_at: Timestamp,
    /// Why it was made.
    pub reason: Reason,
    /// Whether a person wants it kept.
    pub pinned: bool,
    /// Whether its last verification restored it.
    pub proven: bool,
    /// Whether any verification ever did: what fails after that was good once, and may be again.
    pub was_proven: bool,
    /// Whether its last verification failed.
    pub failed: bool,
    /// Whether a file is missing in it that could not be read.
    pub partial: bool,
    /// Whether its database had lost most of what the one before had, or could not be read whole.
    pub emptied: bool,
    /// Size of the archive.
    pub size_bytes: u64,
}

impl Candidate {
    /// How good a backup is to stand for its day, week, month or year: the larger, the better.
    fn worth(&self) -> (bool, bool, bool) {
        (!self.failed, !self.partial, self.proven)
    }

    /// Whether it failed its verification and none ever restored it.
    fn never_restored(&self) -> bool {
        self.failed && !self.was_proven
    }
}

/// Why a backup is kept, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Because {
    /// It is the newest of all.
    Newest,
    /// It is the newest one that is proven, or the newest of those in which nothing is missing, or whose database was not emptied.
    NewestProven,
    /// A person wants it.
    Pinned,
    /// The newest of its day.
    Daily,
    /// The newest of its week.
    Weekly,
    /// The newest of its month.
    Monthly,
    /// The newest of its year.
    Yearly,
    /// Made before a migration, a deployment or a restore, and young enough or one of the newest three.
    Special,
    /// It does not restore, and is one of the newest three of those: to see what is wrong.
    Failed,
    /// Not kept: nothing asks for it.
    Surplus,
    /// Not kept: all together would be larger than the limit, and this is the oldest.
    SizeLimit,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Because::Newest => "newest",
            Because::NewestProven => "newest proven",
            Because::Pinned => "pinned",
            Because::Daily => "daily",
            Because::Weekly => "weekly",
            Because::Monthly => "monthly",
            Because::Yearly => "yearly",
            Because::Special => "before a change",
            Because::Failed => "to see why it does not restore",
            Because::Surplus => "not needed",
            Because::SizeLimit => "size limit",
        })
    }
}

/// What becomes of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Its id.
    pub id: String,
    /// Whether it stays.
    pub keep: bool,
    /// All reasons for that; never empty.
    pub reasons: Vec<Because>,
}

impl Retention {
    /// Keeps the newest backup of each of `days` days.
    pub fn daily(days: u32) -> Self {
        Self { daily: days, ..Self::default() }
    }

    /// Sets [`weekly`](field@Self::weekly).
    #[must_use]
    pub fn weekly(mut self, weeks: u32) -> Self {
        self.weekly = weeks;
        self
    }

    /// Sets [`monthly`](field@Self::monthly).
    #[must_use]
    pub fn monthly(mut self, months: u32) -> Self {
        self.monthly = months;
        self
    }

    /// Sets [`yearly`](field@Self::yearly).
    #[must_use]
    pub fn yearly(mut self, years: u32) -> Self {
        self.yearly = years;
        self
    }

    /// Sets [`keep_special_days`](field@Self::keep_special_days).
    #[must_use]
    pub fn keep_special_days(mut self, days: u32) -> Self {
        self.keep_special_days = days;
        self
    }

    /// Sets [`size_limit_bytes`](field@Self::size_limit_bytes).
    #[must_use]
    pub fn size_limit_bytes(mut self, bytes: Option<u64>) -> Self {
        self.size_limit_bytes = bytes;
        self
    }

    /// Whether it would keep nothing by itself.
    pub fn is_nothing(&self) -> bool {
        self.daily == 0 && self.weekly == 0 && self.monthly == 0 && self.yearly == 0
    }

    /// Decides about each of `candidates`, the newest first.
    ///
    /// Whatever the settings: the newest stays, the newest proven one stays, and so do the newest proven one without a gap, the newest proven one
    /// from before the database was emptied, and pinned ones. Of a day (week, month, year) the newest one stays that has not failed its
    /// verification, is complete and is proven, where there is one; for want of it the proof is given up first, then the completeness. Those that
    /// failed and never restored stand for no day; the newest three of them stay.
    pub fn plan(&self, candidates: &[Candidate], now: Timestamp) -> Vec<Decision> {
        let mut candidates: Vec<&Candidate> = candidates.iter().collect();
        candidates.sort_by(|a, b| b.id.cmp(&a.id));
        let mut reasons: Vec<Vec<Because>> = vec![Vec::new(); candidates.len()];
        if let Some(newest) = reasons.first_mut() {
            newest.push(Because::Newest);
        }
        let newest_proven = |fits: fn(&Candidate) -> bool| candidates.iter().position(|candidate| candidate.proven && fits(candidate));
        let newest_proven = [newest_proven(|_| true), newest_proven(|c| !c.partial), newest_proven(|c| !c.emptied)];
        for at in BTreeSet::from(newest_proven).into_iter().flatten() {
            reasons[at].push(Because::NewestProven);
        }
        for (_, reasons) in candidates.iter().zip(&mut reasons).filter(|(candidate, _)| candidate.pinned) {
            reasons.push(Because::Pinned);
        }
        for (period, count, because) in [
            (Period::Day, self.daily, Because::Daily),
            (Period::Week, self.weekly, Because::Weekly),
            (Period::Month, self.monthly, Because::Monthly),
            (Period::Year, self.yearly, Because::Yearly),
        ] {
            for at in newest_of_each(&candidates, period, count) {
                reasons[at].push(because);
            }
        }
        let mut protected: Vec<bool> = reasons.iter().map(|reasons| reasons.iter().any(|because| *because <= Because::Pinned)).collect();
        let failed = candidates.iter().zip(&mut reasons).filter(|(candidate, _)| candidate.never_restored());
        failed.take(FAILED_AT_MOST).for_each(|(_, reasons)| reasons.push(Because::Failed));
        let special = candidates.iter().enumerate().filter(|(_, candidate)| is_special(candidate.reason) && !candidate.never_restored());
        for (rank, (at, candidate)) in special.enumerate() {
            let age_seconds = now.as_second().saturating_sub(candidate.created_at.as_second());
            if rank < SPECIAL_AT_LEAST || age_seconds < i64::from(self.keep_special_days) * 86_400 {
                reasons[at].push(Because::Special);
                protected[at] |= rank < SPECIAL_AT_LEAST;
            }
        }
        let mut decisions: Vec<Decision> = Vec::with_capacity(candidates.len());
        for (candidate, reasons) in candidates.iter().zip(reasons) {
            let keep = !reasons.is_empty();
            let reasons = if keep { reasons } else { vec![Because::Surplus] };
            decisions.push(Decision { id: candidate.id.clone(), keep, reasons });
        }
        if let Some(limit) = self.size_limit_bytes {
            let mut total: u64 = candidates.iter().zip(&decisions).filter(|(_, d)| d.keep).map(|(c, _)| c.size_bytes).sum();
            for at in (0..decisions.len()).rev() {
                if total > limit && decisions[at].keep && !protected[at] {
                    total -= candidates[at].size_bytes;
                    decisions[at].keep = false;
                    decisions[at].reasons = vec![Because::SizeLimit];
                }
            }
        }
        decisions
    }
}

fn is_special(reason: Reason) -> bool {
    matches!(reason, Reason::PreMigration | Reason::PreDeploy | Reason::PreRestore)
}

#[derive(Clone, Copy)]
enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    /// Two numbers that are equal for two moments if these lie in the same period, and only then.
    fn of(self, at: Timestamp) -> (i16, i16) {
        let date = Offset::UTC.to_datetime(at).date();
        match self {
            Period::Day => (date.year(), date.day_of_year()),
            Period::Week => (date.iso_week_date().year(), i16::from(date.iso_week_date().week())),
            Period::Month => (date.year(), i16::from(date.month())),
            Period::Year => (date.year(), 0),
        }
    }
}

/// Positions of the best of each of the `count` newest periods; the newest among equals.
fn newest_of_each(candidates: &[&Candidate], period: Period, count: u32) -> Vec<usize> {
    let mut best: BTreeMap<(i16, i16), usize> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate().filter(|(_, candidate)| !candidate.never_restored()) {
        let known = best.entry(period.of(candidate.created_at)).or_insert(at);
        if candidate.worth() > candidates[*known].worth() {
            *known = at;
        }
    }
    // By the best of each, not by date: the clock may have been set, and what a prune leaves has to give the same order again.
    let mut best: Vec<usize> = best.into_values().collect();
    best.sort_unstable();
    best.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    best
}
