//! The data of a cluster on this machine: what its pod writes is what arrives here, whole or not at all.

use std::fs;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::Folder;

use super::{Site, executable};

fn titles(database: &std::path::Path) -> Vec<String> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare("SELECT title FROM page").unwrap();
    let titles = statement.query_map([], |row| row.get(0)).unwrap();
    titles.map(Result::unwrap).collect()
}

#[test]
fn the_data_of_a_cluster_come_here() {
    let there = Folder::new();
    fs::create_dir_all(there.path("media")).unwrap();
    fs::create_dir_all(there.path("pages")).unwrap();
    fs::write(there.path("pages/page.md"), "---\ntitle: Of the cluster\n---\nText\n").unwrap();
    there.run(&["migrate"], "").check_done();
    there.run(&["import", "pages"], "").check_done();
    let site = Site::new("k8s");
    let archive = site.path("export.tar.gz");
    there.run_backupd(&["export", "--scrub", "--output", &archive.display().to_string()]).check_done();
    // The programs are built already.
    executable(&site.path("bin/cargo"), "#!/bin/sh\n");
    let here = site.path("here");
    let database = here.join("magnetiq.sqlite3");
    let folder = here.display().to_string();
    let words = ["data", "pull", "--scrub", "--data", &folder];
    let said = site.run(&words, 0);
    assert!(said.contains("exec deployment/backend --container backupd -- /usr/local/bin/backupd export --scrub > "), "{said}");
    assert!(said.contains("the data of magnetiq are in"), "{said}");
    assert_eq!(titles(&database), ["Of the cluster"]);
    assert!(!site.path("deploy/data/magnetiq.tar.gz").exists(), "people may be in it");

    // Half of it is nothing: what is here stays.
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
    assert!(site.run(&words, 1).contains("--yes answers where nobody sits"), "what is here is not replaced unasked");
    site.run(&[words.as_slice(), &["--yes"]].concat(), 1);
    fs::write(site.path("away"), "").unwrap();
    assert!(site.run(&[words.as_slice(), &["--yes"]].concat(), 1).contains("was refused"));
    assert_eq!(titles(&database), ["Of the cluster"]);
    assert!(!site.path("deploy/data/magnetiq.tar.gz").exists(), "people may be in it");
}
