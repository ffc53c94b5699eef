//! Waiting for a future with a deadline, on a thread and with no runtime.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::deadline::Deadline;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What the future returns, `None` if it has not by then. It can be waited for again unless it has returned.
pub(crate) fn until<F: Future + Unpin>(future: &mut F, deadline: Deadline) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(result) = Pin::new(&mut *future).poll(&mut context) {
            return Some(result);
        }
        thread::park_timeout(deadline.left()?);
    }
}
