//! Whether the folders are there, and belong to who writes to them.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::Path;

use magnetiq_doctor::{Finding, Outcome, Seen, as_root, quoted};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::settings::has_units;
use super::site::Site;

pub(super) fn look(site: &Site) -> Outcome {
    let folders = site.folders();
    let findings: Vec<Finding> = folders.iter().filter_map(|(folder, what, setting)| finding(site, folder, what, setting)).collect();
    Seen::saying(format!("{} folders", folders.len())).with_all(findings).with_all(stranger(site.data_folder())).into()
}

fn finding(site: &Site, folder: &Path, what: &str, setting: &str) -> Option<Finding> {
    let why = format!("Nothing of {what} can be written there.");
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = folder.to_owned();
            let missing = Finding::warning(format!("{} ({setting}) is not there", folder.display()), format!("It is for {what}."))
                .advice("The programs make it where they may; on a volume that is not mounted it would be in the wrong place.")
                .command(format!("install -d -m 0700 {}", quoted(folder)));
            Some(missing.safe(move || Ok(make(&path)?)))
        }
        Err(error) => {
            let seen = format!("{} ({setting}) cannot be looked at: {error}", folder.display());
            let advice = "What leads there is a link in a circle, or a folder that may not be entered.";
            Some(Finding::error(seen, why).advice(advice).command(format!("namei -l {}", quoted(folder))))
        }
        Ok(about) if !about.is_dir() => {
            let seen = format!("{} ({setting}) is a file, and no folder", folder.display());
            Some(Finding::error(seen, why).command(format!("mv {} {}", quoted(folder), quoted(folder.with_extension("moved")))))
        }
        Ok(about) => match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
            // A file system that nobody can write to is told by the next check.
            Ok(()) | Err(Errno::ROFS) => None,
            Err(Errno::PERM) => {
                let seen = format!("nobody may write to {} ({setting}): it is marked as immutable", folder.display());
                Some(Finding::error(seen, why).command(as_root(format!("chattr -i {}", quoted(folder)))))
            }
            Err(Errno::ACCESS) => {
                let user = geteuid().as_raw();
                let seen = format!("user {user} may not write to {} ({setting}), which belongs to user {}", folder.display(), about.uid());
                let told = Finding::error(seen, why);
                Some(if about.uid() == user {
                    told.command(format!("chmod u+rwx {}", quoted(folder)))
                } else {
                    of_another(site, told, folder, &about)
                })
            }
            Err(error) => {
                let seen = format!("{} ({setting}) cannot be written to: {error}", folder.display());
                Some(Finding::error(seen, why).command(format!("namei -l {}", quoted(folder))))
            }
        },
    }
}

/// What belongs to another user: given to whoever asks, unless the programs run as that one.
pub(super) fn of_another(site: &Site, told: Finding, folder: &Path, about: &fs::Metadata) -> Finding {
    let user = geteuid().as_raw();
    // No program of ours runs as root: what is root's was copied or unpacked by it.
    let may_run = user_of_units().map_or(about.uid() != 0, |units| units != user);
    if may_run && is_lived_in(site, about.uid()) {
        return told.advice("The programs run as that user, who has to keep it: so that one is to ask.").command(as_user(about));
    }
    told.advice("Unless another user is meant to run the programs: then run the doctor as that one.")
        .command(as_root(format!("chown -R {user} {}", quoted(folder))))
}

/// Whether the database is this user's: a site lives here, and what its programs write to is not to be taken from them. Of one that may not be looked
/// at its folder tells.
fn is_lived_in(site: &Site, owner: u32) -> bool {
    let is_hidden = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    match fs::metadata(site.database()).or_else(|error| if is_hidden(&error) { fs::metadata(site.data_folder()) } else { Err(error) }) {
        Ok(about) => about.uid() == owner,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Whom the units of this machine run as.
fn user_of_units() -> Option<u32> {
    let unit = fs::read_to_string("/etc/systemd/system/magnetiq-server.service").ok()?;
    let name = unit.lines().find_map(|line| line.strip_prefix("User="))?;
    let users = fs::read_to_string("/etc/passwd").ok()?;
    // Behind the name and the password.
    users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.split(':').nth(1)?.parse().ok())
}

/// The doctor, asked by the owner of a folder.
fn as_user(about: &fs::Metadata) -> String {
    if has_units() {
        return as_root("as-site api-server doctor");
    }
    as_root(format!("setpriv --reuid {} --regid {} --clear-groups api-server doctor", about.uid(), about.gid()))
}

/// For its owner only, and for the owner of what it lies in: root makes it for who will write there.
fn make(folder: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
    missing.reverse();
    for folder in missing {
        DirBuilder::new().mode(0o700).create(folder)?;
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let owner = fs::metadata(parent)?;
        if geteuid().is_root() && (owner.uid(), owner.gid()) != (0, 0) {
            // Whoever may write in the parent may have put a link there meanwhile.
            lchown(folder, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    Ok(())
}

/// Root looks at everything, but is not who runs the programs: what it may, they may not.
fn stranger(data: &Path) -> Option<Finding> {
    let about = fs::metadata(data).ok()?;
    let owner = about.uid();
    if !geteuid().is_root() || owner == 0 {
        return None;
    }
    let seen = format!("the doctor runs as root, and {} belongs to user {owner}", data.display());
    let why = "Root may write everywhere, so it does not see what that user may not.";
    Some(Finding::warning(seen, why).command(as_user(&about)))
}
