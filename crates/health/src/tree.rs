//! Checks in a tree, with what explains what: from the state of each to the report of all. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::CheckInfo;
use crate::clock::Moment;
use crate::error::Error;
use crate::feature::Feature;
use crate::graph;
use crate::id::{CheckId, FeatureId, NodeId, is_kebab};
use crate::judge::CheckState;
use crate::maintenance::{Maintenance, Scope};
use crate::report::{CheckReport, FeatureReport, LimitReport, NodeReport, Report};
use crate::status::Status;

/// A node of the tree, where its path does not say enough: nodes without one get a title from their path, and are critical.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// Its path from the root: `storage/disk`.
    pub id: NodeId,
    /// A few words for people.
    pub title: Cow<'static, str>,
    /// Whether its failure is a failure of the node above; else it can only warn there.
    pub critical: bool,
}

impl Node {
    /// A critical node.
    pub fn new(id: impl Into<NodeId>, title: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), title: title.into(), critical: true }
    }

    /// Its failure is only a warning for the node above.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { critical: false, ..self }
    }
}

/// Checks, nodes and features that fit together.
#[derive(Debug, Clone)]
pub struct Tree {
    leaves: Vec<Leaf>,
    features: Vec<(Feature, Arc<str>)>,
    root: Branch,
    places: BTreeMap<CheckId, usize>,
}

#[derive(Debug, Clone)]
struct Leaf {
    info: CheckInfo,
    title: Arc<str>,
    component: Arc<str>,
    /// All checks that explain a failure of this one, however far.
    upstream: Vec<usize>,
    affects: Vec<FeatureId>,
    limits: Arc<Vec<LimitReport>>,
}

#[derive(Debug, Clone)]
struct Branch {
    id: NodeId,
    title: Arc<str>,
    critical: bool,
    branches: Vec<Branch>,
    leaves: Vec<usize>,
}

/// How a leaf counts after causes and maintenance.
struct Effective {
    status: Status,
    /// What it brings to its node, before it is capped: never suppressed.
    counts_as: Status,
    causes: Vec<CheckId>,
}

impl Tree {
    /// Puts checks, nodes and features together.
    ///
    /// # Errors
    ///
    /// A name that is not in kebab case or there twice; an interval or timeout of zero; a dependency or requirement that is not there; a
    /// circle of dependencies; a node that no check hangs from.
    pub fn new(checks: Vec<CheckInfo>, nodes: Vec<Node>, features: Vec<Feature>) -> Result<Self, Error> {
        let mut places = BTreeMap::new();
        for (place, info) in checks.iter().enumerate() {
            well_formed(info)?;
            if places.insert(info.id.clone(), place).is_some() {
                return Err(Error::DuplicateCheck { id: info.id.clone() });
            }
        }
        let dependencies = graph::dependencies(&checks, &places)?;
        let upstream = graph::upstream(&checks, &dependencies)?;
        let mut seen = BTreeSet::new();
        for feature in &features {
            if !is_kebab(feature.id.as_str()) {
                return Err(Error::Name { kind: "feature", name: feature.id.to_string() });
            }
            if !seen.insert(&feature.id) {
                return Err(Error::DuplicateFeature { id: feature.id.clone() });
            }
            let needed = feature.requires.iter().chain(feature.degrades_with.iter().map(|degradation| &degradation.check));
            for check in needed {
                if !places.contains_key(check) {
                    let nearest_name = graph::nearest(check, places.keys());
                    return Err(Error::UnknownRequirement { id: feature.id.clone(), unknown: check.clone(), nearest_name });
                }
            }
        }
        let root = branches(&checks, nodes)?;
        let leaves = checks.into_iter().zip(upstream).map(|(info, upstream)| Leaf {
            title: (*info.title).into(),
            component: (*info.component).into(),
            affects: affected(&features, &info.id),
            limits: Arc::new(info.thresholds.iter().map(LimitReport::of).collect()),
            upstream,
            info,
        });
        let leaves = leaves.collect();
        let features = features.into_iter().map(|feature| (Arc::from(&*feature.title), feature)).map(|(title, feature)| (feature, title));
        Ok(Self { leaves, features: features.collect(), root, places })
    }

    /// The checks, in the order in which they were given.
    pub fn checks(&self) -> impl ExactSizeIterator<Item = &CheckInfo> {
        self.leaves.iter().map(|leaf| &leaf.info)
    }

    /// The features, in the order in which they were given.
    pub fn features(&self) -> impl ExactSizeIterator<Item = &Feature> {
        self.features.iter().map(|(feature, _)| feature)
    }

