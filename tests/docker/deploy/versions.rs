//! Versions to deploy: these sources, these sources with one more migration, and both with a fault.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use tempfile::TempDir;

use crate::engine::{Engine, done, root};

/// What a program is built of. Packages are found by their place, so all members of the workspace come along.
const SOURCES: [&str; 6] = ["Cargo.lock", ".cargo", "crates", "bins", "xtask", "tests"];
/// Large, and no source of a program.
const LEFT_OUT: [&str; 2] = ["node_modules", "target"];

/// The programs of these sources and `next.sql` after all of their migrations: what the next version of them is. Built in a copy of them; what
/// others wrote is taken from the target folder of this one. Cargo knows packages by their version and by their place in the workspace, which is
/// the same: with one version for both, each would be taken for the other.
pub(crate) fn next_programs() -> PathBuf {
    let own = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let next = own.join("next");
    let version = concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"");
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert_eq!(workspace.matches(&format!("\n{version}\n")).count(), 1, "the version of all packages stands in one place");
    let own_line = |line: &str| line.starts_with("version = ") || line.starts_with("magnetiq-");
    let next_line = |line: &str| if own_line(line) { line.replace(version, "version = \"999.0.0\"") } else { line.to_owned() };
    fs::create_dir_all(next.join("src")).unwrap();
    fs::write(next.join("src/Cargo.toml"), workspace.lines().map(|line| next_line(line) + "\n").collect::<String>()).unwrap();
    for name in SOURCES {
        copy_changed(&root().join(name), &next.join("src").join(name));
    }
    copy_changed(&root().join("tests/docker/deploy/next.sql"), &next.join("src/crates/api/migrations/V999__next_version.sql"));
    let mut cargo = magnetiq_tests::cargo();
    cargo.current_dir(next.join("src")).args(["build", "--quiet", "--offline", "--workspace", "--bin", "magnetiq", "--target-dir"]);
    done(cargo.arg(next.join("target")).env("CARGO_BUILD_BUILD_DIR", &own));
    next.join("target/debug/magnetiq")
}

/// A tenth of the size: each image and each layer has it again.
pub(crate) fn without_debugging(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    done(Command::new("objcopy").arg("--strip-debug").args([from, to]));
}

/// With their times, so that Cargo sees what has changed.
fn copy_changed(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                copy_changed(&entry.path(), &to.join(entry.file_name()));
            }
        }
        return;
    }
    let time = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    let modified = time(from).unwrap();
    if time(to) != Some(modified) {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        fs::File::options().write(true).open(to).unwrap().set_modified(modified).unwrap();
    }
}

/// Makes images of version `to` from those of version `from`: the page and the proxy as they are, the programs other ones, or with a fault.
pub(crate) fn make(engine: &Engine, from: &str, to: &str, programs: Option<&Path>, fault: Option<&str>) {
    for image in ["frontend", "proxy"] {
        done(&mut engine.docker(&["tag", &format!("magnetiq-{image}:{from}"), &format!("magnetiq-{image}:{to}")]));
    }
    let folder = TempDir::new().unwrap();
    let mut file = format!("FROM magnetiq-backend:{from}\nUSER 0:0\n");
    if let Some(programs) = programs {
        without_debugging(programs, &folder.path().join("magnetiq"));
        file.push_str("COPY --chmod=0755 magnetiq /usr/local/bin/magnetiq\n");
    }
    if let Some(fault) = fault {
        fs::copy(root().join("tests/docker/deploy/faults").join(fault), folder.path().join("fault")).unwrap();
        file.push_str("RUN rm /usr/local/bin/api-server\nCOPY --chmod=0755 fault /usr/local/bin/api-server\n");
    }
    file.push_str(&format!("LABEL org.opencontainers.image.version={to}\nUSER 65532:65532\n"));
    fs::write(folder.path().join("Dockerfile"), file).unwrap();
    let mut build = engine.docker(&["build", "--quiet", "--tag", &format!("magnetiq-backend:{to}")]);
    done(build.arg(folder.path()).env("DOCKER_BUILDKIT", "1"));
}
