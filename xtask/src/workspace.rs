//! Where things lie in this repository.

use std::path::{Path, PathBuf};

/// What Git is asked for what is not committed. What is rendered, what was built and what this machine keeps of deployments comes of the sources,
/// and is no part of what is built of them.
pub(crate) const UNCOMMITTED: [&str; 6] = ["status", "--porcelain", "--", ".", ":!deploy", ":!images.lock"];

/// The root of the repository that this program was built from.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root of the repository")
}

/// The sources of the page.
pub(crate) fn ui() -> PathBuf {
    root().join("crates/web/ui")
}

/// The journeys through the page in a real browser.
pub(crate) fn journeys() -> PathBuf {
    root().join("tests/browser")
}

/// A path as a person would type it here.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
