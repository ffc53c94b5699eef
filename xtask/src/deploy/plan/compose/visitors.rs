//! Who keeps visitors out, and lets them in again.

use super::super::{Step, Work, step};
use crate::deploy::facts::{Facts, Tools};
use crate::deploy::line::Line;
use crate::deploy::{gate, store};

/// What says in nginx that the site is being worked on; `magnetiq-manifests` renders who looks for it.
const MAINTENANCE: &str = "/var/lib/magnetiq/proxy/maintenance";

pub(super) fn close(facts: &Facts, name: &'static str) -> Step {
    step(
        name,
        "who reads gets the last copies, who writes is told to wait",
        Work::Close,
        vec![in_proxy(facts).with(["touch", MAINTENANCE])],
    )
}

/// Through the proxy's own network, since from outside nobody is let in yet. The page is still that of the version before.
pub(super) fn trial(facts: &Facts, name: &'static str) -> Step {
    let line = gate::inside(in_proxy(facts), &facts.site, "http://backend:3036", "http://frontend:8036");
    step(name, "what a visitor does first, asked from inside, before the first one may", Work::Trial, vec![line])
}

pub(super) fn open(facts: &Facts, name: &'static str) -> Step {
    step(name, "visitors come in again", Work::Open, vec![lets_in(&facts.tools, &facts.name)])
}

/// What ends that visitors are kept out.
pub(crate) fn lets_in(tools: &Tools, name: &str) -> Line {
    proxy_of(tools, name).with(["rm", "-f", MAINTENANCE])
}

/// Whether they are kept out: it ends well where they are.
pub(crate) fn asks_closed(tools: &Tools, name: &str) -> Line {
    proxy_of(tools, name).with(["test", "-e", MAINTENANCE])
}

/// By the engine itself: Compose would read all files first, while people wait.
pub(super) fn in_proxy(facts: &Facts) -> Line {
    proxy_of(&facts.tools, &facts.name)
}

fn proxy_of(tools: &Tools, name: &str) -> Line {
    store::docker(tools).with(["container", "exec", &format!("{name}-proxy-1")])
}
