//! Faults of the machine: modes, folders, the kernel.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

use magnetiq_tests::Folder;
use rustix::process::geteuid;
use serde_json::Value;

use super::{PRODUCTION, apart, check, check_fix, fake, finding, fine, look, may_unshare, mode, open_folder, run, seen, shell, site};

#[test]
fn secrets_that_others_can_read() {
    let folder = open_folder();
    folder.settings(PRODUCTION);
    check_fix(&folder, "secrets", "error", "magnetiq.toml can be read by others", || mode(&folder.path("magnetiq.toml"), 0o644));
    let key = folder.path("key");
    fs::write(&key, "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15").unwrap();
    mode(&key, 0o640);
    let by_file = "sed -i '/secret_key/d' magnetiq.toml; export MAGNETIQ__AUTH__SECRET_KEY_FILE=$PWD/key";
    check(&folder, by_file, "secrets", "error", "key can be read by others");
    folder.settings(PRODUCTION);
    mode(&folder.path("magnetiq.toml"), 0o600);
    folder.run(&["migrate"], "").check_done();
    mode(&folder.path("data"), 0o755);
    check_fix(&folder, "secrets", "error", "magnetiq.sqlite3 can be read by others", || mode(&folder.database(), 0o644));
    if geteuid().is_root() {
        // Programs of another user than root read it by their group.
        let own = |path: &str, user, group| chown(folder.path(path), Some(user), Some(group)).unwrap();
        own("data", 1, 1);
        own("data/magnetiq.sqlite3", 1, 1);
        own("magnetiq.toml", 0, 1);
        mode(&folder.database(), 0o600);
        mode(&folder.path("magnetiq.toml"), 0o640);
        fine(&look(&folder, "secrets"));
        check(&folder, "chmod 0644 magnetiq.toml", "secrets", "error", "magnetiq.toml can be read by others");
        assert_eq!(fs::metadata(folder.path("magnetiq.toml")).unwrap().mode() & 0o777, 0o640);
        own("data", 0, 0);
        own("data/magnetiq.sqlite3", 0, 0);
        own("magnetiq.toml", 0, 0);
        mode(&folder.path("magnetiq.toml"), 0o600);
    }
    // In a folder that nobody else enters modes say nothing.
    mode(&folder.path("data"), 0o700);
    mode(&folder.database(), 0o644);
    fine(&look(&folder, "secrets"));
}

#[test]
fn a_change_of_the_key_that_is_not_finished() {
    let folder = site();
    let previous =
        "export SECRET_KEY=f1d2d2f924e986ac86fdf7b36c94bcdf32beec15 SECRET_KEY_PREVIOUS=development-only-secret-key-known-to-everybody";
    let entry = seen(shell(&folder, &format!("{previous}\ndoctor secrets"))).remove(0);
    let command = finding(&entry, "warning", "secret_key_previous is set")["command"].as_str().unwrap().to_owned();
    fine(
        &seen(shell(&folder, &format!("{previous}\n{{ {command}\n}} >&2 || exit 1\nunset SECRET_KEY_PREVIOUS\ndoctor secrets"))).remove(0),
    );
}

