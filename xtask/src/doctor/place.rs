//! Where the work is done: variables, ports, Git, the disk.

use std::fs;
use std::path::Path;

use magnetiq_config::{Settings, Sources};
use magnetiq_doctor::{Finding, Outcome, Seen, holder, quoted};
use rustix::fs::statvfs;

use super::checkout::Checkout;

/// Variables of ours in the shell: they change what a development site does, and stay unseen.
pub(super) fn variables(checkout: &Checkout) -> Outcome {
    let ours: Vec<&str> = checkout.environment.keys().map(String::as_str).filter(|name| is_ours(name)).collect();
    if let Err(problems) = Settings::load(Sources { file: None, environment: with_profile(checkout) }) {
        let findings = problems.iter().map(|problem| {
            let what = problem.to_string().replace("\n    ", "; ");
            Finding::error(what, "No program of ours starts from this shell.").command(format!("unset {}", ours.join(" ")))
        });
        return Seen::saying(format!("{} variables", ours.len())).with_all(findings).into();
    }
    let seen = Seen::saying(format!("{} variables", ours.len()));
    if ours.is_empty() {
        return seen.into();
    }
    let finding = Finding::warning(
        format!("{} set in this shell", if let [one] = ours[..] { format!("{one} is") } else { format!("{} are", ours.join(", ")) }),
        "Programs that are started from here go by them, a development site too.",
    );
    seen.with(finding.command(format!("unset {}", ours.join(" ")))).into()
}

/// Whether our programs read it, or would if its name were right.
fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    name.starts_with("MAGNETIQ__")
        || ["DATABASE_URL", "SECRET_KEY", "SECRET_KEY_PREVIOUS", magnetiq_config::CONFIG_VARIABLE].contains(&name)
}

fn with_profile(checkout: &Checkout) -> std::collections::BTreeMap<String, String> {
    let mut environment = checkout.environment.clone();
    environment.entry(magnetiq_config::variable("profile")).or_insert_with(|| "development".to_owned());
    environment
}

/// Who listens where `cargo xtask dev` will.
pub(super) fn ports(checkout: &Checkout) -> Outcome {
    let taken = checkout.ports.iter().filter_map(|(port, option)| {
        let holder = holder(*port)?;
        let seen = format!("port {port} is held by {} (process {})", holder.program, holder.pid);
        let finding = Finding::warning(seen, "cargo xtask dev does not start while another program listens there.");
        Some(finding.advice(format!("Or choose another one: cargo xtask dev {option} N.")).command(format!("kill {}", holder.pid)))
    });
    let ports = checkout.ports.map(|(port, _)| port.to_string()).join(", ");
    Seen::saying(format!("ports {ports}")).with_all(taken).into()
}

/// What Git keeps in its folder while something is on its way, what it is, and how it is given up.
const HALF_DONE: [(&str, &str, &str); 5] = [
    ("rebase-merge", "a rebase", "git rebase --abort"),
    ("rebase-apply/rebasing", "a rebase", "git rebase --abort"),
    ("rebase-apply/applying", "a series of patches", "git am --abort"),
    ("MERGE_HEAD", "a merge", "git merge --abort"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --abort"),
];

/// Half-done work, files with marks of conflicts in them, nobody to sign with.
pub(super) fn git(checkout: &Checkout) -> Outcome {
    let Some(branch) = checkout.git(&["rev-parse", "--abbrev-ref", "HEAD"]) else {
        return Outcome::skipped("this is no checkout of Git, or it has no commit, or git is not in PATH");
    };
    let why = "What is committed or built now is half of two versions.";
    let place = |name: &str| checkout.git(&["rev-parse", "--git-path", name]).map(|path| checkout.root.join(path));
    let half_done = HALF_DONE.iter().filter(|(name, ..)| place(name).is_some_and(|path| path.exists())).map(|(_, what, abort)| {
        Finding::warning(format!("{what} is not finished"), why).advice("Or finish it: git status says how.").command(*abort)
    });
    let conflicts = checkout.git(&["diff", "--name-only", "--diff-filter=U"]).unwrap_or_default();
    let conflicts = conflicts.lines().next().map(|first| {
        let seen = format!("{} files have conflicts, the first is {first}", conflicts.lines().count());
        Finding::error(seen, why).command("git status")
    });
    let nameless = checkout.git(&["config", "user.email"]).is_none().then(|| {
        let why = "Git does not commit without somebody who did it.";
        Finding::warning("Git does not know who you are", why).command("git config user.email you@example.com && git config user.name You")
    });
    let changed = checkout.git(&["status", "--porcelain"]).map_or(0, |status| status.lines().count());
    Seen::saying(format!("branch {branch}, {changed} files changed")).with_all(half_done).with_all(conflicts).with_all(nameless).into()
}

/// Free space where the checkout lies.
pub(super) fn disk(checkout: &Checkout) -> Outcome {
    let stat = match statvfs(&checkout.root) {
        Ok(stat) => stat,
        Err(error) => return Outcome::skipped(format!("the disk can not be looked at: {error}")),
    };
    let (free, room) = (stat.f_bavail.saturating_mul(stat.f_frsize), checkout.room);
    let seen = Seen::saying(format!("{} are free", gigabytes(free)));
    let why = "A build of everything with its tests takes eight gigabytes; the linker ends with a bus error when the disk is full.";
    let told = format!("{} are free on the disk of {}", gigabytes(free), checkout.root.display());
    let finding = if free < room.free_min {
        Finding::error(told, why)
    } else if free < room.free_comfortable {
        Finding::warning(told, why)
    } else {
        return seen.into();
    };
    seen.with(finding.command("cargo clean")).into()
}

/// What builds of before have left.
pub(super) fn target(checkout: &Checkout) -> Outcome {
    let target = checkout.root.join("target");
    let size = size(&target);
    let seen = Seen::saying(format!("target has {}", gigabytes(size)));
    if size <= checkout.room.target_max {
        return seen.into();
    }
    let why = "Cargo never removes what it built for older sources, other features or another compiler.";
    let what = format!("target has {}", gigabytes(size));
    seen.with(Finding::warning(what, why).advice("The next build takes some minutes.").command(format!("rm -r {}", quoted(&target)))).into()
}

fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
