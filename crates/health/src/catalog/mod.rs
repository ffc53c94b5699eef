//! The list of all checks of this crate: what each means, which limits make sense and why, what to look at, what to do, what it measures.
//!
//! Documentation, alert rules, dashboards and `explain` commands are made from it, so that they cannot tell different things.

mod data;
mod database;
mod entry;
mod outbox;
mod pictures;
mod program;
mod remote;
mod system;

pub use entry::{Bounds, DefaultLimit, Entry, Measurement, Unit};

/// All entries, in the order in which people should read them.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    [database::ENTRIES, data::ENTRIES, system::ENTRIES, program::ENTRIES, remote::ENTRIES, outbox::ENTRIES, pictures::ENTRIES]
        .into_iter()
        .flatten()
}

/// The entry of a kind of check.
pub fn find(kind: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.kind == kind)
}
