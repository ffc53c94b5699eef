//! Whether what is there could be had again.

use magnetiq_doctor::{Finding, Outcome};
use magnetiq_health::Threshold;
use magnetiq_health::checks::Backup;

use super::look::{known, look_with};
use super::site::Site;

pub(super) fn look(site: &Site) -> Outcome {
    if !site.database().is_file() {
        return Outcome::skipped("there is no database yet");
    }
    let backup = &site.settings.backup;
    let check = Backup::new(&backup.folder, site.clock.clone()).copies(backup.targets.len());
    let mut seen = look_with("backup", check, thresholds(site));
    seen.findings = seen.findings.into_iter().map(|finding| mended(finding, site)).collect();
    seen.into()
}

/// As the server itself judges: see `health.backup_warn_hours`.
fn thresholds(site: &Site) -> Vec<Threshold> {
    let mut thresholds = known("backup").info().thresholds;
    thresholds.retain(|threshold| threshold.measurement() != "age");
    let (warn, fail) = (site.settings.health.backup_warn.as_secs_f64(), site.settings.health.backup_fail.as_secs_f64());
    thresholds.extend(Threshold::above("age").warn(warn).fail(fail).optional().build());
    thresholds
}

fn mended(finding: Finding, site: &Site) -> Finding {
    let unproven = ["was ever restored", "backups that were not proven"].iter().any(|said| finding.seen.contains(said));
    let command = if unproven {
        "backupd verify latest".to_owned()
    } else if finding.seen.contains("smaller than the one before") {
        compared(site)
    } else if !site.settings.backup.targets.is_empty() && finding.seen.contains("elsewhere") {
        "backupd once && backupd list".to_owned()
    } else {
        "backupd once && backupd verify latest".to_owned()
    };
    finding.command(command)
}

/// Keeps the larger one, and tells what the smaller one lacks.
fn compared(site: &Site) -> String {
    match site.backups().as_slice() {
        [newest, before, ..] => format!("backupd pin {before} && backupd diff {before} {}", newest.id, before = before.id),
        _ => "backupd list".to_owned(),
    }
}
