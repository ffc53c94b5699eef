/// The program that settings are loaded for. What only another one uses may be missing: a container has the secrets of its own program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Program {
    /// `api-server`, in all its commands.
    #[default]
    Server,
    /// `backupd`.
    Backup,
    /// `healthd`.
    Health,
}
