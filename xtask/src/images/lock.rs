//! `images.lock`: what was built, for the manifests to name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Built;

/// Writes it, whole or not at all. Without a push there are no digests: only a registry gives them, and nobody pulls from this machine.
///
/// # Errors
///
/// When the disk says no.
pub(super) fn write(path: &Path, tag: &str, built: &[Built], pushed: bool) -> Result<()> {
    let temporary = path.with_added_extension("new");
    let written = fs::write(&temporary, text(tag, built, pushed)).and_then(|()| fs::rename(&temporary, path));
    written.with_context(|| format!("write {}", path.display()))
}

fn text(tag: &str, built: &[Built], pushed: bool) -> String {
    let mut text = "# Made by `cargo xtask images`: what `cargo xtask manifests` lets run. Commit it with the manifests.\n".to_owned();
    for built in built {
        let digest = if pushed { format!("digest = \"{}\"\n", built.digest) } else { String::new() };
        let _ = write!(text, "\n[{}]\ntag = \"{tag}\"\n{digest}size_bytes = {}\n", built.image.name(), built.size_bytes);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use magnetiq_manifests::{Deployment, Image, Sources, Text};

    use super::{Built, text};

    #[test]
    fn the_manifests_can_read_it() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let built = Image::ALL.map(|image| Built {
            image,
            tagged: format!("registry.example.org/{}", image.name()),
            digest: digest.clone(),
            size_bytes: 12,
            added_bytes: None,
            took: Duration::ZERO,
        });
        for pushed in [false, true] {
            let lock = text("2.0.0", &built, pushed);
            let deploy = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n";
            let lock = Some(Text { path: "images.lock", text: &lock });
            let sources = Sources { deploy: Text { path: "deploy.toml", text: deploy }, lock, given: &[] };
            let images = Deployment::read(&sources).unwrap_or_else(|problems| panic!("{problems}")).images;
            assert_eq!(images.tag, "2.0.0");
            assert_eq!(images.reference(Image::Proxy).contains(&digest), pushed);
        }
    }
}
