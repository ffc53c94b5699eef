//! What is due of the schedule: `maintenance`, `--checklist` and `--done`.

use std::fs;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, free_port, healthd};
use serde_json::{Value, json};

use super::network::serving;
use super::{Supervisor, apart, days_ago, fake, finding, fine, look, may_unshare, run, shell, site, until};

/// In the order of the checklist.
const OF_PEOPLE: [&str; 7] = ["logs", "elsewhere", "updates", "dependencies", "secrets", "access", "capacity"];

/// The site is as old as this.
fn begun(folder: &Folder, days: f64) {
    let sql = format!("UPDATE refinery_schema_history SET applied_on = '{}'", days_ago(days));
    Connection::open(folder.database()).unwrap().execute_batch(&sql).unwrap();
}

/// Each of these was done so many days ago.
fn done(folder: &Folder, items: &[(&str, f64)]) {
    let text: String = items.iter().map(|(name, days)| format!("{name} {}\n", days_ago(*days))).collect();
    fs::write(folder.path("data/magnetiq.sqlite3.done"), text).unwrap();
}

/// The checklist, by name; the code says whether something is due.
#[track_caller]
fn checklist(folder: &Folder, before: &str) -> impl Fn(&str) -> Value + use<> {
    let output = shell(folder, &format!("{before}\napi-server doctor --checklist --json")).output().unwrap();
    let items: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(i32::from(items.iter().any(|item| item["due"] == true))), "{output:?}");
    move |name| items.iter().find(|item| item["name"] == name).unwrap().clone()
}

#[test]
fn what_people_did_not_do_is_due_until_they_write_down_that_they_did() {
    let folder = site();
    folder.settings("profile = 'development'\n[server]\nport = 0\n[backup.targets.usb]\nurl = 'file:///mnt/usb'\n");
    fine(&look(&folder, "maintenance"));
    assert!(!run(&folder, "api-server doctor --checklist").contains("DUE"), "a new site has time for everything");
    begun(&folder, 100.0);
    let due = shell(&folder, "api-server doctor --checklist").output().unwrap();
    assert_eq!(due.status.code(), Some(1));
    let due = String::from_utf8(due.stdout).unwrap();
    let entry = look(&folder, "maintenance");
    for name in OF_PEOPLE {
        assert!(due.lines().any(|line| line.trim_start().starts_with(&format!("DUE  {name} "))), "{due}");
        let command = finding(&entry, "warning", &format!("{name} is due"))["command"].as_str().unwrap().to_owned();
        let (how, done) = command.rsplit_once('\n').unwrap();
        assert_eq!(done, format!("api-server doctor --done {name}"));
        if ["secrets", "access"].contains(&name) {
            run(&folder, how);
        }
        run(&folder, done);
        let left = look(&folder, "maintenance").to_string();
        assert!(!left.contains(&format!("{name} is due")), "{left}");
    }
    let age = |name: &str| checklist(&folder, "")(name)["last_at"].as_str().unwrap().to_owned();
    assert!(OF_PEOPLE.iter().all(|name| age(name) > days_ago(0.1)));
}

/// How a thing of the checklist is done, as it stands there.
fn how(folder: &Folder, name: &str) -> String {
    checklist(folder, "")(name)["how"].as_str().unwrap().to_owned()
}

