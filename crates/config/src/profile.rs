/// What the program is run for. Decides defaults, and what is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// On a laptop: a known secret, text logs, the API documentation served.
    Development,
    /// On a server, and whenever nothing else is said: what is unsafe is refused.
    #[default]
    Production,
}
