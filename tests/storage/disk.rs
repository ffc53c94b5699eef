//! A full disk: a small file system in memory, which only the victim sees.

use std::process::Command;

use crate::support::{Running, skip};

#[test]
fn a_full_disk_is_told_clearly_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    // A namespace of its own goes with the process, whatever happens to it; root, or a system that lets everybody have one, can.
    let mut namespace = vec!["--mount"];
    if !rustix::process::geteuid().is_root() {
        namespace.extend(["--user", "--map-root-user"]);
    }
    let mount = "mount -t tmpfs -o size=40m magnetiq \"$1\" || exit 77";
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(&namespace).args(["sh", "-c", script, env!("CARGO_BIN_EXE_storage-victim")]).arg(folder.path());
        command
    };
    if !unshare(mount).status().is_ok_and(|status| status.success()) {
        return skip("a small file system cannot be mounted here (it needs root, or user namespaces)");
    }
    let lines = Running::start(unshare(&format!("{mount}; exec \"$0\" full \"$1\""))).end();
    eprintln!("{}", lines.join("\n"));
    assert!(lines.iter().any(|line| line.starts_with("done")), "{lines:?}");
}