#[test]
fn folders_that_are_not_there_or_not_ours() {
    let folder = open_folder();
    check_fix(&folder, "folders", "warning", "data/media (media.folder) is not there", || {
        let _ = fs::remove_dir_all(folder.path("data"));
        for name in ["data", "data/backups", "data/mail"] {
            fs::create_dir(folder.path(name)).unwrap();
        }
    });
    fs::remove_dir_all(folder.path("data/media")).unwrap();
    fs::write(folder.path("data/media"), "a file").unwrap();
    let found = finding(&look(&folder, "folders"), "error", "is a file, and no folder");
    run(&folder, found["command"].as_str().unwrap());
    finding(&look(&folder, "folders"), "warning", "data/media (media.folder) is not there");
    std::os::unix::fs::symlink("media", folder.path("data/media")).unwrap();
    let found = finding(&look(&folder, "folders"), "error", "data/media (media.folder) cannot be looked at");
    assert!(shell(&folder, found["command"].as_str().unwrap()).output().unwrap().stdout.starts_with(b"f: data/media"));
    fs::remove_file(folder.path("data/media")).unwrap();
    fs::create_dir(folder.path("data/media")).unwrap();
    if !geteuid().is_root() {
        mode(&folder.path("data/media"), 0o500);
        return check(&folder, "", "folders", "error", "may not write to data/media");
    }
    // As somebody who is not root, from a place that everybody may enter.
    fake(&folder, "api-server", "");
    mode(&folder.path("bin"), 0o755);
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    mode(&folder.path("magnetiq.toml"), 0o644);
    for name in ["data", "data/media", "data/backups", "data/mail"] {
        mode(&folder.path(name), 0o755);
    }
    let as_another = "setpriv --reuid 12345 --clear-groups api-server doctor --json --only folders";
    let entry = seen(shell(&folder, as_another)).remove(0);
    let commands: Vec<String> =
        entry["findings"].as_array().unwrap().iter().map(|found| found["command"].as_str().unwrap().to_owned()).collect();
    let found = finding(&entry, "error", "user 12345 may not write to data/media");
    assert_eq!(found["command"], "sudo chown -R 12345 data/media", "who may not write may not take it, either");
    fake(&folder, "sudo", "exec \"$@\"");
    fine(&seen(shell(&folder, &format!("{{ {}\n}} >&2\n{as_another}", commands.join("\n")))).remove(0));
    let rooted = finding(&look(&folder, "folders"), "warning", "belongs to user 12345");
    assert!(run(&folder, &format!("{} --only folders", rooted["command"].as_str().unwrap())).contains("0 errors, 0 warnings"));
}

/// Somebody else asks about a site that runs: what its programs write to stays theirs.
#[test]
fn folders_of_a_site_that_another_user_runs() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root may give files to others");
    }
    let folder = site_of_others();
    run(&folder, "chown -R 12346:12346 data && chmod 0750 data data/*/");
    for groups in ["--groups 12346", "--clear-groups"] {
        let entry = seen(shell(&folder, &format!("setpriv --reuid 12345 {groups} api-server doctor --json --only folders"))).remove(0);
        let command = finding(&entry, "error", "user 12345 may not write to data ")["command"].as_str().unwrap().to_owned();
        assert_eq!(command, "sudo setpriv --reuid 12346 --regid 12346 --clear-groups api-server doctor");
        assert!(run(&folder, &format!("{command} --only folders")).contains("0 errors, 0 warnings"));
    }
}

/// A site in a folder that others may enter, with a program that they may start.
fn site_of_others() -> Folder {
    let folder = open_folder();
    fake(&folder, "sudo", "exec \"$@\"");
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    mode(&folder.path("bin"), 0o755);
    mode(&folder.path("magnetiq.toml"), 0o644);
    for name in ["data/media", "data/backups", "data/mail"] {
        fs::create_dir_all(folder.path(name)).unwrap();
    }
    folder.run(&["migrate"], "").check_done();
    folder
}

/// The commands of what is wrong with folders, run one after the other.
fn commands(entry: &Value) -> String {
    let findings = entry["findings"].as_array().unwrap();
    findings.iter().map(|found| format!("{}\n", found["command"].as_str().unwrap())).collect()
}

/// Root copied or unpacked it, and runs none of the programs: there is nobody else to ask.
#[test]
fn folders_that_root_left() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root may give files to others");
    }
    let folder = site_of_others();
    let look = "setpriv --reuid 12345 --clear-groups api-server doctor --json --only folders";
    for (owners, database) in [
        ("chown -R 0:0 data", "data/magnetiq.sqlite3"),
        // A folder of root that may not be entered says nothing of the others.
        ("chown -R 12346:12346 data && install -d -m 0700 data/own", "data/own/magnetiq.sqlite3"),
    ] {
        run(&folder, &format!("{owners} && chmod 0755 data data/media data/backups data/mail"));
        let look = format!("export MAGNETIQ__DATABASE__PATH={database}\n{look}");
        let entry = seen(shell(&folder, &look)).remove(0);
        let found = finding(&entry, "error", "user 12345 may not write to data/media");
        assert_eq!(found["command"], "sudo chown -R 12345 data/media");
        fine(&seen(shell(&folder, &format!("{{ {}\n}} >&2\n{look}", commands(&entry)))).remove(0));
    }
    // The database alone.
    run(&folder, "chown -R 12345:12345 data && chown 0:0 data/magnetiq.sqlite3*");
    let look = look.replace("folders", "database");
    let command = finding(&seen(shell(&folder, &look))[0], "error", "belongs to user 0")["command"].as_str().unwrap().to_owned();
    assert_eq!(command, "sudo chown -R 12345 data");
    fine(&seen(shell(&folder, &format!("{{ {command}\n}} >&2\n{look}"))).remove(0));
}

