//! A new build of the page is a new program.

use std::fs;

fn main() {
    // Cargo would make this crate, and all that is built on it, anew each time for a folder that is not there. Where it can't be made, it does.
    let _ = fs::create_dir_all("ui/dist");
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=build.rs");
}
