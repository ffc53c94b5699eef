//! One source of settings, ready to be laid over the ones before it.

use std::collections::BTreeMap;

use config::{ConfigError, Map, Source, Value, ValueKind};

/// Values by dotted key, each with its origin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    values: BTreeMap<String, Value>,
    /// How the user wrote the key, where that differs from the key: the name of the variable.
    names: BTreeMap<String, String>,
    /// Sections without a single value, and their origin: the name may still be wrong.
    empty_sections: BTreeMap<String, String>,
}

/// A key that a layer holds and no program reads.
pub(crate) struct Stranger<'a> {
    pub(crate) key: &'a str,
    pub(crate) variable: Option<&'a str>,
    pub(crate) origin: &'a str,
    pub(crate) empty_section: bool,
}

impl Layer {
    pub(crate) fn insert(&mut self, key: String, origin: String, kind: impl Into<ValueKind>) {
        self.values.insert(key, Value::new(Some(&origin), kind));
    }

    pub(crate) fn insert_variable(&mut self, key: String, variable: String, origin: String, text: String) {
        self.names.insert(key.clone(), variable);
        self.insert(key, origin, text);
    }

    pub(crate) fn insert_section(&mut self, name: String, origin: String) {
        self.empty_sections.insert(name, origin);
    }

    pub(crate) fn into_values(self) -> BTreeMap<String, Value> {
        self.values
    }

    pub(crate) fn origin(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Value::origin)
    }

    /// The dotted names of everything that is given, a section without values among them.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&str, bool)> {
        self.values.iter().map(|(key, value)| (key.as_str(), matches!(value.kind, ValueKind::Nil)))
    }

    /// `[backup.retention]` with every line below it commented out.
    fn is_empty_section(&self, key: &str, known: &[String]) -> bool {
        let is_nil = self.values.get(key).is_some_and(|value| matches!(value.kind, ValueKind::Nil));
        is_nil && known.iter().any(|known| in_section(known, key))
    }

    /// The keys that are not among `known`, and the empty sections that no known key belongs to.
    pub(crate) fn strangers<'a>(&'a self, known: &'a [String]) -> impl Iterator<Item = Stranger<'a>> {
        let keys =
            self.values.iter().filter(|(key, _)| !known.contains(key) && !self.is_empty_section(key, known)).map(|(key, value)| Stranger {
                key,
                variable: self.names.get(key).map(String::as_str),
                origin: value.origin().unwrap_or_default(),
                empty_section: false,
            });
        let sections = self.empty_sections.iter().filter(|(name, _)| !known.iter().any(|key| in_section(key, name)));
        keys.chain(sections.map(|(key, origin)| Stranger { key, variable: None, origin, empty_section: true }))
    }

    /// Without the keys that are not among `known`: as paths, they could overwrite their neighbours.
    pub(crate) fn known(mut self, known: &[String]) -> Self {
        self.values.retain(|key, _| known.contains(key));
        self
    }
}

/// Whether `key` is one of the settings of the section `name`.
pub(crate) fn in_section(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone().into_iter().collect())
    }
}
