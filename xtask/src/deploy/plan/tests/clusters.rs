//! Plans of clusters.

use expect_test::expect_file;

use super::{cluster, is_before, place, release};
use crate::deploy::facts::{Learned, Target};
use crate::deploy::plan::{Reached, back, forward, shown};
use crate::deploy::release::Release;

#[test]
fn a_plan_is_shown_command_by_command() {
    expect_file!["../snapshots/k8s.txt"].assert_eq(&shown(&cluster(Target::K8s)));
    expect_file!["../snapshots/gitops.txt"].assert_eq(&shown(&cluster(Target::Gitops)));
    let mut back = cluster(Target::Gitops);
    back.of = Some(Release { commit: Some("0123abc".to_owned()), ..release(6, 15) });
    expect_file!["../snapshots/gitops-rollback.txt"].assert_eq(&shown(&back));
    let mut back = cluster(Target::K8s);
    back.of = Some(Release { schema: None, ..release(6, 15) });
    expect_file!["../snapshots/k8s-rollback.txt"].assert_eq(&shown(&back));
}

/// A commit that nobody saw is taken back in the clone alone.
#[test]
fn what_was_never_pushed_is_waited_for_by_nobody() {
    let reached = Reached { switched: true, ..Reached::default() };
    let way = |never_pushed| back(&cluster(Target::Gitops), &Learned { never_pushed, ..Learned::default() }, reached);
    assert_eq!(way(true).iter().map(|step| step.name).collect::<Vec<_>>(), ["back-revert"]);
    // What others see is only taken back once it is known that the version before works with the schema.
    assert!(is_before(&way(false), "back-schema", "back-push"));
    let reached = Reached { locked: true, switched: true, ..Reached::default() };
    assert!(is_before(&back(&cluster(Target::K8s), &Learned::default(), reached), "back-schema", "back-undo"));
    assert!(place(&way(false), "back-gate").is_some());
}

#[test]
fn a_cluster_whose_backupd_does_not_run_is_deployed_to_where_somebody_says_why() {
    for target in [Target::K8s, Target::Gitops] {
        let mut facts = cluster(target);
        assert!(place(&forward(&facts), "backup").is_some());
        facts.skip_backup = Some("the migration before this one failed".to_owned());
        assert!(place(&forward(&facts), "backup").is_none());
        assert!(shown(&facts).contains("the migration before this one failed"), "it is kept");
    }
}
