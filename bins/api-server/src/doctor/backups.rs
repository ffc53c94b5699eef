//! Whether what is there could be had again.

use std::path::Path;

use magnetiq_doctor::{Finding, Outcome, quoted};
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
    let folder = &site.settings.backup.folder;
    if let Some((archive, _)) = finding.seen.split_once(" is dated in the future") {
        let archive = archive.to_owned();
        return put_aside(finding, folder, &archive);
    }
    if finding.seen.starts_with(&format!("the backup folder {} cannot be read", folder.display())) {
        return finding.advice("Whoever runs the doctor may not read it.").command(format!("namei -l {}", quoted(folder)));
    }
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

/// Every command that says `latest` means it until its time has come.
fn put_aside(finding: Finding, folder: &Path, archive: &str) -> Finding {
    let aside = folder.join("dated-in-the-future");
    let stem = archive.rsplit_once(".tar.").map_or(archive, |(stem, _)| stem);
    // In a line of its own: with containers, and through as-site, a program is called elsewhere than the tools of a shell.
    let command = format!("mkdir -p {aside} && mv {}.* {aside}/\nbackupd once", quoted(folder.join(stem)), aside = quoted(&aside));
    finding
        .advice("Set the clock right first. From its time on it counts as any other; until then it is in the way of newer ones, and no backup is lost by moving it.")
        .command(command)
}

/// Keeps the larger one, and tells what the smaller one lacks.
fn compared(site: &Site) -> String {
    match site.backups().as_slice() {
        [newest, before, ..] => format!("backupd pin {before} && backupd diff {before} {}", newest.id, before = before.id),
        _ => "backupd list".to_owned(),
    }
}
