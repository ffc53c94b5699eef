use super::names;
use super::reader::Reader;

/// `[deploy]`: how a new version takes the place of the one before.
#[derive(Debug, Clone)]
pub struct Deploy {
    /// The host that is asked how the site is, with the domain's name; `None`: the domain itself.
    pub address: Option<String>,
    /// Ready answers of the new version, one after the other, before visitors come to it.
    pub ready_answers: u32,
    /// Seconds that it gets for them.
    pub ready_timeout_s: u32,
    /// Seconds that it is watched with visitors before it counts. Long enough to see one that ends, or fails, after a minute.
    pub watch_s: u32,
    /// Percent of the answers that may be wrong meanwhile.
    pub errors_percent_max: u32,
    /// Versions whose images and files are kept to go back to.
    pub keep: u32,
    /// The folder with the programs `before`, `after` and `failed`, beside `deploy.toml`.
    pub hooks: String,
}

impl Deploy {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            address: reader.optional("deploy.address", "a host name or an address", names::plain),
            ready_answers: reader.number("deploy.ready_answers", 3, 1..=100),
            ready_timeout_s: reader.number("deploy.ready_timeout_s", 60, 5..=3600),
            watch_s: reader.number("deploy.watch_s", 90, 0..=3600),
            errors_percent_max: reader.number("deploy.errors_percent_max", 1, 0..=100),
            keep: reader.number("deploy.keep", 5, 1..=100),
            hooks: reader.parsed("deploy.hooks", "hooks", "a folder beside deploy.toml", names::plain),
        }
    }
}
