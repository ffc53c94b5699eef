//! Whether there is room on the target, for a backup and for images, asked before anything takes some of it.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::line::{Line, last_words};

/// As the server judges that runs there: the disks of its data and of its backups.
///
/// # Errors
///
/// With what `api-server doctor` found, and its commands.
pub(crate) fn for_data(doctor: &Line) -> Result<String> {
    let output = doctor.output()?;
    let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else { bail!("{doctor}\n    {}", last_words(&output)) };
    judge(&report)
}

fn judge(report: &Value) -> Result<String> {
    let each = |name: &str, of: &Value| of[name].as_array().cloned().unwrap_or_default();
    let checks = each("checks", report);
    let findings: Vec<String> = checks
        .iter()
        .flat_map(|check| each("findings", check))
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().replace('\n', "\n        ");
            format!("{}\n    {}\n        {}", text("seen"), text("why"), text("command"))
        })
        .collect();
    if !findings.is_empty() {
        bail!("a backup would not find room there, or not for long:\n    {}", findings.join("\n    "));
    }
    Ok(checks.iter().filter_map(|check| Some(check["says"].as_str()?.to_owned())).next_back().unwrap_or_default())
}

/// As much as the images take that run now: what comes may have no layer in common with them.
///
/// # Errors
///
/// When there is less, or nobody can say.
pub(crate) fn for_images(sizes: &Line, free: &Line) -> Result<()> {
    let needed = sizes.run()?.split_whitespace().map(str::parse::<u64>).sum::<Result<u64, _>>().context("understand sizes of images")?;
    let said = free.run()?;
    let free = available_bytes(&said).with_context(|| format!("understand what df says: {said}"))?;
    if free < needed {
        bail!(
            "the disk of the engine has {} MB free, and images like those that run take {} MB: docker builder prune, docker image prune (never \
             --all, which takes the versions that can be gone back to), or take away the oldest of these: docker image ls 'release.invalid/*'",
            free / 1_000_000,
            needed / 1_000_000
        );
    }
    Ok(())
}

/// For the database as it was, beside the one that migrates: without it a version that fails could not be gone back from.
///
/// # Errors
///
/// Where the server that rehearsed the migration says that there is less. Servers before this one say nothing.
pub(crate) fn for_the_way_back(told: &Value) -> Result<()> {
    let bytes = |name: &str| told[name].as_u64();
    let (Some(needed), Some(free)) = (bytes("needed_bytes"), bytes("free_bytes")) else { return Ok(()) };
    if free < needed {
        bail!(
            "to migrate, and to go back where the new version fails, takes {} MB beside the database, and {} MB are free: make room there. What \
             earlier migrations and ways back left (*.before-v*.sqlite3, *.replaced-*.sqlite3) may go, once nobody wants to go back to it",
            needed.div_ceil(1_000_000),
            free / 1_000_000
        );
    }
    Ok(())
}

/// The fourth column of `df -P -k`.
fn available_bytes(said: &str) -> Option<u64> {
    said.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{available_bytes, for_the_way_back, judge};

    #[test]
    fn what_df_says_is_understood() {
        let said =
            "Filesystem     1024-blocks     Used Available Capacity Mounted on\noverlay          264212084 48887808  46398080      52% /\n";
        assert_eq!(available_bytes(said), Some(46_398_080 * 1024));
        assert_eq!(available_bytes("df: /: no such file"), None);
    }

    #[test]
    fn no_migration_without_room_for_the_way_back() {
        let told = |free: u64| json!({ "needed_bytes": 15_000_000_001_u64, "free_bytes": free });
        for fits in [told(15_000_000_001), json!(null)] {
            for_the_way_back(&fits).expect("there is room, or nobody says");
        }
        let said = for_the_way_back(&told(8_000_000_000)).expect_err("there is none").to_string();
        assert!(said.contains("takes 15001 MB") && said.contains("8000 MB are free") && said.contains("make room"), "{said}");
    }

    #[test]
    fn what_is_broken_stops_it_and_what_is_not_good_does_not() {
        let report = |severity: &str| {
            json!({ "checks": [{ "name": "disk", "says": "1 GB of 9 GB are free", "findings": [
                { "severity": severity, "seen": "/backups is full", "why": "Nothing is saved.", "command": "backupd prune\ndu -x /backups" }] }] })
        };
        assert_eq!(judge(&report("warning")).expect("there is room for now"), "1 GB of 9 GB are free");
        let said = judge(&report("error")).expect_err("there is none").to_string();
        assert!(said.contains("/backups is full") && said.contains("        backupd prune\n        du -x /backups"), "{said}");
    }
}
