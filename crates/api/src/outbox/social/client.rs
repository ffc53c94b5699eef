//! Hands posts over to the APIs of social networks.

use std::net::IpAddr;

use magnetiq_config::{Profile, Settings, Visibility};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::{Host, Url};

use super::{
    Name, Post,
    answer::{Answer, judge},
};
use crate::{
    clock::Time,
    error::Error,
    outbound::{self, Reach},
    outbox::{
        delivery::{Delivered, Item, Refusal},
        retry::Failure,
    },
};

/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 64 * 1024;

/// The way to one network.
#[derive(Debug)]
pub(crate) enum Client {
    /// Its API.
    Live(Box<Live>),
    /// In development, where no stand-in is set: posts are noted as if they had been sent.
    Recorder,
    /// No address, or no token: posts wait.
    None,
}

#[derive(Debug)]
pub(crate) struct Live {
    http: reqwest::Client,
    network: Name,
    url: Url,
    token: SecretString,
    reach: Reach,
    visibility: Visibility,
    author: String,
    version: String,
}

impl Client {
    pub(crate) fn new(network: Name, settings: &Settings) -> Result<Self, Error> {
        let given = network.settings(settings);
        let (Some(url), Some(token)) = (&given.url, &given.token) else {
            return Ok(if settings.profile == Profile::Development { Self::Recorder } else { Self::None });
        };
        let reach = Reach::of_network(settings, network.url_key());
        let social = &settings.social;
        Ok(Self::Live(Box::new(Live {
            http: outbound::client(reach, social.timeout).map_err(|source| Error::internal("prepare for a social network", source))?,
            network,
            url: url.clone(),
            token: token.clone(),
            reach,
            visibility: social.mastodon.visibility,
            author: social.linkedin.author.clone(),
            version: social.linkedin.version.clone(),
        })))
    }

    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Self::None)
    }

    pub(crate) async fn send(&self, item: &Item, now: Time) -> Result<Delivered, Refusal> {
        let never =
            |error: serde_json::Error| Refusal { failure: Failure::Never, reason: format!("the post can't be read: {error}"), pause: None };
        let post: Post = serde_json::from_str(&item.payload).map_err(never)?;
        match self {
            Self::Live(live) => live.send(&post, item, now).await,
            Self::Recorder => {
                tracing::info!(id = %item.id, "a post was recorded, not sent: this is development");
                Ok(Delivered { receipt: None })
            }
            Self::None => Err(outage("the network is not set up".to_owned())),
        }
    }
}

impl Live {
    async fn send(&self, post: &Post, item: &Item, now: Time) -> Result<Delivered, Refusal> {
        // No name is looked up for these.
        let literal = match self.url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        if literal.is_some_and(|address| !self.reach.allows(address)) {
            return Err(outage("the address leads into a network that is not allowed here".to_owned()));
        }
        let asked = self.request(&post.whole(), item).bearer_auth(self.token.expose_secret()).send().await;
        let answer = match asked {
            Ok(response) => read(response).await,
            Err(error) => Err(error),
        };
        // The address belongs to the settings; the chain of causes says what happened.
        let answer = answer.map_err(|error| outage(chain(&error.without_url())))?;
        judge(self.network, &answer, item.attempts, now)
    }

    fn request(&self, text: &str, item: &Item) -> RequestBuilder {
        let at = |path: &str| self.http.post(self.url.join(path).unwrap_or_else(|_| self.url.clone()));
        let body = |request: RequestBuilder, body: Value| request.header("content-type", "application/json").body(body.to_string());
        match self.network {
            Name::Mastodon => {
                let visibility = match self.visibility {
                    Visibility::Public => "public",
                    Visibility::Unlisted => "unlisted",
                    Visibility::Private => "private",
                };
                // Sent again within an hour, it is answered with the post that is there.
                let request = at("/api/v1/statuses").header("idempotency-key", item.id.to_string());
                body(request, json!({ "status": text, "visibility": visibility }))
            }
            Name::LinkedIn => {
                let request = at("/rest/posts").header("linkedin-version", &self.version).header("x-restli-protocol-version", "2.0.0");
                let distribution = json!({ "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] });
                let post = json!({
                    "author": self.author, "commentary": little_text(text), "visibility": "PUBLIC", "distribution": distribution,
                    "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
                });
                body(request, post)
            }
            Name::X => body(at("/2/tweets"), json!({ "text": text })),
        }
    }
}

/// LinkedIn's "little text": what has a meaning in it is written with a backslash; a word with a hash stays one.
fn little_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let is_tag = c == '#' && characters.peek().is_some_and(|next| next.is_alphanumeric());
        if is_tag {
            let mut tag = String::new();
            while let Some(next) = characters.next_if(|next| next.is_alphanumeric()) {
                tag.push(next);
            }
            out.push_str(&format!("{{hashtag|\\#|{tag}}}"));
            continue;
        }
        if "|{}@[]()<>#\\*_~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

async fn read(mut response: reqwest::Response) -> Result<Answer, reqwest::Error> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut answer = Answer {
        status: response.status().as_u16(),
        retry_after: header("retry-after"),
        reset: header("x-rate-limit-reset").or_else(|| header("x-ratelimit-reset")),
        id: header("x-restli-id"),
        body: String::new(),
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = ANSWER_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == ANSWER_MAX {
            break;
        }
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Ok(answer)
}

fn outage(reason: String) -> Refusal {
    Refusal { failure: Failure::Outage, reason, pause: None }
}

fn chain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linkedin_would_take_for_its_own_stays_text() {
        for (text, expected) in [
            ("plain text.", "plain text."),
            ("1 < 2 (two) a_b *c*", "1 \\< 2 \\(two\\) a\\_b \\*c\\*"),
            ("#Rust und #Öl", "{hashtag|\\#|Rust} und {hashtag|\\#|Öl}"),
            ("# no tag, @nobody", "\\# no tag, \\@nobody"),
            ("\\{hashtag|x}", "\\\\\\{hashtag\\|x\\}"),
        ] {
            assert_eq!(little_text(text), expected);
        }
    }
}
