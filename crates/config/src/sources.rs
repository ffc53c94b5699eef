use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::environment;
use crate::names::{CONFIG_FILE, CONFIG_VARIABLE};

/// Where settings come from. The default is nothing at all: the defaults of the production profile.
#[derive(Clone, Default)]
pub struct Sources {
    /// The settings file. It must exist when it is named.
    pub file: Option<PathBuf>,
    /// The environment. Only `MAGNETIQ__*`, `SECRET_KEY`, `SECRET_KEY_PREVIOUS`, `DATABASE_URL` and their `*_FILE` are looked at.
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The sources of this process: its environment, and the file that `given` (a `--config` option) or else the variable
    /// `MAGNETIQ_CONFIG` names, or else `magnetiq.toml` in the working folder if there is one.
    pub fn of_process(given: Option<PathBuf>) -> Self {
        let environment = environment::read();
        let named = environment.get(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let beside = || Path::new(CONFIG_FILE).exists().then(|| PathBuf::from(CONFIG_FILE));
        Self { file: given.or(named).or_else(beside), environment }
    }
}

/// Names only: the values of an environment hold secrets.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("file", &self.file).field("environment", &self.environment.keys()).finish()
    }
}
