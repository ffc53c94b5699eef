use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::Retention;

/// How a copy at a target is checked before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Verify {
    /// Every byte is read back and hashed.
    #[default]
    Read,
    /// Only the size is asked for: for a store that bills what is read. Such a copy is not recorded as verified.
    Size,
}

/// Who we are, for a target.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// What the machine or the pod is: an instance profile, a workload identity.
    #[default]
    Ambient,
    /// A pair of keys (S3), or the account and its key (Azure).
    Keys {
        /// Access key id, or name of the storage account.
        id: String,
        /// Secret access key, or key of the account.
        secret: SecretString,
    },
    /// The JSON key of a service account (Google).
    ServiceAccount(SecretString),
}

/// Where copies of archives go, and how.
///
/// The URL is one of `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`, `file:///folder` (which must be there when it is
/// used, with the marker that the first push leaves in it: an empty mount point is no target) and `memory:///` (for tests).
///
/// Sites that share a target need a prefix, or a [`backup_name`](field@Self::backup_name), of their own.
#[derive(Clone)]
#[non_exhaustive]
pub struct TargetOptions {
    /// Name in records and messages: letters, digits, `-` and `_`.
    pub name: String,
    /// Where.
    pub url: String,
    /// [Name](field@crate::Options::name) of the backups that are sent there: `magnetiq`. Others there are neither listed nor removed.
    pub backup_name: String,
    /// Another server with the same interface, such as `https://s3.example.org`.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Who we are.
    pub credentials: Credentials,
    /// Further settings by the names that the crate `object_store` gives them, such as `aws_sse_kms_key_id` or `proxy_url`.
    pub settings: Vec<(String, SecretString)>,
    /// Whether an endpoint without TLS may be elsewhere than on this machine.
    pub allow_http: bool,
    /// Whether uploads carry a SHA-256 that the server checks (S3). Off only for a server that refuses it.
    pub checksums: bool,
    /// What is kept there.
    pub retention: Retention,
    /// How copies are checked.
    pub verify: Verify,
    /// How long one request is tried again, with growing pauses, before it is given up: 30 minutes.
    pub retry_for: Duration,
    /// How long one request may take: 10 minutes. The parts that are on their way have to be through by then, which takes 0.4 Mbit/s.
    pub request_time_limit: Duration,
    /// Size of a part, at least 5 MiB for S3: 8 MiB. Larger by itself where an archive would need more than 10,000 of them.
    pub part_size_bytes: u64,
    /// Parts on their way at a time, each of them in memory: 3.
    pub parts_in_flight: usize,
}

impl TargetOptions {
    /// A target with the defaults that each field names.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            backup_name: "magnetiq".to_owned(),
            endpoint: None,
            region: None,
            credentials: Credentials::default(),
            settings: Vec::new(),
            allow_http: false,
            checksums: true,
            retention: Retention::default(),
            verify: Verify::default(),
            retry_for: Duration::from_mins(30),
            request_time_limit: Duration::from_mins(10),
            part_size_bytes: 8 << 20,
            parts_in_flight: 3,
        }
    }

    /// Sets [`backup_name`](field@Self::backup_name).
    #[must_use]
    pub fn backup_name(mut self, name: impl Into<String>) -> Self {
        self.backup_name = name.into();
        self
    }

    /// Sets [`endpoint`](field@Self::endpoint).
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets [`region`](field@Self::region).
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets [`credentials`](field@Self::credentials).
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Adds to [`settings`](field@Self::settings).
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: SecretString) -> Self {
        self.settings.push((name.into(), value));
        self
    }

    /// Sets [`allow_http`](field@Self::allow_http).
    #[must_use]
    pub fn allow_http(mut self, allow_http: bool) -> Self {
        self.allow_http = allow_http;
        self
    }

    /// Sets [`checksums`](field@Self::checksums).
    #[must_use]
    pub fn checksums(mut self, checksums: bool) -> Self {
        self.checksums = checksums;
        self
    }

    /// Sets [`retention`](field@Self::retention).
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Sets [`verify`](field@Self::verify).
    #[must_use]
    pub fn verify(mut self, verify: Verify) -> Self {
        self.verify = verify;
        self
    }

    /// Sets [`retry_for`](field@Self::retry_for).
    #[must_use]
    pub fn retry_for(mut self, retry_for: Duration) -> Self {
        self.retry_for = retry_for;
        self
    }

    /// Sets [`request_time_limit`](field@Self::request_time_limit).
    #[must_use]
    pub fn request_time_limit(mut self, limit: Duration) -> Self {
        self.request_time_limit = limit;
        self
    }

    /// Sets [`part_size_bytes`](field@Self::part_size_bytes).
    #[must_use]
    pub fn part_size_bytes(mut self, bytes: u64) -> Self {
        self.part_size_bytes = bytes;
        self
    }

    /// Sets [`parts_in_flight`](field@Self::parts_in_flight).
    #[must_use]
    pub fn parts_in_flight(mut self, parts: usize) -> Self {
        self.parts_in_flight = parts;
        self
    }
}

impl fmt::Debug for TargetOptions {
    /// The values of settings are secrets, too, and `SecretString` hides them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetOptions")
            .field("name", &self.name)
            .field("url", &self.url)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .field("settings", &self.settings)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}
