use secrecy::SecretString;

use crate::groups::TARGETS;
use crate::reader::Reader;

/// `[backup.retention]`, and `retention.*` of a target: which archives are kept. 0 switches a line off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupRetention {
    /// The newest archive of each of this many days that have one.
    pub daily: u32,
    /// The same for weeks.
    pub weekly: u32,
    /// The same for months.
    pub monthly: u32,
    /// The same for years.
    pub yearly: u32,
    /// Bytes above which the oldest that are not protected go; 0: no limit.
    pub size_limit_bytes: u64,
    /// Days for which archives from before a migration or a deployment are kept.
    pub special_days: u32,
}

impl BackupRetention {
    pub(crate) const DEFAULT: Self = Self { daily: 7, weekly: 0, monthly: 0, yearly: 0, size_limit_bytes: 0, special_days: 30 };

    /// `default` is that of the section above: a target keeps what the backup folder keeps, unless it says otherwise.
    pub(crate) fn read(reader: &mut Reader, section: &str, default: Self) -> Self {
        let mut number = |name: &str, default| reader.number(&format!("{section}.retention.{name}"), default, 0..=10_000);
        Self {
            daily: number("daily", default.daily),
            weekly: number("weekly", default.weekly),
            monthly: number("monthly", default.monthly),
            yearly: number("yearly", default.yearly),
            special_days: number("special_days", default.special_days),
            size_limit_bytes: reader.number(&format!("{section}.retention.size_limit_bytes"), default.size_limit_bytes, 0..=u64::MAX),
        }
    }
}

/// `[backup.targets.NAME]`: another place that every backup is copied to.
#[derive(Debug, Clone)]
pub struct BackupTarget {
    /// The name that the user chose.
    pub name: String,
    /// A folder (`file:///mnt/usb/magnetiq`), or a bucket: `s3://bucket/folder`, `gs://…`, `az://…`.
    pub url: String,
    /// The server of a bucket that is not Amazon's.
    pub endpoint: Option<String>,
    /// The region of the bucket.
    pub region: Option<String>,
    /// Allows an endpoint without TLS on another machine.
    pub allow_http: bool,
    /// The name of the key to the bucket, or of the storage account (Azure); without one, what the machine or the pod is.
    pub access_key_id: Option<String>,
    /// The key to the bucket; the JSON key of a service account (Google).
    pub secret_access_key: Option<SecretString>,
    /// Reads a copy back after it was uploaded, and compares it.
    pub verify: bool,
    /// What is kept there.
    pub retention: BackupRetention,
}

impl BackupTarget {
    pub(crate) fn read_all(reader: &mut Reader, retention: BackupRetention) -> Vec<Self> {
        reader.members(TARGETS).into_iter().map(|name| Self::read(reader, name, retention)).collect()
    }

    fn read(reader: &mut Reader, name: String, retention: BackupRetention) -> Self {
        let section = format!("{TARGETS}.{name}");
        let key = |last: &str| format!("{section}.{last}");
        let optional = |text: String| Some(text).filter(|text| !text.is_empty());
        let target = Self {
            url: reader.text(&key("url"), ""),
            endpoint: optional(reader.text(&key("endpoint"), "")),
            region: optional(reader.text(&key("region"), "")),
            allow_http: reader.flag(&key("allow_http"), false),
            access_key_id: optional(reader.text(&key("access_key_id"), "")),
            secret_access_key: reader.secret_if_any(&key("secret_access_key")),
            verify: reader.flag(&key("verify"), true),
            retention: BackupRetention::read(reader, &section, retention),
            name,
        };
        if !is_place(&target.url) {
            reader.refuse(&key("url"), "should be s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder");
        }
        target
    }
}

fn is_place(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let place = if scheme == "file" { rest.strip_prefix('/') } else { Some(rest) };
    ["s3", "gs", "az", "file"].contains(&scheme) && place.is_some_and(|place| !place.is_empty() && !place.contains(['?', '#', '@']))
}
