//! What explains what: dependencies between checks, without circles.

use std::collections::BTreeMap;

use crate::check::CheckInfo;
use crate::error::Error;
use crate::id::CheckId;

/// The places of the checks that each check depends on directly.
pub(crate) fn dependencies(checks: &[CheckInfo], places: &BTreeMap<CheckId, usize>) -> Result<Vec<Vec<usize>>, Error> {
    let place = |info: &CheckInfo, on: &CheckId| {
        places.get(on).copied().ok_or_else(|| Error::UnknownDependency {
            id: info.id.clone(),
            unknown: on.clone(),
            nearest_name: nearest(on, places.keys()),
        })
    };
    checks.iter().map(|info| info.depends_on.iter().map(|on| place(info, on)).collect()).collect()
}

/// The places of all checks that each check depends on, however far; nearest first, each once.
pub(crate) fn upstream(checks: &[CheckInfo], dependencies: &[Vec<usize>]) -> Result<Vec<Vec<usize>>, Error> {
    (0..dependencies.len())
        .map(|start| {
            let mut found: Vec<usize> = Vec::new();
            dependencies[start].iter().for_each(|on| add(&mut found, *on));
            let mut next = 0;
            while next < found.len() {
                let place = found[next];
                if place == start {
                    return Err(Error::Circle { circle: circle(checks, dependencies, start) });
                }
                dependencies[place].iter().for_each(|on| add(&mut found, *on));
                next += 1;
            }
            Ok(found)
        })
        .collect()
}

fn add(found: &mut Vec<usize>, place: usize) {
    if !found.contains(&place) {
        found.push(place);
    }
}

/// The shortest way from `start` back to itself.
fn circle(checks: &[CheckInfo], dependencies: &[Vec<usize>], start: usize) -> Vec<CheckId> {
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(place) = open.pop_front() {
        for &on in &dependencies[place] {
            if from.contains_key(&on) {
                continue;
            }
            from.insert(on, place);
            if on == start {
                let mut way = vec![start];
                let mut at = from[&start];
                while at != start {
                    way.push(at);
                    at = from[&at];
                }
                way.push(start);
                way.reverse();
                return way.into_iter().map(|place| checks[place].id.clone()).collect();
            }
            open.push_back(on);
        }
    }
    Vec::new()
}

/// The name that somebody may have meant: the most similar one, if it is similar at all.
pub(crate) fn nearest<'a>(name: &CheckId, known: impl Iterator<Item = &'a CheckId>) -> Option<CheckId> {
    let similar = known.map(|known| (strsim::jaro_winkler(name.as_str(), known.as_str()), known));
    similar.filter(|(likeness, _)| *likeness > 0.8).max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name.clone())
}
