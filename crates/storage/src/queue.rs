//! The way to the writer, and its end.
//!
//! A channel whose receiver is gone keeps what it holds as long as somebody could send, and whoever waits for an answer to that waits for
//! ever. So the one sender can be taken away: nothing is sent after that, the writer finds the end behind what was, and where there is no writer
//! any more, what is left is dropped, which is an answer.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::job::Message;

pub(crate) struct Queue(RwLock<Option<Sender<Message>>>);

impl Queue {
    pub(crate) fn new(limit: usize) -> (Self, Receiver<Message>) {
        let (sender, receiver) = bounded(limit);
        (Self(RwLock::new(Some(sender))), receiver)
    }

    /// Gives the message back without dropping it, because what it captured may close the store.
    pub(crate) fn try_send(&self, message: Message) -> Result<(), TrySendError<Message>> {
        match &*self.read() {
            Some(sender) => sender.try_send(message),
            None => Err(TrySendError::Disconnected(message)),
        }
    }

    /// For somebody who waits for a place in it; the writer does not end before this is dropped.
    pub(crate) fn sender(&self) -> Option<Sender<Message>> {
        self.read().clone()
    }

    /// How much waits in it; `None` once it is closed.
    pub(crate) fn depth(&self) -> Option<usize> {
        self.read().as_ref().map(Sender::len)
    }

    /// The writer empties it and ends.
    pub(crate) fn close(&self) {
        let sender = self.0.write().unwrap_or_else(PoisonError::into_inner).take();
        // Without the lock: it may be the last that holds what was not run, and that is foreign.
        drop(sender);
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Sender<Message>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::job::{Queued, Turn, Tx};

    #[test]
    fn what_waits_for_a_writer_that_is_gone_is_answered() {
        let write = || {
            let (sender, answer) = oneshot::channel();
            (Message::Write(Box::new(Queued::new(|_: &Tx| Ok(()), sender, Turn::new(Duration::MAX)))), answer)
        };
        let (queue, receiver) = Queue::new(2);
        let (message, answer) = write();
        assert!(queue.try_send(message).is_ok());
        assert_eq!(queue.depth(), Some(1));
        drop(receiver);
        queue.close();
        assert!(answer.recv().is_err());
        assert!(matches!(queue.try_send(write().0), Err(TrySendError::Disconnected(_))));
        assert!(queue.depth().is_none() && queue.sender().is_none());
    }
}
