use magnetiq_config::{BackupRetention, BackupTarget, Program};
use secrecy::ExposeSecret;

use crate::{DEVELOPMENT, effective, load_for, report, report_for, settings};

const OFFSITE: &str = "[backup.targets.offsite]\nurl = 's3://bucket/site'\n";

fn target(file: &str, variables: &[(&str, &str)]) -> BackupTarget {
    let mut variables = variables.to_vec();
    variables.push(DEVELOPMENT);
    let [target] = <[_; 1]>::try_from(settings(file, &variables).backup.targets).expect("one target");
    target
}

#[test]
fn a_target_has_the_name_that_the_user_chose() {
    let target = target(OFFSITE, &[("MAGNETIQ__BACKUP__TARGETS__OFFSITE__SECRET_ACCESS_KEY_FILE", "{folder}/secret")]);
    assert_eq!((target.name.as_str(), target.url.as_str(), target.verify), ("offsite", "s3://bucket/site", true));
    let key = target.secret_access_key.expect("a key");
    assert!(key.expose_secret().starts_with("from a file"));
}

#[test]
fn a_target_can_come_from_the_environment_alone() {
    let variables = [("MAGNETIQ__BACKUP__TARGETS__USB_DISK__URL", "file:///mnt/usb"), DEVELOPMENT];
    let settings = settings("", &variables);
    assert_eq!(settings.backup.targets[0].name, "usb_disk");
    let (value, origin) = effective(&settings, "backup.targets.usb_disk.url");
    assert_eq!((value.as_str(), origin.as_str()), ("file:///mnt/usb", "environment variable MAGNETIQ__BACKUP__TARGETS__USB_DISK__URL"));
}

#[test]
fn a_target_keeps_what_the_folder_keeps_unless_it_says_otherwise() {
    let file = format!("{OFFSITE}retention.monthly = 12\n[backup.retention]\ndaily = 3\nweekly = 4\n");
    let kept = target(&file, &[]).retention;
    let wanted = BackupRetention { daily: 3, weekly: 4, monthly: 12, yearly: 0, size_limit_bytes: 0, special_days: 30 };
    assert_eq!(kept, wanted);
}

#[test]
fn several_targets_and_empty_sections() {
    let file = format!("{OFFSITE}[backup.targets.usb]\nurl = 'file:///mnt/usb'\n[backup.retention]\n# daily = 1\n[backup.verify]\n");
    let names: Vec<_> = settings(&file, &[DEVELOPMENT]).backup.targets.into_iter().map(|target| target.name).collect();
    assert_eq!(names, ["offsite", "usb"]);
}

#[test]
fn what_is_wrong_with_a_target_is_told_with_the_nearest_name() {
    let file = "[backup]\nsheduel = 'x'\n[backup.targets]\nurl = 's3://bucket'\n[backup.targets.offsite]\nulr = 's3://bucket'\nretention.dayly = 2\n\
        [backup.targets.OffSite]\nurl = 's3://bucket'\n[backup.targets.empty]\n[backup.target.usb]\nurl = 'file:///mnt'\n";
    insta::assert_snapshot!(report(file, &[DEVELOPMENT, ("MAGNETIQ__BACKUP__TARGETS__EMPTY__RETENTION__WEEKLI", "1")]));
}

#[test]
fn wrong_values_of_backups() {
    let file = "[backup]\nname = '../x'\nschedule = '61 2 * * *'\ncompression = 'lzma'\nlevel = 12\nmedia = 'some'\nrecipients = ['ssh-rsa AAAA']\n\
        ping_url = 'hc-ping.com/secret-of-the-ping'\ntoken = 'short'\nhost = 'localhost'\n[backup.retention]\ndaily = 0\n\
        [backup.targets.a]\nurl = 'ftp://host'\n[backup.targets.b]\nurl = 's3://key:hunter22@bucket'\n";
    let report = report(file, &[DEVELOPMENT]);
    assert!(!report.contains("secret-of-the-ping") && !report.contains("hunter22") && !report.contains("'short'"), "{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn a_schedule_is_five_fields_with_one_meaning() {
    let check = |text: &str, right: bool| {
        let file = format!("[backup]\nschedule = '{text}'\n");
        let variables = [DEVELOPMENT];
        let loaded = crate::load(&file, &variables).1;
        assert_eq!(loaded.is_ok(), right, "{text}");
    };
    for right in ["0 2 * * *", "*/15 * * * *", "30 3 * * MON-FRI", "0 0 1 * *", "  0   4 * *  7 "] {
        check(right, true);
    }
    for wrong in ["", "daily", "0 2 * *", "0 0 2 * * *", "0 24 * * *", "0 2 1 * MON", "60 * * * *", "0 2 * * * *"] {
        check(wrong, false);
    }
}

#[test]
fn production_shows_backups_to_others_only_with_a_token() {
    let address = ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test");
    insta::assert_snapshot!(report_for(Program::Backup, "[backup]\nhost = '0.0.0.0'\n", &[address]), @r"
    one problem in the settings

      backup.token is missing
          production shows backups to other machines only with a token; make one with: openssl rand -hex 32
    ");
    let with_token = [address, ("MAGNETIQ__BACKUP__TOKEN_FILE", "{folder}/secret")];
    let (_folder, settings) = load_for(Program::Backup, "[backup]\nhost = '0.0.0.0'\n", &with_token);
    assert!(settings.unwrap().backup.token.is_some());
}
