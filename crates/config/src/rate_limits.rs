use std::num::NonZeroU32;

use ipnet::IpNet;

use crate::reader::Reader;
use crate::server::network;

/// `[server.rate_limits]`: how many requests are answered in a minute. `None`: as many as come.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// From one address: attempts to sign in, and what else strangers may ask of accounts.
    pub login: Option<NonZeroU32>,
    /// From one address: what visitors send.
    pub public_write: Option<NonZeroU32>,
    /// From one address: what visitors read.
    pub public_read: Option<NonZeroU32>,
    /// By one account in its sessions, and by one token.
    pub api: Option<NonZeroU32>,
    /// Whose requests are not counted.
    pub exempt: Vec<IpNet>,
}

impl RateLimits {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let mut limit = |key, default| NonZeroU32::new(reader.number(key, default, 0..=1_000_000));
        Self {
            login: limit("server.rate_limits.login_per_minute", 60),
            public_write: limit("server.rate_limits.public_write_per_minute", 60),
            public_read: limit("server.rate_limits.public_read_per_minute", 3_000),
            api: limit("server.rate_limits.api_per_minute", 3_000),
            exempt: reader.list(
                "server.rate_limits.exempt",
                &["127.0.0.0/8", "::1/128"],
                "a network such as 10.0.0.0/8 or an IP address",
                network,
            ),
        }
    }
}
