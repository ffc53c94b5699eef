//! What runs: the images that are made here, and those that they are made from.

use std::collections::BTreeMap;

use magnetiq_config::{Problem, Value};

use super::names;
use super::reader::Reader;

/// An image that is made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Image {
    /// `api-server`, `backupd` and `healthd`.
    Backend,
    /// The page, on nginx.
    Frontend,
    /// nginx before everything, with TLS.
    Proxy,
}

impl Image {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Backend, Self::Frontend, Self::Proxy];

    /// `backend`: the name of its Dockerfile, and of its section in `images.lock`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Frontend => "frontend",
            Self::Proxy => "proxy",
        }
    }
}

/// `sha256:` and 64 digits: what an image is, whatever its tag points to tomorrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:")?;
        (digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)))
            .then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[images]`.
#[derive(Debug, Clone)]
pub struct Images {
    /// Where they are pushed to and pulled from, such as `registry.example.org/team`: what `deploy.toml` says, else where `images.lock` says that
    /// they were pushed. `None`: they stay on the machine that built them.
    pub registry: Option<String>,
    /// Which version of them.
    pub tag: String,
    /// The Kubernetes Secret to pull with.
    pub pull_secret: Option<String>,
    /// What they are made from: the defaults of the `ARG`s.
    pub base: Bases,
    /// What `images.lock` says about each.
    pub digests: BTreeMap<Image, Digest>,
    /// What runs instead of what tag and digest say: `cargo xtask deploy` names what it found, so that a tag that moves moves nothing.
    pub pins: BTreeMap<Image, String>,
}

/// `[images.base]`: images that others make.
#[derive(Debug, Clone)]
pub struct Bases {
    /// Compiles the programs.
    pub rust: String,
    /// Builds the page.
    pub node: String,
    /// What the programs run on: a C library, certificates, and nothing else.
    pub runtime: String,
    /// Serves the page, and stands before everything.
    pub nginx: String,
    /// Gets and renews certificates.
    pub certbot: String,
}

/// The tag of images that never leave the machine that built them.
const LOCAL: &str = "local";

const REGISTRY: &str = "the folder of a registry, such as registry.example.org/team";
const BASE: &str = "an image with a tag or a digest, such as nginx:1.30, and never :latest";

impl Images {
    pub(super) fn read(reader: &mut Reader, lock: BTreeMap<String, Value>) -> Self {
        let mut base = |name: &str, default: &str| reader.parsed(&format!("images.base.{name}"), default, BASE, names::image);
        let base = Bases {
            rust: base("rust", "rust:1.95.0-bookworm"),
            node: base("node", "node:22-bookworm-slim"),
            runtime: base("runtime", "gcr.io/distroless/cc-debian12:nonroot"),
            nginx: base("nginx", "nginx:1.30"),
            certbot: base("certbot", "certbot/certbot:v5.1.0"),
        };
        let registry = reader.optional("images.registry", REGISTRY, names::repository);
        let tag = reader.optional("images.tag", "a version such as 2.0.0, and never latest", names::tag);
        let pull_secret = reader.optional("images.pull_secret", "the name of a Kubernetes Secret", names::name);
        let locked = Locked::read(lock, &mut reader.problems);
        let differs = tag.as_ref().is_some_and(|tag| locked.tag.as_ref().is_some_and(|locked| locked != tag));
        if let (true, Some(locked)) = (differs, &locked.tag) {
            reader.refuse(
                "images.tag",
                &format!("images.lock is about the images {locked}: build these with `cargo xtask images`, or leave the tag out"),
            );
        }
        if let (Some(given), Some(locked)) = (&registry, &locked.registry)
            && given != locked
        {
            reader.refuse(
                "images.registry",
                &format!("images.lock is about images in {locked}: send these with `cargo xtask images --push {given}`, or leave the registry out"),
            );
        }
        let tag = tag.or(locked.tag).unwrap_or_else(|| LOCAL.to_owned());
        let registry = registry.or(locked.registry);
        Self { registry, tag, pull_secret, base, digests: locked.digests, pins: BTreeMap::new() }
    }

    /// As it is built: without what only a registry can say.
    pub fn tagged(&self, image: Image) -> String {
        format!("{}:{}", self.repository(image), self.tag)
    }

    /// As it is pulled: with its digest, where it is known.
    pub fn reference(&self, image: Image) -> String {
        match (self.pins.get(&image), self.digests.get(&image)) {
            (Some(pin), _) => pin.clone(),
            (None, Some(digest)) => format!("{}@{}", self.tagged(image), digest.as_str()),
            (None, None) => self.tagged(image),
        }
    }

    /// Without its version: `registry.example.org/team/magnetiq-backend`.
    pub fn repository(&self, image: Image) -> String {
        let folder = self.registry.as_ref().map(|registry| format!("{registry}/")).unwrap_or_default();
        format!("{folder}magnetiq-{}", image.name())
    }
}

/// `images.lock`: written by `cargo xtask images`, a section for each image with `tag`, where it was pushed with `registry` and `digest`, and what
/// people want to know (`size_bytes`).
struct Locked {
    tag: Option<String>,
    registry: Option<String>,
    digests: BTreeMap<Image, Digest>,
}

impl Locked {
    fn read(values: BTreeMap<String, Value>, problems: &mut Vec<Problem>) -> Self {
        let mut reader = Reader::new(values);
        let mut locked = Self { tag: None, registry: None, digests: BTreeMap::new() };
        for image in Image::ALL {
            let name = image.name();
            let digest = reader.optional(&format!("{name}.digest"), "sha256: and 64 digits", Digest::parse);
            let tag = reader.optional(&format!("{name}.tag"), "a tag", names::tag);
            let registry = reader.optional(&format!("{name}.registry"), REGISTRY, names::repository);
            reader.number(&format!("{name}.size_bytes"), 0, 0..=u64::MAX);
            locked.digests.extend(digest.map(|digest| (image, digest)));
            if locked.tag.is_some() && tag.is_some() && tag != locked.tag {
                reader.refuse(&format!("{name}.tag"), "the images have several tags: build them together, with `cargo xtask images`");
            }
            if locked.registry.is_some() && registry.is_some() && registry != locked.registry {
                reader.refuse(
                    &format!("{name}.registry"),
                    "the images are in several registries: send them together, with `cargo xtask images --push REGISTRY`",
                );
            }
            locked.tag = locked.tag.or(tag);
            locked.registry = locked.registry.or(registry);
        }
        problems.extend(reader.finish());
        locked
    }
}
