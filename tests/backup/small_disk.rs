//! A real file system that has no room left, by bytes or by files: what was looked for before a backup began is gone in the middle of it.

use std::{fs, process::Command};

use magnetiq_tests::{Ended, Random};
use serde_json::Value;

use crate::{
    disk::is_clear,
    proof::{seed, skip},
    site::{Site, backupd, ended},
};

/// Larger than what is asked for before a backup begins.
const SIZE_MIB: u64 = 48;
/// More files than a backup of the site has, work in progress included.
const FILES_MOST: u64 = 90;

#[test]
fn a_small_disk_leaves_no_half_backup() {
    let seed = seed();
    let mut random = Random::new(seed);
    let site = Site::new(&mut random, "");
    let mut failed = 0;
    for round in 0..10 {
        let site = site.copy();
        let (mount, filled) = if round % 2 == 0 {
            let files = 2 + random.below(FILES_MOST);
            (format!("nr_inodes={files}"), String::new())
        } else {
            // That much is left.
            let kib = random.below(400);
            ("nr_inodes=0".to_owned(), format!("fill {kib} &"))
        };
        let about = format!("seed {seed}, round {round}, {mount} {filled}");
        let Some(said) = on_small_disk(&site, &mount, &filled) else { return };
        assert_eq!(said.code, Some(0), "{about}: {said:?}");
        let code = |name: &str| fs::read_to_string(site.path(name)).unwrap().trim().parse::<i32>().unwrap();
        let text = |name: &str| fs::read_to_string(site.path(name)).unwrap();
        let listed: Value = serde_json::from_str(&text("listed")).unwrap_or_else(|error| panic!("{about}: {error}: {said:?}"));
        if code("first.code") != 0 {
            failed += 1;
            assert_eq!(code("first.code"), 1, "{about}: {}", text("first"));
            assert!(is_clear(&text("first")), "{about}: {}", text("first"));
        }
        // One that is there restores; its proof may have had no room.
        assert_eq!(code("verified.code"), 0, "{about}: {listed} {said:?}");
        assert_eq!((code("second.code"), text("unfinished").as_str()), (0, ""), "{about}: {}", text("second"));
        let restored = site.content_of("restored", &about);
        assert_eq!(restored, site.content(&about), "{about}");
    }
    eprintln!("{failed} of 10 backups met the small disk");
    assert!(failed > 0);
}

/// A backup on the small disk; then the disk grows, and the next one is made.
fn on_small_disk(site: &Site, mount: &str, filled: &str) -> Option<Ended> {
    let script = format!(
        r#"fill() {{
            until [ -n "$(find data/backups -name database.sqlite3 2>/dev/null)" ] || [ -e first.code ]; do sleep 0.002; done
            dd if=/dev/zero of=data/backups/fill bs=1k 2>/dev/null || true
            [ "$1" = 0 ] || truncate -s "-$1K" data/backups/fill
        }}
        mkdir -p data/backups
        mount -t tmpfs -o size={SIZE_MIB}m,{mount} magnetiq data/backups
        {filled}
        code=0; "$0" once >first 2>&1 || code=$?
        echo $code >first.code
        wait
        "$0" list --json >listed
        rm -f data/backups/fill
        mount -o remount,size={SIZE_MIB}m,nr_inodes=0 data/backups
        code=0; if [ "$(cat listed)" != "[]" ]; then "$0" verify --all >verified 2>&1 || code=$?; fi
        echo $code >verified.code
        code=0; "$0" once >second 2>&1 || code=$?
        echo $code >second.code
        "$0" restore latest --to restored --yes
        find data/backups -name 'fill' -o -path '*/.partial/*' -o -name '.unfinished-*' >unfinished"#
    );
    let mut namespace = vec!["--mount"];
    if !rustix::process::geteuid().is_root() {
        namespace.extend(["--user", "--map-root-user"]);
    }
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.current_dir(site.path("")).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(&namespace).args(["sh", "-ec", script]).arg(backupd());
        command
    };
    if !unshare("mount -t tmpfs -o size=1m magnetiq data").status().is_ok_and(|status| status.success()) {
        skip("a small file system cannot be mounted here (it needs root, or user namespaces)");
        return None;
    }
    Some(ended(unshare(&script)))
}
