//! From a URL to a store.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::{Credentials, TargetOptions};
use crate::Error;

/// A store that was found by its URL. Nothing has been asked of it yet.
pub(super) struct Connection {
    pub(super) store: Arc<dyn ObjectStore>,
    /// This store where uploads can be taken up again; `None` where it has no such uploads.
    pub(super) multipart: Option<Arc<dyn MultipartStore>>,
    pub(super) prefix: Path,
    /// The folder of a target that is one.
    pub(super) folder: Option<PathBuf>,
}

impl Connection {
    fn resumable<S: ObjectStore + MultipartStore>(store: S, prefix: Path) -> Self {
        let store = Arc::new(store);
        Self { store: Arc::<S>::clone(&store), multipart: Some(store), prefix, folder: None }
    }
}

pub(super) fn connect(options: &TargetOptions) -> Result<Connection, Error> {
    let refuse = |problem: String| Error::TargetOptions { target: options.name.clone(), problem };
    let url = Url::parse(&options.url).map_err(|error| refuse(format!("its URL cannot be read: {error}")))?;
    if url.password().is_some() || !url.username().is_empty() {
        return Err(refuse("keys do not belong into the URL".to_owned()));
    }
    let client = client(options).map_err(&refuse)?;
    let prefix = Path::from_url_path(url.path()).map_err(|error| refuse(format!("its path cannot be used: {error}")))?;
    let container = url.host_str().unwrap_or_default();
    let built = match url.scheme() {
        "file" => return folder(&url, prefix, &refuse),
        "memory" => return Ok(Connection::resumable(InMemory::new(), prefix)),
        "s3" | "gs" | "az" if container.is_empty() => return Err(refuse("its URL names no bucket".to_owned())),
        "s3" => amazon(options, container, client, &refuse)?.build().map(|store| Connection::resumable(store, prefix)),
        "gs" => google(options, container, client, &refuse)?.build().map(|store| Connection::resumable(store, prefix)),
        "az" => azure(options, container, client, &refuse)?.build().map(|store| Connection::resumable(store, prefix)),
        other => return Err(refuse(format!("{other}:// is none of s3, gs, az, file"))),
    };
    built.map_err(|source| Error::TargetConnect { target: options.name.clone(), source: Box::new(source) })
}

/// Not looked for yet: its disk may come and go while the program runs.
fn folder(url: &Url, prefix: Path, refuse: &dyn Fn(String) -> Error) -> Result<Connection, Error> {
    let Ok(folder) = url.to_file_path() else { return Err(refuse("a folder is written file:///path/to/folder".to_owned())) };
    let store = LocalFileSystem::new().with_fsync(true);
    Ok(Connection { store: Arc::new(store), multipart: None, prefix, folder: Some(folder) })
}

fn client(options: &TargetOptions) -> Result<ClientOptions, String> {
    // Two providers of TLS in one program make rustls panic unless one is chosen; a program that chose already has the say.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = ClientOptions::new().with_timeout(options.request_time_limit).with_connect_timeout(Duration::from_secs(10));
    if let Some(endpoint) = &options.endpoint {
        let url = Url::parse(endpoint).map_err(|error| format!("its endpoint cannot be read: {error}"))?;
        match url.scheme() {
            "https" => {}
            "http" if options.allow_http || is_loopback(&url) => client = client.with_allow_http(true),
            "http" => return Err("its endpoint has no TLS: allow_http permits that".to_owned()),
            other => return Err(format!("its endpoint is {other}://, not https://")),
        }
    }
    Ok(client)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// For one request. It is signed once, so it isn't repeated for longer than a signature is good for; [`Patience`](super::retry::Patience)
/// begins anew with a fresh one.
fn retries(options: &TargetOptions) -> RetryConfig {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(15), base: 2.0 };
    RetryConfig { backoff, max_retries: 10, retry_timeout: options.retry_for.min(Duration::from_mins(2)) }
}

fn amazon(
    options: &TargetOptions,
    bucket: &str,
    client: ClientOptions,
    refuse: &dyn Fn(String) -> Error,
) -> Result<AmazonS3Builder, Error> {
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_client_options(client).with_retry(retries(options));
    builder = builder.with_region(options.region.as_deref().unwrap_or("us-east-1"));
    if options.checksums {
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    match &options.credentials {
        Credentials::Ambient => {}
        Credentials::Keys { id, secret } => builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret()),
        Credentials::ServiceAccount(_) => return Err(refuse("S3 knows keys, not service accounts".to_owned())),
    }
    for (name, value) in &options.settings {
        let key = name.parse::<AmazonS3ConfigKey>().map_err(|error| refuse(error.to_string()))?;
        builder = builder.with_config(key, value.expose_secret());
    }
    Ok(builder)
}

fn google(
    options: &TargetOptions,
    bucket: &str,
    client: ClientOptions,
    refuse: &dyn Fn(String) -> Error,
) -> Result<GoogleCloudStorageBuilder, Error> {
    let mut builder = GoogleCloudStorageBuilder::new().with_bucket_name(bucket).with_client_options(client).with_retry(retries(options));
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    match &options.credentials {
        Credentials::Ambient => {}
        Credentials::ServiceAccount(key) => builder = builder.with_service_account_key(key.expose_secret()),
        Credentials::Keys { .. } => return Err(refuse("Google knows service accounts, not keys".to_owned())),
    }
    for (name, value) in &options.settings {
        let key = name.parse::<GoogleConfigKey>().map_err(|error| refuse(error.to_string()))?;
        builder = builder.with_config(key, value.expose_secret());
    }
    Ok(builder)
}

fn azure(
    options: &TargetOptions,
    container: &str,
    client: ClientOptions,
    refuse: &dyn Fn(String) -> Error,
) -> Result<MicrosoftAzureBuilder, Error> {
    let mut builder = MicrosoftAzureBuilder::new().with_container_name(container).with_client_options(client).with_retry(retries(options));
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    match &options.credentials {
        Credentials::Ambient => {}
        Credentials::Keys { id, secret } => builder = builder.with_account(id).with_access_key(secret.expose_secret()),
        Credentials::ServiceAccount(_) => return Err(refuse("Azure knows an account and its key, not service accounts".to_owned())),
    }
    for (name, value) in &options.settings {
        let key = name.parse::<AzureConfigKey>().map_err(|error| refuse(error.to_string()))?;
        builder = builder.with_config(key, value.expose_secret());
    }
    Ok(builder)
}
