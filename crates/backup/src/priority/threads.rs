//! The threads of one piece of work, and where they may run. Linux only; elsewhere they run anywhere.

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::Threads;
#[cfg(target_os = "linux")]
pub(crate) use linux::Threads;

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::RefCell;
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

    /// `SCHED_IDLE` and nice 19 where the system lets us. Neither can be taken back.
    fn lower() {
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread is scheduled as it was");
        }
        if let Err(error) = rustix::process::setpriority_process(None, 19) {
            tracing::debug!(error = &error as &dyn std::error::Error, "the priority of a thread stays what it is");
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
