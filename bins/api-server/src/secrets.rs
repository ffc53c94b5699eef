//! `api-server secrets plan|rotate`

use magnetiq_api::{Clock, Rotation, commands};
use magnetiq_config::Settings;
use magnetiq_service::{ResultExt, print};

use crate::open;

/// Secrets in the database after a change of SECRET_KEY: see what a rotation would do, and do it
///
/// The new key is SECRET_KEY, the one before SECRET_KEY_PREVIOUS. The server must not be running: it alone writes its database.
#[derive(Debug, clap::Args)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show which secrets are encrypted with which key
    Plan {
        /// For programs: a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Encrypt every secret with the new key: all of them or none
    Rotate {
        /// Forget what neither key opens: where the old key is lost
        #[arg(long)]
        discard_unreadable: bool,
    },
}

impl Secrets {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        let store = open::store(settings)?;
        match self.action {
            Action::Plan { json: true } => print(serde_json::to_string_pretty(&commands::plan_rotation(&store, &settings.auth)?)?)?,
            Action::Plan { json: false } => {
                let Rotation { anew, already, unreadable } = commands::plan_rotation(&store, &settings.auth)?;
                show("to be encrypted with the new key", &anew)?;
                show("encrypted with it already", &already)?;
                show("opened by neither key", &unreadable)?;
                print(format_args!(
                    "sessions, tokens and links are kept by their hashes: they go on while SECRET_KEY_PREVIOUS is set, and end with it where they were not used meanwhile"
                ))?;
            }
            Action::Rotate { discard_unreadable } => {
                let rotated = commands::rotate_secrets(&store, &Clock::system(), &settings.auth, discard_unreadable);
                let Rotation { anew, already, unreadable } = rotated.hint(
                    "nothing was changed: give the key before as SECRET_KEY_PREVIOUS; where it is lost, --discard-unreadable forgets what it encrypted",
                )?;
                show("encrypted with the new key", &anew)?;
                show("encrypted with it already", &already)?;
                show("forgotten", &unreadable)?;
            }
        }
        Ok(store.close()?)
    }
}

fn show(heading: &str, names: &[String]) -> anyhow::Result<()> {
    print(format_args!("{heading}: {}", names.len()))?;
    for name in names {
        print(format_args!("  {name}"))?;
    }
    Ok(())
}
