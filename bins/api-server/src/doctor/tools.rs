//! Programs of others that work on a site: those that are here should be new enough.

use magnetiq_doctor::{Finding, Outcome, Seen, Version, said};

use super::settings::Loaded;

/// A program, how it tells its version, from which on it is good, why, and its package.
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
    from: Version,
    why: &'static str,
    package: &'static str,
}

const TOOLS: [Tool; 5] = [
    Tool {
        name: "sqlite3",
        arguments: &["-version"],
        from: Version(3, 37, 0),
        why: "It does not know STRICT tables, and calls a whole database malformed.",
        package: "sqlite3",
    },
    Tool {
        name: "nginx",
        arguments: &["-v"],
        from: Version(1, 22, 0),
        why: "The files that are made for it have words that it does not know.",
        package: "nginx",
    },
    Tool {
        name: "certbot",
        arguments: &["--version"],
        from: Version(1, 12, 0),
        why: "It does not renew when the authority says, and certificates live shorter each year.",
        package: "certbot",
    },
    Tool {
        name: "openssl",
        arguments: &["version"],
        from: Version(1, 1, 1),
        why: "It does not speak TLS 1.3, so what it says of a site is not what a browser sees.",
        package: "openssl",
    },
    Tool {
        name: "docker",
        arguments: &["compose", "version"],
        from: Version(2, 26, 0),
        why: "It refuses the Compose files, or starts things in another order.",
        package: "docker-compose-plugin",
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
            .advice("A distribution that has no newer one is itself too old.")
            .command(format!("apt-get update && apt-get install {}", tool.package))
    });
    let names = found.iter().map(|(tool, version)| format!("{} {version}", tool.name)).collect::<Vec<_>>().join(", ");
    Seen::saying(names).with_all(old).into()
}
