//! Checks of what a small site stands on, ready to use: each takes plain options. [`catalog`](crate::catalog) says of each what it means, which
//! limits make sense, and what to do.
//!
//! With the feature `remote` there are those that ask a server over TLS, HTTP and SMTP, too.

mod backup;
mod bounded;
mod certificate_file;
mod cgroup;
mod database_read;
mod database_size;
mod database_wal;
mod database_write;
mod disk;
mod disk_sync;
mod dns;
mod file_descriptors;
mod growth;
mod log;
mod memory;
mod migrations;
mod mounts;
mod port;
mod process;
mod proof;
mod read;
#[cfg(feature = "remote")]
mod remote;
mod resolve;
mod restarts;
mod say;
mod version;
mod wait;
mod wall_clock;
mod x509;

pub use backup::Backup;
pub use certificate_file::CertificateFile;
pub use database_read::DatabaseRead;
pub use database_size::{DatabaseSize, SIZE_LIMIT_BYTES};
pub use database_wal::DatabaseWal;
pub use database_write::DatabaseWrite;
pub use disk::Disk;
pub use disk_sync::DiskSync;
pub use dns::Dns;
pub use file_descriptors::FileDescriptors;
pub use log::Log;
pub use memory::Memory;
pub use migrations::Migrations;
pub use mounts::is_read_only;
pub use port::Port;
pub use process::Process;
#[cfg(feature = "remote")]
pub use remote::{CertificateServed, ClockSkew, Encryption, Http, Smtp, Trust};
pub use restarts::Restarts;
pub use version::Version;
pub use wall_clock::WallClock;
