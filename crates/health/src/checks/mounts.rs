//! Whether a file system takes writes, whatever the mount allows through which this process sees it.

use std::path::Path;

/// Whether the kernel writes nothing to the file system of `folder`: it was mounted so, or the kernel found an error. How this process may use it is
/// another matter: a container that only reads has a mount that is read-only. `false` where nobody can tell.
#[cfg(target_os = "linux")]
pub fn is_read_only(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let Ok(metadata) = std::fs::metadata(folder) else { return false };
    let device = format!("{}:{}", rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
    let Ok(mounts) = super::read::bytes(Path::new("/proc/self/mountinfo"), 4 << 20) else { return false };
    String::from_utf8_lossy(&mounts).lines().any(|mount| takes_no_writes(mount, &device))
}

/// Elsewhere the mount is all that is known.
#[cfg(not(target_os = "linux"))]
pub fn is_read_only(folder: &Path) -> bool {
    rustix::fs::statvfs(folder).is_ok_and(|stat| stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

/// proc_pid_mountinfo(5): the third field is the device, the last one has the options of the file system, which all its mounts share.
#[cfg(target_os = "linux")]
fn takes_no_writes(mount: &str, device: &str) -> bool {
    let is_it = mount.split(' ').nth(2) == Some(device);
    // ext4 of newer kernels (Linux 6.18, for example) says emergency_ro after an error and stays rw: access and statvfs know nothing of it.
    is_it && mount.rsplit(' ').next().is_some_and(|options| options.split(',').any(|option| matches!(option, "ro" | "emergency_ro")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::takes_no_writes;

    #[test]
    fn the_options_of_the_file_system_count_and_not_those_of_the_mount() {
        for (mount, expected) in [
            ("425 185 7:0 / /data rw,relatime - ext4 /dev/loop0 rw,errors=remount-ro", false),
            ("425 185 7:0 /x /data ro,relatime shared:1 master:2 - ext4 /dev/loop0 rw,errors=remount-ro", false),
            ("425 185 7:0 / /data rw,relatime - ext4 /dev/loop0 ro,errors=remount-ro", true),
            ("425 185 7:0 / /data rw,relatime - ext4 /dev/loop0 rw,errors=remount-ro,emergency_ro", true),
            ("425 185 7:1 / /data ro,relatime - ext4 /dev/loop1 ro", false),
            ("", false),
        ] {
            assert_eq!(takes_no_writes(mount, "7:0"), expected, "{mount}");
        }
    }
}
