//! What every doctor of ours does, whatever it looks at: it looks at one thing after the other, says what was seen, why that matters and which
//! command mends it, and mends what is safe to mend by itself.
//!
//! A [`Check`] is a name and a function that looks. It gives a [`Seen`]: one sentence, and a [`Finding`] for each thing that is wrong. A
//! [`Report`] of many is text for people or JSON for programs; [`Options`] are the flags that all doctors have.

mod check;
mod containers;
mod finding;
mod options;
mod port;
mod program;
mod report;

pub use check::{Check, Outcome, Seen, examine};
pub use containers::containers;
pub use finding::{Act, Finding, Severity, as_root, quoted};
pub use options::{Options, Wanted};
pub use port::{Holder, holder};
pub use program::{Version, said};
pub use report::{Entry, Report};
