//! Database and media on two volumes of one disk.

use std::fs;
use std::process::Command;

use magnetiq_backup::{Backups, Error, MediaMode, Options, RestoreRequest};

use super::restore;
use crate::support::{Site, create, names};

/// Runs the test below in a namespace in which database and media are two volumes of one disk, as containers have them.
#[test]
fn a_site_on_two_volumes_of_one_disk() {
    let site = Site::new();
    for folder in ["database", "volume"] {
        fs::create_dir(site.path(folder)).unwrap();
    }
    fs::rename(site.path("site.sqlite3"), site.path("database/site.sqlite3")).unwrap();
    fs::rename(site.path("media"), site.path("volume/media")).unwrap();
    let mut unshare = Command::new("unshare");
    unshare.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    let script = "for it in database volume; do mount --bind $it $it || exit 77; done; exec \"$0\" --ignored --exact restore::volumes::on_two_volumes";
    unshare.current_dir(site.path("")).args(["sh", "-c", script]).arg(std::env::current_exe().unwrap());
    let inside = unshare.output();
    match inside.as_ref().ok().and_then(|output| output.status.code()) {
        Some(0) => assert!(site.path("volume/seen").exists(), "it ran: {inside:?}"),
        Some(1 | 77) | None
            if !String::from_utf8_lossy(&inside.as_ref().map(|o| o.stdout.clone()).unwrap_or_default()).contains("running") =>
        {
            let ci = magnetiq_config::environment().get("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
            assert!(!ci, "may not be skipped in CI: no mounts: {inside:?}");
            eprintln!("skipped: nothing can be mounted here (it needs root, or user namespaces)");
        }
        code => panic!("the test inside failed: {code:?}: {inside:?}"),
    }
}

#[test]
#[ignore = "run by a_site_on_two_volumes_of_one_disk, in the namespace that it made"]
fn on_two_volumes() {
    let here = std::env::current_dir().unwrap();
    if !here.join("volume").exists() {
        return;
    }
    let options = Options::new(here.join("backups")).database(here.join("database/site.sqlite3"));
    let backups = Backups::new(options.clone().media(here.join("volume/media"), MediaMode::Linked)).unwrap();
    create(&backups);
    let pictures = || names(&here.join("volume/media"));
    let before = pictures();
    fs::write(here.join("volume/media/new"), "only now").unwrap();
    let after = pictures();
    restore(&backups, RestoreRequest::new()).unwrap();
    assert_eq!(pictures(), before);
    backups.undo().unwrap();
    assert_eq!(pictures(), after);
    let mut archive = Vec::new();
    backups.export(&mut archive, &mut |_| ()).unwrap();
    fs::remove_file(here.join("volume/media/new")).unwrap();
    backups.import(archive.as_slice(), &RestoreRequest::new(), &mut |_| ()).unwrap();
    assert_eq!(pictures(), after);
    // A folder that is a mount itself cannot be renamed, and that is said before anything is unpacked.
    let mounted = Backups::new(options.media(here.join("volume"), MediaMode::Linked)).unwrap();
    let refused = restore(&mounted, RestoreRequest::new()).unwrap_err();
    assert!(matches!(&refused, Error::Options { problem } if problem.contains("mount point")), "{refused:?}");
    assert_eq!(pictures(), after);
    fs::write(here.join("volume/seen"), "").unwrap();
}
