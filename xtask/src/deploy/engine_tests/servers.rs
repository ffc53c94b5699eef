//! The containers of the server, where somebody stopped them before a version takes the place of another.

use serde_json::json;

use super::{Engine, step};
use crate::deploy::act::World;
use crate::deploy::facts::{Facts, Learned};
use crate::deploy::plan;

/// Compose makes no third one beside two: what is gone back to stays, and has the name that it starts it by.
#[test]
fn of_two_servers_that_were_stopped_what_is_gone_back_to_stays() {
    let image = |of: u32| plan::tests::release(of, 15).images["backend"].clone();
    for (previous, there, stays) in [
        (7, [Some(6), Some(7)].as_slice(), Some(7)),
        (6, &[Some(6), Some(7)], Some(6)),
        (7, &[None, Some(7)], Some(7)),
        (6, &[Some(6), None], Some(6)),
        (5, &[Some(6), Some(7)], None),
    ] {
        let engine = Engine::new();
        let mut facts = Facts { previous: Some(plan::tests::release(previous, 15)), ..engine.facts() };
        facts.tools.compose = facts.tools.docker.iter().cloned().chain(["compose".to_owned()]).collect();
        for (name, of) in ["magnetiq-backend-1", "magnetiq-backend-next"].into_iter().zip(there) {
            let Some(of) = of else { continue };
            engine.container(name, &json!([{ "Config": { "Image": image(*of) }, "State": { "Status": "exited" } }]));
        }
        let done = World::new(&facts).act(&step(&facts, "prepare"), &mut Learned::default(), None);
        let container = |name: &str| std::fs::read_to_string(engine.path("containers").join(name)).unwrap_or_default();
        let Some(stays) = stays else {
            let said = done.expect_err("nobody knows which one may go").to_string();
            assert!(said.contains("Remove the one that is not to run"), "{said}");
            assert!(container("magnetiq-backend-1").contains(&image(6)) && container("magnetiq-backend-next").contains(&image(7)));
            continue;
        };
        done.expect("the next one is made");
        assert!(container("magnetiq-backend-1").contains(&image(stays)), "{previous}, {there:?}: {}", engine.asked());
        assert!(container("magnetiq-backend-next").contains("created"), "{previous}, {there:?}: {}", engine.asked());
    }
}
