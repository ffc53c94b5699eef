//! One page without settings: what a container asks itself.

use std::time::Duration;

use magnetiq_health::catalog;
use magnetiq_health::checks::Http;
use magnetiq_health::{Error, Monitor, MonitorBuilder};

use anyhow::Context;

/// The page at `url` answers with 200 to 299 within `timeout`. A slow answer is no warning here: whoever asks has a deadline for it, and would
/// take a warning for a failure.
pub(crate) fn watched(url: &str, timeout: Duration) -> anyhow::Result<MonitorBuilder> {
    let mut info = catalog::find("http").context("the catalog has pages")?.info().critical().timeout(timeout);
    info.thresholds.clear();
    Ok(Monitor::builder().check(info, page(url)?))
}

fn page(url: &str) -> Result<Http, Error> {
    Http::new(url)
}
