use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::Date;
use secrecy::SecretString;
use url::{Host, Url};

use crate::profile::Profile;
use crate::reader::Reader;

/// `[social]`: posts on social networks.
#[derive(Debug, Clone)]
pub struct Social {
    /// An instance of Mastodon.
    pub mastodon: Mastodon,
    /// LinkedIn.
    pub linkedin: LinkedIn,
    /// X.
    pub x: X,
    /// How long handing over one post may take.
    pub timeout: Duration,
}

/// What every network has.
#[derive(Debug, Clone)]
pub struct Network {
    /// Where its API is; none: the network is not used, or, in development, posts are recorded only.
    pub url: Option<Url>,
    /// The token that posts are sent with.
    pub token: Option<SecretString>,
    /// The day on which that token ends, where it does.
    pub token_expires: Option<Date>,
    /// Posts within 24 hours; more wait.
    pub posts_per_day: u32,
}

/// `[social.mastodon]`
#[derive(Debug, Clone)]
pub struct Mastodon {
    /// Address, token and limits.
    pub network: Network,
    /// Characters of a post that this instance takes.
    pub characters: u32,
    /// Who sees the posts.
    pub visibility: Visibility,
}

/// Who sees a post on Mastodon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody, in public timelines too.
    Public,
    /// Everybody, but not in public timelines.
    Unlisted,
    /// Followers.
    Private,
}

/// `[social.linkedin]`
#[derive(Debug, Clone)]
pub struct LinkedIn {
    /// Address, token and limits.
    pub network: Network,
    /// Who posts: `urn:li:organization:…` or `urn:li:person:…`.
    pub author: String,
    /// The version of the API that is asked for, as year and month.
    pub version: String,
}

/// `[social.x]`
#[derive(Debug, Clone)]
pub struct X {
    /// Address, token and limits.
    pub network: Network,
}

impl Social {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let shown = [("public", Visibility::Public), ("unlisted", Visibility::Unlisted), ("private", Visibility::Private)];
        let social = Self {
            mastodon: Mastodon {
                network: network(reader, "mastodon", "", 100),
                characters: reader.number("social.mastodon.characters", 500, 100..=100_000),
                visibility: reader.choice("social.mastodon.visibility", Visibility::Public, &shown),
            },
            linkedin: LinkedIn {
                network: network(reader, "linkedin", "https://api.linkedin.com", 100),
                author: reader.parsed("social.linkedin.author", "", "who posts, such as urn:li:organization:2414183", author),
                version: reader.parsed("social.linkedin.version", "202511", "a version of LinkedIn's API, such as 202511", version),
            },
            x: X { network: network(reader, "x", "https://api.x.com", 15) },
            timeout: reader.time("social.timeout_s", Duration::from_secs(1), 30, 1..=600),
        };
        if social.linkedin.network.token.is_some() && social.linkedin.author.is_empty() {
            reader.refuse(
                "social.linkedin.author",
                "social.linkedin.token belongs to somebody: say who posts, urn:li:organization:… or urn:li:person:…",
            );
        }
        if social.mastodon.network.token.is_some() && social.mastodon.network.url.is_none() && reader.profile == Profile::Production {
            reader.refuse(
                "social.mastodon.url",
                "social.mastodon.token belongs to an instance: give its address, such as https://mastodon.social",
            );
        }
        social
    }
}

/// `own` is where production finds the network when no other address is given.
fn network(reader: &mut Reader, name: &str, own: &str, posts_per_day: u32) -> Network {
    let key = |setting: &str| format!("social.{name}.{setting}");
    let own = Url::parse(reader.by_profile("", own)).ok();
    let network = Network {
        url: reader.parsed(&key("url"), "", "the address of an API such as https://mastodon.social, without a path", api_address).or(own),
        token: reader.secret_if_any(&key("token")),
        token_expires: reader.parsed(&key("token_expires"), "", "a day such as 2027-01-31", day),
        posts_per_day: reader.number(&key("posts_per_day"), posts_per_day, 1..=1000),
    };
    if network.token.as_ref().is_some_and(|token| !is_header(token)) {
        reader.refuse(&key("token"), "a token has letters, digits and punctuation, and no space or line end");
    }
    if let Some(url) = &network.url {
        let is_near = is_near(url);
        match reader.profile {
            Profile::Development if !is_near => reader.refuse(
                &key("url"),
                "development posts to stand-ins on this machine or its network only: real networks want the production profile",
            ),
            Profile::Production if url.scheme() != "https" && !is_near => {
                reader.refuse(&key("url"), "production tells no token to another machine in the clear: use https");
            }
            _ => {}
        }
    }
    network
}

fn is_header(token: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    let token = token.expose_secret();
    token.len() <= 4096 && token.chars().all(|c| c.is_ascii_graphic())
}

/// Scheme, host and port, and nothing that could tell a secret.
#[expect(clippy::option_option, reason = "empty is a right value")]
fn api_address(text: &str) -> Option<Option<Url>> {
    if text.is_empty() {
        return Some(None);
    }
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_web && is_plain && url.password().is_none()).then_some(Some(url))
}

/// This machine and private networks, as far as the address itself tells.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || name.ends_with(".test") || !name.contains('.'),
        Some(Host::Ipv4(address)) => is_near_address(address.into()),
        Some(Host::Ipv6(address)) => is_near_address(address.into()),
        None => false,
    }
}

fn is_near_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

#[expect(clippy::option_option, reason = "empty is a right value")]
fn day(text: &str) -> Option<Option<Date>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn author(text: &str) -> Option<String> {
    let id = text.strip_prefix("urn:li:organization:").or(text.strip_prefix("urn:li:person:"));
    let is_id = |id: &str| (1..=100).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    (text.is_empty() || id.is_some_and(is_id)).then(|| text.to_owned())
}

fn version(text: &str) -> Option<String> {
    let month = text.get(4..).and_then(|month| month.parse::<u8>().ok());
    let is_version = text.len() == 6 && text.chars().all(|c| c.is_ascii_digit()) && month.is_some_and(|month| (1..=12).contains(&month));
    is_version.then(|| text.to_owned())
}
