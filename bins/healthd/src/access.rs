//! Who may see and do what.

use axum::http::HeaderMap;
use magnetiq_config::{Profile, Settings};
use magnetiq_service::{OperatorToken, is_meant_for_this_machine};

/// Who may see and do what.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    token: OperatorToken,
    /// Everybody may see the names of the sites, and how they are.
    public: bool,
    /// Whoever works on this machine may see all: a site in development. In production a proxy on this machine could pass strangers on.
    open: bool,
}

impl Access {
    pub(crate) fn of(settings: &Settings) -> Self {
        let healthd = &settings.healthd;
        let open = settings.profile == Profile::Development && healthd.host.is_loopback();
        Self { token: OperatorToken::new(healthd.token.clone()), public: healthd.public, open }
    }

    /// Whether maintenance may be begun and ended.
    pub(crate) fn may_write(&self, headers: &HeaderMap) -> bool {
        self.token.is_bearer(headers)
    }

    /// Whether causes may be seen.
    pub(crate) fn may_see_all(&self, headers: &HeaderMap) -> bool {
        (self.open && is_meant_for_this_machine(headers)) || self.token.is_given(headers)
    }

    /// Whether names and states may be seen.
    pub(crate) fn may_see(&self, headers: &HeaderMap) -> bool {
        self.public || self.may_see_all(headers)
    }
}
