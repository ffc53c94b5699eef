//! What `read` and `write` return: values that blocking code waits for and async code awaits, with no runtime in between.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread, ThreadId};

use oneshot::RecvTimeoutError;
use rusqlite::Connection;

use crate::Error;
use crate::cancel::CancelOnDrop;
use crate::job::Turn;
use crate::readers::Handle;

/// What arrives from a thread of the store; a sender that was dropped means that the store closed first.
pub(crate) type Answer<T> = oneshot::Receiver<Result<T, Error>>;

/// A write that is in the queue.
///
/// Wait for it with [`wait`](Self::wait) or `.await`. Dropping it does not take the write back: it runs, only its result is lost. Awaited, it
/// learns that it waited for too long when its turn comes; a timeout of the runtime around it comes earlier, and then it may still run.
#[must_use = "the write runs, but without waiting nobody learns whether it was kept"]
pub struct Write<T> {
    state: WriteState<T>,
    writer: ThreadId,
}

enum WriteState<T> {
    Refused(Error),
    Queued(Answer<T>, Arc<Turn>),
    Awaited(oneshot::AsyncReceiver<Result<T, Error>>),
    Done,
}

impl<T> Write<T> {
    pub(crate) fn refused(error: Error, writer: ThreadId) -> Self {
        Self { state: WriteState::Refused(error), writer }
    }

    pub(crate) fn queued(answer: Answer<T>, turn: Arc<Turn>, writer: ThreadId) -> Self {
        Self { state: WriteState::Queued(answer, turn), writer }
    }

    /// Blocks until the write is on disk, or was rolled back, or its turn has not come within
    /// [`write_deadline`](field@crate::Options::write_deadline): then it never runs.
    ///
    /// # Errors
    ///
    /// What the closure returned, or why it did not run ([`Error::Busy`], [`Error::Closed`]) or was not kept ([`Error::Commit`],
    /// [`Error::Undone`], …). On the writer thread itself, inside another write closure: [`Error::WouldDeadlock`]; the write still
    /// runs, after that closure.
    pub fn wait(self) -> Result<T, Error> {
        match self.state {
            WriteState::Refused(error) => Err(error),
            _ if thread::current().id() == self.writer => Err(Error::WouldDeadlock),
            WriteState::Queued(answer, turn) => wait_for_turn(answer, &turn),
            WriteState::Awaited(answer) => block_on(answer).unwrap_or(Err(Error::Closed)),
            WriteState::Done => unreachable!("a future that returned its value is not used again"),
        }
    }
}

/// Whoever gives up takes the turn away from the write; one that has begun is waited for, because it may be kept.
fn wait_for_turn<T>(answer: Answer<T>, turn: &Turn) -> Result<T, Error> {
    match answer.recv_timeout(turn.left()) {
        Ok(result) => result,
        Err(RecvTimeoutError::Disconnected) => Err(Error::Closed),
        Err(RecvTimeoutError::Timeout) if turn.take() => Err(turn.missed()),
        Err(RecvTimeoutError::Timeout) => answer.recv().unwrap_or(Err(Error::Closed)),
    }
}

impl<T> Unpin for Write<T> {}

impl<T> Future for Write<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut answer = match std::mem::replace(&mut self.state, WriteState::Done) {
            WriteState::Refused(error) => return Poll::Ready(Err(error)),
            WriteState::Queued(answer, _) => answer.into_future(),
            WriteState::Awaited(answer) => answer,
            WriteState::Done => panic!("a write was polled after it had returned its result"),
        };
        match Pin::new(&mut answer).poll(cx) {
            Poll::Ready(result) => Poll::Ready(result.unwrap_or(Err(Error::Closed))),
            Poll::Pending => {
                self.state = WriteState::Awaited(answer);
                Poll::Pending
            }
        }
    }
}

impl<T> std::fmt::Debug for Write<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Write").finish_non_exhaustive()
    }
}

/// A closure that reads, boxed because the handle is named without it.
pub(crate) type ReadClosure<T> = Box<dyn FnOnce(&Connection) -> Result<T, Error> + Send>;

/// A read that has not started yet: nothing happens before [`wait`](Self::wait) or the first poll.
///
/// Dropped after that, it is taken back: it is not run if its turn had not come, and interrupted if it runs.
#[must_use = "a read does nothing until it is waited for"]
pub struct Read<T> {
    state: ReadState<T>,
}

enum ReadState<T> {
    Refused(Error),
    Idle(Arc<Handle>, ReadClosure<T>),
    Awaited(oneshot::AsyncReceiver<Result<T, Error>>, CancelOnDrop),
    Done,
}

impl<T: Send + 'static> Read<T> {
    pub(crate) fn new(readers: Arc<Handle>, work: ReadClosure<T>) -> Self {
        Self { state: ReadState::Idle(readers, work) }
    }

    pub(crate) fn refused(error: Error) -> Self {
        Self { state: ReadState::Refused(error) }
    }

    /// Runs the closure here, on the caller's thread.
    ///
    /// # Errors
    ///
    /// What the closure returned; why it did not run: [`Error::Busy`], [`Error::Closed`], [`Error::Reader`]; or that it ran for too
    /// long and was interrupted: [`Error::TimedOut`].
    pub fn wait(self) -> Result<T, Error> {
        match self.state {
            ReadState::Refused(error) => Err(error),
            ReadState::Idle(readers, work) => readers.run(work),
            ReadState::Awaited(answer, _cancel) => block_on(answer).unwrap_or(Err(Error::Closed)),
            ReadState::Done => unreachable!("a future that returned its value is not used again"),
        }
    }
}

impl<T> Unpin for Read<T> {}

impl<T: Send + 'static> Future for Read<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut answer, cancel) = match std::mem::replace(&mut self.state, ReadState::Done) {
            ReadState::Refused(error) => return Poll::Ready(Err(error)),
            ReadState::Idle(readers, work) => {
                let cancel = CancelOnDrop::default();
                match readers.queue(work, &cancel.0) {
                    Ok(answer) => (answer.into_future(), cancel),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            ReadState::Awaited(answer, cancel) => (answer, cancel),
            ReadState::Done => panic!("a read was polled after it had returned its result"),
        };
        match Pin::new(&mut answer).poll(cx) {
            Poll::Ready(result) => Poll::Ready(result.unwrap_or(Err(Error::Closed))),
            Poll::Pending => {
                self.state = ReadState::Awaited(answer, cancel);
                Poll::Pending
            }
        }
    }
}

impl<T> std::fmt::Debug for Read<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").finish_non_exhaustive()
    }
}

/// For the rare handle that was polled before somebody waits for it.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
