//! Everything that comes out, beside what came out before. `UPDATE_EXPECT=1 cargo test --package magnetiq-manifests` takes the new as right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use magnetiq_manifests::Files;
use serde_json::Value;

use crate::scenarios::{EXAMPLE, OTHER, SMALLEST, rendered};

/// Begins a file in a golden file.
const BEGIN: &str = "====== ";

fn is_updating() -> bool {
    magnetiq_config::environment().get("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// What a reader of the file sees: objects where there are any, else the text. A comment or the order of keys is no change.
fn structure(path: &str, text: &str) -> Value {
    if path.ends_with(".yaml") { crate::objects::documents(path, text).into() } else { text.into() }
}

fn check(name: &str, files: &Files) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name);
    if is_updating() {
        let text = files.iter().fold(String::new(), |text, (path, file)| format!("{text}{BEGIN}{path}\n{file}"));
        fs::write(&golden, text).unwrap();
        return;
    }
    let text = fs::read_to_string(&golden).unwrap_or_default();
    let before: BTreeMap<&str, &str> = text.split(BEGIN).filter_map(|file| file.split_once('\n')).collect();
    let paths: Vec<&str> = files.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, before.keys().copied().collect::<Vec<_>>(), "{name}: other files; UPDATE_EXPECT=1 takes them as right");
    for (path, text) in files.iter() {
        assert_eq!(structure(path, text), structure(path, before[path]), "{name}: {path} differs; UPDATE_EXPECT=1 takes it as right");
    }
}

#[test]
fn the_smallest_site() {
    check("smallest.txt", &rendered(SMALLEST));
}

#[test]
fn another_site() {
    check("other.txt", &rendered(OTHER));
}

/// The example that people read, byte for byte.
#[test]
fn the_example_is_what_is_rendered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/site");
    let files = rendered(EXAMPLE);
    if is_updating() {
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in files.iter() {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), text).unwrap();
        }
    }
    let mut there: Vec<PathBuf> = Vec::new();
    collect(&folder, &mut there);
    let there: BTreeMap<String, String> = there
        .into_iter()
        .map(|path| (path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    let wanted: BTreeMap<String, String> = files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    assert_eq!(there.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (path, text) in &wanted {
        assert_eq!(&there[path], text, "docs/examples/site/{path} differs; UPDATE_EXPECT=1 takes it as right");
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, found) } else { found.push(path) }
    }
}
