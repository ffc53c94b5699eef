//! Targets of backups that are folders of a machine (`file:///mnt/usb`): a unit and a container see none that nobody gave them.

use std::path::PathBuf;

use magnetiq_config::Problem;
use url::Url;

use crate::deployment::Environment;

/// The folders that backupd writes copies to.
pub(crate) fn of(environment: &Environment) -> impl Iterator<Item = PathBuf> {
    targets(environment).map(|(_, folder)| folder)
}

/// For where there is no machine whose folders these could be.
pub(crate) fn refused(environment: &Environment) -> Vec<Problem> {
    let problem = |(name, folder): (&str, PathBuf)| Problem::Unfit {
        key: format!("settings.backup.targets.{name}.url"),
        value: format!("file://{}", folder.display()),
        origin: "deploy.toml".to_owned(),
        expected: "is a folder, and no pod has one of its node: in a cluster, a target is a bucket (s3://, gs://, az://)".to_owned(),
    };
    targets(environment).map(problem).collect()
}

fn targets(environment: &Environment) -> impl Iterator<Item = (&str, PathBuf)> {
    let folder = |url: &str| Url::parse(url).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok();
    environment.settings.backup.targets.iter().filter_map(move |target| Some((target.name.as_str(), folder(&target.url)?)))
}
