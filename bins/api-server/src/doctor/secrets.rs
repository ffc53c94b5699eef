//! Whether secrets are secret: who may read the files that hold them. How long and how random they are is for the settings to refuse.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use magnetiq_doctor::{Finding, Outcome, Seen, quoted};

use super::site::Site;

const WHY: &str = "Who can read it can sign in as anybody, or read what is encrypted: every user of this machine.";

pub(super) fn look(site: &Site) -> Outcome {
    let files = files(site);
    let open: Vec<Finding> = files.iter().filter(|file| is_open(file)).map(|file| close(file)).collect();
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

/// Whether others than the owner can read it. In a folder that nobody else may enter, its own mode does not matter; in a container there are no
/// others, and Compose mounts secrets for everybody there.
fn is_open(file: &Path) -> bool {
    let Ok(file) = file.canonicalize() else { return false };
    if file.starts_with("/run/secrets") || file.starts_with("/run/credentials") {
        return false;
    }
    let mode = |path: &Path| fs::metadata(path).map(|about| about.mode()).unwrap_or(0);
    mode(&file) & 0o044 != 0 && file.ancestors().skip(1).all(|folder| mode(folder) & 0o011 != 0)
}

fn close(file: &Path) -> Finding {
    let mode = fs::metadata(file).map(|about| about.mode() & 0o777).unwrap_or(0);
    let path = file.to_owned();
    Finding::error(format!("{} can be read by others: its mode is {mode:04o}", file.display()), WHY)
        .command(format!("chmod 0600 {}", quoted(file)))
        .safe(move || Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?))
}
