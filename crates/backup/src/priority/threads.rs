//! The threads of one piece of work, and where they may run. Linux only; elsewhere they run anywhere.

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::Threads;
#[cfg(target_os = "linux")]
pub(crate) use linux::Threads;

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::RefCell;
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use rustix::thread::{CpuSet, Pid, gettid, sched_getaffinity, sched_setaffinity};
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
    };

    thread_local! {
        static OF_THIS_ONE: RefCell<Threads> = RefCell::default();
    }

    /// None of it where the work has no pace to keep.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Threads(Option<Arc<Mutex<Known>>>);

    #[derive(Debug)]
    struct Known {
        ids: Vec<Pid>,
        /// Where they may run now.
        on: CpuSet,
        /// All processors that the process may use, and all but one.
        all: CpuSet,
        fewer: CpuSet,
    }

    impl Threads {
        /// For work that begins.
        pub(crate) fn new() -> Self {
            let Ok(all) = sched_getaffinity(None) else { return Self(None) };
            let mut fewer = all;
            if all.count() > 1
                && let Some(first) = (0..CpuSet::MAX_CPU).find(|cpu| all.is_set(*cpu))
            {
                fewer.unset(first);
            }
            Self(Some(Arc::new(Mutex::new(Known { ids: Vec::new(), on: all, all, fewer }))))
        }

        /// Those that the calling thread is one of, to let a thread in that it starts.
        pub(crate) fn of_this_one() -> Self {
            OF_THIS_ONE.with_borrow(Self::clone)
        }

        /// Makes the calling thread the first one, and lowers its priority for good; those that it starts inherit that.
        pub(crate) fn enter_first(&self) -> OneOf {
            if self.0.is_some() {
                lower();
            }
            self.enter()
        }

        /// Makes the calling thread one of them until the value is dropped.
        pub(crate) fn enter(&self) -> OneOf {
            if let Some(mut known) = self.known() {
                known.ids.push(gettid());
                run_on(gettid(), &known.on);
            }
            OF_THIS_ONE.replace(self.clone());
            OneOf
        }

        /// Keeps them off one of the processors, or lets them run on all.
        pub(crate) fn leave_one_free(&self, leave: bool) {
            let Some(mut known) = self.known() else { return };
            let on = if leave { known.fewer } else { known.all };
            if on != known.on {
                known.on = on;
                known.ids.iter().for_each(|id| run_on(*id, &on));
            }
        }

        fn known(&self) -> Option<MutexGuard<'_, Known>> {
            self.0.as_ref().map(|known| known.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    /// A thread that takes part in the work.
    #[derive(Debug)]
    pub(crate) struct OneOf;

    impl Drop for OneOf {
        fn drop(&mut self) {
            let threads = OF_THIS_ONE.take();
            if let Some(mut known) = threads.known() {
                known.ids.retain(|id| *id != gettid());
            }
        }
    }

    fn run_on(id: Pid, on: &CpuSet) {
        if let Err(error) = sched_setaffinity(Some(id), on) {
            tracing::debug!(error = &error as &dyn std::error::Error, "a thread runs on the processors that it ran on");
        }
    }

    /// How long the machine is looked at before a piece of work begins.
    const GLANCE: Duration = Duration::from_millis(100);
    /// What must be left of it, as a share, for work that only takes what is left.
    const SPARE_LEAST: f64 = 0.1;

    /// `SCHED_IDLE` where the system lets us and something is left for it. A machine that others keep busy would let such a thread wait for hours
    /// (it has 3 of 1,027 shares): there it is nice 10, one tenth. Neither can be taken back.
    fn lower() {
        let before = Processors::now();
        std::thread::sleep(GLANCE);
        let is_busy = before.zip(Processors::now()).is_some_and(|(before, now)| now.spare_since(before) < SPARE_LEAST);
        let nice = if is_busy { 10 } else { 19 };
        if let Err(error) = rustix::process::setpriority_process(None, nice) {
            tracing::debug!(error = &error as &dyn std::error::Error, "the priority of a thread stays what it is");
        }
        if is_busy {
            tracing::debug!("this machine is busy: the work takes a tenth of it");
            return;
        }
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread is scheduled as it was");
        }
    }

    /// What all processors together have done since the start, in ticks.
    #[derive(Debug, Clone, Copy)]
    struct Processors {
        idle: u64,
        all: u64,
    }

    impl Processors {
        /// Of the whole machine, in a container as well: there it is the neighbours who keep it busy.
        fn now() -> Option<Self> {
            let stat = std::fs::read_to_string("/proc/stat").ok()?;
            // user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in user already.
            let ticks: Vec<u64> = stat.lines().next()?.split_whitespace().skip(1).take(8).map_while(|text| text.parse().ok()).collect();
            let idle = ticks.get(3)? + ticks.get(4)?;
            Some(Self { idle, all: ticks.iter().sum() })
        }

        fn spare_since(self, before: Self) -> f64 {
            let ticks = |ticks: u64| f64::from(u32::try_from(ticks).unwrap_or(u32::MAX));
            ticks(self.idle.saturating_sub(before.idle)) / ticks(self.all.saturating_sub(before.all)).max(1.0)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    #[derive(Debug, Clone, Copy, Default)]
    pub(crate) struct Threads;

    /// A thread that takes part in the work.
    #[derive(Debug)]
    pub(crate) struct OneOf;

    impl Threads {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) fn of_this_one() -> Self {
            Self
        }

        pub(crate) fn enter_first(self) -> OneOf {
            OneOf
        }

        pub(crate) fn enter(self) -> OneOf {
            OneOf
        }

        pub(crate) fn leave_one_free(self, _leave: bool) {}
    }
}