    /// The place of a check among [`checks`](Self::checks).
    pub fn place(&self, check: &str) -> Option<usize> {
        self.places.get(check).copied()
    }

    /// The places of all checks that explain a failure of the one at `place`, however far.
    pub fn upstream(&self, place: usize) -> &[usize] {
        self.leaves.get(place).map_or(&[], |leaf| &leaf.upstream)
    }

    /// The checks before they have run.
    pub fn start(&self, now: Moment) -> Vec<CheckState> {
        self.checks().map(|info| CheckState::new(info, now)).collect()
    }

    /// Whether there is a check or node to which `scope` can be applied.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownScope`] if not.
    pub fn knows(&self, scope: &Scope) -> Result<(), Error> {
        let known = match scope {
            Scope::Check(id) => self.places.contains_key(id),
            Scope::Node(id) => self.leaves.iter().any(|leaf| id.holds(&leaf.info.node)),
        };
        if known { Ok(()) } else { Err(Error::UnknownScope { name: scope.name().to_owned() }) }
    }

    /// How everything is: `states` in the order of [`checks`](Self::checks).
    ///
    /// # Panics
    ///
    /// If there are not as many states as checks.
    pub fn report(&self, states: &[CheckState], windows: &[Maintenance], now: Moment) -> Report {
        assert_eq!(states.len(), self.leaves.len(), "one state for each check");
        let maintained: Vec<_> = self.leaves.iter().map(|leaf| maintained_until(&leaf.info, windows, now)).collect();
        let effective: Vec<_> = (0..states.len()).map(|place| self.effective(place, states, &maintained)).collect();
        let checks = self.leaves.iter().zip(states).zip(&effective).zip(&maintained);
        let checks: Vec<_> = checks
            .map(|(((leaf, state), effective), maintained)| CheckReport {
                id: leaf.info.id.clone(),
                node: leaf.info.node.clone(),
                title: leaf.title.clone(),
                component: leaf.component.clone(),
                critical: leaf.info.critical,
                status: effective.status,
                seen: state.seen(),
                since: state.since(),
                says: state.verdict().says.clone(),
                reasons: state.verdict().reasons.clone(),
                because_of: effective.causes.clone(),
                answered_at: state.answered().map(|(at, _)| at.wall),
                age_seconds: state.answered().map(|(at, _)| now.since(at.steady).as_secs_f64()),
                took_seconds: state.answered().map(|(_, took)| took.as_secs_f64()),
                running_seconds: state.running_since().map(|since| now.since(since).as_secs_f64()),
                facts: state.facts().clone(),
                maintenance_until: *maintained,
                affects: leaf.affects.clone(),
                limits: leaf.limits.clone(),
            })
            .collect();
        let seen = |id: &CheckId| {
            let place = self.places[id];
            (states[place].seen(), effective[place].causes.as_slice())
        };
        let features = self.features.iter().map(|(feature, title)| FeatureReport {
            id: feature.id.clone(),
            title: title.clone(),
            availability: feature.availability(seen),
        });
        let features = features.collect();
        let settled = self.leaves.iter().zip(states).zip(&maintained);
        let settled = settled.into_iter().all(|((leaf, state), maintained)| maintained.is_some() || state.is_settled(&leaf.info, now));
        let tree = self.branch(&self.root, &effective);
        // Nobody looked at anything.
        let status = if self.leaves.is_empty() { Status::Unknown } else { tree.status };
        Report { at: now.wall, status, settled, tree: NodeReport { status, ..tree }, checks, features }
    }

    fn effective(&self, place: usize, states: &[CheckState], maintained: &[Option<jiff::Timestamp>]) -> Effective {
        let seen = states[place].seen();
        let fails = |place: &usize| states[*place].seen() == Status::Fail;
        let mut causes = Vec::new();
        if seen != Status::Pass {
            let upstream = self.leaves[place].upstream.iter().copied().filter(fails);
            causes.extend(upstream.filter(|cause| !self.leaves[*cause].upstream.iter().any(fails)));
        }
        let planned = !causes.is_empty() && causes.iter().all(|cause| maintained[*cause].is_some());
        let (status, counts_as) = if maintained[place].is_some() {
            (Status::Maintenance, Status::Maintenance)
        } else if causes.is_empty() {
            (seen, seen)
        } else {
            (Status::Suppressed, if planned { Status::Maintenance } else { seen })
        };
        Effective { status, counts_as, causes: causes.into_iter().map(|cause| self.leaves[cause].info.id.clone()).collect() }
    }

