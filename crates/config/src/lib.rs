//! The settings of every Magnetiq program.
//!
//! [`Settings::load`] takes [`Sources`] (values, so that a test can make them up) and lays them over each other:
//! the defaults of the profile, `magnetiq.toml`, the environment, and the files that `*_FILE` variables name. What is
//! wrong is reported all at once as [`Problems`], each with its key, its value, where it came from and what would be right.
//!
//! One setting has one name: the key `server.port` of the file is the variable `MAGNETIQ__SERVER__PORT` of the environment
//! and the field [`Server::port`]. `magnetiq.example.toml` at the root of the repository lists all of them.
//!
//! To add a setting: a field and a line of `read` in the file of its section, and a line in `magnetiq.example.toml`.

mod auth;
mod backup;
mod backup_target;
mod database;
mod environment;
mod groups;
mod health;
mod healthd;
mod healthd_alert;
mod healthd_limit;
mod layer;
mod log;
mod mail;
mod media;
mod names;
mod nearest;
mod problem;
mod production;
mod profile;
mod program;
mod rate_limits;
mod reader;
mod server;
mod settings;
mod site;
mod social;
mod sources;
mod toml_file;
mod variables;

pub use auth::Auth;
pub use backup::{Backup, BackupCompression, BackupMedia, BackupVerify};
pub use backup_target::{BackupRetention, BackupTarget};
pub use database::Database;
pub use environment::read as environment;
pub use health::{Health, RESERVE_BYTES};
pub use healthd::{Healthd, HealthdSite};
pub use healthd_alert::{HealthdAlerts, HealthdMail, HealthdWebhook, HealthdWebhookKind, QuietHours};
pub use healthd_limit::HealthdLimit;
pub use log::{Log, LogFormat};
pub use mail::{Mail, Smtp, SmtpLogin, SmtpTls};
pub use media::{Media, Preset};
pub use names::{
    API_PORT, APPLICATION_ID, BACKUP_PORT, CONFIG_FILE, CONFIG_VARIABLE, HEALTH_PORT, PAGE_HEADERS, PAGE_PORT, file_variable, variable,
};
pub use nearest::nearest;
pub use problem::{Problem, Problems};
pub use profile::Profile;
pub use program::Program;
pub use rate_limits::RateLimits;
pub use reader::Effective;
pub use server::Server;
pub use settings::Settings;
pub use site::Site;
pub use social::{LinkedIn, Mastodon, Network, Social, Visibility, X};
pub use sources::Sources;
pub use toml_file::{Value, ValueKind, values as toml_values};
