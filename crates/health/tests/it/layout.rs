//! Checks that do not fit together are refused, and told why.

use std::time::Duration;

use expect_test::{Expect, expect};
use magnetiq_health::{CheckInfo, Feature, Maintenance, Monitor, MonitorBuilder, Node, Scope};

use crate::support::at;

fn info(id: &str) -> CheckInfo {
    CheckInfo::new(id, "storage", "A check")
}

fn with(checks: impl IntoIterator<Item = CheckInfo>) -> MonitorBuilder {
    let never = |_| panic!("a monitor that is refused runs nothing");
    checks.into_iter().fold(Monitor::builder(), |builder, info| builder.check(info, never))
}

#[track_caller]
fn refused(builder: MonitorBuilder, expected: Expect) {
    expected.assert_eq(&builder.start().unwrap_err().to_string());
}

#[test]
fn names() {
    refused(with([info("disk"), info("disk")]), expect!["the check disk is there twice"]);
    refused(
        with([info("Disk Data")]),
        expect![[r#"check "Disk Data" is not in kebab case: lower-case letters, digits and single hyphens, a letter first"#]],
    );
    refused(with([info("")]), expect![[r#"check "" is not in kebab case: lower-case letters, digits and single hyphens, a letter first"#]]);
    let slash = CheckInfo::new("disk", "storage/", "Disk");
    refused(
        with([slash]),
        expect![[r#"node "storage/" is not in kebab case: lower-case letters, digits and single hyphens, a letter first"#]],
    );
    let twice = || Feature::new("pages", "Pages");
    refused(with([]).feature(twice()).feature(twice()), expect!["the feature pages is there twice"]);
    refused(with([info("disk")]).node(Node::new("mail", "Mail")), expect!["no check hangs from the node mail"]);
}

#[test]
fn dependencies() {
    refused(
        with([info("disk-data"), info("database").depends_on("disk-dat")]),
        expect!["the check database depends on disk-dat, which is not there; did you mean disk-data?"],
    );
    refused(with([info("database").depends_on("smtp")]), expect!["the check database depends on smtp, which is not there"]);
    refused(with([info("a").depends_on("a")]), expect!["checks depend on each other in a circle: a -> a"]);
    refused(
        with([info("x").depends_on("a"), info("a").depends_on("b"), info("b").depends_on("c"), info("c").depends_on("a")]),
        expect!["checks depend on each other in a circle: a -> b -> c -> a"],
    );
    refused(
        with([info("database")]).feature(Feature::new("pages", "Pages").requires("datbase")),
        expect!["the feature pages needs the check datbase, which is not there; did you mean database?"],
    );
}

#[test]
fn times_and_windows() {
    refused(with([info("disk").every(Duration::ZERO)]), expect!["the interval of the check disk must be longer than zero"]);
    refused(with([info("disk").timeout(Duration::ZERO)]), expect!["the timeout of the check disk must be longer than zero"]);
    let window = |scope, until| Maintenance { scope, from: at(0.0).wall, until: at(until).wall, reason: String::new() };
    refused(
        with([info("disk")]).maintain(window(Scope::Check("dsk".into()), 1.0)),
        expect![[r#"there is neither a check nor a node "dsk" to maintain"#]],
    );
    refused(with([info("disk")]).maintain(window(Scope::all(), 0.0)), expect![[r#"the maintenance of "" would end before it begins"#]]);
}
