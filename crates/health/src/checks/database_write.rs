//! Whether the database takes a write.

use std::time::Instant;

use magnetiq_storage::{Error, Store, Write};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::say::{budget, chain, time};
use super::wait;

/// Sends an empty write the way of all others: through the queue, into a transaction of the writer thread, and back. It changes nothing, so it
/// costs no sync.
///
/// One that is not answered in time is not sent again: the next run goes on waiting for it, so a hanging writer finds one of them in its
/// queue and not hundreds.
///
/// What holds all writes up for its time, such as `VACUUM`, does so here, too.
#[derive(Debug)]
pub struct DatabaseWrite {
    store: Store,
    pending: Option<(Instant, Write<()>)>,
}

impl DatabaseWrite {
    /// Of a store of this process.
    pub fn new(store: Store) -> Self {
        Self { store, pending: None }
    }

    /// What came of the write, `None` as long as nothing has.
    fn probe(&mut self, deadline: Deadline) -> (Instant, Option<Result<(), Error>>) {
        let (sent, mut write) = self.pending.take().unwrap_or_else(|| (Instant::now(), self.store.write(|_| Ok(()))));
        let answer = wait::until(&mut write, deadline);
        if answer.is_none() {
            self.pending = Some((sent, write));
        }
        (sent, answer)
    }
}

impl Check for DatabaseWrite {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let (sent, answer) = self.probe(budget(deadline));
        let took = sent.elapsed();
        let database = self.store.path().display();
        let facts = Facts::new().with("latency", Value::Seconds(took.as_secs_f64()));
        let facts = match answer {
            Some(Ok(())) => facts.saying(format!("{database} took a write in {}", time(took))),
            Some(Err(error @ Error::Busy { .. })) => facts.failing(format!("{database} takes no more writes: {}", chain(&error))),
            Some(Err(error)) => return Err(CheckError::failed(format!("{database} cannot be written: {}", chain(&error)))),
            None => facts.failing(format!("a write to {database} has been waiting for {}", time(took))),
        };
        // Where readers hang, too, this waits as long as the store allows a read to; the other check says so meanwhile.
        Ok(match self.store.facts() {
            Ok(store) => facts
                .with("queue", Value::Count(store.queue_depth as u64))
                .with("queue_age", Value::Seconds(store.queue_age.as_secs_f64()))
                .with("commit", Value::Seconds(store.commit_latency.average.as_secs_f64())),
            Err(error) => facts.without("queue_age", chain(&error)),
        })
    }
}
