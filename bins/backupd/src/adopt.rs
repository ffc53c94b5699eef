//! `backupd adopt TARGET`

use anyhow::bail;
use magnetiq_backup::Clock;
use magnetiq_config::Settings;
use magnetiq_service::print;

use crate::confirm::confirm;
use crate::memory::Memory;
use crate::{open, targets};

/// Go on at a target that has the copies of another machine or another backup folder
///
/// A target belongs to one backup folder, and others are refused there: each would prune the copies of the other. After this it belongs to
/// the one of these settings, and the copies of the other are pruned by its retention. To get the site of those copies instead, restore it:
/// `backupd restore latest --from TARGET` takes the target over, too.
#[derive(Debug, clap::Args)]
pub(crate) struct Adopt {
    /// Its name in the settings, below backup.targets
    #[arg(value_name = "TARGET")]
    target: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Adopt {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let backups = open::backups(settings)?;
        let name = &self.target;
        let target = open::hinted(targets::connect(&settings.backup, targets::named(settings, name)?))?;
        if let Some(owner) = open::hinted(target.owner(&backups))? {
            print(format_args!("the copies at {name} belong to {owner}"))?;
            print("from now on this backup folder would copy there and prune them, and that one could do neither")?;
            print(format_args!("to get the site of those copies instead: backupd restore latest --from {name}"))?;
            if !confirm("Take it over?", self.yes)? {
                bail!("nothing was changed");
            }
        }
        open::hinted(target.adopt(&backups))?;
        // Who adopts wants what is here to go there, also after a restore from there.
        let mut memory = Memory::of(&settings.backup.folder);
        if memory.restored_from.remove(name).is_some() {
            memory.save(&settings.backup.folder);
        }
        print(format_args!("{name} belongs to this backup folder"))?;
        Ok(())
    }
}

/// After a restore from there: the site lives on here. That the site is restored is not taken back by what goes wrong with this.
pub(crate) fn after_restore(
    settings: &Settings,
    backups: &magnetiq_backup::Backups,
    target: &magnetiq_backup::remote::Target,
) -> anyhow::Result<()> {
    let name = target.name();
    match target.adopt(backups) {
        Ok(None) => Ok(()),
        Ok(Some(owner)) => {
            let mut memory = Memory::of(&settings.backup.folder);
            memory.restored_from.insert(name.to_owned(), Clock::system().now());
            memory.save(&settings.backup.folder);
            print(format_args!("{name} belongs to this backup folder from now on; so far it belonged to {owner}"))
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the site is restored, but {name} still belongs to another backup folder; this one copies there after `backupd adopt {name}`"
            );
            Ok(())
        }
    }
}
