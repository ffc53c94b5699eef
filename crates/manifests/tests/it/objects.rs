//! The objects of a scenario, judged, and judged again with a fault in them.

use serde_json::Value;

use crate::scenarios::{ALL, rendered};

/// Objects of a cluster.
pub(crate) struct Objects(pub(crate) Vec<Value>);

/// What may be wrong.
pub(crate) enum Fault {
    /// A value that is another: kind, name, JSON pointer, value.
    Set(&'static str, &'static str, &'static str, Value),
    /// A value that is missing.
    Remove(&'static str, &'static str, &'static str),
    /// An object that is missing.
    Drop(&'static str, &'static str),
    /// One more object.
    Add(Value),
}

impl Objects {
    /// Everything below a folder, `k8s/` for one.
    pub(crate) fn of(scenario: &str, folder: &str) -> Self {
        let files = rendered(scenario);
        let texts =
            files.iter().filter(|(path, _)| path.starts_with(folder) && path.ends_with(".yaml") && !path.ends_with("kustomization.yaml"));
        Self(texts.flat_map(|(path, text)| documents(path, text)).collect())
    }

    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |object| object["kind"] == kind)
    }

    pub(crate) fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.0.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
    }

    /// The pods of all workloads.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().filter_map(|object| object.pointer("/spec/template/spec")).filter(|pod| pod["containers"].is_array())
    }

    /// Their containers, those that run before them as well.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Value> {
        self.pods().flat_map(|pod| list(&pod["initContainers"]).iter().chain(list(&pod["containers"])))
    }

    fn with(mut self, fault: &Fault) -> Option<Self> {
        let find = |objects: &mut Vec<Value>, kind: &str, name: &str| {
            let named = |object: &Value| {
                object["metadata"]["name"].as_str().is_some_and(|found| found == name || found.starts_with(&format!("{name}-")))
            };
            objects.iter().position(|object| object["kind"] == kind && named(object))
        };
        match fault {
            Fault::Add(object) => self.0.push(object.clone()),
            Fault::Drop(kind, name) => {
                let index = find(&mut self.0, kind, name)?;
                self.0.remove(index);
            }
            Fault::Set(kind, name, pointer, value) => {
                let index = find(&mut self.0, kind, name)?;
                let (parent, key) = pointer.rsplit_once('/')?;
                match self.0[index].pointer_mut(parent)? {
                    Value::Array(items) => *items.get_mut(key.parse::<usize>().ok()?)? = value.clone(),
                    parent => parent[&key.replace("~1", "/")] = value.clone(),
                }
            }
            Fault::Remove(kind, name, pointer) => {
                let index = find(&mut self.0, kind, name)?;
                let (parent, key) = pointer.rsplit_once('/')?;
                self.0[index].pointer_mut(parent)?.as_object_mut()?.remove(&key.replace("~1", "/"))?;
            }
        }
        Some(self)
    }
}

pub(crate) fn documents(path: &str, text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

/// What `judge` says holds in every scenario, and no longer with any of the faults.
pub(crate) fn check(folder: &str, judge: impl Fn(&Objects) -> bool, faults: &[Fault]) {
    assert!(!faults.is_empty());
    for (name, text) in ALL {
        assert!(judge(&Objects::of(text, folder)), "{name}: it does not hold");
    }
    for (number, fault) in faults.iter().enumerate() {
        let faulty = ALL.iter().filter_map(|(name, text)| Some((name, Objects::of(text, folder).with(fault)?)));
        let seen = faulty.inspect(|(name, objects)| assert!(!judge(objects), "{name}: fault {number} is not seen")).count();
        assert!(seen > 0, "fault {number} fits into no scenario");
    }
}
