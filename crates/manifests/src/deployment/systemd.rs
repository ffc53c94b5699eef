use super::names;
use super::reader::Reader;

/// `[systemd]`: a machine without containers.
#[derive(Debug, Clone)]
pub struct Systemd {
    /// The user that the programs run as.
    pub user: String,
    /// Where the programs lie.
    pub programs: String,
    /// Where everything lies that the site remembers.
    pub folder: String,
}

impl Systemd {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            user: reader.parsed("systemd.user", "magnetiq", "the name of a user, never root", |text| {
                names::name(text).filter(|user| user != "root")
            }),
            programs: reader.parsed("systemd.programs", "/usr/local/bin", "the absolute path of a folder", names::folder),
            folder: reader.parsed("systemd.folder", "/var/lib/magnetiq", "a folder below /var/lib", |text| {
                names::folder(text).filter(|folder| folder.strip_prefix("/var/lib/").is_some_and(|name| !name.is_empty()))
            }),
        }
    }
}
