//! The limits that a container or a service has: control groups, version 2 and version 1.

use std::path::{Path, PathBuf};

use super::read::{number, text};

/// From here on a limit is none: version 1 writes "unlimited" as the largest multiple of a page.
const UNLIMITED: u64 = 1 << 60;

/// Memory of the group that a process is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct GroupMemory {
    /// What is charged to the group, without the file cache that is given up first.
    pub(crate) used_bytes: u64,
    /// The lowest limit on the way up, `None` where there is none.
    pub(crate) limit_bytes: Option<u64>,
    /// How often the kernel has killed a process of the group.
    pub(crate) kills: u64,
}

/// The folder of each kind of group that `/proc/<pid>/cgroup` tells, below the mount.
#[derive(Debug, PartialEq, Eq, Default)]
struct Groups<'a> {
    unified: Option<&'a str>,
    memory: Option<&'a str>,
}

fn groups(lines: &str) -> Groups<'_> {
    let mut groups = Groups::default();
    for line in lines.lines() {
        // hierarchy:controllers:path, where the path may have colons.
        let mut parts = line.splitn(3, ':');
        let (Some(number), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        if number == "0" && controllers.is_empty() {
            groups.unified = Some(path);
        } else if controllers.split(',').any(|controller| controller == "memory") {
            groups.memory = Some(path);
        }
    }
    groups
}

/// What the group of the process whose `/proc/<pid>` is `process` uses; `None` where no group counts its memory. `mount` is where the
/// groups are, usually `/sys/fs/cgroup`.
///
/// Seen from inside a container the path may belong to the host; then the mount's own folder is the group.
pub(crate) fn memory(process: &Path, mount: &Path) -> Option<GroupMemory> {
    let lines = text(&process.join("cgroup")).ok()?;
    let groups = groups(&lines);
    if let Some(path) = groups.memory {
        let mount = if mount.join("memory").is_dir() { mount.join("memory") } else { mount.to_path_buf() };
        return version_1(&mount, path);
    }
    version_2(mount, groups.unified?)
}

fn version_2(mount: &Path, path: &str) -> Option<GroupMemory> {
    let folders = way_up(mount, path, "memory.current");
    let folder = folders.first()?;
    let current = number(&folder.join("memory.current")).ok()?;
    let inactive = text(&folder.join("memory.stat")).ok().and_then(|stat| field(&stat, "inactive_file")).unwrap_or(0);
    let events = text(&folder.join("memory.events")).unwrap_or_default();
    Some(GroupMemory {
        used_bytes: current.saturating_sub(inactive),
        // "max" is no number.
        limit_bytes: folders.iter().filter_map(|folder| number(&folder.join("memory.max")).ok()).min(),
        kills: field(&events, "oom_kill").unwrap_or(0),
    })
}

fn version_1(mount: &Path, path: &str) -> Option<GroupMemory> {
    let folders = way_up(mount, path, "memory.usage_in_bytes");
    let folder = folders.first()?;
    let usage = number(&folder.join("memory.usage_in_bytes")).ok()?;
    let stat = text(&folder.join("memory.stat")).unwrap_or_default();
    let events = text(&folder.join("memory.oom_control")).unwrap_or_default();
    let limits = folders.iter().filter_map(|folder| number(&folder.join("memory.limit_in_bytes")).ok());
    Some(GroupMemory {
        used_bytes: usage.saturating_sub(field(&stat, "total_inactive_file").unwrap_or(0)),
        limit_bytes: limits.filter(|limit| *limit < UNLIMITED).min(),
        kills: field(&events, "oom_kill").unwrap_or(0),
    })
}

/// The group's folder and those above it that have `file`, the group's first.
fn way_up(mount: &Path, path: &str, file: &str) -> Vec<PathBuf> {
    let own = mount.join(path.trim_start_matches('/'));
    let own = if own.join(file).is_file() { own } else { mount.to_path_buf() };
    own.ancestors()
        .take_while(|folder| folder.starts_with(mount))
        .filter(|folder| folder.join(file).is_file())
        .map(Path::to_path_buf)
        .collect()
}

/// The value of a line `name value`.
fn field(lines: &str, name: &str) -> Option<u64> {
    lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn check(files: &[(&str, &str)], expected: Option<GroupMemory>) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        assert_eq!(memory(&root.path().join("proc/self"), &root.path().join("cgroup")), expected);
    }

    #[test]
    fn version_2_takes_the_lowest_limit_on_the_way_up() {
        check(
            &[
                ("proc/self/cgroup", "0::/system.slice/magnetiq.service\n"),
                ("cgroup/system.slice/memory.current", "900\n"),
                ("cgroup/system.slice/memory.max", "1000\n"),
                ("cgroup/system.slice/magnetiq.service/memory.current", "500\n"),
                ("cgroup/system.slice/magnetiq.service/memory.max", "max\n"),
                ("cgroup/system.slice/magnetiq.service/memory.stat", "anon 300\ninactive_file 150\nactive_file 50\n"),
                ("cgroup/system.slice/magnetiq.service/memory.events", "low 0\noom 2\noom_kill 1\noom_group_kill 0\n"),
            ],
            Some(GroupMemory { used_bytes: 350, limit_bytes: Some(1000), kills: 1 }),
        );
    }

    #[test]
    fn a_container_sees_its_own_group_at_the_mount() {
        check(
            &[("proc/self/cgroup", "0::/\n"), ("cgroup/memory.current", "500\n"), ("cgroup/memory.max", "max\n")],
            Some(GroupMemory { used_bytes: 500, limit_bytes: None, kills: 0 }),
        );
        check(
            &[("proc/self/cgroup", "0::/../../docker/a:b\n"), ("cgroup/memory.current", "500\n"), ("cgroup/memory.max", "600\n")],
            Some(GroupMemory { used_bytes: 500, limit_bytes: Some(600), kills: 0 }),
        );
    }

    #[test]
    fn version_1_knows_a_limit_that_is_none() {
        let files = |limit| {
            [
                ("proc/self/cgroup", "12:pids:/docker/x\n5:cpu,memory:/docker/x\n0::/docker/x\n"),
                ("cgroup/memory/docker/x/memory.usage_in_bytes", "500"),
                ("cgroup/memory/docker/x/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n"),
                ("cgroup/memory/docker/x/memory.limit_in_bytes", limit),
                ("cgroup/memory/docker/x/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
            ]
        };
        check(&files("1000\n"), Some(GroupMemory { used_bytes: 400, limit_bytes: Some(1000), kills: 3 }));
        check(&files("9223372036854771712\n"), Some(GroupMemory { used_bytes: 400, limit_bytes: None, kills: 3 }));
    }

    #[test]
    fn nothing_there_is_none() {
        check(&[], None);
        check(&[("proc/self/cgroup", "0::/\n")], None);
        check(&[("proc/self/cgroup", "nonsense\n1\n"), ("cgroup/memory.current", "5")], None);
        check(&[("proc/self/cgroup", "0::/\n"), ("cgroup/memory.current", "much\n")], None);
    }
}
