//! The ways out, as the settings have them. Made anew when they change, and then everything is tried at once.

use std::time::Duration;

use actix_web::web::Data;
use magnetiq_config::{Mail, Settings};
use magnetiq_health::{Breaker, BreakerOptions};

use super::{
    Kind,
    delivery::{Delivered, Item, Refusal},
    letter::Sender,
    retry::Failure,
    social::{self, client::Client},
    transport::Transport,
};
use crate::{error::Error, http::problem, outbound::Reach, state::AppState};

/// Failures are counted this long, so that a few letters that wait for each other's backoff still open the breaker.
const BREAKER_WINDOW: Duration = Duration::from_secs(10 * 60);
/// So many failures, and the other side is left alone for a while.
const BREAKER_CALLS: u32 = 3;
/// A server that is back is noticed within this time.
const BREAKER_OPEN_MAX: Duration = Duration::from_secs(5 * 60);

#[derive(Debug)]
pub(crate) struct Channels {
    pub(super) sender: Sender,
    /// When it is tried again, whatever way it leaves.
    pub(super) settings: Mail,
    mail: Channel,
    networks: Vec<(social::Name, Channel)>,
}

/// One way out.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) breaker: Breaker,
    /// How long handing over one thing may take.
    pub(super) timeout: Duration,
    /// How many may leave within a day.
    pub(super) per_day: Option<u32>,
    exit: Exit,
}

#[derive(Debug)]
enum Exit {
    Mail(Transport),
    Network(Client),
}

impl Channels {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let mail = &settings.mail;
        let transport = Transport::new(mail, Reach::of(settings, "mail.smtp_host"))?;
        let network = |name: social::Name| {
            Ok((
                name,
                Channel {
                    breaker: breaker(name.title(), mail, settings.social.timeout)?,
                    timeout: settings.social.timeout,
                    per_day: Some(name.settings(settings).posts_per_day),
                    exit: Exit::Network(Client::new(name, settings)?),
                },
            ))
        };
        Ok(Self {
            sender: Sender::new(settings)?,
            settings: mail.clone(),
            mail: Channel {
                breaker: breaker("the mail server", mail, mail.timeout)?,
                timeout: mail.timeout,
                per_day: None,
                exit: Exit::Mail(transport),
            },
            networks: social::Name::ALL.into_iter().map(network).collect::<Result<_, Error>>()?,
        })
    }

    pub(super) fn of(&self, kind: Kind) -> &Channel {
        let network = self.networks.iter().find(|(name, _)| name.kind() == kind);
        network.map_or(&self.mail, |(_, channel)| channel)
    }

    /// Who writes letters, in this language or in the site's.
    pub(super) fn sender(&self, language: Option<String>) -> Sender {
        let sender = self.sender.clone();
        match language {
            Some(language) => sender.speaking(language),
            None => sender,
        }
    }

    /// Where letters go, for people.
    pub(super) fn place(&self) -> String {
        match &self.mail.exit {
            Exit::Mail(transport) => transport.to_string(),
            Exit::Network(_) => String::new(),
        }
    }

    pub(super) fn networks(&self) -> impl Iterator<Item = (social::Name, &Channel)> {
        self.networks.iter().map(|(name, channel)| (*name, channel))
    }

    /// Hands something over.
    pub(super) async fn deliver(&self, kind: Kind, item: &Item, state: &Data<AppState>) -> Result<Delivered, Refusal> {
        match &self.of(kind).exit {
            Exit::Mail(transport) => match self.sender.compose(item) {
                Ok(message) => transport.send(message).await.map(|()| Delivered::default()),
                // No server was asked; none ever will be.
                Err(error) => Err(Refusal { failure: Failure::Never, reason: problem::chain(&error), pause: None }),
            },
            Exit::Network(client) => client.send(item, state.clock.now()).await,
        }
    }
}

impl Channel {
    /// Whether there is a way at all.
    pub(super) fn is_there(&self) -> bool {
        match &self.exit {
            Exit::Mail(transport) => transport.is_there(),
            Exit::Network(client) => client.is_there(),
        }
    }
}

fn breaker(name: &str, mail: &Mail, timeout: Duration) -> Result<Breaker, Error> {
    let options = BreakerOptions {
        window: BREAKER_WINDOW,
        minimum_calls: BREAKER_CALLS,
        open_for: mail.retry_first,
        open_max: mail.retry_max.min(BREAKER_OPEN_MAX).max(mail.retry_first),
        slow_after: timeout,
        ..BreakerOptions::default()
    };
    Breaker::new(name, options).map_err(|source| Error::Checks { source: Box::new(source) })
}
