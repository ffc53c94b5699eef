//! What all proofs share: seeds that are printed and can be given again, and proofs that cannot be had here.

use std::process::Command;

use magnetiq_tests::{Fault, Random};

/// The seed of this run, printed.
pub(crate) fn seed() -> u64 {
    let given = magnetiq_config::environment().get("MAGNETIQ_TEST_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(Random::seed);
    eprintln!("MAGNETIQ_TEST_SEED={seed}");
    seed
}

/// Says loudly that a test was not done, or fails where everything must be proven.
pub(crate) fn skip(why: &str) {
    let ci = magnetiq_config::environment().get("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
    assert!(!ci, "may not be skipped in CI: {why}");
    eprintln!("SKIPPED: {why}");
}

/// Lets the program run with the fault; false, and said, where that is not possible.
pub(crate) fn preload(fault: Option<&Fault>, command: &mut Command) -> bool {
    match fault.map(|fault| fault.preload(command)) {
        Some(Err(missing)) => {
            skip(&missing.0);
            false
        }
        _ => true,
    }
}
