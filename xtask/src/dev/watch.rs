use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::session::Event;
use crate::workspace;

/// Sends [`Event::Changed`] whenever a source of the Rust programs changes, as long as the watcher lives.
///
/// # Errors
///
/// When the system does not watch, for instance because the limit of watches is reached.
pub(crate) fn watch(events: Sender<Event>) -> Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |change: notify::Result<notify::Event>| {
        if change.is_ok_and(|change| matters(&change)) {
            // Nobody listens any more when everything ends.
            let _ = events.send(Event::Changed);
        }
    })
    .context("watch the sources")?;
    for (path, mode) in places(workspace::root()).context("list the sources to watch")? {
        watcher.watch(&path, mode).with_context(|| format!("watch {}", workspace::shown(&path)))?;
    }
    Ok(watcher)
}

/// Reading a file and changing its times is no change; neither is what editors leave beside a file while it is open.
fn matters(change: &notify::Event) -> bool {
    let kind = match change.kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        _ => false,
    };
    kind && change.paths.iter().any(|path| is_source(path))
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = name.starts_with(['.', '#']) || name.ends_with(['~', '#']) || name.ends_with(".swp");
    let of_root = path.parent() == Some(workspace::root());
    !beside && (!of_root || ["Cargo.toml", "Cargo.lock"].contains(&&*name))
}

/// The root for its Cargo files, and each package except the sources of the page, whose `node_modules` alone has more folders than a
/// system lets one program watch.
fn places(root: &Path) -> std::io::Result<Vec<(PathBuf, RecursiveMode)>> {
    let mut places = vec![(root.to_owned(), RecursiveMode::NonRecursive), (root.join("bins"), RecursiveMode::Recursive)];
    for package in folders(&root.join("crates"))? {
        let ui = package.join("ui");
        if ui.is_dir() {
            places.push((package.clone(), RecursiveMode::NonRecursive));
            places.extend(folders(&package)?.into_iter().filter(|folder| *folder != ui).map(|folder| (folder, RecursiveMode::Recursive)));
        } else {
            places.push((package, RecursiveMode::Recursive));
        }
    }
    Ok(places)
}

fn folders(parent: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(parent)?.collect::<Result<Vec<_>, _>>()?;
    Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

#[cfg(test)]
mod tests {
    use super::{is_source, places};
    use crate::workspace::root;

    #[test]
    fn the_page_watches_itself() {
        let places = places(root()).expect("the folders are there");
        assert!(places.iter().any(|(path, _)| path.ends_with("crates/config")));
        assert!(!places.iter().any(|(path, _)| path.ends_with("ui")));
    }

    #[test]
    fn editors_leave_files_that_are_no_sources() {
        let source = |name: &str| is_source(&root().join(name));
        assert!(source("crates/api/src/lib.rs") && source("crates/api/migrations/V1__a.sql") && source("Cargo.toml"));
        assert!(!source("crates/api/src/.lib.rs.swp") && !source("crates/api/src/lib.rs~") && !source("README.md"));
    }
}
