//! `/api/v1/admin/operations`: what whoever runs the site wants to see without a shell, and the one thing to start from here, a backup.

pub(crate) mod backups;
pub(crate) mod certificate;
pub(crate) mod daemon;
pub(crate) mod database;
pub(crate) mod health;
pub(crate) mod log;
pub(crate) mod restore;
pub(crate) mod traffic;
