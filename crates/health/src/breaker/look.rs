//! A breaker in the tree of checks: one that is open is worth a look, and never a failure.

use super::{Breaker, BreakerState};
use crate::check::{Check, CheckError, CheckInfo};
use crate::deadline::Deadline;
use crate::id::{CheckId, NodeId};
use crate::reading::{Facts, Value, seconds};

impl Breaker {
    /// What a monitor has to know about this breaker: its check warns while it is not closed, looks every 5 seconds, and is not critical.
    pub fn info(&self, id: impl Into<CheckId>, node: impl Into<NodeId>) -> CheckInfo {
        let every = std::time::Duration::from_secs(5);
        CheckInfo::new(id, node, format!("Calls to {}", self.name())).every(every)
    }
}

/// Looks at the breaker itself, not at what is behind it.
impl Check for Breaker {
    fn run(&mut self, _deadline: Deadline) -> Result<Facts, CheckError> {
        let now = self.facts();
        let facts = Facts::new()
            .with("open", Value::Bool(now.state != BreakerState::Closed))
            .with("calls", Value::Count(now.calls.into()))
            .with("failed", Value::Count(now.failed.into()))
            .with("slow", Value::Count(now.slow.into()))
            .with("refused", Value::Count(now.refused));
        let name = self.name();
        Ok(match now.state {
            BreakerState::Closed => facts.saying(format!("{name} is called")),
            BreakerState::Open if now.retry_after.is_zero() => facts.warning(format!("{name} failed too often, the next call will try")),
            BreakerState::Open => {
                let wait = seconds(now.retry_after.as_secs_f64());
                facts.warning(format!("{name} failed too often and is not called for another {wait}"))
            }
            BreakerState::HalfOpen => facts.warning(format!("{name} failed too often and is being tried again")),
        })
    }
}
