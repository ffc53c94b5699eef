//! What every request sees: concrete parts, built once at the start.

use magnetiq_config::Settings;
use magnetiq_storage::{Store, Tx, rusqlite::Connection};

use crate::{
    auth::{
        first::FirstAdmin, keys::Keys, known_sessions::KnownSessions, passkey::ceremony::Ceremonies, session::Sessions,
        throttle::LoginThrottle,
    },
    blocking::Bounded,
    clock::Clock,
    error::Error,
    health::Health,
    http::{answers::Answers, rate_limit::RateLimits},
    leads,
    live::Streams,
    media::{folder::MediaFolder, variants::watch::Progress},
    operations::log,
    outbox::Outbox,
    pages::{markdown, markdown::Rendered},
    secrets,
    settings::Live,
};

/// Texts that are rendered at once; each has a core for some milliseconds.
const RENDERS_AT_ONCE: usize = 2;
/// A text up to this size is rendered in some microseconds where it has nothing to be sanitised.
const RENDERED_HERE_BYTES: usize = 8 << 10;
/// Files that come in at once; each has a thread, a descriptor and a third of a megabyte for as long as its client takes.
pub(crate) const UPLOADS_AT_ONCE: usize = 16;
/// Downloads of the whole site at once; each compresses on a thread for as long as its client takes.
const EXPORTS_AT_ONCE: usize = 2;

/// The parts that the routes work with.
#[derive(Debug)]
pub struct AppState {
    pub(crate) store: Store,
    pub(crate) media: MediaFolder,
    pub(crate) outbox: Outbox,
    /// Of file and environment, as at the start. What administrators may change meanwhile is in `live`.
    pub(crate) settings: Settings,
    pub(crate) live: Live,
    pub(crate) clock: Clock,
    pub(crate) hashing: Bounded,
    pub(crate) rendering: Bounded,
    pub(crate) uploads: Bounded,
    pub(crate) exports: Bounded,
    pub(crate) pictures: Progress,
    pub(crate) keys: Keys,
    pub(crate) sessions: Sessions,
    pub(crate) known_sessions: KnownSessions,
    passkeys: Option<Ceremonies>,
    pub(crate) first_admin: FirstAdmin,
    pub(crate) throttle: LoginThrottle,
    pub(crate) rate_limits: RateLimits,
    pub(crate) lead_throttle: leads::throttle::LeadThrottle,
    pub(crate) lead_counts: leads::metrics::Counts,
    pub(crate) answers: Answers,
    pub(crate) streams: Streams,
    pub(crate) health: Health,
    pub(crate) log: log::Kept,
}

impl AppState {
    /// Opens the media folder and puts the parts together. The store is open, so this process is the only writer here.
    ///
    /// # Errors
    ///
    /// When the media folder or the mail folder can't be made, `mail.from` is no address, the machine gives no random bytes, or something in the
    /// database is encrypted with another secret key ([`Error::Unreadable`]).
    pub fn new(settings: Settings, store: Store, clock: Clock) -> Result<Self, Error> {
        let auth = &settings.auth;
        let secure = settings.server.public_url.scheme() == "https";
        let lead_counts = leads::metrics::Counts::default();
        let keys = Keys::of(auth);
        secrets::check(&store, &keys)?;
        let live = Live::load(&settings, &store, &keys)?;
        let (outbox, answers) = (Outbox::default(), Answers::new(store.commits()));
        let pictures = Progress::new(clock.now());
        let now = live.current();
        Ok(Self {
            media: MediaFolder::open(&settings.media.folder, now.settings.media.upload_limit_bytes)?,
            hashing: Bounded::new("password hashing", auth.hashes_at_once),
            rendering: Bounded::new("rendering", RENDERS_AT_ONCE),
            uploads: Bounded::new("uploads", UPLOADS_AT_ONCE),
            exports: Bounded::new("exports", EXPORTS_AT_ONCE),
            sessions: Sessions::new(keys.clone(), auth.session_idle, auth.session_max, secure),
            known_sessions: KnownSessions::new(store.commits()),
            passkeys: Ceremonies::of(&settings.server.public_url, keys.clone()),
            first_admin: FirstAdmin::default(),
            keys,
            rate_limits: RateLimits::new(&settings.server.rate_limits),
            throttle: LoginThrottle::new(now.settings.auth.login_attempts_per_minute),
            health: Health::new(&settings, &outbox.counts, &answers.counts, &lead_counts, &pictures),
            pictures,
            lead_throttle: leads::throttle::LeadThrottle::default(),
            lead_counts,
            answers,
            streams: Streams::new()?,
            outbox,
            live,
            log: log::Kept::default(),
            settings,
            store,
            clock,
        })
    }

    /// Shows administrators the end of the log that `tail` gives.
    #[must_use]
    pub fn with_log(self, tail: log::Tail) -> Self {
        Self { log: log::Kept(Some(tail)), ..self }
    }

    /// Makes limits that are counted elsewhere follow the settings.
    pub(crate) fn follow_settings(&self) {
        let current = self.live.current();
        self.media.set_limit(current.settings.media.upload_limit_bytes);
        self.throttle.set_attempts(current.settings.auth.login_attempts_per_minute);
        self.rate_limits.follow(&current.settings.server.rate_limits);
    }

    /// What all files together may take, as it is now; none where there is no limit.
    pub(crate) fn media_quota_bytes(&self) -> Option<u64> {
        self.live.current().settings.media.quota_bytes
    }

    /// # Errors
    ///
    /// [`Error::NoPasskeys`].
    pub(crate) fn passkeys(&self) -> Result<&Ceremonies, Error> {
        self.passkeys.as_ref().ok_or(Error::NoPasskeys)
    }

    /// Renders a body, apart from the threads that answer requests unless handing it over would take longer.
    pub(crate) async fn render(&self, body: &str) -> Result<Rendered, Error> {
        if body.len() <= RENDERED_HERE_BYTES
            && let Some(rendered) = markdown::render_plain(body)
        {
            return Ok(rendered);
        }
        let body = body.to_owned();
        self.rendering.run(move || markdown::render(&body)).await
    }

    /// A read on the store, with this crate's errors.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        Ok(self.store.read(move |conn| Ok(read(conn)?)).await?)
    }

    /// A write on the store, with this crate's errors: a closure that fails is rolled back and its error comes out here.
    ///
    /// Refused while the disk is nearly full ([`Error::ReadOnly`]) and while the writer hangs.
    pub(crate) async fn write<T: Send + 'static>(&self, write: impl FnOnce(&Tx) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        self.refuse_if_read_only()?;
        self.write_if_possible(write).await
    }

    /// The same for what frees space, and for what people need to get there: taken until the disk is full to the last page.
    pub(crate) async fn write_if_possible<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        // Behind a writer that hangs nothing is to be queued: nobody can say when an answer would come.
        if self.health.writer_fails() {
            return Err(Error::Overloaded { what: "writing" });
        }
        let written = self.store.write(move |tx| Ok(write(tx)?)).await.map_err(Error::from);
        written.inspect_err(|error| {
            if error.is_disk_full() {
                self.health.disk_is_full();
            }
        })
    }

    /// Before work that ends in a write.
    ///
    /// # Errors
    ///
    /// [`Error::ReadOnly`].
    pub(crate) fn refuse_if_read_only(&self) -> Result<(), Error> {
        if self.health.space.refuses_writes() { Err(Error::ReadOnly) } else { Ok(()) }
    }
}
