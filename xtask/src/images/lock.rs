//! `images.lock`: what was built, for the manifests to name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use magnetiq_config::toml_values;
use magnetiq_manifests::Image;

use super::Built;

/// Images that run together: one version, and one registry or none.
pub(super) struct Lock {
    tag: String,
    /// Where they were pushed. Without that there are no digests: only a registry gives them, and nobody pulls from this machine.
    registry: Option<String>,
    sections: BTreeMap<Image, Section>,
}

struct Section {
    digest: Option<String>,
    size_bytes: u64,
}

/// Where the images were pushed that the file at `path` is about; `None`: nowhere, or there is no such file.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn pushed_to(path: &Path) -> Result<Option<String>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let values = toml_values(&text, &path.display().to_string())?;
    Ok(Image::ALL.iter().find_map(|image| values.get(&format!("{}.registry", image.name()))?.clone().into_string().ok()))
}

impl Lock {
    /// What stays of the file at `path` when the images in `wanted` are built anew: those that are not.
    ///
    /// # Errors
    ///
    /// When such an image has another tag or registry, so that they could not run together; when the file cannot be read.
    pub(super) fn of_others(path: &Path, wanted: &[Image], tag: &str, registry: Option<&str>) -> Result<Self> {
        let mut lock = Self { tag: tag.to_owned(), registry: registry.map(str::to_owned), sections: BTreeMap::new() };
        let others: Vec<Image> = Image::ALL.into_iter().filter(|image| !wanted.contains(image)).collect();
        if !others.is_empty() && path.exists() {
            let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
            lock.keep(&text, &path.display().to_string(), &others)?;
        }
        Ok(lock)
    }

    fn keep(&mut self, text: &str, path: &str, others: &[Image]) -> Result<()> {
        let values = toml_values(text, path)?;
        for image in others {
            let name = image.name();
            let value = |key: &str| values.get(&format!("{name}.{key}")).and_then(|value| value.clone().into_string().ok());
            let Some(tag) = value("tag") else { continue };
            let registry = value("registry");
            if tag != self.tag || registry != self.registry {
                let shown = |tag: &str, registry: Option<&str>| {
                    registry.map_or_else(|| format!("{tag} of this machine"), |registry| format!("{tag} in {registry}"))
                };
                bail!(
                    "{path} has {name} as {}, and what is built now is {}: images run together, so leave --only out, or give the same --tag and --push",
                    shown(&tag, registry.as_deref()),
                    shown(&self.tag, self.registry.as_deref())
                );
            }
            let size_bytes = value("size_bytes").and_then(|size| size.parse().ok()).unwrap_or(0);
            self.sections.insert(*image, Section { digest: value("digest"), size_bytes });
        }
        Ok(())
    }

    /// One that was built, and pushed where all of them are.
    pub(super) fn put(&mut self, built: &Built) {
        let digest = self.registry.is_some().then(|| built.digest.clone());
        self.sections.insert(built.image, Section { digest, size_bytes: built.size_bytes });
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    ///
    /// When the disk says no.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        crate::deploy::folder::put(path, &self.text())
    }

    fn text(&self) -> String {
        let mut text = "# Made by `cargo xtask images`: what `cargo xtask manifests` lets run. Commit it with the manifests.\n".to_owned();
        let line = |key: &str, value: Option<&String>| value.map(|value| format!("{key} = \"{value}\"\n")).unwrap_or_default();
        for (image, section) in &self.sections {
            let (tag, registry) = (line("tag", Some(&self.tag)), line("registry", self.registry.as_ref()));
            let digest = line("digest", section.digest.as_ref());
            let _ = write!(text, "\n[{}]\n{tag}{registry}{digest}size_bytes = {}\n", image.name(), section.size_bytes);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use magnetiq_manifests::{Deployment, Image, Sources, Text};

    use super::{Built, Lock};

    const REGISTRY: &str = "registry.example.org/team";

    fn built(image: Image, digit: &str) -> Built {
        Built {
            image,
            tagged: format!("{REGISTRY}/{}", image.name()),
            digest: digest(digit),
            size_bytes: 12,
            added_bytes: None,
            took: Duration::ZERO,
        }
    }

    fn digest(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    #[test]
    fn the_manifests_can_read_it_and_pull_from_where_it_was_pushed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("images.lock");
        for registry in [None, Some(REGISTRY)] {
            let mut lock = Lock::of_others(&path, &Image::ALL, "2.0.0", registry).expect("nothing stays");
            Image::ALL.iter().for_each(|image| lock.put(&built(*image, "a")));
            lock.write(&path).expect("the disk takes it");
            let text = fs::read_to_string(&path).expect("it was written");
            let read = |deploy: &str| {
                let deploy = format!("domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n{deploy}");
                let lock = Some(Text { path: "images.lock", text: &text });
                Deployment::read(&Sources { deploy: Text { path: "deploy.toml", text: &deploy }, lock, given: &[] })
            };
            let images = read("").unwrap_or_else(|problems| panic!("{problems}")).images;
            assert_eq!(images.tag, "2.0.0");
            assert_eq!(images.reference(Image::Proxy).contains(&digest("a")), registry.is_some());
            assert_eq!(images.reference(Image::Proxy).starts_with(REGISTRY), registry.is_some());
            // Somewhere else they never were.
            let elsewhere = read("[images]\nregistry = \"elsewhere.example.org\"\n").err().map(|problems| problems.to_string());
            assert_eq!(elsewhere.is_some_and(|said| said.contains("--push elsewhere.example.org")), registry.is_some());
        }
    }

    #[test]
    fn what_is_not_built_anew_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("images.lock");
        let only = |tag: &str, registry: Option<&str>| Lock::of_others(&path, &[Image::Backend], tag, registry);
        let mut first = only("2.0.0", Some(REGISTRY)).expect("there is none yet");
        Image::ALL.iter().for_each(|image| first.put(&built(*image, "a")));
        first.write(&path).expect("the disk takes it");

        let mut second = only("2.0.0", Some(REGISTRY)).expect("the others are of the same version");
        second.put(&built(Image::Backend, "b"));
        let text = second.text();
        assert_eq!((text.matches(&digest("a")).count(), text.matches(&digest("b")).count()), (2, 1), "{text}");
        for (tag, registry) in [("2.1.0", Some(REGISTRY)), ("2.0.0", Some("elsewhere.example.org")), ("2.0.0", None)] {
            let refused = only(tag, registry).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(refused.contains("frontend as 2.0.0 in registry.example.org/team") && refused.contains("--only"), "{tag}: {refused}");
        }
        assert!(Lock::of_others(&path, &Image::ALL, "2.1.0", None).is_ok(), "nothing stays");
    }
}
