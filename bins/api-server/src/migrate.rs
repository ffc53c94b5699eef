//! `api-server migrate`

use magnetiq_config::Settings;

use crate::open;

/// Bring the database's schema up to this program's version
///
/// All or nothing: a failed migration leaves the file as it was. Before a database that holds data is changed, a verified copy is put beside
/// it. `serve` does the same at its start.
#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {}

impl Migrate {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let (store, migrated) = open::migrated(settings)?;
        for migration in &migrated.applied {
            println!("applied V{} {}", migration.version, migration.name);
        }
        if let Some(snapshot) = &migrated.snapshot {
            println!("the database as it was before: {}", snapshot.display());
        }
        println!("{} is at schema version {}", settings.database.path.display(), migrated.to.unwrap_or(0));
        Ok(store.close()?)
    }
}
