//! What the kernel allows: the parameters that a server feels.

use std::path::Path;

use magnetiq_doctor::{Finding, Outcome, Seen, as_root};

use super::settings::Loaded;

/// A parameter, what it should be at least or at most, what to set it to, and why.
struct Parameter {
    name: &'static str,
    fits: fn(u64) -> bool,
    set: u64,
    why: &'static str,
}

/// What `systemd/sysctl.d` of the manifests sets satisfies all of them; a test of the manifests holds that.
const PARAMETERS: [Parameter; 5] = [
    Parameter {
        name: "net.core.somaxconn",
        fits: |value| value >= 1024,
        set: 4096,
        why: "So many connections wait to be accepted when many come at once; further ones are dropped, and visitors wait for seconds.",
    },
    Parameter {
        name: "net.ipv4.tcp_syncookies",
        fits: |value| value >= 1,
        set: 1,
        why: "Without it a flood of half-open connections keeps everybody else out.",
    },
    Parameter {
        name: "vm.swappiness",
        fits: |value| value <= 60,
        set: 10,
        why: "The higher it is the sooner the kernel swaps out a program for the sake of files; a database that was swapped out is slow.",
    },
    Parameter {
        name: "vm.dirty_ratio",
        fits: |value| value <= 40,
        set: 15,
        why: "So much of the memory may wait to be written; the more waits, the longer a commit's sync takes behind it.",
    },
    Parameter {
        name: "fs.file-max",
        fits: |value| value >= 65_536,
        set: 1_048_576,
        why: "Files and connections of all processes together: at the limit nothing can be opened by anybody.",
    },
];

pub(super) fn look(_: &Loaded) -> Outcome {
    let read: Vec<(&Parameter, u64)> = PARAMETERS.iter().filter_map(|parameter| Some((parameter, value(parameter.name)?))).collect();
    if read.is_empty() {
        return Outcome::skipped("this kernel tells nothing below /proc/sys");
    }
    let wrong = read.iter().filter(|(parameter, value)| !(parameter.fits)(*value)).map(|(parameter, value)| {
        let Parameter { name, set, why, .. } = parameter;
        Finding::warning(format!("{name} = {value}"), *why)
            .advice("For good: a line in /etc/sysctl.d/90-magnetiq.conf, which the files for systemd have. In a container it is the host's to set.")
            .command(as_root(format!("sysctl -w {name}={set}")))
    });
    Seen::saying(format!("{} parameters", read.len())).with_all(wrong).into()
}

fn value(name: &str) -> Option<u64> {
    let path = Path::new("/proc/sys").join(name.replace('.', "/"));
    std::fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}
