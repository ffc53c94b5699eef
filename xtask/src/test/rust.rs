use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::steps::{Steps, run};
use crate::cargo::cargo;

pub(crate) fn format(steps: &mut Steps) {
    steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])));
}

/// What the tests find in their environment.
type Variables = [(&'static str, PathBuf)];

/// Tells them that the programs that they start were built from these sources.
const BUILT: &str = "MAGNETIQ_TEST_PROGRAMS_BUILT";

pub(crate) fn prove(steps: &mut Steps, variables: &Variables) {
    steps.step("clippy", || run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])));
    steps.step("docs", || run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings")));
    steps.step("programs", || run(cargo().args(["build", "--workspace", "--bins"])));
    steps.step("rust tests", || run(tests().envs(variables.iter().cloned()).env(BUILT, "yes")));
    steps.step("doc tests", || run(cargo().args(["test", "--workspace", "--doc"])));
}

/// The tests that are ignored otherwise, and only those that are long: others are started by tests, as programs.
pub(crate) fn soak(steps: &mut Steps, variables: &Variables) {
    steps.step("soak", || {
        let mut command = cargo();
        if has_nextest() {
            command.args(["nextest", "run", "--package", "magnetiq-tests", "--no-fail-fast", "--run-ignored", "only", "soak"]);
        } else {
            command.args(["test", "--package", "magnetiq-tests", "--no-fail-fast", "--tests", "--", "--ignored", "soak"]);
        }
        run(command.envs(variables.iter().cloned()))
    });
}

/// Nextest where it is there: it runs each test in a process of its own, several at a time, and tells slow ones.
fn tests() -> Command {
    let mut command = cargo();
    if has_nextest() {
        // One more than there are cores: tests of containers and of what is to be waited for take little of them.
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
        command.args(["nextest", "run", "--workspace", "--no-fail-fast", "--test-threads", &threads.to_string()]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    // A snapshot that differs fails, and leaves nothing behind.
    command.env("INSTA_UPDATE", "no");
    command
}

fn has_nextest() -> bool {
    let asked = cargo().args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
