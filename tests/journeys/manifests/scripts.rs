//! What people run on the machine where a site is to be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use magnetiq_tests::Folder;

use super::{deployment, rendered};

const SITE: &str = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[settings.mail]\nsmtp_host = \"smtp.example.org\"\n\
                    smtp_user = \"site@example.org\"\nfrom = \"site@example.org\"\n";

#[test]
fn secrets_are_made_once_and_those_that_only_you_know_are_asked_for() {
    let folder = Folder::new();
    fs::write(folder.path("secrets.sh"), rendered(&deployment(SITE, "1.30")).get("compose/secrets.sh").unwrap()).unwrap();
    let run = || -> Output { Command::new("sh").arg(folder.path("secrets.sh")).output().unwrap() };
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    let first = run();
    let said = String::from_utf8_lossy(&first.stderr);
    assert_eq!(first.status.code(), Some(1), "{said}");
    assert_eq!(said.trim(), "missing: secrets/mail-smtp-password, the value of mail.smtp_password");

    fs::write(folder.path("secrets/mail-smtp-password"), "a-password\n").unwrap();
    let random = ["auth-secret-key", "health-token", "backup-token", "healthd-token"];
    let read = || random.map(|name| fs::read_to_string(folder.path(&format!("secrets/{name}"))).unwrap());
    let before = read();
    assert!(before.iter().all(|secret| secret.trim().len() == 64), "{before:?}");
    let again = run();
    assert!(again.status.success() && again.stdout.is_empty(), "{again:?}");
    assert_eq!(read(), before, "what is there stays");
    assert_eq!(mode("secrets"), 0o700, "only its owner comes to the files");
    assert!(random.iter().all(|name| mode(&format!("secrets/{name}")) == 0o444), "each container reads its own");
}