    fn branch(&self, branch: &Branch, effective: &[Effective]) -> NodeReport {
        let nodes: Vec<_> = branch.branches.iter().map(|inner| self.branch(inner, effective)).collect();
        let leaves = branch.leaves.iter().map(|&leaf| (effective[leaf].counts_as, self.leaves[leaf].info.critical));
        let status = worst(leaves.chain(nodes.iter().map(|node| (node.status, node.critical))));
        NodeReport {
            id: branch.id.clone(),
            title: branch.title.clone(),
            status,
            critical: branch.critical,
            nodes,
            checks: branch.leaves.iter().map(|&leaf| self.leaves[leaf].info.id.clone()).collect(),
        }
    }
}

/// The worst of what hangs from a node, given with whether it is critical: else it counts as a warning at most. What is maintained counts
/// only where nothing else is there.
fn worst(parts: impl Iterator<Item = (Status, bool)>) -> Status {
    let mut worst: Option<Status> = None;
    let mut maintained = false;
    for (status, critical) in parts {
        let counts_as = match status {
            Status::Maintenance => {
                maintained = true;
                continue;
            }
            Status::Fail | Status::Unknown if !critical => Status::Warn,
            status => status,
        };
        worst = Some(worst.filter(|worst| worst.severity() >= counts_as.severity()).unwrap_or(counts_as));
    }
    match worst {
        Some(status) => status,
        None if maintained => Status::Maintenance,
        None => Status::Pass,
    }
}

fn well_formed(info: &CheckInfo) -> Result<(), Error> {
    if !is_kebab(info.id.as_str()) {
        return Err(Error::Name { kind: "check", name: info.id.to_string() });
    }
    if !info.node.is_well_formed() {
        return Err(Error::Name { kind: "node", name: info.node.to_string() });
    }
    for (field, time) in [("interval", info.interval), ("timeout", info.timeout), ("validity", info.validity())] {
        if time.is_zero() {
            return Err(Error::Zero { id: info.id.clone(), field });
        }
    }
    Ok(())
}

fn affected(features: &[Feature], check: &CheckId) -> Vec<FeatureId> {
    let uses = |feature: &&Feature| {
        feature.requires.contains(check) || feature.degrades_with.iter().any(|degradation| degradation.check == *check)
    };
    features.iter().filter(uses).map(|feature| feature.id.clone()).collect()
}

fn maintained_until(info: &CheckInfo, windows: &[Maintenance], now: Moment) -> Option<jiff::Timestamp> {
    let covering = windows.iter().filter(|window| window.is_active(now.wall) && window.scope.covers(&info.id, &info.node));
    covering.map(|window| window.until).max()
}

/// The nodes of the tree, from the paths of the checks; in the order in which they first come.
fn branches(checks: &[CheckInfo], nodes: Vec<Node>) -> Result<Branch, Error> {
    let mut described: BTreeMap<NodeId, Node> = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
    let mut order: Vec<NodeId> = vec![NodeId::root()];
    for info in checks {
        let mut path: Vec<NodeId> = std::iter::successors(Some(info.node.clone()), NodeId::parent).collect();
        path.reverse();
        order.extend(path.into_iter().filter(|id| !id.as_str().is_empty()));
    }
    let mut known = BTreeSet::new();
    order.retain(|id| known.insert(id.clone()));
    let root = grow(&NodeId::root(), &order, checks, &mut described);
    match described.into_keys().next() {
        Some(node) => Err(Error::EmptyNode { node }),
        None => Ok(root),
    }
}

fn grow(id: &NodeId, order: &[NodeId], checks: &[CheckInfo], described: &mut BTreeMap<NodeId, Node>) -> Branch {
    let node = described.remove(id).unwrap_or_else(|| Node::new(id.clone(), title(id)));
    let below = order.iter().filter(|inner| inner.parent().as_ref() == Some(id));
    Branch {
        title: (*node.title).into(),
        critical: node.critical,
        branches: below.map(|inner| grow(inner, order, checks, described)).collect(),
        leaves: checks.iter().enumerate().filter(|(_, info)| info.node == *id).map(|(place, _)| place).collect(),
        id: node.id,
    }
}

/// `storage/disk-data` is "Disk data", the root is "All".
fn title(id: &NodeId) -> String {
    let words = id.as_str().rsplit('/').next().unwrap_or_default().replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(|| "All".to_owned(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
