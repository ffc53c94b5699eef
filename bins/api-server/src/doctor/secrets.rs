//! Whether secrets are secret: who may read the files that hold them. How long and how random they are is for the settings to refuse.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use magnetiq_doctor::{Finding, Outcome, Seen, as_root, quoted};
use rustix::fs::OFlags;
use rustix::process::{getegid, geteuid};

use super::site::Site;

const WHY: &str = "Who can read it can sign in as anybody, or read what is encrypted: every user of this machine.";

pub(super) fn look(site: &Site) -> Outcome {
    let files = files(site);
    let runner = Runner::of(site.data_folder());
    let open: Vec<Finding> = files.iter().filter(|file| is_open(file, runner)).map(|file| close(file, runner)).collect();
    let mut seen = Seen::saying(match files.len() {
        0 => "no file holds a secret".to_owned(),
        1 => format!("one file holds secrets: {}", files[0].display()),
        many => format!("{many} files hold secrets"),
    });
    seen = seen.with_all(open);
    if site.settings.auth.secret_key_previous.is_some() {
        let why = "What was made with the key before still holds, so who knows that key is not kept out yet.";
        let advice = "With the server stopped; then take SECRET_KEY_PREVIOUS away and start it again.";
        let what = "auth.secret_key_previous is set: a change of the key is not finished";
        seen = seen.with(Finding::warning(what, why).advice(advice).command("api-server secrets plan && api-server secrets rotate"));
    }
    seen.into()
}

/// Files with secrets in them: of settings whose value is hidden, and the database with its companions.
fn files(site: &Site) -> Vec<PathBuf> {
    let hidden = site.settings.explain().iter().filter(|setting| setting.value == "(hidden)");
    let named = hidden.filter_map(|setting| place(&setting.origin, site.settings.file.as_deref()));
    let of_database = ["", "-wal"].map(|suffix| site.beside(suffix)).into_iter();
    let of_backups = site.settings.backup.identity_files.iter().cloned();
    let mut files: Vec<PathBuf> = named.chain(of_database).chain(of_backups).filter(|file| file.is_file()).collect();
    files.sort();
    files.dedup();
    files
}

/// The file that a value came from.
fn place(origin: &str, settings: Option<&Path>) -> Option<PathBuf> {
    if let Some((path, _)) = origin.strip_prefix("file ").and_then(|rest| rest.split_once(", named by ")) {
        return Some(path.into());
    }
    settings.filter(|file| origin.starts_with(&*file.to_string_lossy())).map(Path::to_owned)
}

/// Who runs the programs, which is whose the data are; root may be the one who asks.
#[derive(Clone, Copy)]
struct Runner {
    user: u32,
    group: u32,
}

impl Runner {
    fn of(data: &Path) -> Self {
        let asking = || Self { user: geteuid().as_raw(), group: getegid().as_raw() };
        fs::metadata(data).map_or_else(|_| asking(), |about| Self { user: about.uid(), group: about.gid() })
    }

    /// Reads it as one of its group, because it belongs to somebody else.
    fn needs_group(self, about: &fs::Metadata) -> bool {
        about.uid() != self.user && about.gid() == self.group
    }
}

/// Whether others can read it than the owner and who runs the programs. In a folder that nobody else may enter, its own mode does not matter; in a
/// container there are no others, and Compose mounts secrets for everybody there.
fn is_open(file: &Path, runner: Runner) -> bool {
    let Ok(file) = file.canonicalize() else { return false };
    if file.starts_with("/run/secrets") || file.starts_with("/run/credentials") {
        return false;
    }
    let readable = |about: fs::Metadata| about.mode() & if runner.needs_group(&about) { 0o004 } else { 0o044 } != 0;
    let mode = |path: &Path| fs::metadata(path).map(|about| about.mode()).unwrap_or(0);
    fs::metadata(&file).is_ok_and(readable) && file.ancestors().skip(1).all(|folder| mode(folder) & 0o011 != 0)
}

fn close(file: &Path, runner: Runner) -> Finding {
    let about = fs::metadata(file).ok();
    let mode = about.as_ref().map_or(0, |about| about.mode() & 0o777);
    let found = Finding::error(format!("{} can be read by others: its mode is {mode:04o}", file.display()), WHY);
    let (path, quoted) = (file.to_owned(), quoted(file));
    if about.is_some_and(|about| about.uid() == runner.user) {
        return found.command(format!("chmod 0600 {quoted}")).safe(move || Ok(make_private(&path, runner.user)?));
    }
    found.advice("It belongs to another user than the data, so the programs read it by its group.").command(format!(
        "{} && {}",
        as_root(format!("chgrp {} {quoted}", runner.group)),
        as_root(format!("chmod 0640 {quoted}"))
    ))
}

/// Through a descriptor, and through no link: root asks, and whoever runs the programs may change what the name leads to meanwhile.
fn make_private(path: &Path, user: u32) -> io::Result<()> {
    let file = fs::File::options().read(true).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || about.uid() != user {
        return Err(io::Error::other(format!("{} is a file of user {user} no more", path.display())));
    }
    file.set_permissions(Permissions::from_mode(0o600))
}
