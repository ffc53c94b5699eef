//! What is found to run, although no record says that it passed.

use std::fs;

use serde_json::json;

use super::{Engine, step, with_files};
use crate::deploy::act::World;
use crate::deploy::adopted::adopted;
use crate::deploy::facts::{Facts, Learned};
use crate::deploy::plan;
use crate::deploy::release::{Outcome, Release};
use crate::deploy::store;

/// What it has of deployment 3, in the place of 2 and 1, and how its server is.
fn is_there(engine: &Engine, third: Release, image_of: usize, health: &str) -> [Release; 3] {
    let known = [third, plan::tests::release(2, 15), plan::tests::release(1, 14)];
    let image = &known[3 - image_of].images["backend"];
    engine.container("magnetiq-backend-1", &json!([{ "Config": { "Image": image }, "State": { "Health": { "Status": health } } }]));
    engine.container("magnetiq-proxy-1", &json!([{ "State": { "Health": { "Status": "healthy" } } }]));
    known
}

fn given_up() -> Release {
    Release { outcome: Outcome::Deploying, ended_at: None, schema: None, ..plan::tests::release(3, 16) }
}

fn left(facts: &Facts, known: &[Release]) -> Result<Option<Release>, String> {
    adopted(&facts.tools, &facts.name, known, &facts.folder, true, false).map_err(|error| error.to_string())
}

/// Who goes back leaves it, whatever it is worth: what passed last is where that leads.
#[test]
fn what_was_given_up_and_is_not_well_is_gone_back_from() {
    let schema = |(from, to): (u32, u32)| format!("{:#}\n", json!({ "from": from, "to": to, "pending": [] }));
    // What its own program finds and would make of it, and what that of the one before does. It may not have migrated yet.
    for (third, second, found) in [
        (Some((16, 16)), None, Some(16)),
        (Some((16, 16)), Some((15, 15)), Some(16)),
        (Some((15, 16)), None, Some(15)),
        (None, Some((15, 15)), Some(15)),
        (None, None, None),
    ] {
        let engine = Engine::new();
        let facts = with_files(&engine);
        let known = is_there(&engine, given_up(), 3, "unhealthy");
        for (number, told) in [(3, third), (2, second)] {
            told.iter().for_each(|to| fs::write(engine.path(&format!("program-{number}")), schema(*to)).expect("a file"));
        }
        let left = left(&facts, &known);
        match found {
            Some(found) => {
                let expected = Release { outcome: Outcome::Stuck, schema: Some(found), ..known[0].clone() };
                assert_eq!(left, Ok(Some(expected)), "{third:?}, {second:?}");
            }
            None => {
                let said = left.expect_err("nobody can say whether it would start");
                assert!(said.contains("Deploy 2.0.2, or what mends it") && said.contains("program-3: No such file"), "{said}");
            }
        }
        let follows = adopted(&facts.tools, &facts.name, &known, &facts.folder, false, false).expect("it answers");
        assert_eq!(follows, None, "a deployment goes back to what passed");
    }
}

/// Stopped or gone, it may have migrated: what passed last is not what was there last.
#[test]
fn what_was_given_up_and_was_stopped_is_gone_back_from() {
    const NEVER: &str = "0001-01-01T00:00:00Z";
    let said = Some("no server runs, and nobody says which schema it left, so 2.0.2 may refuse that. Deploy 2.0.2");
    // Whether the server of 2 is there and runs, and since when that of 3 was started, where it is there.
    for (second, third, refused) in [
        (Some(false), Some("2026-11-26T02:00:00Z"), None),
        (None, Some("2026-11-26T02:00:00Z"), None),
        (Some(false), Some(NEVER), said),
        (Some(false), None, said),
        (None, None, said),
    ] {
        let engine = Engine::new();
        let facts = with_files(&engine);
        let known = [given_up(), plan::tests::release(2, 15), plan::tests::release(1, 14)];
        fs::write(engine.path("program-3"), format!("{:#}\n", json!({ "from": 16, "to": 16 }))).expect("a file");
        let server = |name: &str, of: usize, state: serde_json::Value| {
            engine.container(name, &json!([{ "Config": { "Image": known[3 - of].images["backend"] }, "State": state }]));
        };
        second.iter().for_each(|runs| server("magnetiq-backend-1", 2, json!({ "Running": runs, "StartedAt": "2026-11-26T01:00:00Z" })));
        third.iter().for_each(|at| server("magnetiq-backend-next", 3, json!({ "Running": false, "StartedAt": at })));
        let left = left(&facts, &known);
        match refused {
            None => assert_eq!(left.map(|left| left.map(|left| (left.number, left.schema))), Ok(Some((3, Some(16)))), "{second:?}"),
            Some(expected) => assert!(left.as_ref().is_err_and(|said| said.contains(expected)), "{second:?}, {third:?}: {left:?}"),
        }
        let ended = Release { outcome: Outcome::Failed, ..given_up() };
        let known = [ended, plan::tests::release(2, 15)];
        if third.is_none() {
            let left = self::left(&facts, &known);
            assert_eq!(left, Ok(None), "it came to nothing before it changed anything");
        }
    }
    // Somebody started what passed last, and so it is what is left.
    let engine = Engine::new();
    let facts = engine.facts();
    let known = is_there(&engine, given_up(), 2, "unhealthy");
    let server = |of: usize, runs: bool| {
        let state = json!({ "Running": runs, "StartedAt": "2026-11-26T02:00:00Z" });
        json!([{ "Config": { "Image": known[3 - of].images["backend"] }, "State": state }])
    };
    engine.container("magnetiq-backend-1", &server(2, true));
    engine.container("magnetiq-backend-next", &server(3, false));
    assert_eq!(left(&facts, &known), Ok(None));
}