/// The user of the units asks, for whom everything is, whoever has it.
#[test]
fn folders_that_came_from_elsewhere_to_a_machine_with_units() {
    if !geteuid().is_root() || !may_unshare("--mount") {
        return crate::proof::skip("only root may give files to others");
    }
    let folder = site_of_others();
    let units = "mkdir -p etc/magnetiq etc/systemd/system; touch etc/magnetiq/magnetiq.env\n\
        printf '[Service]\\nUser=of-site\\n' > etc/systemd/system/magnetiq-server.service\n\
        printf 'root:x:0:0::/root:/bin/sh\\nof-site:x:12345:12345::/:/bin/sh\\n' > etc/passwd; mount --bind etc /etc";
    let look = |user: u32| format!("setpriv --reuid {user} --clear-groups api-server doctor --json --only folders");
    for owner in ["0:0", "65532:65532"] {
        run(&folder, &format!("chown -R {owner} data && chmod 0755 data data/*/"));
        let by_another = seen(apart(&folder, "--mount", &format!("{units}\n{}", look(54321)))).remove(0);
        let found = finding(&by_another, "error", "user 54321 may not write to data/media");
        assert_eq!(found["command"], "sudo as-site api-server doctor");
        let entry = seen(apart(&folder, "--mount", &format!("{units}\n{}", look(12345)))).remove(0);
        assert_eq!(finding(&entry, "error", "user 12345 may not write to data/media")["command"], "sudo chown -R 12345 data/media");
        fine(&seen(apart(&folder, "--mount", &format!("{units}\n{{ {}\n}} >&2\n{}", commands(&entry), look(12345)))).remove(0));
    }
}

/// Each parameter, and a value that does not do.
const WRONG: [(&str, u64); 5] =
    [("net.core.somaxconn", 64), ("net.ipv4.tcp_syncookies", 0), ("vm.swappiness", 100), ("vm.dirty_ratio", 60), ("fs.file-max", 4096)];

/// Most are the host's: here a file lies in the place of each.
#[test]
fn a_kernel_that_is_not_set_up_for_a_server() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    let mounted: String = WRONG
        .iter()
        .map(|(name, value)| format!("echo {value} > {name}; mount --bind {name} /proc/sys/{}\n", name.replace('.', "/")))
        .collect();
    let entry = seen(apart(&folder, "--mount", &format!("{mounted}doctor kernel"))).remove(0);
    let mend: String = WRONG
        .iter()
        .map(|(name, value)| format!("{}\n", finding(&entry, "warning", &format!("{name} = {value}"))["command"].as_str().unwrap()))
        .collect();
    fine(&seen(apart(&folder, "--mount", &format!("{mounted}{{ {mend} }} >&2\ndoctor kernel"))).remove(0));
}

#[test]
fn a_kernel_that_drops_connections() {
    if !may_unshare("--net") {
        return;
    }
    let folder = Folder::new();
    let lower = "sysctl -q -w net.core.somaxconn=64 >&2 || exit 0";
    let entry = seen(apart(&folder, "--net", &format!("{lower}\ndoctor kernel"))).remove(0);
    let command = finding(&entry, "warning", "net.core.somaxconn = 64")["command"].as_str().unwrap().to_owned();
    let after = seen(apart(&folder, "--net", &format!("{lower}\n{{ {command}\n}} >&2\ndoctor kernel"))).remove(0);
    assert!(!after.to_string().contains("somaxconn = "), "{after:#}");
}
