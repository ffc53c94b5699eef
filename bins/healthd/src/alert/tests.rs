//! What people and programs get to read.

use expect_test::expect;
use magnetiq_config::{Settings, Sources};
use magnetiq_health::Status;

use super::message::{Letter, Words};
use super::notice::Kind;
use super::plan::{Item, Message};
use super::{mail, webhook};
use crate::incident::Incident;

const NOW: &str = "2026-07-01T20:04:00Z";

fn words() -> Words {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("magnetiq.toml");
    std::fs::write(
        &file,
        "profile = 'development'\n[healthd]\npublic_url = 'https://status.example.com/'\nalerts.time_zone = 'Europe/Vienna'\n",
    )
    .unwrap();
    Words::of(&Settings::load(Sources { file: Some(file), environment: Default::default() }).unwrap())
}

fn incident(id: i64, site: &str, check: &str, says: &str) -> Incident {
    Incident {
        id,
        site: site.to_owned(),
        check: check.to_owned(),
        title: "Free space".to_owned(),
        critical: true,
        status: Status::Fail,
        worst: Status::Fail,
        says: says.to_owned(),
        also_down: vec!["http-api-main".to_owned(), "http-page-main".to_owned()],
        started_at: "2026-07-01T20:00:00Z".parse().unwrap(),
        ended_at: None,
        unseen_end: false,
        in_maintenance: false,
    }
}

fn letter(items: Vec<(Incident, Kind)>) -> Letter {
    let now = NOW.parse().unwrap();
    let items = items.into_iter().map(|(incident, kind)| Item { incident, kind, due_at: now }).collect();
    words().letter(&Message(items), now)
}

fn disk() -> Letter {
    letter(vec![(incident(7, "main", "disk-data-main", "free is 2 %, fails down from 3 %"), Kind::Open(Status::Fail))])
}

#[test]
fn what_a_person_reads_at_night() {
    let letter = disk();
    expect![[r#"
        [fail] main: free is 2 %, fails down from 3 %

        main: free is 2 %, fails down from 3 %

        State:      fail since 2026-07-01 22:00:00 CEST (4 min)
        Check:      disk-data-main: Free space
        Takes down: http-api-main, http-page-main
        To do:      Delete old logs and exports, prune backups, enlarge the volume. "Mounted read-only": the kernel does that after disk errors; look at dmesg, check the file system, replace the disk.
        More:       healthd explain disk-data-main

        Status page: https://status.example.com/
    "#]].assert_eq(&format!("{}\n\n{}", letter.subject, letter.text));
    let mut over = incident(7, "", "breaker-alert-mail", "it failed too often");
    (over.status, over.ended_at, over.unseen_end, over.also_down) = (Status::Pass, Some(NOW.parse().unwrap()), true, Vec::new());
    let letter = self::letter(vec![(over, Kind::Resolved)]);
    expect![[r#"
        [resolved] localhost: it failed too often

        localhost: it failed too often

        State:      over: fail from 2026-07-01 22:00:00 CEST to 2026-07-01 22:04:00 CEST (4 min, seen late: healthd did not run)
        Check:      breaker-alert-mail: Free space
        More:       healthd explain breaker-alert-mail

        Status page: https://status.example.com/
    "#]]
    .assert_eq(&format!("{}\n\n{}", letter.subject, letter.text));
}

#[test]
fn many_things_in_one_message() {
    let items = |checks: usize| {
        let of = |number: usize| {
            let check = format!("http-{}", number % checks);
            (incident(i64::try_from(number).unwrap(), "main", &check, "it does not answer"), Kind::Open(Status::Fail))
        };
        (0..58).map(of).collect()
    };
    let letter = self::letter(items(58));
    assert_eq!((letter.incidents.len(), letter.others, letter.event), (20, 38, "digest"));
    assert!(letter.text.contains("\nand 38 others\n"), "{}", letter.text);
    assert_eq!(letter.subject, "[fail] 58 wrong: main: http-0 and 57 others");
    let letter = self::letter(items(1));
    assert_eq!((letter.incidents.len(), letter.others), (1, 0));
    assert_eq!(letter.subject, "[fail] 1 wrong: main: http-0, 58 times");
}

#[test]
fn the_same_has_the_same_id_and_nothing_else_has() {
    let disk_again = |change: fn(&mut Incident), kind| {
        let mut incident = incident(7, "main", "disk-data-main", "another sentence");
        change(&mut incident);
        self::letter(vec![(incident, kind)]).id
    };
    let open = Kind::Open(Status::Fail);
    let id = disk().id;
    assert_eq!(disk_again(|_| (), open), id);
    assert_ne!(disk_again(|_| (), Kind::Open(Status::Warn)), id);
    assert_ne!(disk_again(|_| (), Kind::Reminder(1)), id);
    assert_ne!(disk_again(|incident| incident.id = 8, open), id);
    assert_ne!(disk_again(|incident| incident.started_at = NOW.parse().unwrap(), open), id, "another history may count anew");
}

const EVIL: &str = "<script>alert('1')</script> & <!channel>\r\nBcc: all@example.com";

#[test]
fn what_a_stranger_says_is_text() {
    let letter = letter(vec![(incident(1, EVIL, EVIL, EVIL), Kind::Open(Status::Fail))]);
    assert!(!letter.subject.contains(['\r', '\n']), "{:?}", letter.subject);
    let page = mail::page(&letter);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("<!channel"), "{page}");
    let slack = webhook::slack(&letter);
    assert!(slack.contains("&lt;!channel&gt; ") && !slack.contains('<') && slack.contains(" &amp; "), "{slack}");
}

/// The example of the docs is what is really sent.
#[test]
fn the_json_of_the_docs() {
    let guide = std::fs::read_to_string("../../docs/guides/monitoring.md").unwrap();
    let (_, example) = guide.split_once("`json` sends this:\n\n```json\n").expect("the guide has an example");
    let (example, _) = example.split_once("```").expect("it ends");
    let real = serde_json::to_value(disk()).unwrap();
    let example: serde_json::Value = serde_json::from_str(example).unwrap_or_default();
    assert_eq!(example, real, "put this into docs/guides/monitoring.md:\n{real:#}");
}

#[test]
fn what_ntfy_gets() {
    let body = webhook::ntfy(&disk(), "alerts");
    let expected = serde_json::json!({
        "topic": "alerts", "title": disk().subject, "message": disk().text, "priority": 5, "tags": ["rotating_light"],
        "click": "https://status.example.com/",
    });
    assert_eq!(body, expected);
    let long = "é".repeat(3000);
    let body = webhook::ntfy(&Letter { text: long, ..disk() }, "alerts");
    assert!(body["message"].as_str().unwrap().len() <= 4000);
}
