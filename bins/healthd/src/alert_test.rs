//! `healthd alert-test`

use anyhow::{anyhow, bail};
use magnetiq_config::{Problems, Settings};
use magnetiq_health::Clock;
use magnetiq_service::{ResultExt, print};

use crate::alert;

/// Send a test message through each channel, or one, and say what became of it
#[derive(Debug, clap::Args)]
pub(crate) struct AlertTest {
    /// mail, or the name of a webhook
    #[arg(value_name = "CHANNEL")]
    channel: Option<String>,
}

impl AlertTest {
    pub(crate) fn run(self, settings: impl FnOnce() -> Result<Settings, Problems>) -> anyhow::Result<()> {
        let settings = settings()?;
        let alerts = &settings.healthd.alerts;
        let names: Vec<&str> =
            alerts.mail.iter().map(|_| "mail").chain(alerts.webhooks.iter().map(|webhook| webhook.name.as_str())).collect();
        if names.is_empty() {
            return Err(anyhow!("nobody is told of anything: the settings have no channel"))
                .hint("give healthd.mail.host and healthd.mail.to, or a webhook [healthd.webhooks.NAME]");
        }
        if let Some(unknown) = self.channel.as_deref().filter(|name| !names.contains(name)) {
            return Err(anyhow!("there is no channel {unknown:?} in the settings")).hint(format!("there is {}", names.join(", ")));
        }
        let mut failed = 0;
        for (name, sent) in alert::test(&settings, self.channel.as_deref(), &Clock::system())? {
            let said = match sent {
                Ok(()) => "sent; look whether it arrived".to_owned(),
                Err(error) => {
                    failed += 1;
                    format!("failed: {error:#}")
                }
            };
            print(format_args!("{name}: {said}"))?;
        }
        match failed {
            0 => Ok(()),
            1 => bail!("one channel does not work"),
            many => bail!("{many} channels do not work"),
        }
    }
}
