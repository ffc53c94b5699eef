//! What administrators do to programs: rights are taken away, folders vanish, two run at once.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::{Command, Stdio},
    thread,
};

use magnetiq_tests::{Ended, Random};

use crate::{
    proof::seed,
    site::{Site, ended, moment},
};

/// Nobody's: rights mean nothing to root.
const USER: u32 = 65_534;

/// Runs it as a user to whom rights mean something, and to whom the site belongs.
fn run_as_user(site: &Site, words: &[&str]) -> Ended {
    let mut command = site.command(words);
    if rustix::process::geteuid().is_root() {
        let owner = format!("{USER}:{USER}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(site.path(".")).status().unwrap().success());
        // The program may lie where only root comes.
        let program = site.path("backupd");
        if !program.exists() {
            fs::copy(command.get_program(), &program).unwrap();
        }
        command = Command::new(program);
        command.current_dir(site.path(".")).env_clear().args(words).stdin(Stdio::null()).uid(USER).gid(USER);
    }
    ended(command)
}

fn set_mode(site: &Site, name: &str, mode: u32) {
    fs::set_permissions(site.path(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn rights_that_are_gone_are_named_and_harm_nothing() {
    let mut site = Site::new(&mut Random::new(seed()), "");
    let ended = run_as_user(&site, &["once"]);
    ended.check_done();
    let before = site.ids();

    set_mode(&site, "data/backups", 0o500);
    run_as_user(&site, &["once"]).check_refused(&["data/backups", "Permission denied"]);
    set_mode(&site, "data/backups", 0o700);
    assert_eq!(site.ids(), before);

    set_mode(&site, "data/magnetiq.sqlite3", 0o000);
    run_as_user(&site, &["once"]).check_refused(&["magnetiq.sqlite3"]);
    set_mode(&site, "data/magnetiq.sqlite3", 0o600);
    assert_eq!(site.ids(), before);

    // An archive that cannot be read was not found wrong.
    let archive = site.list()[0]["path"].as_str().unwrap().to_owned();
    set_mode(&site, &archive, 0o000);
    run_as_user(&site, &["verify"]).check_refused(&["Permission denied"]);
    set_mode(&site, &archive, 0o600);
    assert_eq!(site.list()[0]["proven"], true);

    // A file of media that cannot be read is missed, and said; the rest is stored.
    site.write(1, 1);
    let media = crate::site::files(&site.path("data/media"));
    let name = media[0].strip_prefix(site.path(".").join("../").canonicalize().unwrap()).ok().map_or_else(|| media[0].clone(), Into::into);
    fs::set_permissions(&media[0], Permissions::from_mode(0o000)).unwrap();
    let file = name.file_name().unwrap().to_string_lossy().into_owned();
    // The store has it from before: take that away, too, so that it must be read.
    fs::remove_dir_all(site.path("data/backups/media")).unwrap();
    let ended = run_as_user(&site, &["once"]);
    ended.check_refused(&[&file]);
    let newest = &site.list()[0];
    assert_eq!((&newest["partial"], newest["id"].as_str() > before[0].as_str().into()), (&true.into(), true), "{newest:#}");
    fs::set_permissions(&media[0], Permissions::from_mode(0o600)).unwrap();
    run_as_user(&site, &["once"]).check_done();
    assert_eq!(site.list()[0]["partial"], false);
}

#[test]
fn a_folder_that_vanishes_is_made_again() {
    let seed = seed();
    let mut random = Random::new(seed);
    let site = Site::new(&mut random, "");
    let time = site.time(&["once"]).min(site.time(&["once"]));
    for round in 0..6 {
        let after = moment(time, &mut random);
        let about = format!("seed {seed}, round {round}, removed after {after:?}");
        let mut command = site.command(&["once"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(after);
        // Away in one step: what is removed file by file may keep an archive of which the media are gone.
        let away = site.path("away");
        let _ = fs::rename(site.backups(), &away);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code < 2) && !said.contains("panicked"), "{about}: {} {said}", output.status);
        // A run that met it may leave an archive that lacks the media from before; it says so then, and the next run puts them back.
        if output.status.success() {
            site.check_all_restore(&about);
        }
        let ended = site.run(&["once"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        site.check_all_restore(&about);
        let _ = fs::remove_dir_all(away);
        assert_eq!(site.restored("latest", &about), site.content(&about), "{about}");
    }
}

#[test]
fn two_at_once_do_not_meet() {
    let site = Site::new(&mut Random::new(seed()), "");
    site.run(&["once"]).check_done();
    for round in 0..4 {
        let children: Vec<_> =
            (0..3).map(|_| site.command(&["once"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).collect();
        let pids: Vec<String> = children.iter().map(|child| child.id().to_string()).collect();
        let ended: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        assert!(ended.iter().any(|output| output.status.success()), "round {round}: {ended:?}");
        // They wait for each other for some seconds, and no longer.
        for output in ended.iter().filter(|output| !output.status.success()) {
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("in use") && pids.iter().any(|pid| said.contains(pid.as_str())), "{said}");
        }
        site.check_all_restore("two at once");
        site.check_clean("two at once");
    }
    let lock = std::fs::File::options().write(true).open(site.backups().join("backup.lock")).unwrap();
    lock.lock().unwrap();
    let refused = site.command(&["once"]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(1) && said.contains("in use"), "{said}");
}
