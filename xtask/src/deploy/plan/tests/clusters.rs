//! Plans of clusters.

use expect_test::expect_file;

use super::{cluster, is_before, place, release};
use crate::deploy::facts::{Facts, Learned, Target};
use crate::deploy::plan::{Reached, back, by_hand, forward, shown};
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

/// What is typed where the version before is not well either.
#[test]
fn what_was_gone_back_from_is_had_again() {
    let again = |facts: &Facts, commit: Option<&str>, revisions: &[(&str, u64)]| {
        let revisions = revisions.iter().map(|(workload, revision)| ((*workload).to_owned(), *revision)).collect();
        by_hand::version_again(facts, commit, &revisions).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let lines = again(&cluster(Target::Gitops), Some("0123abc"), &[]);
    let [.., restored, added, committed, _] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(restored.contains("restore --source 0123abc -- production/k8s"), "{restored}");
    assert!(added.ends_with("add --all -- production"), "files that are new are restored, too: {added}");
    assert!(committed.contains("Deployment: 8\nRelease: 8-6745a1b2\nVersion: 2.1.0\n"), "others know what runs by it: {committed}");
    let mut rollback = cluster(Target::K8s);
    assert!(again(&rollback, None, &[])[0].ends_with("apply --kustomize /home/ana/site/deploy/state/k8s-magnetiq/releases/8/k8s"));
    rollback.of = Some(release(6, 15));
    let lines = again(&rollback, None, &[("backend", 14)]);
    assert_eq!(lines, ["kubectl --context production --namespace magnetiq rollout undo deployment/backend --to-revision=14"]);
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