/// It has no release of its own: the images are those of the one that ran before, and runs.
#[test]
fn what_brought_no_version_is_followed_by_nobody() {
    for (outcome, other_data) in
        [(Outcome::RolledBack, true), (Outcome::Failed, true), (Outcome::Deploying, true), (Outcome::RolledBack, false)]
    {
        let engine = Engine::new();
        let facts = engine.facts();
        let tried = Release { outcome, other_data, images: plan::tests::release(2, 15).images, ..plan::tests::release(3, 15) };
        let known = is_there(&engine, tried, 2, "healthy");
        let found = adopted(&facts.tools, &facts.name, &known, &facts.folder, false, false).expect("it answers");
        assert_eq!(found, None, "{outcome:?}");
    }
}

/// It runs and people write to it, so it is backed up and gone back to.
#[test]
fn a_first_deployment_that_came_to_nothing_and_runs_is_what_the_next_one_follows() {
    for (server, proxy, follows) in [("healthy", "healthy", true), ("unhealthy", "healthy", false), ("healthy", "starting", false)] {
        let engine = Engine::new();
        let facts = engine.facts();
        let known = [Release { outcome: Outcome::Failed, ..plan::tests::release(1, 15) }];
        let image = &known[0].images["backend"];
        let state = json!({ "Config": { "Image": image }, "State": { "Status": "running", "Health": { "Status": server } } });
        engine.container("magnetiq-backend-1", &json!([state]));
        engine.container("magnetiq-proxy-1", &json!([{ "State": { "Status": "running", "Health": { "Status": proxy } } }]));
        let found = adopted(&facts.tools, &facts.name, &known, &facts.folder, false, false).expect("it answers");
        let expected = Release { outcome: Outcome::Live, ended_at: None, ..known[0].clone() };
        assert_eq!(found, follows.then_some(expected), "{server}, {proxy}");
    }
}

/// It migrated, maybe: what passed last may not work with its data.
#[test]
fn what_was_given_up_and_runs_is_what_the_next_one_follows() {
    for (health, running, follows) in [("healthy", true, true), ("unhealthy", true, false), ("healthy", false, false)] {
        let engine = Engine::new();
        let facts = engine.facts();
        let known = [Release { outcome: Outcome::Deploying, ..plan::tests::release(2, 16) }, plan::tests::release(1, 15)];
        let state = |number: usize, running: bool| {
            let image = &known[2 - number].images["backend"];
            json!([{ "Config": { "Image": image }, "State": { "Running": running, "Health": { "Status": health } } }])
        };
        engine.container("magnetiq-backend-1", &state(1, !running));
        engine.container("magnetiq-backend-next", &state(2, running));
        engine.container("magnetiq-proxy-1", &json!([{ "State": { "Running": true, "Health": { "Status": "healthy" } } }]));
        let found = adopted(&facts.tools, &facts.name, &known, &facts.folder, false, false).expect("it answers");
        assert_eq!(found.map(|found| found.number), follows.then_some(2), "{health}, {running}");
    }
}

/// It was recorded before it was tried what it migrates. Once it is followed it can be gone back to, over its migration, too.
#[test]
fn what_was_given_up_and_is_followed_is_recorded_as_what_ran() {
    let engine = Engine::new();
    let mut facts = engine.facts();
    engine.record("volume", 1, Outcome::Live);
    let given_up = Release { outcome: Outcome::Deploying, ended_at: None, schema: None, ..plan::tests::release(2, 16) };
    let known = [given_up, plan::tests::release(1, 15)];
    let state = json!({ "Config": { "Image": known[0].images["backend"] }, "State": { "Health": { "Status": "healthy" } } });
    engine.container("magnetiq-backend-1", &json!([state]));
    engine.container("magnetiq-proxy-1", &json!([{ "State": { "Health": { "Status": "healthy" } } }]));
    fs::write(engine.path("schema"), format!("{:#}\n", json!({ "from": 16, "to": 16 }))).expect("a file");
    facts.previous = adopted(&facts.tools, &facts.name, &known, &facts.folder, false, false).expect("it answers");
    assert_eq!(facts.previous.as_ref().and_then(|runs| runs.schema), Some(16));
    World::new(&facts).act(&step(&facts, "record"), &mut Learned::default(), None).expect("it is recorded");
    let releases = store::history(&facts.tools, &facts.name, &facts.releases()).expect("it answers");
    let told: Vec<_> = releases.iter().map(|release| (release.number, release.outcome, release.schema)).collect();
    assert_eq!(told, [(8, Outcome::Deploying, None), (2, Outcome::Live, Some(16)), (1, Outcome::Live, Some(15))]);

    // Where it is given up, too, that says over which migrations a way back leads.
    let mut learned = Learned { schema_from: Some(16), schema_to: Some(17), ..Learned::default() };
    World::new(&facts).act(&step(&facts, "schema"), &mut learned, None).expect("it is recorded");
    let releases = store::history(&facts.tools, &facts.name, &facts.releases()).expect("it answers");
    let last = &releases[0];
    assert_eq!((last.number, last.outcome, last.schema_from, last.schema), (8, Outcome::Deploying, Some(16), Some(17)));
}
