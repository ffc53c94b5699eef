//! Programs of others that work on a site: those that are here should be new enough.

use magnetiq_doctor::{Finding, Outcome, Seen, Version, as_root, said};

use super::settings::Loaded;

/// A program, how it tells its version, from which on it is good, why, its package, and where there is none with that.
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
    from: Version,
    why: &'static str,
    package: &'static str,
    advice: &'static str,
}

const OLD_DISTRIBUTION: &str = "A distribution that has no newer one is itself too old.";

/// The first sqlite3 without the bug that can damage a database when its write-ahead log is begun anew: see `refuse_old_sqlite` in `storage`.
const SQLITE_WRITES: Version = Version(3, 51, 3);

const TOOLS: [Tool; 5] = [
    Tool {
        name: "sqlite3",
        arguments: &["-version"],
        from: Version(3, 37, 0),
        why: "It does not know STRICT tables, and calls a whole database malformed.",
        package: "sqlite3",
        advice: OLD_DISTRIBUTION,
    },
    Tool {
        name: "nginx",
        arguments: &["-v"],
        from: Version(1, 22, 0),
        why: "The files that are made for it have words that it does not know.",
        package: "nginx",
        advice: OLD_DISTRIBUTION,
    },
    Tool {
        name: "certbot",
        arguments: &["--version"],
        from: Version(1, 12, 0),
        why: "It does not renew when the authority says, and certificates live shorter each year.",
        package: "certbot",
        advice: OLD_DISTRIBUTION,
    },
    Tool {
        name: "openssl",
        arguments: &["version"],
        from: Version(1, 1, 1),
        why: "It does not speak TLS 1.3, so what it says of a site is not what a browser sees.",
        package: "openssl",
        advice: OLD_DISTRIBUTION,
    },
    Tool {
        name: "docker",
        arguments: &["compose", "version"],
        from: Version(2, 26, 0),
        why: "It refuses the Compose files, or starts things in another order.",
        package: "docker-compose-plugin",
        advice: "Debian has no such package: it is in Docker's own source, which docs.docker.com/engine/install tells how to add.",
    },
];

pub(super) fn look(_: &Loaded) -> Outcome {
    let found: Vec<(&Tool, Version)> =
        TOOLS.iter().filter_map(|tool| Some((tool, Version::find(&said(tool.name, tool.arguments)?)?))).collect();
    if found.is_empty() {
        return Outcome::skipped("none of them is here, and none is needed to serve");
    }
    let old = found.iter().filter(|(tool, version)| *version < tool.from).map(|(tool, version)| {
        Finding::warning(format!("{} is {version}, and {} is the first that is good", tool.name, tool.from), tool.why)
            .advice(tool.advice)
            .command(format!("{} && {}", as_root("apt-get update"), as_root(format!("apt-get install {}", tool.package))))
    });
    let reads_only = found.iter().filter(|(tool, version)| tool.name == "sqlite3" && (tool.from..SQLITE_WRITES).contains(version)).map(
        |(_, version)| {
            let why = "Older ones have a bug that can damage a database which a server writes at the same time.";
            Finding::warning(format!("sqlite3 is {version}, and {SQLITE_WRITES} is the first that may write beside a server"), why)
                .advice("To read is fine: sqlite3 -readonly. Never write with it beside a server, whose own SQLite is a newer one.")
        },
    );
    let names = found.iter().map(|(tool, version)| format!("{} {version}", tool.name)).collect::<Vec<_>>().join(", ");
    Seen::saying(names).with_all(old).with_all(reads_only).into()
}
