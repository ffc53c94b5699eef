//! The one place of the workspace that reads the environment.

use std::collections::BTreeMap;

/// The environment of this process. What is not Unicode is kept, with its broken bytes replaced.
pub fn read() -> BTreeMap<String, String> {
    std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())).collect()
}
