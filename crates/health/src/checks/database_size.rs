//! How large the database is, and when it will be as large as it may get.

use std::path::PathBuf;
use std::time::Duration;

use magnetiq_storage::{Read, ReadOnlyStore, Store};

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::growth::Growth;
use super::say::{budget, bytes, chain, percent, time};
use super::wait;

/// The size up to which Magnetiq promises to work.
pub const SIZE_LIMIT_BYTES: u64 = 100_000_000_000;

/// Compares the size of the database with a limit, and tells the day of reaching it at the growth of the last seven days.
///
/// Nothing is said of growth in the first fourteen hours.
pub struct DatabaseSize {
    path: PathBuf,
    read: Box<dyn Fn() -> Read<Pages> + Send>,
    limit_bytes: u64,
    clock: Clock,
    growth: Growth,
}

/// All pages and the free ones, in bytes.
struct Pages {
    size_bytes: u64,
    free_bytes: u64,
}

fn pages(conn: &magnetiq_storage::rusqlite::Connection) -> Result<Pages, magnetiq_storage::Error> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, u32>(0).map(u64::from));
    let page = number("page_size")?;
    Ok(Pages { size_bytes: number("page_count")? * page, free_bytes: number("freelist_count")? * page })
}

impl DatabaseSize {
    /// Of a store of this process, with a limit of [`SIZE_LIMIT_BYTES`].
    pub fn new(store: Store, clock: Clock) -> Self {
        Self::reading(store.path().to_owned(), clock, move || store.read(pages))
    }

    /// Of a database that another process owns.
    pub fn of_another(store: ReadOnlyStore, clock: Clock) -> Self {
        Self::reading(store.path().to_owned(), clock, move || store.read(pages))
    }

    fn reading(path: PathBuf, clock: Clock, read: impl Fn() -> Read<Pages> + Send + 'static) -> Self {
        let growth = Growth::new(Duration::from_secs(7 * 86_400));
        Self { path, read: Box::new(read), limit_bytes: SIZE_LIMIT_BYTES, clock, growth }
    }

    /// With another limit.
    #[must_use]
    pub fn limit_bytes(self, limit_bytes: u64) -> Self {
        Self { limit_bytes, ..self }
    }
}

impl Check for DatabaseSize {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let database = self.path.display();
        let Pages { size_bytes, free_bytes } = match wait::until(&mut (self.read)(), budget(deadline)) {
            Some(Ok(pages)) => pages,
            Some(Err(error)) => return Err(CheckError::failed(format!("{database} cannot be read: {}", chain(&error)))),
            None => return Err(CheckError::failed(format!("{database} has not answered a read in time"))),
        };
        let now = self.clock.now();
        // Free pages are used before the file grows.
        let used = size_bytes.saturating_sub(free_bytes);
        self.growth.add(now.steady, used);
        let mut says = format!("{database} has {} of {}", bytes(size_bytes), bytes(self.limit_bytes));
        let mut facts = Facts::new()
            .with("size", Value::Bytes(size_bytes))
            .with("free", Value::Bytes(free_bytes))
            .with("limit", Value::Bytes(self.limit_bytes))
            .with("used", Value::Percent(percent(used, self.limit_bytes)));
        if let Some(until) = self.growth.until(self.limit_bytes.saturating_sub(used)) {
            let day = now.wall.checked_add(until).map_or_else(|_| time(until), |then| then.strftime("%Y-%m-%d").to_string());
            says = format!("{says}, and reaches it on {day} at the present growth");
            facts = facts.with("full_in", Value::Seconds(until.as_secs_f64()));
        }
        Ok(facts.saying(says))
    }
}

impl std::fmt::Debug for DatabaseSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseSize").field("path", &self.path).field("limit_bytes", &self.limit_bytes).finish_non_exhaustive()
    }
}
