use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use croner::parser::{CronParser, Seconds, Year};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::backup_target::{BackupRetention, BackupTarget};
use crate::names::BACKUP_PORT;
use crate::reader::Reader;

/// `[backup]`: what is backed up, when, where to, and how it is proven.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Where archives lie; made when it is missing.
    pub folder: PathBuf,
    /// What the names of archives begin with.
    pub name: String,
    /// Five fields of cron, in UTC.
    pub schedule: String,
    /// A scheduled run begins at a random moment within this time.
    pub jitter: Duration,
    /// A run is reported as stuck after this time.
    pub time_limit: Duration,
    /// How archives are compressed.
    pub compression: BackupCompression,
    /// How hard; `None` leaves it to the compression.
    pub level: Option<u32>,
    /// Threads that compress; `None`: one per core, as far as memory allows.
    pub threads: Option<usize>,
    /// Whether archives carry the media, or name files that are kept once.
    pub media: BackupMedia,
    /// Files that go into each archive besides the settings file.
    pub config_files: Vec<PathBuf>,
    /// age public keys that archives are encrypted to, media in them; without any they are not encrypted.
    pub recipients: Vec<String>,
    /// Files with age secret keys, to read encrypted archives.
    pub identity_files: Vec<PathBuf>,
    /// What is kept in the backup folder.
    pub retention: BackupRetention,
    /// How often proofs are renewed.
    pub verify: BackupVerify,
    /// The server that a restore drill starts; `None`: the `api-server` beside the program.
    pub drill_program: Option<PathBuf>,
    /// Where to say that a run began, was done or failed, in the way of Healthchecks.
    pub ping_url: Option<SecretString>,
    /// A file with metrics for node_exporter.
    pub textfile: Option<PathBuf>,
    /// The address that status and metrics are served on.
    pub host: IpAddr,
    /// The port of it; 0 lets the system choose.
    pub port: u16,
    /// Where the server asks the daemon: what it does, and to make a backup.
    pub url: Url,
    /// Who has it may start a backup through HTTP.
    pub token: Option<SecretString>,
    /// Other places that every backup is copied to.
    pub targets: Vec<BackupTarget>,
}

/// How archives are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupCompression {
    /// `.tar.gz`: read everywhere.
    Gzip,
    /// `.tar.zst`: faster and smaller.
    Zstd,
}

/// Where media files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupMedia {
    /// Once in the backup folder; archives name them.
    Linked,
    /// In every archive.
    Full,
}

/// `[backup.verify]`: how often proofs are renewed. 0 switches a line off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupVerify {
    /// Days between full integrity checks of the newest archive.
    pub integrity_days: u32,
    /// Days between restore drills.
    pub drill_days: u32,
    /// Old archives that are verified again each day.
    pub rotation: u32,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

impl Backup {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let retention = BackupRetention::read(reader, "backup", BackupRetention::DEFAULT);
        let backup = Self {
            folder: reader.path("backup.folder", "data/backups"),
            name: reader.parsed("backup.name", "magnetiq", "letters, digits, hyphens and underscores, at most 64", name),
            schedule: reader.parsed(
                "backup.schedule",
                "0 2 * * *",
                "five fields of cron in UTC (minute, hour, day of month, month, day of week), one of the two days being *",
                schedule,
            ),
            jitter: reader.time("backup.jitter_s", SECOND, 0, 0..=6 * 60 * 60),
            time_limit: reader.time("backup.time_limit_min", MINUTE, 6 * 60, 1..=7 * 24 * 60),
            compression: reader.choice(
                "backup.compression",
                BackupCompression::Gzip,
                &[("gzip", BackupCompression::Gzip), ("zstd", BackupCompression::Zstd)],
            ),
            level: Some(reader.number("backup.level", 0, 0..=19)).filter(|level| *level > 0),
            threads: Some(reader.number("backup.threads", 0, 0..=64)).filter(|threads| *threads > 0),
            media: reader.choice("backup.media", BackupMedia::Linked, &[("linked", BackupMedia::Linked), ("full", BackupMedia::Full)]),
            config_files: reader.list("backup.config_files", &[], "the path of a file", path),
            recipients: reader.list("backup.recipients", &[], "an age public key, which begins with age1", recipient),
            identity_files: reader.list("backup.identity_files", &[], "the path of a file", path),
            retention,
            verify: BackupVerify {
                integrity_days: reader.number("backup.verify.integrity_days", 7, 0..=3650),
                drill_days: reader.number("backup.verify.drill_days", 30, 0..=3650),
                rotation: reader.number("backup.verify.rotation", 1, 0..=1000),
            },
            drill_program: reader.path_if_any("backup.drill_program"),
            ping_url: reader.secret_if_any("backup.ping_url"),
            textfile: reader.path_if_any("backup.textfile"),
            host: reader.parsed("backup.host", "127.0.0.1", "an IP address: 127.0.0.1 for this machine only, 0.0.0.0 for all", |text| {
                text.parse().ok()
            }),
            port: reader.number("backup.port", BACKUP_PORT, 0..=u16::MAX),
            url: reader.parsed("backup.url", "http://127.0.0.1:3038/", "an address such as http://127.0.0.1:3038/", |text| {
                Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            }),
            token: reader.secret_if_any("backup.token"),
            targets: BackupTarget::read_all(reader, retention),
        };
        backup.check(reader);
        backup
    }

    /// What no single setting can see.
    fn check(&self, reader: &mut Reader) {
        if self.ping_url.as_ref().is_some_and(|url| !is_web_address(url.expose_secret())) {
            reader.refuse("backup.ping_url", "should be an address such as https://hc-ping.com/your-uuid");
        }
        if self.token.as_ref().is_some_and(|token| token.expose_secret().len() < TOKEN_MIN_BYTES) {
            reader.refuse("backup.token", "should be at least 16 bytes that nobody can guess; make one with: openssl rand -hex 32");
        }
        if self.compression == BackupCompression::Gzip && self.level.is_some_and(|level| level > GZIP_LEVEL_MAX) {
            reader.refuse("backup.level", "should be from 1 to 9 with gzip, or 0 for its usual one");
        }
        let kept = self.retention;
        if [kept.daily, kept.weekly, kept.monthly, kept.yearly].iter().all(|count| *count == 0) {
            reader
                .refuse("backup.retention.daily", "keeps nothing, as weekly, monthly and yearly are 0, too: set one of them to 1 at least");
        }
    }
}

const TOKEN_MIN_BYTES: usize = 16;
const GZIP_LEVEL_MAX: u32 = 9;

fn name(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 64 && text.chars().all(right)).then(|| text.to_owned())
}

/// With both days given, crons differ: some run when either fits, some when both do.
fn schedule(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, day, _, weekday] = fields[..] else { return None };
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    ((day == "*" || weekday == "*") && parser.parse(text).is_ok()).then(|| fields.join(" "))
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty() && !text.contains('\0')).then(|| text.into())
}

fn recipient(text: &str) -> Option<String> {
    let plain = text.starts_with("age1") && text.len() >= 50 && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    plain.then(|| text.to_owned())
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none())
}
