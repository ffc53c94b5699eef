//! What all proofs share: seeds that are printed and can be given again, and proofs that cannot be had here.

use std::process::Command;

use magnetiq_tests::{Fault, Random};

pub(crate) use magnetiq_tests::skip;

/// The seed of this run, printed.
pub(crate) fn seed() -> u64 {
    let given = magnetiq_config::environment().get("MAGNETIQ_TEST_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(Random::seed);
    eprintln!("MAGNETIQ_TEST_SEED={seed}");
    seed
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
