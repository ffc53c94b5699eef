//! Paths in archives: they come from files, and archives may come from anybody.

/// Whether a path stays inside the folder that it is unpacked to, and means the same everywhere.
pub(crate) fn is_safe(path: &str) -> bool {
    !path.is_empty()
        && path.len() < 4096
        && !path.contains('\0')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && part.len() < 256)
}

/// Whether a path that may name no file at all names one outside the folder that it is joined to.
pub(crate) fn leads_out(path: &str) -> bool {
    path.starts_with('/') || path.split('/').any(|part| part == "..")
}
