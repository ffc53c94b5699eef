//! Posts on social networks: what they say, how long they may be, and by which network they leave. They wait in the outbox beside letters.

pub(crate) mod announcement;
mod answer;
pub(crate) mod client;
mod length;
pub(crate) mod routes;

use magnetiq_config::{Network, Profile, Settings};
use magnetiq_storage::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Entry, Kind, rows};
use crate::{clock::Time, error::Error, http::problem::FieldProblem, id::OutboxId};

/// The name of the template under which posts wait.
pub(crate) const TEMPLATE: &str = "post";
/// Characters that LinkedIn takes.
const LINKEDIN_MAX: u32 = 3_000;
/// Characters that X takes, as it weighs them.
const X_MAX: u32 = 280;
/// Characters of a text, whatever the network takes.
const TEXT_MAX: usize = 5_000;
const LINK_MAX: usize = 2_000;

/// A social network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SocialNetwork)]
pub(crate) enum Name {
    Mastodon,
    LinkedIn,
    X,
}

impl Name {
    pub(crate) const ALL: [Self; 3] = [Self::Mastodon, Self::LinkedIn, Self::X];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Mastodon => Kind::Mastodon,
            Self::LinkedIn => Kind::LinkedIn,
            Self::X => Kind::X,
        }
    }

    /// As people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Mastodon => "Mastodon",
            Self::LinkedIn => "LinkedIn",
            Self::X => "X",
        }
    }

    pub(crate) fn settings(self, settings: &Settings) -> &Network {
        let social = &settings.social;
        match self {
            Self::Mastodon => &social.mastodon.network,
            Self::LinkedIn => &social.linkedin.network,
            Self::X => &social.x.network,
        }
    }

    /// The key of its address among the settings.
    pub(crate) fn url_key(self) -> &'static str {
        match self {
            Self::Mastodon => "social.mastodon.url",
            Self::LinkedIn => "social.linkedin.url",
            Self::X => "social.x.url",
        }
    }

    /// How long a post is by this network's rules, and may be.
    pub(crate) fn length(self, text: &str, settings: &Settings) -> (u32, u32) {
        match self {
            Self::Mastodon => (length::mastodon(text), settings.social.mastodon.characters),
            Self::LinkedIn => (length::linkedin(text), LINKEDIN_MAX),
            Self::X => (length::x(text), X_MAX),
        }
    }

    /// Why a post can't be queued for this network.
    pub(crate) fn problem(self, text: &str, settings: &Settings) -> Option<String> {
        let network = self.settings(settings);
        let is_set = network.url.is_some() && network.token.is_some();
        let (length, most) = self.length(text, settings);
        if settings.profile == Profile::Production && !is_set {
            Some(format!("{} is not set up: it needs an address and a token in the settings.", self.title()))
        } else if length > most {
            Some(format!("{} takes {most} characters; as it counts them, this has {length}.", self.title()))
        } else {
            None
        }
    }
}

/// What is posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

impl Post {
    /// As it is sent: the link stands below the text.
    pub(crate) fn whole(&self) -> String {
        match &self.link {
            Some(link) => format!("{}\n\n{link}", self.text.trim()),
            None => self.text.trim().to_owned(),
        }
    }

    /// Of links networks count a few characters: a text can be longer than is kept.
    pub(crate) fn too_long(&self) -> Option<FieldProblem> {
        let is_long = self.text.chars().count() > TEXT_MAX;
        is_long.then(|| FieldProblem { pointer: "/text".into(), detail: format!("At most {TEXT_MAX} characters.") })
    }

    /// Every reason for which it can't be queued for these networks.
    pub(crate) fn problems(&self, networks: &[Name], settings: &Settings) -> Vec<FieldProblem> {
        let mut problems: Vec<FieldProblem> = self.too_long().into_iter().collect();
        let mut problem = |pointer: &str, detail: String| problems.push(FieldProblem { pointer: pointer.into(), detail });
        if self.text.trim().is_empty() {
            problem("/text", "A post says something.".into());
        }
        if self.text.chars().any(|c| c.is_control() && c != '\n') {
            problem("/text", "A post has no control characters but line ends.".into());
        }
        if self.link.as_ref().is_some_and(|link| !is_link(link)) {
            problem("/link", "A link begins with https:// or http://.".into());
        }
        if networks.is_empty() {
            problem("/networks", "Name a network at least.".into());
        }
        let whole = self.whole();
        for (index, network) in networks.iter().enumerate() {
            if networks[..index].contains(network) {
                problem(&format!("/networks/{index}"), "It is named twice.".into());
            } else if let Some(detail) = network.problem(&whole, settings) {
                problem(&format!("/networks/{index}"), detail);
            }
        }
        problems
    }

    /// Queues it for each of these, in the transaction of what causes it. With a `cause` that was there already nothing happens.
    pub(crate) fn enqueue(&self, tx: &Tx, targets: &[Target], cause: &str, times: Times) -> Result<Vec<Entry>, Error> {
        let waiting = Waiting { post: self, due_at_ms: times.at.as_millis() };
        let payload = serde_json::to_string(&waiting).map_err(|source| Error::Json { source })?;
        let mut entries = Vec::with_capacity(targets.len());
        for Target(network, target) in targets {
            let row = rows::NewRow {
                id: OutboxId::new(times.now),
                kind: network.kind(),
                target,
                template: TEMPLATE,
                payload: &payload,
                key: &format!("{cause}/{}", network.kind().word()),
                at: times.at,
            };
            if rows::insert(tx, &row, times.now)? {
                entries.push(rows::get(tx, row.id)?.0);
            }
        }
        Ok(entries)
    }
}

/// As a post waits.
#[derive(Debug, Serialize)]
struct Waiting<'a> {
    #[serde(flatten)]
    post: &'a Post,
    /// From then on the time counts after which it is given up.
    due_at_ms: i64,
}

/// A network, and what is shown as the place where a post goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target(Name, String);

impl Target {
    pub(crate) fn of(network: Name, settings: &Settings) -> Self {
        let Network { url, token, .. } = network.settings(settings);
        let host = token.as_ref().and(url.as_ref()).and_then(|url| url.host_str());
        Self(network, host.unwrap_or("recorded").to_owned())
    }

    fn network(&self) -> Name {
        self.0
    }
}

/// When something is queued, and when it leaves at the earliest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) now: Time,
    pub(crate) at: Time,
}

fn is_link(text: &str) -> bool {
    let is_web = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    is_web && text.len() <= LINK_MAX && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
