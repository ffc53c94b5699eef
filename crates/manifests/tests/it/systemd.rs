//! A machine without containers. How exposed a unit is, `systemd-analyze` says in `cargo xtask test`.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenarios::{ALL, SMALLEST, rendered};
use crate::secrets;

fn units(scenario: &str) -> Vec<(String, String)> {
    let files = rendered(scenario);
    let units = files.iter().filter(|(path, _)| path.ends_with(".service"));
    units.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// What holds of each unit, and no longer without a line of it.
fn check(judge: impl Fn(&str) -> bool, faults: &[(&str, &str)]) {
    for (name, text) in ALL {
        let units = units(text);
        assert_eq!(units.len(), 3, "{name}");
        for (path, unit) in units {
            assert!(judge(&unit), "{name}: {path}");
            for (right, wrong) in faults {
                assert!(unit.contains(right), "{name}: {path}: {right}");
                assert!(!judge(&unit.replace(right, wrong)), "{name}: {path}: {wrong:?} is not seen");
            }
        }
    }
}

#[test]
fn it_comes_back_and_has_time_to_end() {
    let judge = |unit: &str| {
        let stop = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")?.parse::<u32>().ok());
        // A limit would be the end of it until somebody comes.
        let always =
            unit.contains("\nRestart=always\n") && unit.contains("\nStartLimitIntervalSec=0\n") && !unit.contains("StartLimitBurst");
        always && stop.is_some_and(|seconds| seconds >= 30)
    };
    let limit = ("StartLimitIntervalSec=0", "StartLimitIntervalSec=60\nStartLimitBurst=5");
    check(judge, &[("Restart=always", "Restart=no"), limit, ("TimeoutStopSec=45", "TimeoutStopSec=5")]);
}

/// Units come back by themselves, so one that wants another would start what somebody stopped.
#[test]
fn none_starts_another() {
    let wants = |line: &str| ["Wants=", "Requires=", "BindsTo=", "Upholds="].iter().any(|key| line.starts_with(key));
    let judge = |unit: &str| unit.lines().filter(|line| wants(line)).all(|line| line == "Wants=network-online.target");
    check(judge, &[("Wants=network-online.target", "Wants=network-online.target magnetiq-server.service")]);
}

#[test]
fn nobody_is_root_and_secrets_are_credentials() {
    let judge = |unit: &str| {
        let secrets = unit.lines().filter(|line| line.starts_with("Environment="));
        let user = unit.lines().find_map(|line| line.strip_prefix("User="));
        user.is_some_and(|user| user != "root")
            && secrets.into_iter().all(|line| line.contains("_FILE=%d/"))
            && unit.contains("\nLoadCredential=")
    };
    check(judge, &[("User=magnetiq", "User=root"), ("_FILE=%d/", "=")]);
}

#[test]
fn each_unit_has_the_secrets_of_its_program() {
    let named = |unit: &str| -> BTreeMap<String, String> {
        let variables = unit.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once("=%d/"));
        variables.map(|(name, file)| (name.to_owned(), file.to_owned())).collect()
    };
    for (_, scenario) in ALL {
        let all = units(scenario).iter().flat_map(|(_, unit)| named(unit)).collect();
        let judge = |unit: &str| {
            let lines = |key: &str| unit.lines().filter_map(move |line| line.strip_prefix(key).map(str::to_owned)).collect::<Vec<_>>();
            let credentials = lines("LoadCredential=");
            let files: BTreeSet<&str> = credentials.iter().filter_map(|line| line.split(':').next()).collect();
            let program = lines("ExecStart=")[0].split(' ').next().unwrap().to_owned();
            secrets::are_those_of(&program, &all, &named(unit), &files)
        };
        for (path, unit) in units(scenario) {
            assert!(judge(&unit), "{path}");
            let with = |line: &str| unit.replace("\nStateDirectory=", &format!("\n{line}\nStateDirectory="));
            assert!(!judge(&with("LoadCredential=one-more:/etc/magnetiq/secrets/one-more")), "{path}");
            assert!(!judge(&unit.replace("\nLoadCredential=", "\n#")), "{path}");
        }
    }
}

/// They open it anew after each rotation, as a user of no group that matters.
#[test]
fn the_workers_of_nginx_reach_their_log() {
    for (_, text) in ALL {
        let files = rendered(text);
        assert!(files.get("systemd/tmpfiles.d/magnetiq.conf").unwrap().contains("\nd /var/log/magnetiq 0755 "));
        assert!(files.get("systemd/logrotate.d/magnetiq").unwrap().contains("create 0640 "));
    }
}

/// By the domain, as certbot would name it itself, unless no file could have that name.
#[test]
fn certbot_can_keep_the_certificate_under_its_name() {
    let named = |domain: &str| {
        let files = rendered(&SMALLEST.replace("www.example.org", domain));
        let install = files.get("systemd/install.sh").unwrap();
        let name = install.split_once("--cert-name ").unwrap().1.split(' ').next().unwrap().to_owned();
        for path in ["systemd/install.sh", "systemd/letsencrypt/deploy-hook.sh", "nginx/magnetiq.conf"] {
            assert!(files.get(path).unwrap().contains(&format!("/etc/letsencrypt/live/{name}")), "{path}");
        }
        name
    };
    let of = |last: usize| [60, 60, 60, last].map(|length| "a".repeat(length)).join(".") + ".example.org";
    assert_eq!(named("www.example.org"), "www.example.org");
    assert_eq!((of(51).len(), named(&of(51))), (246, of(51)));
    assert_eq!(named(&of(52)), "magnetiq");
}

#[test]
fn what_it_may_use_and_write_is_limited() {
    let judge = |unit: &str| {
        ["MemoryMax=", "CPUQuota=", "TasksMax=", "LimitNOFILE=", "ProtectSystem=strict", "StateDirectory="]
            .iter()
            .all(|key| unit.contains(&format!("\n{key}")))
    };
    check(judge, &[("MemoryMax=", "#"), ("ProtectSystem=strict", "ProtectSystem=no")]);
}