#[test]
fn what_people_are_told_to_do_can_be_done() {
    let folder = site();
    let target = format!("[backup.targets.usb]\nurl = 'file://{}'\n", folder.path("usb").display());
    folder.settings(&format!("profile = 'development'\n[server]\nport = 0\n{target}"));
    fs::create_dir(folder.path("usb")).unwrap();
    folder.run_backupd(&["once"]).check_done();
    healthd();
    // Whether this machine has room and memory is not asked.
    let told = shell(&folder, &how(&folder, "capacity")).output().unwrap();
    let said = String::from_utf8(told.stdout).unwrap() + &String::from_utf8(told.stderr).unwrap();
    for word in ["disk", "database-size", "memory"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let rehearsal = how(&folder, "elsewhere").replace("/var/tmp/", &format!("{}/", folder.path("tmp").display()));
    let (restore, away) = rehearsal.split_once('\n').unwrap();
    let restored = || fs::read_dir(folder.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    run(&folder, restore);
    assert!(restored()[0].join("database.sqlite3").is_file());
    run(&folder, away);
    assert!(restored().is_empty());
    // On a machine without containers: all of a day, the lines alone.
    let _supervisor = Supervisor::new(&folder);
    let lines = "{\"level\":\"INFO\",\"message\":\"listening\"}\n{\"level\":\"ERROR\",\"message\":\"failed\"}\n\
        2026-11-27T02:00:00Z  WARN magnetiq_api: slow\n2026-11-27T02:00:00Z  INFO magnetiq_api: WARNING\n";
    fs::write(folder.path("journal"), lines).unwrap();
    fake(&folder, "journalctl", "[ \"$*\" = '-u magnetiq-* --since -7d -o cat' ] && cat journal");
    let told = run(&folder, &how(&folder, "logs"));
    assert_eq!(told.lines().collect::<Vec<_>>(), [lines.lines().nth(1).unwrap(), lines.lines().nth(2).unwrap()]);
    // With Compose the same of its containers.
    fake(&folder, "docker", "[ \"$*\" = 'compose logs --since 168h' ] && sed 's/^/backend-1  | /' journal");
    assert_eq!(run(&folder, &how(&folder, "logs")).lines().count(), 2);
}

/// The checklist as it is within a container, to whose root nothing can be written.
fn how_in_a_container(folder: &Folder, before: &str, name: &str) -> String {
    let script = "mount --bind . . && cd \"$PWD\" && mount -o remount,bind,ro / && api-server doctor --checklist --json";
    let output = apart(folder, "--mount", &format!("{before}\n{script}")).output().unwrap();
    let items: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    items.iter().find(|item| item["name"] == name).unwrap()["how"].as_str().unwrap().to_owned()
}

/// What programs of these names are called with, one after the other. `fails` is what one of them does not do.
fn calls(folder: &Folder, how: &str, fails: &str) -> Vec<String> {
    fake(folder, "sudo", "exec \"$@\"");
    for name in ["apt-get", "cargo", "npm"] {
        fake(folder, name, &format!("echo \"{name} $*\" >> calls; [ \"{name} $*\" != '{fails}' ]"));
    }
    let _ = fs::remove_file(folder.path("calls"));
    shell(folder, how).output().unwrap();
    fs::read_to_string(folder.path("calls")).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn updates_go_on_only_from_what_is_done() {
    let folder = site();
    let of_system = ["apt-get update", "apt-get upgrade"];
    assert_eq!(calls(&folder, &how(&folder, "updates"), ""), of_system, "without containers there are no images");
    assert_eq!(calls(&folder, &how(&folder, "updates"), of_system[0]), of_system[..1]);

    let looks = ["cargo deny check advisories", "npm audit --prefix crates/web/ui", "npm audit --prefix tests/browser"];
    let upgrades =
        ["cargo update", "npm update --prefix crates/web/ui", "npm update --prefix tests/browser", "cargo deny check", "cargo xtask test"];
    let dependencies = how(&folder, "dependencies");
    let all = [&looks[..], &upgrades[..]].concat();
    assert_eq!(calls(&folder, &dependencies, ""), all);
    for advisory in looks {
        assert_eq!(calls(&folder, &dependencies, advisory), all, "an upgrade may mend it");
    }
    for (number, fails) in upgrades.iter().enumerate() {
        assert_eq!(calls(&folder, &dependencies, fails), all[..=looks.len() + number]);
    }
    if may_unshare("--mount") {
        for (before, of_images) in
            [("", "cargo xtask deploy --pull"), ("export KUBERNETES_SERVICE_HOST=10.0.0.1", "cargo xtask deploy --pull --target k8s")]
        {
            let how = how_in_a_container(&folder, before, "updates");
            assert_eq!(calls(&folder, &how, ""), [&of_system[..], &[of_images]].concat());
        }
    }
}

/// A container has no room for a whole site: its folder is one of the machine.
#[test]
fn a_copy_is_rehearsed_from_a_container() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = site();
    fs::create_dir(folder.path("usb")).unwrap();
    let target = format!("[backup.targets.usb]\nurl = 'file://{}'\n", folder.path("usb").display());
    folder.settings(&format!("profile = 'development'\n[server]\nport = 0\n{target}"));
    folder.run_backupd(&["once"]).check_done();
    let how = how_in_a_container(&folder, "", "elsewhere");
    // The volume is what stands for the folder in the container.
    let volume =
        "[ \"$1 $2 $5\" = 'compose run --volume' ] || exit 1\nout=${6%:/out}; shift 6; exec $(echo \"$*\" | sed \"s:/out/:$out/:\")";
    fake(&folder, "docker", volume);
    fake(&folder, "sudo", "exec \"$@\"");
    let (restore, away) = how.split_once('\n').unwrap();
    let restored = || fs::read_dir(folder.path("out")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    run(&folder, restore);
    assert!(restored()[0].join("database.sqlite3").is_file());
    run(&folder, away);
    assert!(restored().is_empty());
}

/// How the line of `name` begins, and the code.
fn word(folder: &Folder, name: &str) -> (String, Option<i32>) {
    let output = shell(folder, "api-server doctor --checklist").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).unwrap_or_else(|| panic!("{text}"));
    (line.split_whitespace().next().unwrap().to_owned(), output.status.code())
}

#[test]
fn what_nobody_knows_is_not_called_ok() {
    let folder = site();
    begun(&folder, 100.0);
    folder.run_backupd(&["once"]).check_done();
    done(&folder, &OF_PEOPLE.map(|name| (name, 0.0)));
    fs::write(folder.path("data/magnetiq.sqlite3.upkeep"), format!("{}\n", days_ago(0.0))).unwrap();
    fs::write(
        folder.path("data/backups/backupd.json"),
        json!({ "last_integrity_check_at": days_ago(1.0), "last_drill_at": days_ago(1.0) }).to_string(),
    )
    .unwrap();
    let is = |name: &str, expected: &str, code: i32| assert_eq!(word(&folder, name), (expected.to_owned(), Some(code)), "{name}");
    // Its history may be in another container, for ever: no failure.
    is("watch", "??", 0);
    let unknown = checklist(&folder, "export MAGNETIQ__HEALTHD__PORT=3047")("watch")["unknown"].clone();
    assert!(unknown.as_str().unwrap().contains("healthd check --url http://127.0.0.1:3047/readyz, where healthd runs"), "{unknown}");
    is("updates", "ok", 0);
    fine(&look(&folder, "maintenance"));

    // Without a copy elsewhere there is nothing to restore, until somebody writes down that they did.
    done(&folder, &OF_PEOPLE.map(|name| (name, 0.0))[..1]);
    is("elsewhere", "off", 1);
    assert!(checklist(&folder, "")("elsewhere")["off"].as_str().unwrap().contains("no target is set (backup.targets)"));

    let written = folder.path("data/magnetiq.sqlite3.done");
    fs::remove_file(&written).unwrap();
    fs::create_dir(&written).unwrap();
    is("updates", "??", 1);
    is("backup", "ok", 1);
    finding(&look(&folder, "maintenance"), "warning", "magnetiq.sqlite3.done can not be read");
    folder.run(&["doctor", "--done", "updates"], "").check_refused(&["magnetiq.sqlite3.done"]);
    fs::remove_dir(&written).unwrap();

    fs::write(folder.database(), [7; 8192]).unwrap();
    is("updates", "??", 1);
    is("backup", "ok", 1);
    finding(&look(&folder, "maintenance"), "warning", "magnetiq.sqlite3 can not be read");
    fs::remove_file(folder.database()).unwrap();
    is("updates", "??", 0);
}

/// Units write it where the doctor is, so that nobody else has it.
#[test]
fn a_watcher_that_never_came_up_on_this_machine_is_due() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    done(&folder, &OF_PEOPLE.map(|name| (name, 0.0)));
    fs::write(folder.path("data/magnetiq.sqlite3.upkeep"), format!("{}\n", days_ago(0.0))).unwrap();
    let script = "mkdir -p etc/magnetiq; touch etc/magnetiq/magnetiq.env; mount --bind etc /etc; api-server doctor --checklist --json";
    for (days, due) in [(1.0, false), (2.0, true)] {
        begun(&folder, days);
        let output = apart(&folder, "--mount", script).output().unwrap();
        let items: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let names: Vec<&Value> = items.iter().filter(|item| item["due"] == true).map(|item| &item["name"]).collect();
        assert_eq!(names, if due { &["watch"][..] } else { &[] });
        assert_eq!(output.status.code(), Some(i32::from(due)));
    }
}

#[test]
fn what_was_done_is_due_again_after_its_time() {
    let folder = site();
    begun(&folder, 100.0);
    for (days, due) in [([7.9, 32.9, 94.9], false), ([8.1, 33.1, 95.1], true)] {
        let [week, month, quarter] = days;
        done(&folder, &[("logs", week), ("updates", month), ("secrets", quarter)]);
        let list = checklist(&folder, "");
        for name in ["logs", "updates", "secrets"] {
            assert_eq!(list(name)["due"], due, "{:#}", list(name));
        }
        assert_eq!(list("access")["due"], true, "nobody ever did");
    }
    done(&folder, &[("secrets", 200.0)]);
    assert!(finding(&look(&folder, "maintenance"), "warning", "secrets is due")["seen"].as_str().unwrap().contains(&days_ago(200.0)[..10]));
}

#[test]
fn what_programs_did_not_do_is_done_by_the_command() {
    let folder = site();
    let supervisor = Supervisor::new(&folder);
    serving(&folder, free_port());
    healthd();
    // It watched once, long ago.
    run(&folder, "systemctl restart magnetiq-health");
    until(&folder, "maintenance", |_| checklist(&folder, "")("watch")["last_at"].is_string());
    supervisor.stop();
    let history = Connection::open(folder.path("data/healthd.sqlite3")).unwrap();
    history.execute_batch("UPDATE sample SET at = at - 864000000").unwrap();
    drop(history);
    begun(&folder, 100.0);
    done(&folder, &OF_PEOPLE.map(|name| (name, 0.0)));
    // A run of backupd does all three where the others are due, too.
    let alone = "export MAGNETIQ__BACKUP__VERIFY__INTEGRITY_DAYS=0 MAGNETIQ__BACKUP__VERIFY__DRILL_DAYS=0";
    for (name, before) in [("watch", ""), ("optimize", ""), ("backup", alone), ("integrity", ""), ("drill", "")] {
        let says = format!("{name} is due");
        let found = finding(&look(&folder, "maintenance"), "warning", &says);
        run(&folder, &format!("{before}\n{{ {}\n}} >&2", found["command"].as_str().unwrap()));
        until(&folder, "maintenance", |entry| !entry.to_string().contains(&says));
        supervisor.stop();
    }
    fine(&look(&folder, "maintenance"));
}

/// Archives go, and with them the records of their proofs: what backupd remembers counts, too.
#[test]
fn settings_may_let_more_time_pass() {
    let folder = site();
    begun(&folder, 400.0);
    let seldom = "export MAGNETIQ__BACKUP__VERIFY__INTEGRITY_DAYS=30 MAGNETIQ__BACKUP__VERIFY__DRILL_DAYS=90";
    for (integrity, drill, by_default, by_settings) in [(7.9, 32.9, false, false), (20.0, 60.0, true, false), (33.0, 93.0, true, true)] {
        let memory = json!({ "last_integrity_check_at": days_ago(integrity), "last_drill_at": days_ago(drill) });
        fs::create_dir_all(folder.path("data/backups")).unwrap();
        fs::write(folder.path("data/backups/backupd.json"), memory.to_string()).unwrap();
        for (before, due) in [("", by_default), (seldom, by_settings)] {
            let list = checklist(&folder, before);
            assert_eq!([&list("integrity")["due"], &list("drill")["due"]], [due, due], "{integrity}, {drill}: {before}");
        }
    }
    let off = checklist(&folder, "export MAGNETIQ__BACKUP__VERIFY__DRILL_DAYS=0");
    assert!(off("drill")["due"] == false && off("drill")["off"].as_str().unwrap().contains("switched off"), "{:#}", off("drill"));
}

#[test]
fn a_backup_each_week_is_due_when_the_settings_want_one() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    super::backups::dated(&folder, 6.0);
    let weekly = "export MAGNETIQ__HEALTH__BACKUP_WARN_HOURS=192 MAGNETIQ__HEALTH__BACKUP_FAIL_HOURS=360";
    assert_eq!(checklist(&folder, "")("backup")["due"], true);
    assert_eq!(checklist(&folder, weekly)("backup")["due"], false);
    super::backups::dated(&folder, 8.1);
    assert_eq!(checklist(&folder, weekly)("backup")["due"], true);
}

#[test]
fn only_what_people_do_is_written_down() {
    let folder = site();
    for (name, says) in [("updtes", "there is nothing called"), ("backup", "backup is done by the programs")] {
        folder.run(&["doctor", "--done", name], "").check_refused(&[says, "what people do: logs, elsewhere"]);
    }
    assert!(!folder.path("data/magnetiq.sqlite3.done").exists());
}
