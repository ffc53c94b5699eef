//! Containers of a server, and whether they go on running: those of Docker, and pods of a cluster.

use std::collections::BTreeMap;
use std::process::Output;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::line::Line;

/// The state of a container.
struct Container {
    name: String,
    status: String,
    restarts: u64,
}

fn containers(inspect: &Line) -> Result<Vec<Container>> {
    let seen: Value = serde_json::from_str(&inspect.run_again()?).context("understand what is said about containers")?;
    let of = |seen: &Value| Container {
        name: seen["Name"].as_str().unwrap_or_default().trim_start_matches('/').to_owned(),
        status: seen["State"]["Status"].as_str().unwrap_or_default().to_owned(),
        restarts: seen["RestartCount"].as_u64().unwrap_or_default(),
    };
    let pod = |pod: &Value| Container {
        name: pod["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        status: pod["status"]["phase"].as_str().unwrap_or_default().to_lowercase(),
        restarts: pod["status"]["containerStatuses"].as_array().into_iter().flatten().filter_map(|of| of["restartCount"].as_u64()).sum(),
    };
    // A list of containers of Docker, or of pods of a cluster; a pod that was told to end is none of the version that is looked at.
    Ok(match seen["items"].as_array() {
        Some(pods) => pods.iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).map(pod).collect(),
        None => seen.as_array().into_iter().flatten().map(of).collect(),
    })
}

/// Containers that should run on, and how often each was started again before.
pub(super) struct Alive<'a> {
    inspect: &'a Line,
    restarts: BTreeMap<String, u64>,
}

impl<'a> Alive<'a> {
    /// # Errors
    ///
    /// Where they cannot be asked for.
    pub(super) fn of(inspect: &'a Line) -> Result<Self> {
        Ok(Self { inspect, restarts: containers(inspect)?.into_iter().map(|container| (container.name, container.restarts)).collect() })
    }

    /// # Errors
    ///
    /// Where one has ended since, with what it said last.
    pub(super) fn check(&self) -> Result<()> {
        let now = containers(self.inspect)?;
        for (name, before) in &self.restarts {
            match now.iter().find(|container| container.name == *name) {
                Some(Container { status, restarts, .. }) if status != "running" || restarts > before => {
                    bail!("{name} ended ({status}, started again {restarts} times): {}", last_log(self.inspect, name));
                }
                Some(_) => {}
                None => bail!("{name} ended, and is not there any more"),
            }
        }
        Ok(())
    }

    /// What they said last.
    pub(super) fn last_log(&self) -> String {
        self.restarts.keys().map(|name| last_log(self.inspect, name)).collect::<Vec<_>>().join("\n    ")
    }
}

/// The log of one of them, by the same client.
fn last_log(inspect: &Line, name: &str) -> String {
    let client = Line::new(inspect.words().iter().take_while(|word| *word != "container" && *word != "get").cloned());
    let is_pod = inspect.words().iter().any(|word| word == "pods");
    let logs = if is_pod { client.with(["logs", "--tail", "4", name]) } else { client.with(["container", "logs", "--tail", "4", name]) };
    let said = |output: Output| super::line::last_words(&output);
    logs.output().map(said).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Alive;
    use crate::deploy::line::Line;

    /// A list comes in any order, and of a pod that ends it says less and less.
    #[test]
    fn what_ended_is_known_by_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pods");
        let pod = |name: &str, restarts: u32| {
            let status = serde_json::json!({ "phase": "Running", "containerStatuses": [{ "restartCount": restarts }] });
            serde_json::json!({ "metadata": { "name": name }, "status": status })
        };
        let tell = |pods: &[serde_json::Value]| std::fs::write(&path, serde_json::json!({ "items": pods }).to_string()).expect("a file");
        let inspect = Line::new(["cat", &path.display().to_string()]);
        let mut ending = pod("before", 0);
        ending["metadata"]["deletionTimestamp"] = "2026-11-26T03:00:00Z".into();
        tell(&[ending, pod("a", 0), pod("b", 3)]);
        let alive = Alive::of(&inspect).expect("a list");
        let ended = |pods: &[serde_json::Value]| {
            tell(pods);
            alive.check().err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(ended(&[pod("b", 3), pod("a", 0)]), "");
        assert!(ended(&[pod("a", 1), pod("b", 3)]).starts_with("a ended (running, started again 1 times)"));
        assert_eq!(ended(&[pod("c", 0), pod("b", 3)]), "a ended, and is not there any more");
    }

    /// A cluster that is away for a moment says nothing about its pods.
    #[test]
    fn a_question_that_nobody_answers_is_put_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let asked = folder.path().join("asked").display().to_string();
        let script = format!("echo >> {asked}; [ $(wc -l < {asked}) = 3 ] && echo '[]'");
        Alive::of(&Line::new(["sh", "-c", &script])).map(|_| ()).expect("it answers at last");
    }
}
