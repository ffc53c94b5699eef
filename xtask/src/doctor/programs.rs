//! Programs that building and proving need.

use magnetiq_doctor::{Finding, Outcome, Seen, Version};

use super::checkout::Checkout;
use crate::manifests;
use crate::test::browser;

/// The compiler, against what the workspace says that it needs.
pub(super) fn rust(checkout: &Checkout) -> Outcome {
    let why = "Nothing builds without it.";
    let wanted = wanted(&checkout.text("Cargo.toml"), "rust-version = \"");
    let channel = wanted_text(&checkout.text("rust-toolchain.toml"), "channel = \"").unwrap_or("stable").to_owned();
    let command = format!("rustup toolchain install {channel}");
    match (checkout.version("rustc", &["--version"]), wanted) {
        (None, _) => {
            let finding = Finding::error("there is no rustc in PATH", why);
            Seen::saying("no Rust").with(finding.command("curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh")).into()
        }
        (Some(found), Some(wanted)) if found < wanted => {
            let finding = Finding::error(format!("rustc is {found}, and the workspace needs {wanted}"), why);
            Seen::saying(format!("rustc {found}")).with(finding.command(command)).into()
        }
        (Some(found), _) => Seen::saying(format!("rustc {found}")).into(),
    }
}

/// The version behind `before` in the text of a file.
fn wanted(text: &str, before: &str) -> Option<Version> {
    Version::find(wanted_text(text, before)?)
}

fn wanted_text<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split('"').next()
}

/// The bundled SQLite is compiled from C, and so is jemalloc, by make.
pub(super) fn c_compiler(checkout: &Checkout) -> Outcome {
    let why = "SQLite and jemalloc are compiled from C, so no program of ours builds without it.";
    let install = checkout.system.install("build-essential", "gcc make", "xcode-select --install");
    let missing = |what: &str| installed_by(Finding::error(format!("there is no {what} in PATH"), why), install.clone(), what);
    let compilers = ["cc", "clang", "gcc"];
    if compilers.iter().any(|name| checkout.program(name).is_some()) && checkout.program("make").is_none() {
        return Seen::saying("not there").with(missing("make")).into();
    }
    present(checkout, &compilers, || missing("C compiler"))
}

/// Node for the page, against its package.json.
pub(super) fn node(checkout: &Checkout) -> Outcome {
    let why = "The page is built with it; the server builds without, and serves no page then.";
    let install = checkout.system.install_node();
    let wanted = wanted(&checkout.text("crates/web/ui/package.json"), "\"node\": \"").unwrap_or(Version(20, 19, 0));
    let (found, npm) = (checkout.version("node", &["--version"]), checkout.program("npm"));
    let what = match (found, npm) {
        (None, _) => "there is no node in PATH".to_owned(),
        (Some(found), _) if found < wanted => format!("node is {found}, and the page needs {wanted}"),
        (Some(_), None) => "node is there, and npm is not".to_owned(),
        (Some(found), Some(_)) => return Seen::saying(format!("node {found}")).into(),
    };
    Seen::saying(what.clone()).with(Finding::error(what, why).advice("Or: cargo xtask dev --no-web.").command(install)).into()
}

/// `cargo nextest`
pub(super) fn nextest(checkout: &Checkout) -> Outcome {
    let why = "Tests run one after the other without it, and one that hangs holds up the rest.";
    present(checkout, &["cargo-nextest"], || {
        Finding::warning("there is no cargo-nextest in PATH", why).command("cargo install --locked cargo-nextest")
    })
}

/// `cargo deny`
pub(super) fn cargo_deny(checkout: &Checkout) -> Outcome {
    let why =
        "Whether dependencies have advisories, and licences that fit, is known only after a push; the checklist of a site asks each month.";
    present(checkout, &["cargo-deny"], || {
        Finding::warning("there is no cargo-deny in PATH", why).command("cargo install --locked cargo-deny")
    })
}

