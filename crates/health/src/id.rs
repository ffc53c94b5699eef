//! Names of checks, nodes and features: kebab case, cheap to copy about.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name.into())
            }
        }

        impl From<&$name> for $name {
            fn from(name: &$name) -> Self {
                name.clone()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Names a check: `disk-data`. Lower-case letters, digits and single hyphens, a letter first; looked at when the tree is made.
    CheckId
}
id! {
    /// Names a node of the tree by its path from the root: `storage/disk`. The root is the empty text.
    NodeId
}
id! {
    /// Names a feature that people know: `media-upload`.
    FeatureId
}

impl NodeId {
    /// The node that holds all others.
    pub fn root() -> Self {
        Self::from("")
    }

    /// The node that holds this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Some(Self::from(parent)),
            None if self.0.is_empty() => None,
            None => Some(Self::root()),
        }
    }

    /// Whether `inner` is this node or lies below it.
    pub fn holds(&self, inner: &Self) -> bool {
        self.0.is_empty() || inner == self || inner.0.strip_prefix(&*self.0).is_some_and(|rest| rest.starts_with('/'))
    }

    pub(crate) fn is_well_formed(&self) -> bool {
        self.0.is_empty() || self.0.split('/').all(is_kebab)
    }
}

/// Lower-case letters, digits and single hyphens between them, a letter first.
pub(crate) fn is_kebab(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
