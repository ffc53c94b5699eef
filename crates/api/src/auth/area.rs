//! The parts of the admin area that a token may be made for alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of the admin area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Area {
    /// Pages, their revisions, the trash.
    Pages,
    /// Pictures and other files.
    Media,
    /// Forms, what visitors sent, what is held about people.
    Leads,
    /// What is sent to others.
    Outbox,
    /// Accounts and the audit log.
    Team,
}

/// What the addresses of an area begin with. A route of the admin area that is in none of them is for tokens that are made for everything.
const PREFIXES: &[(&str, Area)] = &[
    ("/api/v1/admin/pages", Area::Pages),
    ("/api/v1/admin/preview", Area::Pages),
    ("/api/v1/admin/trash", Area::Pages),
    ("/api/v1/admin/media", Area::Media),
    ("/api/v1/admin/forms", Area::Leads),
    ("/api/v1/admin/leads", Area::Leads),
    ("/api/v1/admin/people", Area::Leads),
    ("/api/v1/outbox", Area::Outbox),
    ("/api/v1/admin/accounts", Area::Team),
    ("/api/v1/admin/audit", Area::Team),
];

/// Whether somebody who has only these areas may call a route; `me` is for everybody.
pub(super) fn admit(areas: &[Area], path: &str) -> bool {
    if path.ends_with("/announcement") {
        // It is posted to others as soon as the page is published.
        return areas.contains(&Area::Pages) && areas.contains(&Area::Outbox);
    }
    let is_in = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']));
    path == "/api/v1/auth/me" || PREFIXES.iter().any(|(prefix, area)| is_in(prefix) && areas.contains(area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_its_routes_and_no_other() {
        let leads = [Area::Leads];
        for path in
            ["/api/v1/admin/leads", "/api/v1/admin/leads.csv", "/api/v1/admin/leads/{id}", "/api/v1/admin/people/erase", "/api/v1/auth/me"]
        {
            assert!(admit(&leads, path), "{path}");
        }
        for path in ["/api/v1/admin/leadsmore", "/api/v1/admin/pages", "/api/v1/admin/overview", "/api/v1/admin/new", "/api/v1/auth/tokens"]
        {
            assert!(!admit(&leads, path), "{path}");
        }
        assert!(!admit(&[], "/api/v1/admin/pages"));
        let announcement = "/api/v1/admin/pages/{id}/announcement";
        assert!(admit(&[Area::Pages, Area::Outbox], announcement) && !admit(&[Area::Pages], announcement));
    }
}