/// What mail, S3 and schemas are tested with comes from PyPI, into an environment of its own.
pub(super) fn python(checkout: &Checkout) -> Outcome {
    let why = "The mail server, the S3 server and the checkers that tests use are installed with it below target/tools; without them tests are skipped.";
    let install = checkout.system.install("python3-venv python3-pip", "python3 python3-pip", "brew install python");
    let missing = |what: &str| installed_by(Finding::warning(what.to_owned(), why), install.clone(), "Python 3 with venv and pip");
    match checkout.version("python3", &["--version"]) {
        None => Seen::saying("no Python").with(missing("there is no python3 in PATH")).into(),
        Some(found) if checkout.said("python3", &["-c", "import venv, ensurepip"]).is_none() => {
            Seen::saying(format!("python3 {found}")).with(missing("python3 can make no environment (venv, ensurepip)")).into()
        }
        Some(found) => Seen::saying(format!("python3 {found}")).into(),
    }
}

/// For `tests/browser` and for pictures: the one that those would take.
pub(super) fn browser(checkout: &Checkout) -> Outcome {
    let why = "The journeys through the page are skipped without it, and cargo xtask screenshots does not work.";
    if let Some(browser) = browser::find(&checkout.environment) {
        let shown = browser.display().to_string();
        // One in PATH is there.
        let missing = (!browser.is_file()).then(|| {
            let seen = format!("{} names {shown}, which is not there", browser::BROWSER);
            Finding::warning(seen, "Nothing else is looked for, so that the journeys through the page fail.")
                .advice("Or name one that is.")
                .command(format!("unset {}", browser::BROWSER))
        });
        return Seen::saying(shown).with_all(missing).into();
    }
    let install = checkout.system.install("chromium", "chromium", "brew install --cask google-chrome");
    Seen::saying("not there").with(installed_by(Finding::warning("there is no Chromium in PATH", why), install, "Chromium")).into()
}

/// Docker or Podman, and whether it answers.
pub(super) fn engine(checkout: &Checkout) -> Outcome {
    let why = "Images are built with it (cargo xtask images), and deployments are tried with it; all else works without.";
    if let Some(server) = checkout.version("docker", &["version", "--format", "{{.Server.Version}}"]) {
        return Seen::saying(format!("docker {server}")).into();
    }
    if let Some(podman) = checkout.version("podman", &["info", "--format", "{{.Version.Version}}"]) {
        return Seen::saying(format!("podman {podman}")).into();
    }
    let finding = if checkout.program("docker").is_some() {
        let advice = "Where it runs: your account may have to be in the group docker.";
        Finding::warning("docker is there, and its engine does not answer", why).advice(advice).command(checkout.system.start_docker())
    } else if checkout.program("podman").is_some() {
        Finding::warning("podman is there, and does not answer", why).advice("What it says tells why.").command("podman info")
    } else {
        let finding = Finding::warning("neither docker nor podman is in PATH", why);
        let podman = checkout.system.install("podman", "podman", "brew install podman");
        let advice = podman.map_or_else(String::new, |podman| format!("For images alone podman does, too: {podman}."));
        installed_by(finding.advice(advice), checkout.system.install_docker(), "Docker or Podman")
    };
    Seen::saying("no engine").with(finding).into()
}

/// Those of the site, where `deploy.toml` says that it runs.
pub(super) fn containers(checkout: &Checkout) -> Outcome {
    let Some(docker) = checkout.program("docker") else { return Outcome::skipped("docker is not in PATH") };
    let deploy = checkout.root.join("deploy.toml");
    if !deploy.is_file() {
        return magnetiq_doctor::containers(docker, None);
    }
    match manifests::read_unlocked(&deploy, &[]) {
        Ok(deployment) => magnetiq_doctor::containers(docker, deployment.compose.context.as_deref()),
        Err(_) => {
            Outcome::skipped("deploy.toml is not right, so nobody knows where the site runs: cargo xtask manifests says what is wrong")
        }
    }
}

/// With the command that installs what is missing, or with words where this system has another one.
fn installed_by(finding: Finding, command: Option<String>, what: &str) -> Finding {
    match command {
        Some(command) => finding.command(command),
        None => finding.advice(format!("Install {what} with the package manager of this system.")),
    }
}

/// The first of these programs that is there.
fn present(checkout: &Checkout, names: &[&str], missing: impl FnOnce() -> Finding) -> Outcome {
    match names.iter().find_map(|name| checkout.program(name)) {
        Some(program) => Seen::saying(program.display().to_string()).into(),
        None => Seen::saying("not there").with(missing()).into(),
    }
}
