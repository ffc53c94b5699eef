//! Limits of the settings, in place of those that checks have by themselves.

use anyhow::{Context, anyhow};
use magnetiq_config::HealthdLimit;
use magnetiq_health::{CheckInfo, MonitorBuilder, Threshold};
use magnetiq_service::ResultExt;

/// Sets them, the later ones (by name) over the earlier ones. Unless `all` that the settings name is watched, some are for what is not.
pub(crate) fn set(mut monitor: MonitorBuilder, limits: &[HealthdLimit], all: bool) -> anyhow::Result<MonitorBuilder> {
    for limit in limits {
        set_one(&mut monitor, limit, all).with_context(|| format!("use healthd.limits.{}", limit.name))?;
    }
    Ok(monitor)
}

fn set_one(monitor: &mut MonitorBuilder, limit: &HealthdLimit, all: bool) -> anyhow::Result<()> {
    let mut is_there = false;
    for info in monitor.infos_mut().filter(|info| is_meant(&limit.check, info)) {
        is_there = true;
        let measured: Vec<&str> = info.thresholds.iter().map(Threshold::measurement).collect();
        let Some(place) = measured.iter().position(|measurement| *measurement == limit.measurement) else {
            let hint = if measured.is_empty() { "it has none".to_owned() } else { format!("it has: {}", measured.join(", ")) };
            return Err(anyhow!("the check {} has no limit for {:?}", info.id, limit.measurement)).hint(hint);
        };
        let changed = info.thresholds[place].with_limits(limit.warn, limit.fail);
        info.thresholds[place] = changed.with_context(|| format!("limit the check {}", info.id))?;
    }
    if is_there || !all {
        return Ok(());
    }
    let names: Vec<String> = monitor.infos_mut().map(|info| info.id.to_string()).collect();
    Err(anyhow!("no check {:?} is watched", limit.check)).hint(format!("watched are: {}", names.join(", ")))
}

/// By its name, or by what the names of several begin with.
fn is_meant(name: &str, info: &CheckInfo) -> bool {
    info.id.as_str().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
